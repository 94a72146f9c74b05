"""Visits to the page for families on either database: who is rung, what is kept of a code, how a number stands."""
from datetime import timedelta

import pytest

from switch.call.placed import Answer, PlacedKind
from switch.core.facts import ContactState
from switch.core.ids import CallId, StaffId
from switch.core.reasons import Why
from switch.core.visits import ASK_WITHIN, REST, STAY, TRIES, Stage, Visit
from switch.media.languages import Languages
from switch.media.sounds import SoundShelf
from switch.ports.placed import PlacedCall, PlacedState
from switch.store.pins import PinHasher
from switch.store.placed import SqlPlacedRecords
from switch.store.unit_of_work import SqlUnitOfWork
from tests.unit.store.site import AT, CHEAP, MUM, Site

WHO = StaffId("families")


class Codes:
    def __init__(self) -> None:
        self.hasher = PinHasher(CHEAP)

    def pin(self, digits: int) -> str:
        return "135709"[:digits]

    async def hashes(self, pins: object) -> list[str]:
        return [self.hasher.hash(pin) for pin in pins]  # type: ignore[attr-defined]


async def add(site: Site, id: str, number: str) -> SqlUnitOfWork:
    desk = SqlUnitOfWork(site.store, {})

    def work(changes: object) -> None:
        changes.add_visit(Visit(id, number, AT, AT + ASK_WITHIN), f"token-{id}")  # type: ignore[attr-defined]
        changes.add_placed_call(PlacedCall(id, PlacedKind.CODE, None, number, PlacedState.DUE, WHO, AT, AT))  # type: ignore[attr-defined]

    await desk.run(WHO, AT, work)
    return desk


async def test_a_visit_from_its_number_to_its_end(site: Site) -> None:
    desk, codes = await add(site, "v1", str(MUM)), Codes()
    await add(site, "v2", "+447700900998")
    books = SqlPlacedRecords(site.store, "node", SoundShelf(Languages.load()), codes)
    due = {one.id: one for one in await books.due(AT, 5)}
    assert [due["v1"].code, due["v2"].code] == ["135709"] * 2
    assert await books.open_attempt(CallId("c2"), due["v2"], AT) is Why.UNAPPROVED
    assert await books.open_attempt(CallId("c1"), due["v1"], AT) is None
    assert await books.live_orders([CallId("c1")], AT) == []
    assert [order.call for order in await books.live_orders([CallId("c1")], AT + ASK_WITHIN)] == ["c1"]
    await books.keep_answer(CallId("c1"), due["v1"], Answer.YES, (), AT)
    visit = await desk.look(WHO, AT, lambda changes: changes.visit("token-v1"))
    assert visit is not None
    assert visit.stage(AT) is Stage.SPOKEN
    assert await codes.hasher.fits(visit.code, "135709")
    tried = [await desk.run(WHO, AT, lambda changes: changes.count_visit_try("v1", TRIES)) for _ in range(TRIES + 1)]
    assert tried == [True] * TRIES + [False]
    entered = [await desk.run(WHO, AT, lambda changes: changes.enter_visit("v1", "new", AT + STAY)) for _ in range(2)]
    assert entered == [True, False]
    assert await desk.look(WHO, AT, lambda changes: changes.visit("token-v1")) is None
    there = await desk.look(WHO, AT, lambda changes: changes.approvals_at(str(MUM)))
    assert {(one.state, one.relief) for one in there} == {(ContactState.APPROVED, False)}
    await desk.run(WHO, AT, lambda changes: changes.leave_visit("v1"))
    left = await desk.look(WHO, AT, lambda changes: changes.visit("new"))
    assert left is not None
    assert left.stage(AT) is Stage.OVER
    codes.hasher.close()


@pytest.mark.parametrize("answer", [Answer.NO, Answer.STOPPED])
async def test_who_did_not_ask_is_left_alone_until_staff_lift_it(site: Site, answer: Answer) -> None:
    desk = await add(site, "v1", str(MUM))
    books = SqlPlacedRecords(site.store, "node", SoundShelf(Languages.load()), Codes())
    (due,) = await books.due(AT, 5)
    assert await books.open_attempt(CallId("c1"), due, AT) is None
    await books.keep_answer(CallId("c1"), due, answer, (), AT)
    await add(site, "v2", str(MUM))
    (again,) = await books.due(AT, 5)
    assert await books.open_attempt(CallId("c2"), again, AT) is Why.STOPPED_PERSON
    assert await desk.run(WHO, AT, lambda changes: changes.let_ring(str(MUM))) == 1
    await add(site, "v3", str(MUM))
    (last,) = await books.due(AT, 5)
    assert await books.open_attempt(CallId("c3"), last, AT) is None
    later = AT + REST + timedelta(days=1)
    await desk.run(WHO, later, lambda changes: changes.add_visit(Visit("v4", "+447700900998", later, later), "t4"))
    assert await desk.look(WHO, later, lambda changes: changes.visits_since(str(MUM), AT - REST)) == 0
    kept = await desk.look(WHO, later, lambda changes: [one.id for one in changes.placed_calls()])
    assert sorted(kept) == ["v1", "v3"], "those that rang"
