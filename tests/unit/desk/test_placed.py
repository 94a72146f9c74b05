"""Calls that the switch places itself, at the desk and on the record: asked for, tried, answered, given up; relief and voices."""
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from switch.call.placed import Answer, CloseAttempt, PlacedKind
from switch.core.facts import ContactKind, ContactState, Facts, ToldFacts, Voice
from switch.core.ids import CallId, PersonId
from switch.core.lists import ListKind, ListLevel
from switch.core.numbers import E164, read_dialled
from switch.core.reasons import EndedBy, EndReason, Why
from switch.desk import kill, leaving, numbers, placed
from switch.media.languages import Languages
from switch.media.sounds import SoundShelf
from switch.ports.desk import Reach
from switch.ports.placed import DueCall, PlacedCall, PlacedState, Tries
from switch.ports.records import CallRequest
from switch.store.facts import phone_of, read_facts
from switch.store.placed import ORDER_PAUSE, SqlPlacedRecords
from switch.store.seeding import AddContact
from tests.unit.desk.office import ANN, AT, GOVERNOR, MOOR, OFFICER, Office, good, why
from tests.unit.store.site import MUM

NUMBER = str(MUM)
ASKED = ("placed-consent",)
NO_ANSWER = CloseAttempt(EndReason(EndedBy.CARRIER, Why.NO_ANSWER), None, 30.0, 0.0)
TRIES = Tries(2, 240)
MINUTE = timedelta(minutes=1)


async def asked(office: Office, kind: PlacedKind = PlacedKind.CONSENT) -> PlacedCall:
    await office.receive()
    await office.contact(ANN, state=ContactState.PENDING)
    return good(await placed.request(office.desk, OFFICER, AT, kind, ANN, NUMBER))


def records(office: Office) -> SqlPlacedRecords:
    return SqlPlacedRecords(office.site.store, "node", SoundShelf(Languages.load()))


async def due(office: Office) -> DueCall:
    (one,) = await records(office).due(AT, 5)
    return one


async def now(office: Office) -> placed.Placing:
    found = good(await placed.show(office.desk, OFFICER, AT, ANN))
    return found[-1]


async def known(office: Office) -> Facts:
    def read(conn: Connection) -> Facts:
        phone = phone_of(conn, PersonId(ANN))
        assert phone is not None
        request = CallRequest(CallId("x"), phone, read_dialled(NUMBER), AT)
        return read_facts(conn, request, PersonId(ANN))

    return await office.site.store.read(read)


async def told(office: Office) -> ToldFacts:
    return (await known(office)).told


async def test_a_request_waits_for_its_time_and_can_be_taken_back(office: Office) -> None:
    made = await asked(office)
    assert await records(office).due(AT - MINUTE, 5) == []
    assert (await due(office)).id == made.id
    assert why(await placed.request(office.desk, OFFICER, AT, PlacedKind.CONSENT, ANN, NUMBER)) == ["as-it-is"]
    good(await placed.request(office.desk, OFFICER, AT, PlacedKind.VERIFY, ANN, NUMBER, not_before=AT + MINUTE))
    good(await placed.cancel(office.desk, OFFICER, AT, made.id))
    assert await records(office).due(AT, 5) == []
    assert why(await placed.cancel(office.desk, OFFICER, AT, made.id)) == ["too-late"]
    assert why(await placed.cancel(office.desk, OFFICER, AT, "none")) == ["unknown-request"]
    assert [name for name, _, _ in await office.audit()][-3:] == [
        "placed-call-cancelled", "placed-call-cancelled-refused", "placed-call-cancelled-refused"]
    assert await office.whole()


async def test_what_cannot_be_asked(office: Office) -> None:
    desk = office.desk
    assert why(await placed.request(desk, OFFICER, AT, PlacedKind.CONSENT, "x", "116123")) == ["bad-number", "unreadable-number"]
    assert why(await placed.request(desk, OFFICER, AT, PlacedKind.CONSENT, ANN, NUMBER)) == ["unknown-person"]
    await office.receive()
    assert why(await placed.request(desk, OFFICER, AT, PlacedKind.CONSENT, ANN, NUMBER)) == ["unapproved"]
    late = AT + placed.LATEST + MINUTE
    assert why(await placed.request(desk, OFFICER, AT, PlacedKind.CONSENT, ANN, NUMBER, not_before=late)) == ["bad-times"]
    await office.contact(ANN, state=ContactState.STOPPED)
    assert why(await placed.request(desk, OFFICER, AT, PlacedKind.CONSENT, ANN, NUMBER)) == ["contact-stopped"]
    law = AddContact(PersonId(ANN), E164("442079460130"), "Law", ContactKind.PRIVILEGED, ContactState.APPROVED, "test", AT)
    await office.site.store.write(law)
    assert why(await placed.request(desk, OFFICER, AT, PlacedKind.CONSENT, ANN, "02079460130")) == ["not-private"]
    assert why(await placed.show(desk, OFFICER, AT, "x")) == ["bad-number"]
    good(await leaving.release(desk, OFFICER, AT, ANN))
    assert why(await placed.request(desk, OFFICER, AT, PlacedKind.CONSENT, ANN, NUMBER)) == ["gone"]


async def test_yes_is_a_consent_of_this_number_alone(office: Office) -> None:
    await asked(office)
    one, books = await due(office), records(office)
    assert await books.open_attempt(CallId("c1"), one, AT) is None
    assert await books.open_attempt(CallId("c2"), one, AT) is Why.CUT, "taken up once"
    await books.keep_answer(CallId("c1"), one, Answer.YES, ASKED, AT)
    await books.keep_answer(CallId("c1"), one, Answer.NO, ASKED, AT)
    for _ in range(2):
        await books.close_attempt(CallId("c1"), one, CloseAttempt(NO_ANSWER.reason, Answer.YES, 1.0, 9.0), TRIES, AT)
    found = await now(office)
    assert (found.call.state, found.call.answer, found.consented_at) == (PlacedState.ANSWERED, Answer.YES, AT)
    contact = (await known(office)).contact
    assert contact is not None
    assert (contact.consent, contact.consented_at) == ("given", AT)
    assert [name for name, _, _ in await office.audit()][-3:] == [
        "placed-call-opened", "placed-call-answered", "placed-call-closed"]


@pytest.mark.parametrize("answer", [Answer.NO, Answer.WRONG_NUMBER, Answer.STOPPED])
async def test_another_answer_ends_the_consent(office: Office, answer: Answer) -> None:
    await test_yes_is_a_consent_of_this_number_alone(office)
    good(await placed.request(office.desk, OFFICER, AT, PlacedKind.VERIFY, ANN, NUMBER))
    one, books = await due(office), records(office)
    assert await books.open_attempt(CallId("c3"), one, AT) is None
    await books.keep_answer(CallId("c3"), one, answer, ASKED, AT)
    assert (await now(office)).consented_at is None
    tasks = await office.desk.work.look(OFFICER, AT, lambda changes: changes.tasks())
    assert f"verify-{answer}" in [task.kind for task in tasks]
    if answer is Answer.STOPPED:
        again = await placed.request(office.desk, OFFICER, AT, PlacedKind.CONSENT, ANN, NUMBER)
        assert why(again) == ["contact-stopped"]


async def test_a_barred_number_is_not_rung(office: Office) -> None:
    await asked(office)
    entry = good(await numbers.add(office.desk, OFFICER, AT, ListKind.BAR, NUMBER, ListLevel.PERSON, (ANN,), "x")).entries[0]
    assert await records(office).open_attempt(CallId("c1"), await due(office), AT) is Why.BARRED
    assert (await now(office)).call.state is PlacedState.REFUSED
    good(await numbers.end(office.desk, OFFICER, AT, entry.id, "x"))
    good(await placed.request(office.desk, OFFICER, AT, PlacedKind.CONSENT, ANN, NUMBER))
    assert await records(office).open_attempt(CallId("c2"), await due(office), AT) is None


async def test_seven_marks_the_number_until_a_yes_verifies_it(office: Office) -> None:
    await asked(office)
    books = records(office)
    for call, kind, answer, marked in (
        ("c1", PlacedKind.CONSENT, Answer.WRONG_NUMBER, True), ("c2", PlacedKind.CONSENT, Answer.YES, True),
        ("c3", PlacedKind.VERIFY, Answer.NO, True), ("c4", PlacedKind.VERIFY, Answer.YES, False),
    ):
        if call != "c1":
            good(await placed.request(office.desk, OFFICER, AT, kind, ANN, NUMBER))
        one = await due(office)
        assert await books.open_attempt(CallId(call), one, AT) is None
        await books.keep_answer(CallId(call), one, answer, ASKED, AT)
        assert bool(await numbers.wrong(office.desk, OFFICER, AT)) is marked, call


async def test_it_is_tried_again_later_and_given_up_at_last(office: Office) -> None:
    await asked(office)
    one, books = await due(office), records(office)
    assert await books.open_attempt(CallId("c1"), one, AT) is None
    await books.close_attempt(CallId("c1"), one, NO_ANSWER, TRIES, AT)
    later = AT + TRIES.spacing_minutes * MINUTE
    assert await books.due(later - MINUTE, 5) == []
    assert [found.id for found in await books.due(later, 5)] == [one.id]
    assert await books.open_attempt(CallId("c2"), one, later) is None
    assert await books.recover(TRIES, later) == 1, "the node died"
    assert await books.recover(TRIES, later) == 0
    found = await now(office)
    assert (found.call.state, found.call.attempts, found.call.why) == (PlacedState.GAVE_UP, 2, "crashed")
    assert found.consented_at is None


async def test_an_order_puts_it_off_and_ends_what_runs(office: Office) -> None:
    await asked(office)
    one, books = await due(office), records(office)
    order = good(await kill.place(office.desk, OFFICER, AT, Reach.WING, "M", "a fight", cut=True))
    assert await books.open_attempt(CallId("c1"), one, AT) is Why.ORDERS
    assert await books.due(AT, 5) == []
    good(await kill.lift(office.desk, OFFICER, AT, order.id))
    assert await books.open_attempt(CallId("c1"), one, AT + ORDER_PAUSE) is None
    assert await books.live_orders([CallId("c1")], AT + ORDER_PAUSE) == []
    good(await kill.place(office.desk, OFFICER, AT, Reach.PERSON, ANN, "a threat", cut=True))
    assert [order.call for order in await books.live_orders([CallId("c1")], AT + ORDER_PAUSE)] == ["c1"]


async def test_nobody_is_rung_about_somebody_who_is_gone_or_at_a_number_that_is_not_rung(office: Office) -> None:
    await asked(office)
    one, books = await due(office), records(office)
    await books.refuse(one, Why.NUMBER_CLASS, AT)
    assert (await now(office)).call.state is PlacedState.REFUSED
    good(await placed.request(office.desk, OFFICER, AT, PlacedKind.CONSENT, ANN, NUMBER))
    two = await due(office)
    good(await leaving.die(office.desk, OFFICER, AT, ANN, "found"))
    assert await books.open_attempt(CallId("c1"), two, AT) is Why.ACCOUNT_CLOSED
    assert (await now(office)).call.state is PlacedState.REFUSED


async def test_relief_has_a_name_and_an_end(office: Office) -> None:
    await office.receive()
    desk = office.desk
    assert why(await placed.allow_relief(desk, GOVERNOR, AT, MOOR, " ")) == ["bad-name"]
    assert why(await placed.allow_relief(desk, GOVERNOR, AT, "nowhere", "G. Overnor")) == ["unknown-establishment"]
    assert (await told(office)).relief_since is None
    good(await placed.allow_relief(desk, GOVERNOR, AT, MOOR, "G. Overnor"))
    assert (await told(office)).relief_since == AT
    assert why(await placed.allow_relief(desk, GOVERNOR, AT, MOOR, "G. Overnor")) == ["as-it-is"]
    assert "authorised by G. Overnor" in await office.notes()
    good(await placed.end_relief(desk, GOVERNOR, AT, MOOR))
    assert (await told(office)).relief_since is None
    assert why(await placed.end_relief(desk, GOVERNOR, AT, MOOR)) == ["as-it-is"]


async def test_a_contact_may_be_announced_in_words_for_a_child(office: Office) -> None:
    desk = office.desk
    assert why(await placed.set_voice(desk, OFFICER, AT, "x", "y", Voice.CHILD)) == ["bad-number", "unreadable-number"]
    assert why(await placed.set_voice(desk, OFFICER, AT, ANN, NUMBER, Voice.CHILD)) == ["unknown-person"]
    await office.receive()
    await office.contact(ANN)
    for voice in (Voice.CHILD, Voice.CHILD, Voice.USUAL):
        good(await placed.set_voice(desk, OFFICER, AT, ANN, NUMBER, voice))
        assert (await told(office)).voice is voice
