"""The desk lets somebody listen to a call that runs: a ticket at a time, under an authority in force, with its audit rows."""
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from switch.core.authority import AuthorityKind, Because, Leave, NoLeave
from switch.core.grants import Listener, Privacy
from switch.core.ids import CallId, PersonId, PhoneId, StaffId
from switch.core.tickets import LIFE, SKEW, opened
from switch.desk import authority, connections, listening
from switch.desk.asking import Desk
from switch.ports.listening import CoveredCall
from tests.unit.core.test_tickets import DESK, check_of
from tests.unit.desk.office import ANN, GOVERNOR, OFFICER, Office, good, why
from tests.unit.desk.test_authority import applied
from tests.unit.desk.test_leads import quarantine
from tests.unit.store.site import AT, decision, ended, request

LISTENER, KEY, DAY = StaffId("listener"), bytes(range(32)), timedelta(days=1)


def signing(office: Office, key: Ed25519PrivateKey = DESK) -> Desk:
    return replace(office.desk, sign=key.sign)


async def running(office: Office, call: str = "c1", privacy: Privacy = Privacy.MONITORED) -> None:
    await office.receive()
    asked = request(call, phone=PhoneId("m1"))
    assert await office.site.records.open(asked, PersonId(ANN), decision(call, rate=None, privacy=privacy)) is None


async def granted(office: Office) -> str:
    id = good(await applied(office)).written.authority.id
    good(await authority.grant(office.desk, GOVERNOR, AT, id, "necessary and proportionate"))
    return id


async def test_a_listening_begins_goes_on_and_ends_in_the_audit(office: Office) -> None:
    await running(office)
    id, desk = await granted(office), signing(office)
    before = await office.audited()
    begun = good(await listening.begin(desk, LISTENER, AT, "c1", "threats were announced", KEY))
    ticket = opened(begun.ticket, check_of(), AT)
    assert (ticket.call, ticket.listener, ticket.authority, ticket.key, ticket.not_before, ticket.expires) == (
        "c1", LISTENER, id, KEY, AT - SKEW, AT + LIFE)
    later = AT + timedelta(seconds=15)
    next_one = opened(good(await listening.go_on(desk, LISTENER, later, "c1", KEY)).ticket, check_of(), later)
    assert (next_one.nonce != ticket.nonce, next_one.expires) == (True, later + LIFE)
    await listening.end(desk, LISTENER, later, "c1", begun.authority, 14.6)
    assert await office.audit(before) == [
        ("listening-began", {"authority": id, "call": "c1"}, {"rule": "offence-related", "listener": "staff"}),
        ("listening-ended", {"authority": id, "call": "c1"}, {"seconds": 15})]
    assert "threats were announced" in await office.notes()


async def test_a_ticket_ends_with_the_leave(office: Office) -> None:
    await running(office)
    await granted(office)
    late = AT + 89 * DAY - timedelta(seconds=10)
    begun = good(await listening.begin(signing(office), LISTENER, late, "c1", "why", KEY))
    assert begun.until == AT + 89 * DAY
    assert why(await listening.go_on(signing(office), LISTENER, AT + 89 * DAY, "c1", KEY)) == ["review-overdue"]


async def test_without_leave_there_is_no_ticket_and_the_try_is_in_the_audit(office: Office) -> None:
    await running(office)
    desk, before = signing(office), await office.audited()
    assert why(await listening.begin(desk, LISTENER, AT, "c1", "why", KEY)) == ["no-authority"]
    assert await office.audit(before) == [
        ("listening-began-refused", {"call": "c1"}, {"problems": 1, "why": "no-authority"})]
    id = await granted(office)
    good(await listening.begin(desk, LISTENER, AT, "c1", "why", KEY))
    good(await authority.cancel(office.desk, OFFICER, AT, id, "not needed"))
    before = await office.audited()
    assert why(await listening.go_on(desk, LISTENER, AT, "c1", KEY)) == ["authority-cancelled"]
    assert [action for action, _, _ in await office.audit(before)] == ["listening-went-on-refused"]


async def test_nobody_gets_a_ticket_for_what_may_not_be_heard(office: Office) -> None:
    await running(office, privacy=Privacy.PRIVILEGED)
    await granted(office)
    desk = signing(office)
    assert why(await listening.begin(desk, LISTENER, AT, "c1", "why", KEY)) == ["privileged"]
    assert why(await listening.begin(desk, LISTENER, AT, "c9", "why", KEY)) == ["unknown-call"]
    assert why(await listening.begin(desk, LISTENER, AT, "c1", " ", KEY)) == ["no-reason"]
    blind = office.desk
    assert why(await listening.begin(blind, LISTENER, AT, "c1", "why", KEY)) == ["no-key"]
    assert why(await listening.go_on(blind, LISTENER, AT, "c1", KEY)) == ["no-key"]


async def test_nor_for_a_call_that_is_over_or_of_somebody_they_know(office: Office) -> None:
    await running(office)
    await granted(office)
    desk = signing(office)
    made = good(await connections.declare(office.desk, LISTENER, AT, ANN))
    assert why(await listening.begin(desk, LISTENER, AT, "c1", "why", KEY)) == ["connected"]
    good(await connections.end(office.desk, GOVERNOR, AT, made.id, "moved away", "third"))
    good(await listening.begin(desk, LISTENER, AT, "c1", "why", KEY))
    await office.site.records.close(ended(request("c1", phone=PhoneId("m1")), decision("c1", rate=None), PersonId(ANN)))
    assert why(await listening.go_on(desk, LISTENER, AT, "c1", KEY)) == ["not-running"]


async def test_a_key_that_cannot_be_used_is_told(office: Office) -> None:
    await running(office)
    await granted(office)

    def broken(_: bytes) -> bytes:
        raise ValueError("listening.key is no private key in PEM")

    desk = replace(office.desk, sign=broken)
    assert why(await listening.begin(desk, LISTENER, AT, "c1", "why", KEY)) == ["bad-key"]
    assert why(await listening.go_on(desk, LISTENER, AT, "c1", KEY)) == ["bad-key"]
    with pytest.raises(ValueError, match="a key of 32 bytes"):
        await listening.begin(signing(office), LISTENER, AT, "c1", "why", b"short")


async def test_a_machine_asks_by_the_same_path_and_its_ticket_and_row_say_so(office: Office) -> None:
    await running(office)
    desk, machine = signing(office), StaffId("transcriber")
    assert why(await listening.begin(desk, machine, AT, "c1", "why", KEY, Listener.MACHINE)) == ["no-authority"]
    await granted(office)
    before = await office.audited()
    begun = good(await listening.begin(desk, machine, AT, "c1", "why", KEY, Listener.MACHINE))
    assert opened(begun.ticket, check_of(), AT).kind is Listener.MACHINE
    more = good(await listening.go_on(desk, machine, AT, "c1", KEY, Listener.MACHINE))
    assert opened(more.ticket, check_of(), AT).kind is Listener.MACHINE
    assert [detail for _, _, detail in await office.audit(before)] == [{"rule": "offence-related", "listener": "machine"}]


async def test_what_a_machine_may_ask_for_is_what_runs_under_an_authorisation_in_force(office: Office) -> None:
    await running(office)
    desk = signing(office)

    async def covered(at: datetime = AT) -> list[CoveredCall]:
        return list(await listening.covered(desk, StaffId("transcriber"), at))

    async def standing(at: datetime = AT) -> Leave | NoLeave:
        return await listening.standing(desk, StaffId("transcriber"), at, "c1")

    assert await covered() == []
    assert await standing() == NoLeave(Because.NO_AUTHORITY)
    id, before = await granted(office), await office.audited()
    assert await covered() == [CoveredCall(CallId("c1"), "node", AuthorityKind.OFFENCE)]
    assert isinstance(await standing(), Leave)
    assert await covered(AT + 365 * DAY) == [], "it is over"
    assert await office.audit(before) == [], "to look is no listening"
    good(await authority.cancel(office.desk, OFFICER, AT, id, "not needed"))
    assert await covered() == []
    await granted(office)
    assert len(await covered()) == 1
    await office.site.records.close(ended(request("c1", phone=PhoneId("m1")), decision("c1", rate=None), PersonId(ANN)))
    assert await covered() == []


async def test_a_call_that_came_into_quarantine_is_none_either(office: Office) -> None:
    await running(office)
    await granted(office)
    await quarantine(office, "c1")
    machine = StaffId("transcriber")
    assert await listening.covered(signing(office), machine, AT) == []
    assert await listening.standing(signing(office), machine, AT, "c1") == NoLeave(Because.PRIVILEGED)


async def test_a_privileged_call_is_none_that_a_machine_may_ask_for(office: Office) -> None:
    await running(office, privacy=Privacy.PRIVILEGED)
    await granted(office)
    machine = StaffId("transcriber")
    assert await listening.covered(signing(office), machine, AT) == []
    assert why(await listening.begin(signing(office), machine, AT, "c1", "why", KEY, Listener.MACHINE)) == ["privileged"]


async def test_of_several_authorisations_the_first_in_rank_counts(office: Office) -> None:
    await running(office)
    await granted(office)
    made = good(await applied(office, kind=AuthorityKind.MANDATORY)).written.authority.id
    good(await authority.grant(office.desk, GOVERNOR, AT, made, "necessary and proportionate"))
    (one,) = await listening.covered(signing(office), StaffId("transcriber"), AT)
    assert one.kind is AuthorityKind.MANDATORY
