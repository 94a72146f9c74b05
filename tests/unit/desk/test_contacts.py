"""Applications for contacts, their checks, parties, and orders against contact, before the tables and the read of a call."""
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert

from switch.core.contacts import Check
from switch.core.facts import ContactKind, ContactState, Facts, StopScope
from switch.core.ids import PersonId, PhoneId, loaded_id
from switch.core.numbers import E164, Number
from switch.desk import applications, leaving, no_contact, numbers, parties, permits, rolls
from switch.desk.applications import Application, Applied
from switch.desk.parties import A_TIME
from switch.ports.contacts import Approval, OrderKind, RefusalReason
from switch.ports.desk import Task
from switch.store.facts import read_facts
from switch.store.orders import PlaceStop, UndoStop
from switch.store.stamps import stamp
from switch.store.tables import cdrs
from tests.unit.desk.office import ANN, BEN, FEN, GOVERNOR, MOOR, OFFICER, Office, good, why
from tests.unit.store.site import AT, MUM, request

NAN, NEW = E164("447700900321"), E164("447700900322")
ASKED = Application(ANN, str(NAN), ContactKind.SOCIAL, "Nan Example", relationship=16)
MONTHS_6 = timedelta(days=190)


async def applied(office: Office, asked: Application = ASKED) -> Applied:
    return good(await applications.apply(office.desk, OFFICER, AT, asked))


async def approved(office: Office, asked: Application = ASKED) -> Approval:
    """All the way, by every check that the estate asks of a social contact."""
    made = await applied(office, asked)
    one = made.approvals[0]
    good(await applications.begin(office.desk, OFFICER, AT, one.id))
    for check in (Check.NUMBER, Check.PUBLIC_PROTECTION):
        good(await applications.check_done(office.desk, OFFICER, AT, one.id, check))
    good(await parties.record_consent(office.desk, OFFICER, AT, made.party, True))
    return good(await applications.approve(office.desk, OFFICER, AT, one.id))


async def waiting(office: Office) -> dict[str, Task]:
    return {task.kind: task for task in await rolls.waiting(office.desk, OFFICER, AT)}


async def read(office: Office, number: Number = NAN, person: str = ANN) -> Facts:
    return await office.site.store.read(lambda conn: facts_of(conn, number, person))


def facts_of(conn: Connection, number: Number, person: str) -> Facts:
    return read_facts(conn, request("c", number, PhoneId("m1")), PersonId(person))


async def state(office: Office, approval: str) -> tuple[str, str | None]:
    one = await office.desk.work.look(OFFICER, AT, lambda changes: changes.approval(approval))
    assert one is not None
    return one.state.value, one.reason


async def test_the_whole_way(office: Office) -> None:
    await office.receive()
    one = (await applied(office)).approvals[0]
    assert await state(office, one.id) == ("received", None)
    assert list(await waiting(office)) == ["contact-application"]
    tasks = good(await applications.begin(office.desk, OFFICER, AT, one.id, "clerk"))
    assert [task.kind for task in tasks] == ["check-number", "check-consent", "check-public-protection"]
    assert {(task.owner, task.due_at) for task in tasks} == {("clerk", AT + timedelta(days=7))}
    assert why(await applications.approve(office.desk, OFFICER, AT, one.id)) == ["check-open"] * 3 + ["no-consent"]
    assert why(await rolls.finish(office.desk, OFFICER, AT, tasks[0].id)) == ["a-check"]
    assert why(await applications.check_done(office.desk, OFFICER, AT, one.id, Check.CONSENT)) == ["recorded-elsewhere"]
    for check in (Check.NUMBER, Check.PUBLIC_PROTECTION):
        good(await applications.check_done(office.desk, OFFICER, AT, one.id, check))
        assert why(await applications.check_done(office.desk, OFFICER, AT, one.id, check)) == ["no-check"]
    good(await parties.record_consent(office.desk, OFFICER, AT, one.party, True))
    assert await waiting(office) == {}
    good(await applications.approve(office.desk, OFFICER, AT, one.id))
    contact = (await read(office)).contact
    assert contact is not None
    assert (contact.name, contact.state, contact.consent) == ("Nan Example", "approved", "given")
    for action, subject, detail in await office.audit():
        assert "Nan" not in f"{action}{subject}{detail}"
        assert NAN.digits[4:] not in f"{action}{subject}{detail}"


@pytest.mark.parametrize(("changes", "codes"), [
    ({"number": "07700 900x"}, ["bad-telephone"]), ({"person": "x", "name": ""}, ["bad-number", "bad-name"]),
    ({"relationship": 37}, ["bad-relationship"]), ({"relationship": -1, "age": 131}, ["bad-relationship", "bad-age"]),
    ({"prisoner": "x"}, ["bad-number"]), ({"second_number": "x"}, ["bad-telephone"]),
    ({"person": BEN}, ["unknown-person"]), ({"party": "nobody"}, ["unknown-party"]), ({"prisoner": BEN}, ["unknown-person"]),
])
async def test_what_cannot_be_asked_for(office: Office, changes: dict[str, object], codes: list[str]) -> None:
    await office.receive()
    bad = replace(ASKED, **changes)  # type: ignore[arg-type]  # by name
    assert why(await applications.apply(office.desk, OFFICER, AT, bad)) == codes
    assert good(await parties.standing(office.desk, OFFICER, AT, ANN)) == []


async def test_two_numbers_and_a_second_person_share_a_party(office: Office) -> None:
    await office.receive()
    await office.receive(BEN, "M2")
    made = await applied(office, replace(ASKED, second_number=str(MUM), early_days=True))
    assert [one.number for one in made.approvals] == [str(NAN), str(MUM)]
    assert (await waiting(office))["contact-application"].due_at == AT + timedelta(days=1)
    bens = await applied(office, replace(ASKED, person=BEN, party=made.party, name=""))
    assert bens.party == made.party
    again = await applications.apply(office.desk, OFFICER, AT, replace(ASKED, party=made.party))
    assert why(again) == ["taken"]


async def test_the_limits(office: Office) -> None:
    await office.receive()
    for index in range(20):
        await office.contact(ANN, E164(f"4477009000{index:02}"), (ContactState.APPROVED, ContactState.RECEIVED)[index % 2])
    assert why(await applications.apply(office.desk, OFFICER, AT, ASKED)) == ["too-many"]
    await applied(office, replace(ASKED, kind=ContactKind.OFFICIAL))
    first = loaded_id(ANN, "+447700900000")
    good(await applications.withdraw(office.desk, OFFICER, AT, first))
    await applied(office)
    assert why(await applications.begin(office.desk, OFFICER, AT, first)) == ["too-many"]


async def test_a_child_needs_a_level_by_two(office: Office) -> None:
    await office.receive()
    of_age = AT.date().replace(year=AT.year - 18)
    for born, age, child in ((of_age + timedelta(days=1), None, True), (of_age, None, False), (None, 17, True),
                             (None, 18, False)):
        made = await applied(office, replace(ASKED, born=born, age=age))
        tasks = good(await applications.begin(office.desk, OFFICER, AT, made.approvals[0].id))
        assert ("check-child-level" in [task.kind for task in tasks]) is child
    assert why(await parties.set_child_level(office.desk, OFFICER, AT, made.party, 5, "governor")) == ["bad-level"]
    for second in ("", " ", "officer"):
        assert why(await parties.set_child_level(office.desk, OFFICER, AT, made.party, 3, second)) == ["second-name"]
    level = good(await parties.set_child_level(office.desk, OFFICER, AT, made.party, 3, "governor"))
    assert (level.child, level.child_level, level.child_level_names) == (True, 3, ("officer", "governor"))


async def test_a_privileged_contact_is_genuine_by_two_even_when_loaded(office: Office) -> None:
    await office.receive()
    one = (await applied(office, replace(ASKED, kind=ContactKind.PRIVILEGED))).approvals[0]
    good(await applications.begin(office.desk, OFFICER, AT, one.id))
    assert why(await applications.check_done(office.desk, OFFICER, AT, one.id, Check.GENUINE)) == ["second-name"]
    assert why(await applications.check_done(office.desk, OFFICER, AT, one.id, Check.GENUINE, "officer")) == ["second-name"]
    good(await applications.check_done(office.desk, OFFICER, AT, one.id, Check.GENUINE, "governor"))
    assert good(await applications.approve(office.desk, OFFICER, AT, one.id)).state == "approved"
    await office.contact(ANN, MUM, ContactState.PENDING)
    assert "check-open" in why(await applications.approve(office.desk, OFFICER, AT, loaded_id(ANN, str(MUM))))


async def test_refused_and_looked_at_again(office: Office) -> None:
    await office.receive()
    one = (await applied(office)).approvals[0]
    assert why(await applications.refuse(office.desk, OFFICER, AT, one.id, RefusalReason.OTHER, " ")) == ["no-reason"]
    good(await applications.begin(office.desk, OFFICER, AT, one.id))
    good(await applications.refuse(office.desk, OFFICER, AT, one.id, RefusalReason.PUBLIC_PROTECTION, "she told us"))
    assert await state(office, one.id) == ("refused", "public-protection")
    assert await waiting(office) == {}
    assert "she told us" in await office.notes()
    (shown,) = good(await parties.standing(office.desk, OFFICER, AT, ANN))
    assert "complaint" in shown.challenge
    for again in (applications.approve, applications.withdraw):
        assert why(await again(office.desk, OFFICER, AT, one.id)) == ["bad-state"]
    good(await applications.begin(office.desk, OFFICER, AT, one.id))
    assert await state(office, one.id) == ("pending", None)
    assert "check-open" in why(await applications.approve(office.desk, OFFICER, AT, one.id))


async def test_a_stop_holds_until_it_is_undone(office: Office) -> None:
    await office.receive()
    one = await approved(office)
    await office.site.store.write(PlaceStop("s1", str(NAN), StopScope.PERSON, ANN, "called", AT))
    assert await state(office, one.id) == ("stopped", None)
    assert why(await applications.begin(office.desk, OFFICER, AT, one.id)) == ["stopped"]
    await office.site.store.write(UndoStop("s1", "called", AT))
    good(await applications.begin(office.desk, OFFICER, AT, one.id))
    assert "check-open" in why(await applications.approve(office.desk, OFFICER, AT, one.id))


async def test_a_changed_number_keeps_approval_but_not_consent_and_the_order_follows(office: Office) -> None:
    await office.receive()
    one = await approved(office)
    assert why(await parties.change_number(office.desk, OFFICER, AT, one.party, str(MUM), str(NEW))) == ["unknown-number"]
    assert why(await parties.change_number(office.desk, OFFICER, AT, one.party, str(NAN), str(NAN))) == ["as-it-is"]
    assert why(await parties.change_number(office.desk, OFFICER, AT, one.party, "x", str(NEW))) == ["bad-telephone"]
    wanted = no_contact.Wanted(ANN, OrderKind.NO_CONTACT, "Moor Crown Court", party=one.party)
    placed = good(await no_contact.place(office.desk, OFFICER, AT, wanted))
    changed = good(await parties.change_number(office.desk, OFFICER, AT, one.party, str(NAN), str(NEW)))
    assert [(moved.number, moved.state) for moved in changed.approvals] == [(str(NEW), "approved")]
    assert set(await waiting(office)) == {"check-number", "check-consent"}
    facts = await read(office, NEW)
    assert facts.contact is not None
    assert (facts.contact.state, facts.contact.consent) == ("approved", "not-asked")
    assert [order.id for order in facts.no_contact] == [placed.id]
    assert ((old := await read(office)).contact, old.no_contact) == (None, ())


async def test_a_new_number_that_is_stopped_stays_stopped(office: Office) -> None:
    await office.receive()
    one = await approved(office)
    await office.site.store.write(PlaceStop("s1", str(NEW), StopScope.EVERYONE, None, "called", AT))
    changed = good(await parties.change_number(office.desk, OFFICER, AT, one.party, str(NAN), str(NEW)))
    assert [moved.state for moved in changed.approvals] == ["stopped"]


async def test_a_wrong_number_waits_for_everybody_until_it_is_verified(office: Office) -> None:
    await office.receive()
    await office.receive(BEN, "M2")
    one = await approved(office)
    await office.contact(BEN, NAN)
    assert good(await parties.wrong_number(office.desk, OFFICER, AT, "07700 900321")) == 2
    assert good(await parties.wrong_number(office.desk, OFFICER, AT, str(NAN))) == 0, "they wait already"
    assert await state(office, one.id) == ("approved", None), "the mark is on the number"
    assert [(await read(office, NAN, person)).wrong_number for person in (ANN, BEN)] == [True, True]
    good(await applications.check_done(office.desk, OFFICER, AT, one.id, Check.NUMBER))
    assert [(await read(office, NAN, person)).wrong_number for person in (ANN, BEN)] == [False, True], "that party is there"
    assert await numbers.wrong(office.desk, OFFICER, AT) == {str(NAN): 2}
    good(await applications.check_done(office.desk, OFFICER, AT, loaded_id(BEN, str(NAN)), Check.NUMBER))
    assert not (await read(office, NAN, BEN)).wrong_number
    assert await numbers.wrong(office.desk, OFFICER, AT) == {}
    assert why(await parties.wrong_number(office.desk, OFFICER, AT, "x")) == ["bad-telephone"]


async def test_a_number_verified_for_all_has_every_check_of_it_done(office: Office) -> None:
    await office.receive()
    await office.receive(BEN, "M2")
    await approved(office)
    await office.contact(BEN, NAN)
    good(await parties.wrong_number(office.desk, OFFICER, AT, str(NAN)))
    assert [task.kind for task in await rolls.waiting(office.desk, OFFICER, AT)] == ["check-number"] * 2
    assert good(await numbers.verify(office.desk, OFFICER, AT, str(NAN), "rang back")) == 1
    assert await waiting(office) == {}
    assert not (await read(office, NAN, BEN)).wrong_number
    assert (good(await parties.wrong_number(office.desk, OFFICER, AT, str(NAN)))) == 2, "and it can be said again"


async def test_what_nobody_called_wrong_is_not_verified_by_being_refused(office: Office) -> None:
    await office.receive()
    one = (await applied(office)).approvals[0]
    good(await applications.begin(office.desk, OFFICER, AT, one.id))
    before = await waiting(office)
    assert why(await numbers.verify(office.desk, OFFICER, AT, str(NAN), "rang back")) == ["as-it-is"]
    assert await waiting(office) == before
    assert "check-number" in before


async def test_a_no_goes_with_a_changed_number_and_to_every_other(office: Office) -> None:
    await office.receive()
    one = await approved(office)
    second = replace(ASKED, number=str(NEW), party=one.party)
    (other,) = good(await applications.apply(office.desk, OFFICER, AT, second)).approvals
    assert (await read(office)).contact.consent == "given"  # type: ignore[union-attr]  # approved above
    (said,) = good(await parties.record_consent(office.desk, OFFICER, AT, one.party, True, "07700 900322"))
    assert (said.number, said.by) == (str(NEW), OFFICER)
    assert len(good(await parties.record_consent(office.desk, OFFICER, AT, one.party, False, str(NEW)))) == 2
    assert (await read(office)).contact.consent == "denied"  # type: ignore[union-attr]  # approved above
    third = E164("447700900323")
    good(await parties.change_number(office.desk, OFFICER, AT, one.party, str(NAN), str(third)))
    assert (await read(office, third)).contact.consent == "denied"  # type: ignore[union-attr]  # it moved
    fourth = replace(ASKED, number="07700 900324", party=one.party)
    good(await applications.apply(office.desk, OFFICER, AT, fourth))
    assert (await read(office, E164("447700900324"))).contact.consent == "denied"  # type: ignore[union-attr]  # just made
    assert why(await parties.record_consent(office.desk, OFFICER, AT, one.party, True, "07700 900999")) == ["unknown-number"]
    assert why(await parties.record_consent(office.desk, OFFICER, AT, one.party, True, "x")) == ["bad-telephone"]
    assert other.party == one.party


async def test_a_number_unanswered_for_six_months_is_verified_again_once(office: Office) -> None:
    await office.receive()
    one = await approved(office)
    later = AT + MONTHS_6
    good(await parties.due_for_verification(office.desk, OFFICER, AT + timedelta(days=170)))
    assert await waiting(office) == {}
    due = good(await parties.due_for_verification(office.desk, OFFICER, later))
    assert [found.id for found in due] == [one.id]
    assert await state(office, one.id) == ("approved", None)
    assert good(await parties.due_for_verification(office.desk, OFFICER, later)) == ()
    good(await applications.check_done(office.desk, OFFICER, later, one.id, Check.NUMBER))
    assert good(await parties.due_for_verification(office.desk, OFFICER, later + timedelta(days=170))) == ()
    assert len(good(await parties.due_for_verification(office.desk, OFFICER, later + MONTHS_6))) == 1


async def test_each_establishment_has_its_own_verified_and_nobody_the_deads(office: Office) -> None:
    await office.receive()
    await office.receive(BEN, "F1", FEN)
    await approved(office)
    await office.contact(BEN, NAN)
    later = AT + MONTHS_6
    due = good(await parties.due_for_verification(office.desk, OFFICER, later, FEN))
    assert [one.person for one in due] == [BEN]
    good(await leaving.die(office.desk, OFFICER, later, ANN, "in hospital"))
    assert good(await parties.due_for_verification(office.desk, OFFICER, later)) == ()


async def test_many_are_written_a_few_at_a_time(office: Office) -> None:
    await office.receive()
    for last in range(A_TIME + 1):
        await office.contact(ANN, E164(f"4477009004{last:02}"))
    before = await office.audited()
    assert len(good(await parties.due_for_verification(office.desk, OFFICER, AT + MONTHS_6))) == A_TIME + 1
    assert [detail["approvals"] for action, _, detail in await office.audit(before) if action == "numbers-due"] == [A_TIME, 1]


async def test_an_answered_call_is_as_good_as_a_check(office: Office) -> None:
    await office.receive()
    await approved(office)
    values = {"id": "c1", "node": "n", "started_at": stamp(AT + timedelta(days=100)), "phone": "m1", "person": ANN,
              "dialled": str(NAN), "privileged": False, "metered": True, "ring_ms": 0, "talk_ms": 1, "charged": 0,
              "closed_at": stamp(AT + timedelta(days=100))}
    await office.site.store.write(lambda conn: conn.execute(insert(cdrs), values))
    assert good(await parties.due_for_verification(office.desk, OFFICER, AT + MONTHS_6)) == ()
    assert len(good(await parties.due_for_verification(office.desk, OFFICER, AT + timedelta(days=290)))) == 1


@pytest.mark.parametrize(("number", "code"), [
    ("1471", "number-class"), ("1470", "number-class"), ("1475", "number-class"), ("*#21#", "number-class"),
    ("**21*07700900123#", "number-class"), ("14107700900123", "number-class"), ("141", "number-class"), ("1571", "number-class"),
    ("1469", "bad-telephone"), ("07700900123#", "bad-telephone"), ("07700900123*1", "bad-telephone"),
])
async def test_a_code_of_the_network_is_nobodys_contact(office: Office, number: str, code: str) -> None:
    """Refused as what it is, wherever staff may write down whom somebody rings."""
    await office.receive()
    one = await approved(office)
    before = await office.audited()
    assert why(await applications.apply(office.desk, OFFICER, AT, replace(ASKED, number=number))) == [code]
    too = replace(ASKED, number=str(MUM), second_number=number)
    assert why(await applications.apply(office.desk, OFFICER, AT, too)) == [code]
    assert why(await parties.change_number(office.desk, OFFICER, AT, one.party, str(NAN), number)) == [code]
    first = await permits.give_first_call(office.desk, OFFICER, AT, ANN, number)
    assert why(first) == [code]
    assert await office.audited() == before, "malformed input leaves no row"


async def test_an_order_stands_in_the_way_of_an_approval_and_takes_two_to_lift(office: Office) -> None:
    await office.receive()
    await office.contact(ANN, MUM, ContactState.PENDING)
    wanted = no_contact.Wanted(ANN, OrderKind.WITNESS, "Moor Crown Court", number="07700 900000")
    for bad, code in ((replace(wanted, number=None), "bad-aim"), (replace(wanted, party="p"), "bad-aim"),
                      (replace(wanted, number=None, other=ANN), "bad-aim"), (replace(wanted, court=" "), "no-court"),
                      (replace(wanted, number="x"), "bad-telephone"), (replace(wanted, exceptions=("x",)), "bad-telephone"),
                      (replace(wanted, until=AT), "bad-dates"), (replace(wanted, person="x"), "bad-number"),
                      (replace(wanted, person=BEN), "unknown-person"),
                      (replace(wanted, number=None, other=BEN), "unknown-person"),
                      (replace(wanted, number=None, party="p"), "unknown-party")):
        assert why(await no_contact.place(office.desk, OFFICER, AT, bad)) == [code]
    order = good(await no_contact.place(office.desk, OFFICER, AT, replace(wanted, number=str(MUM))))
    assert "no-contact-order" in why(await applications.approve(office.desk, OFFICER, AT, loaded_id(ANN, str(MUM))))
    assert good(await no_contact.orders(office.desk, OFFICER, AT, ANN)) == [order]
    assert why(await no_contact.lift(office.desk, OFFICER, AT, order.id, "officer", "over")) == ["second-name"]
    assert why(await no_contact.lift(office.desk, OFFICER, AT, order.id, "governor", "")) == ["no-reason"]
    good(await no_contact.lift(office.desk, OFFICER, AT, order.id, "governor", "the court varied it"))
    assert why(await no_contact.lift(office.desk, OFFICER, AT, order.id, "governor", "again")) == ["unknown-order"]
    assert good(await no_contact.orders(office.desk, OFFICER, AT)) == []


async def test_both_prisons_have_a_say_and_lose_it_with_a_transfer(office: Office) -> None:
    await office.receive()
    await office.receive(BEN, "F1", FEN)
    one = await approved(office, replace(ASKED, prisoner=BEN))
    assert why(await parties.agree_between(office.desk, OFFICER, AT, ANN, BEN, "elsewhere")) == ["no-say"]
    assert good(await parties.agree_between(office.desk, OFFICER, AT, ANN, BEN, MOOR)) == 1
    assert why(await parties.agree_between(office.desk, OFFICER, AT, ANN, BEN, MOOR)) == ["as-it-is"]
    contact = (await read(office)).contact
    assert contact is not None
    assert (contact.in_prison, contact.both_agree) == (True, False)
    assert good(await parties.agree_between(office.desk, GOVERNOR, AT, ANN, BEN, FEN)) == 2
    contact = (await read(office)).contact
    assert contact is not None
    assert contact.both_agree
    assert good(await parties.agree_between(office.desk, GOVERNOR, AT, ANN, BEN, FEN, agrees=False)) == 1
    other = await no_contact.place(office.desk, OFFICER, AT, no_contact.Wanted(BEN, OrderKind.CO_DEFENDANT, "Court", other=ANN))
    assert [order.id for order in (await read(office)).no_contact] == [good(other).id]
    assert one.state is ContactState.APPROVED


async def test_nothing_is_decided_without_a_plan(office: Office) -> None:
    await office.receive()
    desk = replace(office.desk, contact=None)
    assert why(await applications.apply(desk, OFFICER, AT, ASKED)) == ["no-plan"]
    for use in (applications.begin, applications.approve):
        assert why(await use(desk, OFFICER, AT, "x")) == ["no-plan"]
    assert why(await parties.due_for_verification(desk, OFFICER, AT)) == ["no-plan"]
