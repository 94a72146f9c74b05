"""The same request under the same name is done once and answered alike, however often and however many at once."""
import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select

from admin.api.repeats import KEPT_FOR
from switch.desk import people
from switch.ports.access import Scope
from switch.store.tables import kept_answers
from tests.unit.admin.counter import Counter, codes, open_counter
from tests.unit.desk.office import ANN, BEN

NEWCOMER = {"newcomer": {"number": BEN, "name": "Ben Example", "establishment": "moor", "cell": "M2"}}
GOODWILL = {"number": ANN, "reference": "g-1", "pence": 100, "reason": "a fault"}


@pytest_asyncio.fixture
async def counter(tmp_path: Path, url: str) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path, url=url) as made:
        await made.office.receive()
        yield made


async def send(counter: Counter, path: str, body: Any, key: str, name: str = "n-1") -> httpx.Response:
    return await counter.ask(path, body, key, headers={"Idempotency-Key": name})


async def test_the_first_answer_comes_again_and_nothing_is_done_twice(counter: Counter) -> None:
    key = await counter.key()
    first = await send(counter, "/api/people/receive", NEWCOMER, key)
    assert first.status_code == 200, first.text
    rows, books = await counter.office.audited(), await counter.dump()
    for name in ("n-1", '"n-1"'):
        again = await send(counter, "/api/people/receive", NEWCOMER, key, name)
        assert (again.status_code, again.content) == (200, first.content)
    assert (await counter.office.audited(), await counter.dump()) == (rows, books)
    assert codes(await send(counter, "/api/people/receive", NEWCOMER, key, "n-2")) == ["taken"]
    assert codes(await counter.ask("/api/people/receive", NEWCOMER, key)) == ["taken"]


async def test_a_refusal_is_an_answer_too(counter: Counter) -> None:
    key = await counter.key()
    move = {"number": BEN, "cell": "M1"}
    assert codes(await send(counter, "/api/people/move", move, key)) == ["unknown-person"]
    assert (await send(counter, "/api/people/receive", NEWCOMER, key, "n-2")).status_code == 200
    assert codes(await send(counter, "/api/people/move", move, key)) == ["unknown-person"]
    assert (await send(counter, "/api/people/move", move, key, "n-3")).status_code == 200


async def test_another_request_under_the_same_name_is_409_and_does_nothing(counter: Counter) -> None:
    key = await counter.key()
    assert (await send(counter, "/api/people/receive", NEWCOMER, key)).status_code == 200
    before = await counter.dump()
    for path, body in (("/api/people/move", {"number": BEN, "cell": "M1"}),
                       ("/api/people/receive", {"newcomer": NEWCOMER["newcomer"] | {"number": "A9999ZZ"}})):
        answer = await send(counter, path, body, key)
        assert (answer.status_code, codes(answer)) == (409, ["key-reused"])
    assert await counter.dump() == before
    other = await counter.key(name="another system")
    assert (await send(counter, "/api/people/move", {"number": BEN, "cell": "M1"}, other)).status_code == 200


async def test_what_is_malformed_keeps_no_name(counter: Counter) -> None:
    key = await counter.key()
    assert (await send(counter, "/api/people/move", {"number": "x", "cell": "M1"}, key)).status_code == 400
    assert (await send(counter, "/api/people/receive", NEWCOMER, key)).status_code == 200
    for name in ("", " ", "a b", '"', '"x', "x" * 129):
        answer = await send(counter, "/api/people/move", {"number": BEN, "cell": "M1"}, key, name)
        assert (answer.status_code, codes(answer)) == (400, ["bad-idempotency-key"]), name


@pytest.mark.parametrize(("path", "body", "made"), [
    ("/api/people/receive", NEWCOMER, "person-received"),
    ("/api/pins/issue-pin", {"number": ANN, "reason": "forgotten"}, "pin-issued"),
    ("/api/kill/place", {"reach": "wing", "target": "M", "reason": "x", "cut": True}, "order-placed"),
    ("/api/places/add-cell", {"establishment": "moor", "wing": "M", "cell": "M7"}, "cell-added"),
    ("/api/bulk/load", {"kind": "people", "text": f"number,name,establishment\n{BEN},Ben Example,moor\n"}, "people-loaded"),
])
async def test_ten_at_once_are_one(counter: Counter, path: str, body: Any, made: str) -> None:
    key, rows = await counter.key(), await counter.office.audited()
    answers = await asyncio.gather(*(send(counter, path, body, key) for _ in range(10)))
    done = [answer for answer in answers if answer.status_code == 200]
    assert done
    assert len({answer.content for answer in done}) == 1
    assert {answer.status_code for answer in answers} <= {200, 503}, "503: a large load met itself, and is sent again"
    assert [action for action, _, _ in await counter.office.audit(rows)].count(made) == 1
    assert (await send(counter, path, body, key)).content == done[0].content


@pytest.mark.parametrize(("late", "codes_then"), [(timedelta(milliseconds=-1), []), (timedelta(), ["taken"])])
async def test_an_answer_is_kept_for_a_day(counter: Counter, late: timedelta, codes_then: list[str]) -> None:
    key = await counter.key()
    assert (await send(counter, "/api/people/receive", NEWCOMER, key)).status_code == 200
    counter.clock.pass_by((KEPT_FOR + late).total_seconds())
    again = await send(counter, "/api/people/receive", NEWCOMER, key)
    assert (codes(again) if again.status_code != 200 else []) == codes_then
    assert len(await counter.office.site.store.read(lambda conn: conn.execute(select(kept_answers)).all())) == 1


async def test_nobody_reads_a_pin_in_what_is_kept(counter: Counter) -> None:
    key = await counter.key()
    answer = await send(counter, "/api/people/receive", NEWCOMER, key)
    (row,) = await counter.office.site.store.read(lambda conn: conn.execute(select(kept_answers)).all())
    assert answer.json()["pin"].encode() not in row.sealed
    assert b"Example" not in row.sealed


async def test_it_is_kept_with_the_change_or_not_at_all(counter: Counter) -> None:
    """Where the answer cannot be kept, the change is undone with it."""
    key = await counter.key()
    store = counter.office.site.store
    before = await counter.dump()
    await store.write(lambda conn: conn.exec_driver_sql("ALTER TABLE kept_answers RENAME TO gone"))
    try:
        answer = await counter.ask("/api/people/receive", NEWCOMER, key, headers={"Idempotency-Key": "n-1"})
    finally:
        await store.write(lambda conn: conn.exec_driver_sql("ALTER TABLE gone RENAME TO kept_answers"))
    assert answer.status_code == 503
    assert await counter.dump() == before


async def test_a_code_given_back_is_counted_once_and_confirmed_once(counter: Counter) -> None:
    """Two transactions, of which the last holds the answer."""
    key = await counter.key(Scope.PUBLIC)
    code = counter.office.mint.peek()
    wanted = {"number": "07700900123", "scope": "everyone", "source": "web"}
    made = (await send(counter, "/api/stops/request", wanted, key)).json()
    body = {"request": made["request"], "code": code}
    first = await send(counter, "/api/stops/confirm", body, key, "n-2")
    assert first.status_code == 200, first.text
    assert (await send(counter, "/api/stops/confirm", body, key, "n-2")).content == first.content
    assert codes(await send(counter, "/api/stops/confirm", body, key, "n-3")) == ["void"]


async def test_a_proposal_and_its_confirmation_are_answered_alike(counter: Counter) -> None:
    osei, marsh = [await counter.key(Scope.ORDERS, holder=who) for who in ("j.osei", "k.marsh")]

    async def ask(path: str, body: Any, key: str, name: str) -> httpx.Response:
        return await counter.http.post(path, json=body, headers={"Authorization": f"Bearer {key}", "Idempotency-Key": name})

    stop = await ask("/api/stops/place", {"number": "07700900123", "scope": "everyone", "reason": "x"}, osei, "n-1")
    undo = {"stop": stop.json()["id"], "reason": "x", "second": "k.marsh"}
    asked = [await ask("/api/stops/undo", undo, osei, "n-2") for _ in range(2)]
    assert [answer.status_code for answer in asked] == [202, 202]
    assert asked[0].content == asked[1].content
    body = {"proposal": asked[0].json()["proposal"]}
    done = [await ask("/api/proposals/confirm", body, marsh, "n-1") for _ in range(2)]
    assert [answer.status_code for answer in done] == [200, 200]
    assert done[0].content == done[1].content
    assert codes(await ask("/api/proposals/confirm", {"proposal": "other"}, marsh, "n-1")) == ["key-reused"]


async def test_a_name_on_what_only_looks_means_nothing(counter: Counter) -> None:
    key = await counter.key()
    before = (await send(counter, "/api/shown/list-people", None, key)).json()
    await people.change(counter.office.desk, people.StaffId("officer"), counter.clock.wall(), ANN, name="Ann Other")
    assert (await send(counter, "/api/shown/list-people", None, key)).json() != before
