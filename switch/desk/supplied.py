"""Contacts as another service hands them in and asks for them: the supplier API's accounts and controlled numbers.

Nothing that comes this way is called before somebody here has approved it, but for a lawyer's number on the signed list, which
was verified by whoever signed; and no flag of it changes who may listen.
"""
import asyncio
import hashlib
import json
from dataclasses import astuple, dataclass, replace
from datetime import datetime

from switch.core.contacts import Check
from switch.core.facts import ContactKind, ContactState
from switch.core.ids import PersonId, StaffId
from switch.core.numbers import Dialled
from switch.desk.applications import APPLICATION, close_tasks, in_the_way, over_limit, undone
from switch.desk.asking import Desk, Problem, Refused, attempt, bad_name, bad_number, find, prison_number, refused, to_ring
from switch.desk.money import REFERENCE
from switch.desk.people import held
from switch.ports.contacts import Approval, Flags, Party, PartyKind, PartyNumber
from switch.ports.desk import Changes

OFFICIAL = range(26, 36)
LAWYERS = frozenset({27, 28})
LAST_RELATIONSHIP = 36
GENUINE = f"check-{Check.GENUINE}"


@dataclass(frozen=True, slots=True)
class Supplied:
    """One contact as the supplier API shows it. `control` is its `controlStatus`."""

    id: int
    name: str
    number: str
    relationship: int
    flags: Flags
    control: bool


async def supply_number(desk: Desk, actor: StaffId, at: datetime, number: str, reference: str, name: str, to: str,
                        relationship: int, flags: Flags, control: bool = True) -> Supplied | Refused:
    """A number for somebody, or other flags of one that they have. A new one waits for approval; a lawyer's is privileged, and
    waits until it is verified as genuine, whatever it was before. The signed list stands for that check and for no other: a
    lawyer's number on it that lacks nothing else is approved. What was refused, withdrawn or stopped stays so."""
    person, dialled = prison_number(number), to_ring(to)
    problems = [] if person else [bad_number(number)]
    if isinstance(dialled, Problem):
        problems.append(dialled)
    if not REFERENCE.fullmatch(reference):
        problems.append(Problem("bad-reference", "a reference is letters, digits and . _ : - , at most 64"))
    if not 0 <= relationship <= LAST_RELATIONSHIP:
        problems.append(Problem("bad-relationship", f"a relationship is 0 to {LAST_RELATIONSHIP}"))
    problems += bad_name(name)
    if problems or person is None:
        return Refused(tuple(problems))
    asked = _digest(person, name, str(dialled), relationship, flags, control)
    lawyer = flags.legal or relationship in LAWYERS
    kind = (ContactKind.PRIVILEGED if lawyer else ContactKind.OFFICIAL if relationship in OFFICIAL else ContactKind.SOCIAL)
    ids = desk.mint.id(), desk.mint.id()
    serial = await _signed(desk, actor, at, Dialled(dialled)) if lawyer and not isinstance(dialled, Problem) else 0

    def work(changes: Changes) -> Supplied | Refused:
        if known := changes.supplied(reference):
            if known.asked != asked:
                return refused("reference-taken", f"{reference} came with something else before")
            found = changes.approval(known.approval)
            return _shown(changes, found) if found else refused("unknown-contact", "this contact is not there any more")
        somebody = held(changes, person)
        if isinstance(somebody, Refused):
            return somebody
        there = next(iter(changes.approvals(person=person, number=str(dialled))), None)
        if there is None:
            changes.add_party(Party(ids[0], PartyKind.PERSON, name.strip()))
            changes.put_number(PartyNumber(ids[0], str(dialled), at))
            now = Approval(ids[1], person, ids[0], str(dialled), kind, ContactState.PENDING, None, relationship, False, flags, at)
            changes.add_approval(now)
        else:
            now = replace(there, relationship=relationship, flags=flags)
            if lawyer and there.kind is not ContactKind.PRIVILEGED:
                waits = there.state in (ContactState.APPROVED, ContactState.RECEIVED)
                now = replace(now, kind=kind, state=ContactState.PENDING if waits and not serial else there.state)
            changes.set_approval(now)
        if serial and (opened := _open_by_list(desk, changes, now)):
            now = opened
        done = changes.set_supplied(now.id, reference, asked, control)
        changes.audit("number-supplied", {"person": person, "contact": now.id, "reference": reference},
                      {"new": there is None, "state": now.state, "kind": now.kind, "relationship": relationship,
                       "call_allowed": flags.call_allowed, "legal": flags.legal, "allow_monitor": flags.allow_monitor,
                       "override": flags.override, "alert": flags.alert, "id": done.id, "list": serial or None})
        return _shown(changes, now)

    return await attempt(desk, actor, at, "number-supplied", {"person": person}, work)


async def supplied_numbers(desk: Desk, actor: StaffId, at: datetime, number: str) -> tuple[Supplied, ...] | Refused:
    """Everybody's contacts are shown, however they came; one that was never asked for before has an id from now on."""
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))

    def work(changes: Changes) -> tuple[Supplied, ...] | Refused:
        found = find(changes, person)
        if isinstance(found, Refused):
            return found
        return tuple(_shown(changes, one) for one in changes.approvals(person=person))

    return await attempt(desk, actor, at, "numbers-listed", {"person": person}, work)


async def _signed(desk: Desk, actor: StaffId, at: datetime, dialled: Dialled) -> int:
    """The serial of the signed list, where it can be trusted and has this number; else 0. Files are read, so off the loop."""
    remembered = await desk.work.look(actor, at, lambda changes: changes.accepted_list())
    listed = await asyncio.to_thread(desk.on_list, remembered, dialled)
    return listed.serial if listed.name is not None else 0


def _open_by_list(desk: Desk, changes: Changes, one: Approval) -> Approval | None:
    """The contact approved, where what it waits for is the proof that it is genuine and nothing else."""
    party = changes.party(one.party)
    assert party is not None  # a foreign key
    waits = one.state in (ContactState.RECEIVED, ContactState.PENDING) and one.reason is None
    if desk.contact is None or not waits:
        return None
    others = [other for other in changes.approvals(person=one.person) if other.id != one.id]
    if (undone(desk.contact, changes, one, party, {Check.GENUINE}) or in_the_way(changes, one, party)
            or over_limit(desk.contact, others, one.kind, 1)):
        return None
    close_tasks(changes, one, (APPLICATION, GENUINE))
    opened = replace(one, state=ContactState.APPROVED)
    changes.set_approval(opened)
    return opened


def _shown(changes: Changes, one: Approval) -> Supplied:
    id = changes.supplied_id(one.id) or changes.set_supplied(one.id, None, None, one.state is ContactState.APPROVED)
    party = changes.party(one.party)
    flags = replace(one.flags, legal=one.flags.legal or one.kind is ContactKind.PRIVILEGED)
    return Supplied(id.id, party.name if party else "", one.number, one.relationship, flags, id.control)


def _digest(person: PersonId, name: str, number: str, relationship: int, flags: Flags, control: bool) -> str:
    return hashlib.sha256(json.dumps([person, name.strip(), number, relationship, astuple(flags), control]).encode()).hexdigest()
