"""Court and hospital, release, recall and death."""
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from dialplans.model import Service
from switch.core.facts import ContactState
from switch.core.ids import PersonId, PhoneId
from switch.core.numbers import E164
from switch.desk import holding, kill, leaving, people, pins
from switch.ports.desk import Status
from switch.ports.keeping import HoldCause, HoldReach
from switch.store.books import verify_books
from switch.store.facts import read_facts
from switch.store.orders import PlaceStop, StopScope, read_live_orders
from switch.store.tables import outbox, postings
from tests.unit.desk.office import ANN, BEN, FEN, GOVERNOR, OFFICER, Office, good, why
from tests.unit.store.site import AT, MUM, decision, ended, request

DAD, AUNT, GRAN = (E164(f"44770090012{last}") for last in range(4, 7))
PHONE = PhoneId("m1")


async def open_call(office: Office, call: str = "c1") -> None:
    assert await office.site.records.open(request(call, phone=PHONE), PersonId(ANN), decision(call)) is None


async def test_at_court_the_cell_is_theirs_and_its_telephone_is_not(office: Office) -> None:
    await office.receive()
    gone = good(await leaving.go_away(office.desk, OFFICER, AT, ANN, Status.COURT))
    assert (gone.cell, gone.phone, await office.active(ANN)) == ("M1", None, True)
    assert why(await leaving.go_away(office.desk, OFFICER, AT, ANN, Status.COURT)) == ["as-it-is"]
    assert why(await leaving.go_away(office.desk, OFFICER, AT, ANN, Status.RELEASED)) == ["bad-status"]
    assert good(await leaving.go_away(office.desk, OFFICER, AT, ANN, Status.HOSPITAL)).phone is None
    assert good(await leaving.come_back(office.desk, OFFICER, AT, ANN)).person.phone == "m1"
    assert why(await leaving.come_back(office.desk, OFFICER, AT, ANN)) == ["as-it-is"]


async def test_a_move_while_away_gives_the_telephone_on_return(office: Office) -> None:
    await office.receive()
    good(await leaving.go_away(office.desk, OFFICER, AT, ANN, Status.HOSPITAL))
    assert good(await people.move(office.desk, OFFICER, AT, ANN, "M2")).person.phone is None
    assert good(await leaving.come_back(office.desk, OFFICER, AT, ANN)).person.phone == "m2"


async def test_release_closes_pays_rests_and_tells_those_who_hold_messages(office: Office) -> None:
    await office.receive()
    await office.credit(ANN, 700)
    for number, state in ((MUM, ContactState.APPROVED), (DAD, ContactState.PENDING), (AUNT, ContactState.REFUSED)):
        await office.contact(ANN, number, state)
    before = await office.audited()
    done = good(await leaving.release(office.desk, OFFICER, AT, ANN))
    assert (done.rested, done.paid, done.cut, done.person.phone) == (2, 700_000, (), None)
    assert done.rest_until == datetime(2027, 11, 23, 10, tzinfo=UTC)
    assert await office.states(ANN) == {str(MUM): "withdrawn", str(DAD): "withdrawn", str(AUNT): "refused"}
    assert not await office.active(ANN)
    assert (await office.pins(ANN)).hash is None
    ((action, subject, detail),) = await office.audit(before)
    assert (action, subject["person"]) == ("person-released", ANN)
    assert detail == {"numbers_rested": 2, "paid": 700_000, "calls_cut": 0}
    kinds = await office.site.store.read(lambda conn: conn.execute(select(outbox.c.kind)).scalars().all())
    assert kinds == ["person-released"]
    booked = await office.site.store.read(lambda conn: conn.execute(
        select(postings.c.amount).where(postings.c.account == "payout:site")).scalars().all())
    assert booked == [700_000]
    assert await office.site.store.read(verify_books) == []
    for again in (leaving.release(office.desk, OFFICER, AT, ANN), people.move(office.desk, OFFICER, AT, ANN, "M2"),
                  pins.issue_pin(office.desk, OFFICER, AT, ANN, "asked"), people.transfer(office.desk, OFFICER, AT, ANN, FEN)):
        assert why(await again) == ["gone"]


async def test_a_call_that_runs_at_release_is_cut_charged_and_then_paid_out(office: Office) -> None:
    await office.receive()
    await office.contact(ANN)
    await office.credit(ANN, 700)
    await open_call(office)
    done = good(await leaving.release(office.desk, OFFICER, AT, ANN))
    assert (done.paid, done.cut) == (None, ("c1",))
    (order,) = await office.site.store.read(lambda conn: read_live_orders(conn, AT))
    assert (order.call, order.staff) == ("c1", OFFICER)
    assert why(await leaving.pay_out(office.desk, OFFICER, AT, ANN)) == ["on-call"]
    await office.site.records.close(ended(request("c1", phone=PHONE), decision("c1"), PersonId(ANN), talked=60))
    assert good(await leaving.pay_out(office.desk, OFFICER, AT, ANN)) == 700_000 - 6_000
    assert why(await leaving.pay_out(office.desk, OFFICER, AT, ANN)) == ["nothing"]
    tasks = await office.desk.work.look(OFFICER, AT, lambda changes: changes.tasks(person=PersonId(ANN)))
    assert tasks == []
    assert await office.site.store.read(verify_books) == []


async def test_recall_within_the_year_gives_back_what_rests_and_was_not_stopped(office: Office) -> None:
    await office.receive()
    for number, state in ((MUM, ContactState.APPROVED), (DAD, ContactState.PENDING), (AUNT, ContactState.APPROVED)):
        await office.contact(ANN, number, state)
    good(await leaving.release(office.desk, OFFICER, AT, ANN))
    await office.site.store.write(PlaceStop("s1", str(AUNT), StopScope.EVERYONE, None, "call:c9", AT))
    later = AT + timedelta(days=300)
    back = good(await leaving.recall(office.desk, GOVERNOR, later, ANN, FEN, "F1"))
    assert (back.person.establishment, back.person.phone) == (FEN, "f1")
    assert await office.active(ANN)
    assert await office.states(ANN) == {str(MUM): "approved", str(DAD): "pending", str(AUNT): "stopped"}
    assert (await office.site.records.check_pin(PhoneId("f1"), None, PersonId(ANN), back.pin)).person == ANN
    assert why(await leaving.recall(office.desk, GOVERNOR, later, ANN, FEN)) == ["open"]


@pytest.mark.parametrize(("days", "state"), [(364, "approved"), (365, "withdrawn"), (900, "withdrawn")])
async def test_numbers_rest_for_twelve_months_to_the_day(office: Office, days: int, state: str) -> None:
    await office.receive()
    await office.contact(ANN)
    good(await leaving.release(office.desk, OFFICER, AT, ANN))
    good(await leaving.recall(office.desk, OFFICER, AT + timedelta(days=days), ANN, FEN))
    assert await office.states(ANN) == {str(MUM): state}


@pytest.mark.parametrize(("day", "later"), [
    (datetime(2027, 2, 28, tzinfo=UTC), datetime(2028, 2, 28, tzinfo=UTC)),
    (datetime(2028, 2, 29, 9, tzinfo=UTC), datetime(2029, 2, 28, 9, tzinfo=UTC)),
    (datetime(2026, 12, 31, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC)),
])
def test_twelve_months_are_the_same_day_of_the_next_year(day: datetime, later: datetime) -> None:
    assert leaving.months_later(day, 12) == later


async def test_death_holds_everything_and_sends_nothing(office: Office) -> None:
    arrived = await office.receive()
    await office.contact(ANN)
    await office.credit(ANN, 700)
    await open_call(office)
    hashes, before = await office.pins(ANN), await office.audited()
    done = good(await leaving.die(office.desk, GOVERNOR, AT, ANN, "found at 09:40"))
    assert [action for action, _, _ in await office.audit(before)] == ["order-placed", "hold-placed", "person-died"]
    assert not await office.active(ANN)
    assert await office.states(ANN) == {str(MUM): "approved"}
    assert await office.pins(ANN) == hashes
    (held,) = await holding.standing(office.desk, OFFICER, AT)
    assert (held.reach, held.target, held.cause, held.until) == (
        HoldReach.PERSON, ANN, HoldCause.DEATH, leaving.months_later(AT, leaving.DEATH_MONTHS))
    assert await office.site.store.read(lambda conn: conn.execute(select(outbox)).all()) == []
    (live,) = await office.site.store.read(lambda conn: read_live_orders(conn, AT))
    assert (live.id, live.call) == (done.order, "c1")
    facts = await office.site.store.read(lambda conn: read_facts(conn, request("c2", phone=PHONE), PersonId(ANN)))
    assert [order.scope for order in facts.orders] == ["person"]
    assert facts.person is not None
    assert facts.person.balance == 640_000  # its call still holds ten minutes
    assert arrived.person.id == ANN
    before = await office.audited()
    for attempt in (
        leaving.release(office.desk, OFFICER, AT, ANN), leaving.recall(office.desk, OFFICER, AT, ANN, FEN),
        leaving.die(office.desk, OFFICER, AT, ANN, "again"), leaving.pay_out(office.desk, OFFICER, AT, ANN),
        people.transfer(office.desk, OFFICER, AT, ANN, FEN), people.move(office.desk, OFFICER, AT, ANN, "M2"),
        people.change(office.desk, OFFICER, AT, ANN, name="Other"), pins.issue_pin(office.desk, OFFICER, AT, ANN, "x"),
        pins.unlock(office.desk, OFFICER, AT, ANN, "x"), leaving.go_away(office.desk, OFFICER, AT, ANN, Status.COURT),
    ):
        assert why(await attempt) == ["held"]
    tried = await office.audit(before)
    assert len(tried) == 10
    assert {detail["why"] for _, _, detail in tried} == {"held"}


async def test_a_death_recorded_by_mistake_needs_two_names_and_leaves_the_order(office: Office) -> None:
    await office.receive()
    done = good(await leaving.die(office.desk, OFFICER, AT, ANN, "mistyped"))
    assert why(await leaving.undo_death(office.desk, OFFICER, AT, ANN, "mistyped", OFFICER)) == ["second-name"]
    asked = good(await holding.place(office.desk, OFFICER, AT, HoldReach.PERSON, ANN, GOVERNOR, "an inquest", "one person",
                                     AT + timedelta(days=7)))
    back = good(await leaving.undo_death(office.desk, OFFICER, AT, ANN, "mistyped", GOVERNOR))
    assert await holding.standing(office.desk, OFFICER, AT) == [asked], "only what the death itself held"
    assert back.person.phone == "m1"
    assert await office.active(ANN)
    assert [order.id for order in await kill.standing(office.desk, OFFICER, AT)] == [done.order]
    assert why(await leaving.undo_death(office.desk, OFFICER, AT, BEN, "x", GOVERNOR)) == ["as-it-is"]


async def test_a_service_that_needs_no_person_is_as_it_was(office: Office) -> None:
    """Helplines ask for no account: a release takes Samaritans off nobody's wing."""
    await office.receive()
    good(await leaving.release(office.desk, OFFICER, AT, ANN))
    samaritans = request("c3", phone=PHONE)
    assert await office.site.records.open(samaritans, None, decision("c3", service=Service.HELPLINE, rate=None)) is None
