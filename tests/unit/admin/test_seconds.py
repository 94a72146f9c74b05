"""What takes two members of staff: by two keys of two holders, and by nothing that one of them could do alone."""
import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from admin.api.offers import OFFERS
from switch.desk import stops
from switch.desk.access import revoke_key
from switch.desk.proposals import WAITS_FOR
from switch.ports.access import Scope
from tests.unit.admin.counter import Counter, codes, open_counter
from tests.unit.desk.office import ANN, GOVERNOR, OFFICER, good
from tests.unit.store.site import AT

PLACE = {"number": "07700900123", "scope": "everyone", "reason": "they asked"}


@dataclass
class Two:
    """Two members of staff with a key each, and a stop that only both of them can undo."""

    counter: Counter
    osei: str
    marsh: str
    stop: str

    async def ask(self, path: str, body: Any, key: str, **headers: str) -> httpx.Response:
        return await self.counter.http.post(path, json=body, headers={"Authorization": f"Bearer {key}"} | headers)

    async def undo(self, key: str = "", second: str = "k.marsh", **headers: str) -> httpx.Response:
        return await self.ask("/api/stops/undo", {"stop": self.stop, "reason": "a mistake", "second": second}, key or self.osei,
                              **headers)

    async def confirm(self, proposal: str, key: str = "", **headers: str) -> httpx.Response:
        return await self.ask("/api/proposals/confirm", {"proposal": proposal}, key or self.marsh, **headers)

    async def stands(self) -> bool:
        found = good(await stops.standing(self.counter.office.desk, OFFICER, AT))
        return self.stop in {one.id for one in found}

    async def refused(self, answer: httpx.Response, status: int, code: str, rows: int) -> None:
        """Turned away, with nothing changed and one row that says so."""
        assert (answer.status_code, codes(answer)) == (status, [code]), answer.text
        assert await self.stands()
        noted = await self.counter.office.audit(rows)
        assert [(action, detail["why"]) for action, _, detail in noted] == [("api-refused", code)]


@pytest_asyncio.fixture
async def two(tmp_path: Path, url: str) -> AsyncIterator[Two]:
    async with open_counter(tmp_path, url=url) as counter:
        osei, marsh = [await counter.key(Scope.ORDERS, Scope.READ, holder=who) for who in ("j.osei", "k.marsh")]
        made = Two(counter, osei, marsh, "")
        made.stop = (await made.ask("/api/stops/place", PLACE, osei)).json()["id"]
        yield made


async def test_the_first_asks_and_nothing_is_done_before_the_second_confirms(two: Two) -> None:
    rows = await two.counter.office.audited()
    asked = await two.undo()
    assert (asked.status_code, asked.json()["staff"], asked.json()["second"]) == (202, "j.osei", "k.marsh"), asked.text
    assert await two.stands()
    for key, there in ((two.osei, 1), (two.marsh, 1), (await two.counter.key(Scope.READ, holder="a.other"), 0)):
        waits = await two.counter.http.get("/api/proposals/waiting", headers={"Authorization": f"Bearer {key}"})
        assert len(waits.json()) == there
    done = await two.confirm(asked.json()["proposal"])
    assert (done.status_code, done.json()["id"]) == (200, two.stop), done.text
    assert not await two.stands()
    noted = {action: (subject, detail) for action, subject, detail in await two.counter.office.audit(rows)}
    assert noted["stop-undone-by-staff"] == ({"stop": two.stop}, {"second": True})
    key, first = two.marsh.split(".")[0], two.osei.split(".")[0]
    assert noted["asked-by-key"] == ({"key": key, "operation": "stops-undo"},
                                     {"proposal": asked.json()["proposal"], "first": first})
    assert codes(await two.confirm(asked.json()["proposal"])) == ["unknown-proposal"]


async def test_one_holder_cannot_be_both(two: Two) -> None:
    for second in ("j.osei", "J.Osei", " j.osei "):
        rows = await two.counter.office.audited()
        await two.refused(await two.undo(second=second), 403, "one-name", rows)
    rows = await two.counter.office.audited()
    await two.refused(await two.undo(**{"X-Staff": "k.marsh"}), 403, "not-the-holder", rows)
    proposal = (await two.undo()).json()["proposal"]
    other = await two.counter.key(Scope.ORDERS, holder="a.other")
    again = await two.counter.key(Scope.ORDERS, name="another of the first", holder="J.OSEI")
    for key in (two.osei, again, other):
        rows = await two.counter.office.audited()
        await two.refused(await two.confirm(proposal, key), 403, "not-the-second", rows)
    rows = await two.counter.office.audited()
    await two.refused(await two.confirm(proposal, other, **{"X-Staff": "k.marsh"}), 403, "not-the-holder", rows)


async def test_a_systems_key_takes_part_on_neither_side(two: Two) -> None:
    system = await two.counter.key(*Scope)
    proposal = (await two.undo()).json()["proposal"]
    rows = await two.counter.office.audited()
    await two.refused(await two.undo(system, **{"X-Staff": "j.osei"}), 403, "no-holder", rows)
    rows = await two.counter.office.audited()
    await two.refused(await two.confirm(proposal, system, **{"X-Staff": "k.marsh"}), 403, "no-holder", rows)


async def test_the_second_needs_the_scope_and_the_first_a_key_that_is_still_good(two: Two) -> None:
    proposal = (await two.undo()).json()["proposal"]
    narrow = await two.counter.key(Scope.READ, name="narrow", holder="k.marsh")
    rows = await two.counter.office.audited()
    await two.refused(await two.confirm(proposal, narrow), 403, "no-scope", rows)
    good(await revoke_key(two.counter.office.desk, GOVERNOR, AT, two.osei.split(".")[0], "lost"))
    answer = await two.confirm(proposal)
    assert (answer.status_code, codes(answer), await two.stands()) == (409, ["void"], True)


@pytest.mark.parametrize(("late", "status"), [(timedelta(milliseconds=-1), 200), (timedelta(), 404)])
async def test_a_proposal_is_over_after_half_a_day(two: Two, late: timedelta, status: int) -> None:
    proposal = (await two.undo()).json()["proposal"]
    two.counter.clock.pass_by((WAITS_FOR + late).total_seconds())
    assert (await two.confirm(proposal)).status_code == status


async def test_two_confirmations_at_once_do_it_once(two: Two) -> None:
    """Leave to ring could be given any number of times: only the proposal is there once."""
    await two.counter.office.receive()
    osei, marsh = [await two.counter.key(Scope.PEOPLE, name=f"{who} again", holder=who) for who in ("j.osei", "k.marsh")]
    leave = {"number": ANN, "to": "07700900123", "kind": "birth", "since": AT.isoformat(), "second": "k.marsh",
             "until": (AT + timedelta(hours=1)).isoformat()}
    asked = await two.ask("/api/permits/give-permit", leave, osei)
    answers = await asyncio.gather(*(two.confirm(asked.json()["proposal"], marsh) for _ in range(8)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 200
    assert set(statuses[1:]) <= {404, 409}
    given = [action for action, _, _ in await two.counter.office.audit() if action == "permit-given"]
    assert len(given) == 1


async def test_what_was_refused_waits_on_and_what_is_malformed_never_waits(two: Two) -> None:
    body = {"stop": "none", "reason": "a mistake", "second": "k.marsh"}
    proposal = (await two.ask("/api/stops/undo", body, two.osei)).json()["proposal"]
    assert [codes(await two.confirm(proposal)) for _ in range(2)] == [["unknown-stop"]] * 2
    for wrong in ({"second": "k m"}, {"second": "x" * 65}, {"more": 1}):
        assert (await two.ask("/api/stops/undo", body | wrong, two.osei)).status_code == 400
    for wrong_body in ({}, {"proposal": ""}, {"proposal": 7}, {"proposal": "x", "second": "k.marsh"}, {"proposal": "\0"}, []):
        assert (await two.ask("/api/proposals/confirm", wrong_body, two.marsh)).status_code == 400


async def test_whatever_takes_two_names_asks_the_second(two: Two) -> None:
    """No operation takes a second name as it is told: every use case with one is put forward."""
    names = {offer.name for offer in OFFERS if offer.two_names}
    assert {"stops-undo", "stops-place", "numbers-end", "leaving-undo-death", "permits-give-permit", "parties-set-child-level",
            "applications-check-done", "privileged-found-privileged", "no_contact-lift"} <= names


async def test_one_name_is_enough_where_no_second_is_needed(two: Two) -> None:
    placed = await two.ask("/api/stops/place", PLACE | {"number": "07700900124"}, two.osei)
    assert (placed.status_code, placed.json()["placed_by"]) == (200, "j.osei")
    system = await two.counter.key(Scope.ORDERS)
    placed = await two.ask("/api/stops/place", PLACE | {"number": "07700900125"}, system, **{"X-Staff": "j.osei"})
    assert placed.json()["placed_by"] == f"j.osei@{system.split('.')[0]}", "what a system says is not taken for proved"
