"""Orders to stop contact: by staff, by request with the number's own word, and who may undo what."""
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dialplans.model import Service
from switch.call.placed import Answer, CloseAttempt, PlacedKind
from switch.core.facts import ContactKind, ContactState, Facts, StopScope
from switch.core.ids import CallId, PersonId, PhoneId
from switch.core.numbers import Number
from switch.core.reasons import EndedBy, EndReason, Why
from switch.core.stopping import StopSource
from switch.desk import placed, rolls, stops
from switch.desk.stops import CONFIRM_WITHIN, TRIES
from switch.media.languages import Languages
from switch.media.sounds import SoundShelf
from switch.ports.placed import Tries
from switch.store.calls import OpenCall, request_row
from switch.store.facts import read_facts
from switch.store.orders import read_live_orders
from switch.store.placed import SqlPlacedRecords
from switch.store.seeding import AddContact
from switch.store.tables import placed_calls, stop_requests
from tests.unit.desk.office import ANN, BEN, FEN, GOVERNOR, OFFICER, Office, good, why
from tests.unit.store.site import AT, MUM, SAMARITANS, SOLICITOR, decision, request

TEXT = "07700 900123"


async def ends(office: Office) -> dict[str, Why]:
    return {order.call: order.why for order in await office.site.store.read(lambda conn: read_live_orders(conn, AT))}


async def known(office: Office, phone: str = "m1", person: str = ANN, number: Number = MUM) -> Facts:
    return await office.site.store.read(
        lambda conn: read_facts(conn, request("new", number, PhoneId(phone)), PersonId(person)))


async def two_calls(office: Office) -> None:
    await office.receive()
    await office.receive(BEN, "F1", FEN)
    for call, phone, person in (("c1", "m1", ANN), ("c2", "f1", BEN)):
        await office.contact(person)
        await office.credit(person, 100)
        assert await office.site.records.open(request(call, phone=PhoneId(phone)), PersonId(person), decision(call)) is None


async def sent(office: Office) -> list[dict[str, Any]]:
    """What numbers are told by a call of the switch, with the code that is spoken there."""
    rows = await office.site.store.read(lambda conn: conn.execute(
        select(placed_calls).where(placed_calls.c.stop_request.is_not(None)).order_by(placed_calls.c.id)).all())
    return [{"request": row.stop_request, "number": row.number, "code": row.code, "kind": row.kind} for row in rows]


@pytest.mark.parametrize(("scope", "person", "reached"), [
    (StopScope.PERSON, ANN, {"c1"}), (StopScope.PERSON, BEN, {"c2"}), (StopScope.EVERYONE, "", {"c1", "c2"}),
])
async def test_a_stop_of_staff_ends_calls_that_run_and_refuses_the_next(
    office: Office, scope: StopScope, person: str, reached: set[str],
) -> None:
    await two_calls(office)
    stop = good(await stops.place(office.desk, OFFICER, AT, TEXT, scope, "asked on the telephone", person))
    assert await ends(office) == dict.fromkeys(reached, Why.STOPPED)
    found = {"c1": (await known(office)).stops, "c2": (await known(office, "f1", BEN)).stops}
    assert {call: scopes for call, scopes in found.items() if scopes} == dict.fromkeys(reached, (scope,))
    assert good(await stops.standing(office.desk, OFFICER, AT, "+447700900123")) == [stop]
    assert why(await stops.place(office.desk, OFFICER, AT, TEXT, scope, "x", person)) == ["as-it-is"]
    for second in ("", OFFICER):
        assert why(await stops.undo(office.desk, OFFICER, AT, stop.id, "x", second)) == ["one-name"]
    assert good(await stops.undo(office.desk, OFFICER, AT, stop.id, "a mistake", GOVERNOR)) == stop
    assert (await known(office)).stops == ()
    assert await ends(office) == {}
    assert why(await stops.undo(office.desk, OFFICER, AT, stop.id, "x", GOVERNOR)) == ["unknown-stop"]


async def test_the_call_on_which_nine_was_pressed_is_left_to_tell_it(office: Office) -> None:
    await two_calls(office)
    await office.site.records.stop_contact(request("c1", phone=PhoneId("m1")), PersonId(ANN), MUM, StopScope.EVERYONE)
    assert await ends(office) == {"c2": Why.STOPPED}
    (stop,) = good(await stops.standing(office.desk, OFFICER, AT))
    assert stop.source is StopSource.CALL
    assert why(await stops.undo(office.desk, OFFICER, AT, stop.id, "they changed their mind", GOVERNOR)) == ["theirs"]


@pytest.mark.parametrize(("kind", "organisation", "protected"), [
    (ContactKind.SOCIAL, False, False), (ContactKind.SOCIAL, True, True), (ContactKind.OFFICIAL, False, True),
    (ContactKind.PRIVILEGED, False, True),
])
async def test_solicitors_officials_and_organisations_are_stopped_by_two_of_staff_only(
    office: Office, kind: ContactKind, organisation: bool, protected: bool,
) -> None:
    await office.receive()
    await office.site.store.write(AddContact(PersonId(ANN), SOLICITOR, "Somebody", kind, ContactState.APPROVED, "test", AT,
                                             organisation=organisation))
    asked = await stops.request(office.desk, OFFICER, AT, "01632 960001", StopScope.EVERYONE, "web")
    alone = await stops.place(office.desk, OFFICER, AT, "01632 960001", StopScope.EVERYONE, "x")
    if not protected:
        good(asked)
        good(alone)
        return
    assert why(asked) == ["staff-only"]
    assert await sent(office) == []
    assert why(alone) == ["one-name"]
    stop = good(await stops.place(office.desk, OFFICER, AT, "01632 960001", StopScope.EVERYONE, "x", second=GOVERNOR))
    assert stop.second == GOVERNOR


async def test_a_helpline_is_stopped_by_two_of_staff_and_by_nobody_else(office: Office) -> None:
    desk = replace(office.desk, helplines=frozenset({"116123"}))
    await office.receive()
    asked, decided = request("c1", SAMARITANS, PhoneId("m1")), decision("c1", SAMARITANS, Service.HELPLINE)
    await office.site.store.write(OpenCall(asked, request_row(asked, None, decided, "node")))
    assert why(await stops.request(desk, OFFICER, AT, "116 123", StopScope.EVERYONE, "text")) == ["staff-only"]
    assert why(await stops.place(desk, OFFICER, AT, "116123", StopScope.EVERYONE, "x")) == ["one-name"]
    # one name, from a time when it was no helpline yet: it stays open
    good(await stops.place(office.desk, OFFICER, AT, "116123", StopScope.EVERYONE, "x"))
    assert not (await known(office, number=SAMARITANS)).stopped_by_two
    assert await ends(office) == {}
    good(await stops.place(desk, OFFICER, AT, "116123", StopScope.PERSON, "x", ANN, GOVERNOR))
    assert not (await known(office, number=SAMARITANS)).stopped_by_two
    (alone,) = (one for one in good(await stops.standing(desk, OFFICER, AT)) if one.second is None)
    good(await stops.undo(desk, OFFICER, AT, alone.id, "again, by two", GOVERNOR))
    good(await stops.place(desk, OFFICER, AT, "116123", StopScope.EVERYONE, "they asked", second=GOVERNOR))
    assert (await known(office, number=SAMARITANS)).stopped_by_two
    assert await ends(office) == {"c1": Why.STOPPED}


async def test_a_request_does_nothing_before_the_number_says_yes(office: Office) -> None:
    await two_calls(office)
    before = await office.audited()
    asked = good(await stops.request(office.desk, OFFICER, AT, TEXT, StopScope.EVERYONE, "web"))
    (body,) = await sent(office)
    assert (body["request"], body["number"], body["kind"]) == (asked.request, str(MUM), "stop")
    assert body["code"] not in await office.site.store.read(lambda conn: conn.execute(select(stop_requests.c.code)).scalar_one())
    assert body["code"] not in str(await office.audit(before))
    assert (await known(office)).stops == ()
    assert await ends(office) == {}
    done = good(await stops.confirm(office.desk, OFFICER, AT, asked.request, body["code"]))
    assert done.placed is not None
    assert done.placed.source is StopSource.REQUEST
    assert await ends(office) == {"c1": Why.STOPPED, "c2": Why.STOPPED}
    assert [one["code"] for one in await sent(office)] == [None], "it is kept nowhere once the request is over"
    assert why(await stops.confirm(office.desk, OFFICER, AT, asked.request, body["code"])) == ["void"]
    assert why(await stops.undo(office.desk, OFFICER, AT, done.placed.id, "x", GOVERNOR)) == ["theirs"]
    actions = [action for action, _, _ in await office.audit(before)]
    assert actions == ["stop-requested", "stop-placed", "stop-confirmed", "stop-confirmed-refused", "stop-undone-refused"]


async def test_nine_twice_left_two_orders_and_taking_back_the_wider_takes_back_both(office: Office) -> None:
    """Those of another call stay: they are another's word, or an earlier one."""
    await two_calls(office)
    for call, person, scope in (("c1", ANN, StopScope.PERSON), ("c1", ANN, StopScope.EVERYONE), ("c2", BEN, StopScope.PERSON)):
        await office.site.records.stop_contact(request(call, phone=PhoneId("m1")), PersonId(person), MUM, scope)
    assert len(good(await stops.standing(office.desk, OFFICER, AT))) == 3
    asked = good(await stops.request(office.desk, OFFICER, AT, TEXT, StopScope.EVERYONE, "text", undo=True))
    (body,) = await sent(office)
    done = good(await stops.confirm(office.desk, OFFICER, AT, asked.request, body["code"]))
    assert {(one.scope, one.person) for one in done.undone} == {(StopScope.EVERYONE, None), (StopScope.PERSON, ANN)}
    assert [one.person for one in good(await stops.standing(office.desk, OFFICER, AT))] == [BEN]


async def test_what_the_number_ordered_only_the_number_undoes(office: Office) -> None:
    await two_calls(office)
    await office.site.records.stop_contact(request("c1", phone=PhoneId("m1")), PersonId(ANN), MUM, StopScope.PERSON)
    staffs = good(await stops.place(office.desk, OFFICER, AT, TEXT, StopScope.PERSON, "x", ANN))
    asked = good(await stops.request(office.desk, OFFICER, AT, TEXT, StopScope.PERSON, "text", ANN, undo=True))
    assert len(good(await stops.standing(office.desk, OFFICER, AT))) == 2, "asked is not yet undone"
    (body,) = await sent(office)
    done = good(await stops.confirm(office.desk, OFFICER, AT, asked.request, body["code"]))
    assert [one.source for one in done.undone] == [StopSource.CALL]
    assert good(await stops.standing(office.desk, OFFICER, AT)) == [staffs], "staff's own stays"
    assert (await office.states(ANN))[str(MUM)] == "stopped", "until staff approve it again"


async def test_five_tries_and_the_code_is_void(office: Office) -> None:
    asked = good(await stops.request(office.desk, OFFICER, AT, TEXT, StopScope.EVERYONE, "web"))
    (body,) = await sent(office)
    for code in ("000000", "", "1234567", "x", "٣٣"):
        assert why(await stops.confirm(office.desk, OFFICER, AT, asked.request, code)) == ["wrong-code"]
    assert why(await stops.confirm(office.desk, OFFICER, AT, asked.request, body["code"])) == ["void"]
    assert TRIES == 5
    assert good(await stops.standing(office.desk, OFFICER, AT)) == []


@pytest.mark.parametrize(("late", "counts"), [(CONFIRM_WITHIN - timedelta(milliseconds=1), True), (CONFIRM_WITHIN, False)])
async def test_a_day_and_the_code_is_void(office: Office, late: timedelta, counts: bool) -> None:
    asked = good(await stops.request(office.desk, OFFICER, AT, TEXT, StopScope.EVERYONE, "web"))
    (body,) = await sent(office)
    answer = await stops.confirm(office.desk, OFFICER, AT + late, asked.request, body["code"])
    assert (why(answer) == ["void"]) if not counts else good(answer).placed


async def test_nobody_is_flooded_and_nobody_learns_who_is_here(office: Office) -> None:
    for _ in range(3):
        good(await stops.request(office.desk, OFFICER, AT, TEXT, StopScope.PERSON, "web", "Z9999ZZ"))
    late = AT + timedelta(days=1)
    assert why(await stops.request(office.desk, OFFICER, AT, TEXT, StopScope.EVERYONE, "web")) == ["too-many"]
    good(await stops.request(office.desk, OFFICER, AT, "07700 900124", StopScope.EVERYONE, "web"))
    good(await stops.request(office.desk, OFFICER, late, TEXT, StopScope.EVERYONE, "web"))


@pytest.mark.parametrize(("number", "scope", "person", "codes"), [
    ("x", StopScope.EVERYONE, "", ["bad-telephone"]), (TEXT, StopScope.PERSON, "", ["bad-number"]),
    (TEXT, StopScope.EVERYONE, ANN, ["target"]), ("x", StopScope.PERSON, "Ann", ["bad-telephone", "bad-number"]),
])
async def test_what_is_no_stop_is_told_whole(
    office: Office, number: str, scope: StopScope, person: str, codes: list[str],
) -> None:
    assert why(await stops.place(office.desk, OFFICER, AT, number, scope, "x", person)) == codes
    assert why(await stops.request(office.desk, OFFICER, AT, number, scope, "web", person)) == codes
    assert why(await stops.place(office.desk, OFFICER, AT, TEXT, StopScope.PERSON, "x", ANN)) == ["unknown-person"]
    assert why(await stops.place(office.desk, OFFICER, AT, TEXT, StopScope.EVERYONE, "")) == ["no-reason"]


async def by_call(office: Office, answer: Answer, call: str = "s1", at: datetime = AT) -> None:
    """The switch rings the number, and whoever has it answers by a key."""
    books = SqlPlacedRecords(office.site.store, "node", SoundShelf(Languages.load()))
    (due,) = await books.due(at, 5)
    assert due.stop is not None
    assert await books.open_attempt(CallId(call), due, at) is None
    await books.keep_answer(CallId(call), due, answer, ("placed-stop-all",), at)
    closing = CloseAttempt(EndReason(EndedBy.CALLED, Why.HUNG_UP), answer, 1.0, 9.0)
    await books.close_attempt(CallId(call), due, closing, Tries(3, 60), at)
    assert await books.due(at + timedelta(hours=12), 5) == []


@pytest.mark.parametrize(("scope", "person", "reached"), [
    (StopScope.EVERYONE, "", {"c1", "c2"}), (StopScope.PERSON, ANN, {"c1"})])
async def test_key_one_on_the_call_to_the_number_places_the_stop(
    office: Office, scope: StopScope, person: str, reached: set[str],
) -> None:
    await two_calls(office)
    asked = good(await stops.request(office.desk, OFFICER, AT, TEXT, scope, "web", person))
    before = await office.audited()
    await by_call(office, Answer.YES)
    assert await ends(office) == dict.fromkeys(reached, Why.STOPPED)
    (stop,) = good(await stops.standing(office.desk, OFFICER, AT))
    assert (stop.id, stop.source, stop.placed_by) == (f"s1:{scope}", StopSource.CALL, "call:s1")
    assert why(await stops.undo(office.desk, OFFICER, AT, stop.id, "x", GOVERNOR)) == ["theirs"]
    assert [one["code"] for one in await sent(office)] == [None]
    assert why(await stops.confirm(office.desk, OFFICER, AT, asked.request, "000000")) == ["void"]
    assert [action for action, _, _ in await office.audit(before)][:5] == [
        "placed-call-opened", "stop-placed", "stop-confirmed", "placed-call-answered", "placed-call-closed"]


async def test_key_two_ends_the_request_and_places_nothing(office: Office) -> None:
    await two_calls(office)
    asked = good(await stops.request(office.desk, OFFICER, AT, TEXT, StopScope.EVERYONE, "web"))
    (body,) = await sent(office)
    await by_call(office, Answer.NO)
    assert await ends(office) == {}
    assert why(await stops.confirm(office.desk, OFFICER, AT, asked.request, body["code"])) == ["void"]
    assert "stop-request-denied" in [action for action, _, _ in await office.audit()]


@pytest.mark.parametrize(("answer", "left"), [(Answer.YES, 1), (Answer.NO, 2)])
async def test_its_own_stop_is_taken_back_only_by_a_key_there(office: Office, answer: Answer, left: int) -> None:
    await two_calls(office)
    await office.site.records.stop_contact(request("c1", phone=PhoneId("m1")), PersonId(ANN), MUM, StopScope.PERSON)
    good(await stops.place(office.desk, OFFICER, AT, TEXT, StopScope.EVERYONE, "x"))
    good(await stops.request(office.desk, OFFICER, AT, TEXT, StopScope.PERSON, "web", ANN, undo=True))
    assert len(good(await stops.standing(office.desk, OFFICER, AT))) == 2
    await by_call(office, answer)
    standing = good(await stops.standing(office.desk, OFFICER, AT))
    assert len(standing) == left
    assert StopSource.STAFF in [one.source for one in standing], "staff's own stays"


async def test_who_takes_the_wider_of_two_presses_back_means_both(office: Office) -> None:
    """9 pressed twice on one call left two orders; one of another call stays."""
    await two_calls(office)
    for call, phone, scope in (("c1", "m1", StopScope.PERSON), ("c1", "m1", StopScope.EVERYONE), ("c2", "f1", StopScope.PERSON)):
        person = PersonId(ANN if call == "c1" else BEN)
        await office.site.records.stop_contact(request(call, phone=PhoneId(phone)), person, MUM, scope)
    good(await stops.request(office.desk, OFFICER, AT, TEXT, StopScope.EVERYONE, "web", undo=True))
    await by_call(office, Answer.YES)
    assert [one.id for one in good(await stops.standing(office.desk, OFFICER, AT))] == [f"c2:{StopScope.PERSON}"]


async def test_a_call_about_a_request_that_is_over_is_not_placed_or_goes_on(office: Office) -> None:
    await two_calls(office)
    asked = good(await stops.request(office.desk, OFFICER, AT, TEXT, StopScope.EVERYONE, "web"))
    books = SqlPlacedRecords(office.site.store, "node", SoundShelf(Languages.load()))
    (due,) = await books.due(AT, 5)
    assert await books.open_attempt(CallId("s1"), due, AT) is None
    assert await books.live_orders([CallId("s1")], AT) == []
    assert [order.call for order in await books.live_orders([CallId("s1")], AT + CONFIRM_WITHIN)] == ["s1"]
    assert await books.recover(Tries(3, 60), AT) == 1
    (body,) = await sent(office)
    good(await stops.confirm(office.desk, OFFICER, AT, asked.request, body["code"]))
    later = AT + timedelta(hours=1)
    (due,) = await books.due(later, 5)
    assert await books.open_attempt(CallId("s2"), due, later) is Why.CUT
    assert await books.due(later, 5) == []


async def test_who_wants_to_be_left_alone_waits_for_nobody_and_is_nobodys_task(office: Office) -> None:
    await office.receive()
    await office.contact(ANN, state=ContactState.PENDING)
    good(await placed.request(office.desk, OFFICER, AT, PlacedKind.CONSENT, ANN, TEXT))
    good(await stops.request(office.desk, OFFICER, AT + timedelta(minutes=1), "07700 900124", StopScope.EVERYONE, "web"))
    books = SqlPlacedRecords(office.site.store, "node", SoundShelf(Languages.load()))
    late = AT + timedelta(minutes=2)
    first, second = await books.due(late, 5)
    assert (first.kind, second.kind) == (PlacedKind.STOP, PlacedKind.CONSENT)
    await books.refuse(first, Why.NUMBER_CLASS, late)
    shown = [one.call.state for one in good(await placed.show(office.desk, OFFICER, late))]
    assert shown == ["due", "refused"]
    assert await rolls.waiting(office.desk, OFFICER, late) == []
    assert why(await placed.request(office.desk, OFFICER, AT, PlacedKind.STOP, ANN, TEXT)) == ["bad-kind"]
    again = good(await stops.request(office.desk, OFFICER, late, "07700 900125", StopScope.EVERYONE, "web"))
    (waits,) = (one.call for one in good(await placed.show(office.desk, OFFICER, late)) if one.call.stop_request == again.request)
    good(await placed.cancel(office.desk, OFFICER, late, waits.id))
