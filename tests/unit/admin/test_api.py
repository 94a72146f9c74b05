"""The JSON API: every use case of the desk is there, asked with the right key, and what is wrong changes nothing."""
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from admin.api.offers import KEPT_BACK, OFFERS, use_cases
from admin.api.recordings import ROUTES
from admin.api.seconds import CONFIRM_PATH
from admin.api.shapes import shape_of
from admin.app import Gates, create_app
from switch.desk.access import holder, revoke_key
from switch.desk.asking import Desk
from switch.ports.access import Scope
from switch.store.database import Store
from switch.store.errors import StoreError
from switch.store.orders import read_live_orders
from switch.store.tables import access_keys
from switch.store.unit_of_work import SqlUnitOfWork
from tests.unit.admin.counter import Counter, codes, open_counter
from tests.unit.desk.office import ANN, BEN, GOVERNOR, CountingMint, good
from tests.unit.store.site import AT, decision, ended, request

NEWCOMER = {"number": BEN, "name": "Ben Example", "establishment": "moor", "cell": "M2"}
WING = {"reach": "wing", "target": "M", "reason": "x", "cut": True}


async def test_every_use_case_is_described_or_kept_back_with_its_reason(counter: Counter) -> None:
    described = (await counter.ask("/api/openapi.json")).json()["paths"]
    assert len(use_cases()) > 30
    forgotten = set(use_cases()) - {offer.use for offer in OFFERS} - set(KEPT_BACK)
    assert not forgotten, f"give each a line in admin/api/offers.py, with its scope: {sorted(one.__name__ for one in forgotten)}"
    for one in use_cases():
        path = f"/api/{one.__module__.rpartition('.')[2]}/{one.__name__.replace('_', '-')}"
        assert (path in described) is (one not in KEPT_BACK), path
    assert len({offer.path for offer in OFFERS}) == len(OFFERS)
    assert set(described) == {offer.path for offer in OFFERS} | {CONFIRM_PATH} | {route.path for route in ROUTES.values()}
    assert all(len(reason) > 20 for reason in KEPT_BACK.values())


async def test_what_only_reads_writes_nothing_and_the_rest_write_audit(counter: Counter) -> None:
    """A change that hid among the reads would need no name; so each GET is asked, and the audit stays as long as it was."""
    key = await counter.key(Scope.READ)
    await counter.office.receive()
    before, rows = await counter.dump(), await counter.office.audited()
    query = {"number": ANN, "person": ANN, "since": "2026-11-01T00:00:00Z", "until": "2026-12-01T00:00:00Z"}
    for offer in OFFERS:
        if offer.reads:
            needed = {name: query.get(name, "x") for name, one in shape_of(offer).asked.model_fields.items() if one.is_required()}
            answer = await counter.ask(offer.path, key=key, params=needed)
            assert answer.status_code == 200 or set(needed) - set(query), (offer.name, answer.text)
    assert (await counter.dump(), await counter.office.audited()) == (before, rows)


async def test_somebody_is_received_shown_moved_and_released(counter: Counter) -> None:
    key = await counter.key()
    newcomer = NEWCOMER | {"flags": {"at_risk": True, "needs": ["hearing"]}}
    arrived = await counter.ask("/api/people/receive", {"newcomer": newcomer}, key)
    assert arrived.status_code == 200, arrived.text
    assert arrived.json()["person"] | {"flags": 0} == {
        "id": BEN, "name": "Ben Example", "establishment": "moor", "cell": "M2", "phone": "m2", "status": "here",
        "incentive": "standard", "flags": 0}
    assert arrived.json()["pin"] == "1357"
    shown = (await counter.ask(f"/api/shown/show?number={BEN.lower()}", key=key)).json()
    assert (shown["person"]["flags"]["needs"], shown["has_pin"], shown["balance"]) == (["hearing"], True, 0)
    moved = await counter.ask("/api/people/move", {"number": BEN, "cell": "M1"}, key)
    assert (moved.status_code, moved.json()["person"]["phone"]) == (200, "m1")
    until = (AT + timedelta(hours=1)).isoformat()
    search = {"reach": "person", "target": BEN, "reason": "a search", "cut": True, "until": until}
    order = await counter.ask("/api/kill/place", search, key)
    assert (order.status_code, order.json()["staff"]) == (200, f"officer@{key.split('.')[0]}")
    assert [one["id"] for one in (await counter.ask("/api/kill/standing", key=key)).json()] == [order.json()["id"]]
    released = await counter.ask("/api/leaving/release", {"number": BEN}, key)
    assert (released.status_code, released.json()["paid"]) == (200, 0)
    assert [one["id"] for one in (await counter.ask("/api/shown/list-people?status=released", key=key)).json()] == [BEN]


async def test_each_change_says_in_its_own_transaction_who_and_by_which_key(counter: Counter) -> None:
    key = await counter.key(Scope.PEOPLE)
    before = await counter.office.audited()
    assert (await counter.ask("/api/people/receive", {"newcomer": NEWCOMER}, key)).status_code == 200
    assert (await counter.ask("/api/people/receive", {"newcomer": NEWCOMER}, key)).status_code == 409
    rows = [(action, subject) for action, subject, _ in await counter.office.audit(before)]
    noted = ("asked-by-key", {"key": key.split(".")[0], "operation": "people-receive"})
    assert rows == [("person-received", {"person": BEN, "establishment": "moor", "cell": "M2"}), noted,
                    ("person-received-refused", {"person": BEN}), noted]


async def test_without_the_right_key_nothing_is_asked(counter: Counter) -> None:
    gone = await counter.key(name="gone")
    good(await revoke_key(counter.office.desk, GOVERNOR, AT, gone.split(".")[0], "lost"))
    others = {scope: await counter.key(*(one for one in Scope if one is not scope), name=f"not {scope}") for scope in Scope}
    before = await counter.dump()
    for offer in OFFERS:
        id, rows, body = others[offer.scope].split(".")[0], await counter.office.audited(), None if offer.reads else {}
        wrong = ("", "nonsense", f"{id}.wrong", f"{id}.", ".", gone, "\x7f.x")
        for key in wrong:
            answer = await counter.ask(offer.path, body, key)
            assert (answer.status_code, codes(answer), answer.headers["www-authenticate"]) == (401, ["no-key"], "Bearer"), key
        answer = await counter.ask(offer.path, body, others[offer.scope])
        assert (answer.status_code, codes(answer)) == (403, ["no-scope"])
        noted = await counter.office.audit(rows)
        assert [detail["why"] for _, _, detail in noted] == ["no-key"] * len(wrong) + ["no-scope"]
        assert noted[-1][:2] == ("api-refused", {"operation": offer.name, "key": id})
    assert await counter.dump() == before


async def test_a_key_ends_at_its_moment(tmp_path: Path) -> None:
    async with open_counter(tmp_path) as counter:
        ends = await counter.key(Scope.READ, until=AT + timedelta(milliseconds=1))
        assert (await counter.ask("/api/kill/standing", key=ends)).status_code == 200
        assert await holder(counter.office.desk, AT + timedelta(milliseconds=1), ends) is None


MALFORMED = (b"", b"{", b"[]", b"null", b"7", b'"x"', b'{"unheard":1}', b'{"number":"\\u0000"}', b'{"number":"\\ud800"}',
             b'{"number":7,"cell":[]}', b"\xff\xfe", b'{"a":' * 3000)


async def test_a_malformed_body_is_400_and_changes_nothing(counter: Counter) -> None:
    key = await counter.key(holder="officer")
    before = await counter.dump()
    for offer in OFFERS:
        for content in () if offer.reads else MALFORMED:
            answer = await counter.ask(offer.path, key=key, method="POST", content=content)
            assert answer.status_code == 400, (offer.name, content, answer.text)
            assert codes(answer), (offer.name, content)
    assert await counter.dump() == before


@pytest.mark.parametrize(("path", "body", "status", "code"), [
    ("/api/people/move", {"number": "x", "cell": "M1"}, 400, "bad-number"),
    ("/api/people/move", {"number": ANN, "cell": "M1"}, 404, "unknown-person"),
    ("/api/people/receive", {"newcomer": NEWCOMER | {"cell": "Q9"}}, 404, "unknown-cell"),
    ("/api/people/receive", {"newcomer": NEWCOMER | {"extra": 1}}, 400, "bad-request"),
    ("/api/people/receive", {"newcomer": NEWCOMER | {"flags": {"legal": "yes"}}}, 400, "bad-request"),
    ("/api/leaving/go-away", {"number": ANN, "where": "sea"}, 400, "bad-request"),
    ("/api/leaving/go-away", {"number": ANN, "where": "dead"}, 400, "bad-status"),
    ("/api/leaving/die", {"number": ANN, "reason": " "}, 400, "no-reason"),
    ("/api/kill/place", WING | {"until": "2026-11-23T12:00:00"}, 400, "bad-request"),
    ("/api/kill/place", WING | {"until": "9999-12-31T23:59:59Z"}, 400, "bad-request"),
    ("/api/kill/place", WING | {"target": "Q"}, 404, "unknown-wing"),
    ("/api/places/add-wing", {"establishment": "moor", "wing": "M"}, 409, "taken"),
    ("/api/bulk/load", {"kind": "people", "text": "number,name,establishment\nx,y,moor\n"}, 400, "bad-number"),
    ("/api/rolls/finish", {"task": "none"}, 404, "unknown-task"),
])
async def test_what_may_not_be_is_told_in_words(counter: Counter, path: str, body: Any, status: int, code: str) -> None:
    key = await counter.key()
    before = await counter.dump()
    answer = await counter.ask(path, body, key)
    assert (answer.status_code, codes(answer)[0]) == (status, code), answer.text
    assert len(answer.json()["problems"][0]["text"]) > 5
    assert await counter.dump() == before


async def test_a_change_needs_a_name(counter: Counter) -> None:
    key = await counter.key()
    for name in ("", "a b", "-", "x" * 65):
        answer = await counter.ask("/api/people/receive", {"newcomer": NEWCOMER}, key, headers={"X-Staff": name})
        assert (answer.status_code, codes(answer)) == (400, ["bad-staff"])
    assert (await counter.ask("/api/kill/standing", key=key, headers={"X-Staff": ""})).status_code == 200


async def test_paths_methods_and_long_bodies_are_told_in_the_same_form(counter: Counter) -> None:
    key = await counter.key()
    assert codes(await counter.ask("/api/nothing", key=key)) == ["unknown-path"]
    wrong = await counter.ask("/api/people/move", key=key)
    assert (wrong.status_code, codes(wrong), wrong.headers["allow"]) == (405, ["bad-method"], "POST")
    long = await counter.ask("/api/bulk/load", {"kind": "people", "text": "x" * 200_000}, key)
    assert long.status_code == 413
    assert codes(await counter.ask("/api/shown/show?number=A1&number2=x", key=key)) == ["bad-request"]
    assert codes(await counter.ask("/api/shown/show?number=%00", key=key)) == ["bad-request"]


async def test_too_many_refusals_are_turned_away_and_no_longer_noted(tmp_path: Path) -> None:
    async with open_counter(tmp_path, Gates(3, 2, 1000)) as counter:
        key = await counter.key(Scope.READ)
        assert [(await counter.ask("/api/kill/standing", key=key)).status_code for _ in range(5)] == [200, 200, 200, 429, 429]
        rows = await counter.office.audited()
        assert [(await counter.ask("/api/kill/standing", key="x.y")).status_code for _ in range(4)] == [401, 401, 429, 429]
        assert await counter.office.audited() == rows + 2


async def test_books_that_do_not_answer_are_503(tmp_path: Path) -> None:
    store, hasher = Store(f"sqlite:///{tmp_path}/gone.db", patience=0.2), CountingMint()
    app = create_app(Desk(SqlUnitOfWork(store, {}), hasher), lambda: AT, StoreError, IntegrityError, b"")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://console") as http:
        answer = await http.get("/api/kill/standing", headers={"Authorization": "Bearer a.b"})
    assert (answer.status_code, codes(answer)) == (503, ["no-answer"])
    hasher.hasher.close()
    await store.close()


async def test_calls_are_listed_shown_and_cut(counter: Counter) -> None:
    key = await counter.key(Scope.READ, Scope.ORDERS)
    site = counter.office.site
    await site.seed()
    await site.records.open(request("c-1"), ANN, decision("c-1"))
    (row,) = (await counter.ask("/api/calls/list-calls?live=true", key=key)).json()
    assert (row["id"], row["to"], row["outcome"]) == ("c-1", "+447700900123", None)
    shown = (await counter.ask("/api/calls/show-call?call=c-1", key=key)).json()
    assert [finding["rule"] for finding in shown["findings"]] == ["contact", "hours"]
    assert codes(await counter.ask("/api/calls/show-call?call=c-2", key=key)) == ["unknown-call"]
    cut = await counter.ask("/api/calls/cut-call", {"call": "c-1", "reason": "a fight"}, key)
    assert (cut.status_code, cut.json()["call"]) == (200, "c-1")
    (order,) = await site.store.read(lambda conn: read_live_orders(conn, AT))
    assert (order.call, order.reason, order.staff) == ("c-1", "a fight", f"officer@{key.split('.')[0]}")
    await site.records.close(ended(request("c-1"), decision("c-1")))
    over = await counter.ask("/api/calls/cut-call", {"call": "c-1", "reason": "a fight"}, key)
    assert (over.status_code, codes(over)) == (409, ["over"])


async def test_a_website_has_a_scope_that_reaches_nothing_else(counter: Counter) -> None:
    key = await counter.key(Scope.PUBLIC)
    assert {offer.name for offer in OFFERS if offer.scope is Scope.PUBLIC} == {"stops-request", "stops-confirm"}
    wanted = {"number": "07700900123", "scope": "everyone", "source": "web"}
    assert (await counter.ask("/api/stops/request", wanted, key)).status_code == 200
    orders = await counter.key(Scope.ORDERS, name="orders")
    assert codes(await counter.ask("/api/stops/request", wanted, orders)) == ["no-scope"]
    for path in ("/api/stops/place", "/api/stops/undo", "/api/kill/lift"):
        assert codes(await counter.ask(path, {}, key)) == ["no-scope"]


async def test_a_word_that_is_no_scope_any_more_opens_nothing(counter: Counter) -> None:
    key = await counter.key(Scope.READ)
    store = counter.office.site.store
    await store.write(lambda conn: conn.execute(update(access_keys).values(scopes="other read")))
    assert (await counter.ask("/api/kill/standing", key=key)).status_code == 200
    await store.write(lambda conn: conn.execute(update(access_keys).values(scopes="other")))
    assert codes(await counter.ask("/api/kill/standing", key=key)) == ["no-scope"]
