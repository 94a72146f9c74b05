"""Permits: leave of staff to ring one number, free, in one window, that is no matter of credit, minutes or hours.

A bereavement, a hospital or a birth takes two names. A first call within a day of reception, and an emergency call of somebody
flagged at risk, take one, so that nobody waits for a second.
"""
from collections.abc import Sequence
from datetime import datetime

from dialplans.permits import EMERGENCY_WITHIN, FIRST_CALL_WITHIN
from switch.core.facts import ContactState, PermitKind
from switch.core.ids import PersonId, StaffId
from switch.core.numbers import Number
from switch.desk.asking import (
    Desk,
    Problem,
    Refused,
    attempt,
    bad_number,
    prison_number,
    refused,
    same_name,
    to_ring,
    unreasoned,
)
from switch.desk.people import present
from switch.ports.desk import Changes
from switch.ports.permits import Permit


async def give_permit(desk: Desk, actor: StaffId, at: datetime, number: str, to: str, kind: PermitKind, since: datetime,
                      until: datetime, second: StaffId, *, once: bool = True) -> Permit | Refused:
    """Leave on the word of two members of staff, for a window of their choosing; `once` ends it with the first answered call."""
    if kind in (PermitKind.FIRST_CALL, PermitKind.EMERGENCY):
        return refused("bad-kind", f"a {kind} permit has a command of its own")
    asked = _asked(number, to)
    if isinstance(asked, Refused):
        return asked
    if until <= since or until <= at:
        return refused("bad-times", "the window ends before it begins, or is over")
    if not second.strip() or same_name(second, actor):
        return refused("second-name", "two members of staff give leave: name another one")
    permit = Permit(desk.mint.id(), *asked, kind, since, until, actor, StaffId(second.strip()), once)
    return await attempt(desk, actor, at, "permit-given", {"person": permit.person}, lambda changes: _give(changes, permit))


async def give_first_call(desk: Desk, actor: StaffId, at: datetime, number: str, to: str) -> Permit | Refused:
    """The call at public expense of somebody's first day, before any number is approved: one number, once, within 24 hours."""
    asked = _asked(number, to)
    if isinstance(asked, Refused):
        return asked
    permit = Permit(desk.mint.id(), *asked, PermitKind.FIRST_CALL, at, at + FIRST_CALL_WITHIN, actor)

    def work(changes: Changes) -> Permit | Refused:
        if any(one.kind is PermitKind.FIRST_CALL for one in changes.permits(permit.person)):
            return refused("as-it-is", f"{permit.person} has a first call already: withdraw it before another number is entered")
        return _give(changes, permit)

    return await attempt(desk, actor, at, "permit-given", {"person": permit.person}, work)


async def grant_emergency_call(desk: Desk, actor: StaffId, at: datetime, number: str, to: str, reason: str) -> Permit | Refused:
    """One step for somebody flagged at risk who was refused for credit or minutes: one free call to an approved contact, within
    two hours, on one name."""
    asked = _asked(number, to)
    if isinstance(asked, Refused):
        return asked
    if problem := unreasoned(reason):
        return problem
    permit = Permit(desk.mint.id(), *asked, PermitKind.EMERGENCY, at, at + EMERGENCY_WITHIN, actor)

    def work(changes: Changes) -> Permit | Refused:
        found = present(changes, permit.person)
        if isinstance(found, Refused):
            return found
        if not found.flags.at_risk:
            return refused("not-at-risk", f"{permit.person} is not flagged at risk: a permit with two names gives leave")
        approved = {one.number for one in changes.contacts(permit.person) if one.state is ContactState.APPROVED}
        if str(permit.number) not in approved:
            return refused("not-approved", f"{permit.number} is not an approved contact of {permit.person}")
        given = _give(changes, permit)
        if isinstance(given, Permit):
            changes.audit("emergency-call-granted", {"person": permit.person, "permit": permit.id}, note=reason.strip())
        return given

    return await attempt(desk, actor, at, "permit-given", {"person": permit.person}, work)


async def withdraw_permit(desk: Desk, actor: StaffId, at: datetime, permit: str) -> Permit | Refused:
    """Leave no longer stands; a call that runs by it goes on."""
    def work(changes: Changes) -> Permit | Refused:
        found = changes.permit(permit)
        if found is None:
            return refused("unknown-permit", f"{permit}: no such permit stands")
        changes.withdraw(permit)
        return found

    return await attempt(desk, actor, at, "permit-withdrawn", {"permit": permit}, work)


async def list_permits(desk: Desk, actor: StaffId, at: datetime, number: str) -> Sequence[Permit] | Refused:
    """What leave somebody has, and whether it was used."""
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))
    return await desk.work.look(actor, at, lambda changes: tuple(changes.permits(person)))


def _asked(number: str, to: str) -> tuple[PersonId, Number] | Refused:
    person, outside = prison_number(number), to_ring(to)
    problems = [] if person is not None else [bad_number(number)]
    if isinstance(outside, Problem):
        problems.append(outside)
    if problems or person is None or isinstance(outside, Problem):
        return Refused(tuple(problems))
    return person, outside


def _give(changes: Changes, permit: Permit) -> Permit | Refused:
    found = present(changes, permit.person)
    if isinstance(found, Refused):
        return found
    changes.give(permit)
    return permit
