"""Leave of staff to ring one number: two names for most, one for a first call and for somebody at risk."""
from datetime import timedelta

import pytest

from dialplans.permits import EMERGENCY_WITHIN
from switch.core.facts import ContactState, PermitKind
from switch.core.ids import PersonId, PhoneId, StaffId
from switch.desk import leaving, permits
from switch.ports.desk import Flags
from tests.unit.desk.office import ANN, BEN, GOVERNOR, OFFICER, Office, good, why
from tests.unit.store.site import AT, MUM, request

TO = "07700 900123"
TWO_HOURS = timedelta(hours=2)


async def leave(office: Office, **changes: object) -> object:
    how: dict[str, object] = {"number": ANN, "to": TO, "kind": PermitKind.HOSPITAL, "since": AT, "until": AT + TWO_HOURS,
                              "second": GOVERNOR}
    return await permits.give_permit(office.desk, OFFICER, AT, **(how | changes))  # type: ignore[arg-type]  # a keyword bag


async def test_two_names_give_leave_and_the_facts_have_it(office: Office) -> None:
    await office.receive()
    before = await office.audited()
    given = good(await permits.give_permit(
        office.desk, OFFICER, AT, ANN.lower(), TO, PermitKind.BIRTH, AT, AT + TWO_HOURS, GOVERNOR))
    facts = await office.site.records.facts(request("c1", phone=PhoneId("m1")), PersonId(ANN))
    assert [(one.id, one.names) for one in facts.permits] == [(given.id, (OFFICER, GOVERNOR))]
    assert good(await permits.list_permits(office.desk, OFFICER, AT, ANN)) == (given,)
    assert (await office.audit(before))[0][0] == "permit-given"
    assert await office.whole()


@pytest.mark.parametrize(("changes", "code"), [
    ({"second": StaffId(" ")}, "second-name"), ({"second": OFFICER}, "second-name"),
    ({"until": AT}, "bad-times"), ({"since": AT - TWO_HOURS, "until": AT - timedelta(seconds=1)}, "bad-times"),
    ({"kind": PermitKind.FIRST_CALL}, "bad-kind"), ({"kind": PermitKind.EMERGENCY}, "bad-kind"),
    ({"number": "ann"}, "bad-number"), ({"to": "mum"}, "bad-telephone"), ({"number": BEN}, "unknown-person"),
])
async def test_what_is_no_leave_changes_nothing(office: Office, changes: dict[str, object], code: str) -> None:
    await office.receive()
    assert why(await leave(office, **changes)) == [code]
    assert good(await permits.list_permits(office.desk, OFFICER, AT, ANN)) == ()


async def test_both_problems_are_told_at_once(office: Office) -> None:
    assert why(await leave(office, number="ann", to="mum")) == ["bad-number", "bad-telephone"]


async def test_a_first_call_is_one_number_within_a_day(office: Office) -> None:
    await office.receive()
    first = good(await permits.give_first_call(office.desk, OFFICER, AT, ANN, TO))
    assert (first.once, first.until - first.since, first.agreed_by) == (True, timedelta(hours=24), None)
    assert why(await permits.give_first_call(office.desk, OFFICER, AT, ANN, "07700 900124")) == ["as-it-is"]
    good(await permits.withdraw_permit(office.desk, OFFICER, AT, first.id))
    assert why(await permits.withdraw_permit(office.desk, OFFICER, AT, first.id)) == ["unknown-permit"]
    good(await permits.give_first_call(office.desk, OFFICER, AT, ANN, "07700 900124"))
    assert why(await permits.give_first_call(office.desk, OFFICER, AT, "x", "y")) == ["bad-number", "bad-telephone"]


async def test_somebody_at_risk_has_an_emergency_call_in_one_step(office: Office) -> None:
    await office.receive(flags=Flags(at_risk=True))
    await office.contact(ANN)
    before = await office.audited()
    given = good(await permits.grant_emergency_call(office.desk, OFFICER, AT, ANN, TO, "refused for credit, distressed"))
    assert (given.kind, given.once, given.until - given.since) == (PermitKind.EMERGENCY, True, EMERGENCY_WITHIN)
    assert [action for action, _, _ in await office.audit(before)] == ["permit-given", "emergency-call-granted"]
    assert await office.notes() == ["refused for credit, distressed"]


async def test_an_emergency_call_is_for_those_at_risk_and_their_contacts(office: Office) -> None:
    await office.receive()
    await office.contact(ANN)
    grant = permits.grant_emergency_call
    assert why(await grant(office.desk, OFFICER, AT, ANN, TO, "asked")) == ["not-at-risk"]
    await office.receive(BEN, "M2", flags=Flags(at_risk=True))
    assert why(await grant(office.desk, OFFICER, AT, BEN, TO, "asked")) == ["not-approved"]
    await office.contact(BEN, MUM, ContactState.PENDING)
    assert why(await grant(office.desk, OFFICER, AT, BEN, TO, "asked")) == ["not-approved"]
    assert why(await grant(office.desk, OFFICER, AT, BEN, TO, " ")) == ["no-reason"]
    assert why(await grant(office.desk, OFFICER, AT, "x", TO, "asked")) == ["bad-number"]
    assert why(await grant(office.desk, OFFICER, AT, "A7777ZZ", TO, "asked")) == ["unknown-person"]


async def test_nobody_who_is_gone_is_given_leave(office: Office) -> None:
    await office.receive()
    good(await leaving.release(office.desk, OFFICER, AT, ANN))
    assert why(await leave(office)) == ["gone"]
    assert why(await permits.list_permits(office.desk, OFFICER, AT, "x")) == ["bad-number"]
