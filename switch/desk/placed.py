"""Calls that the switch places itself for staff: whether somebody agrees to calls, or whether a number is still right; and how a
contact is announced, which hangs on that."""
from dataclasses import dataclass
from datetime import datetime, timedelta

from switch.call.confirming import STOPPING
from switch.call.placed import PlacedKind
from switch.core.facts import ContactKind, ContactState, Voice
from switch.core.ids import PersonId, StaffId
from switch.core.numbers import E164, read_number
from switch.desk.asking import Desk, Problem, Refused, attempt, bad_name, bad_number, find, prison_number, refused
from switch.ports.desk import GONE, Changes
from switch.ports.placed import WAITING, PlacedCall, PlacedState, Relief

NEVER = frozenset({ContactState.REFUSED, ContactState.WITHDRAWN, ContactState.STOPPED})
LATEST = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Placing:
    """One request with what it brought: when the number last agreed, where that stands."""

    call: PlacedCall
    consented_at: datetime | None


async def request(desk: Desk, actor: StaffId, at: datetime, kind: PlacedKind, person: str, number: str, *,
                  not_before: datetime | None = None) -> PlacedCall | Refused:
    """The switch is to ring a contact's number and ask: within the plan's hours, as often as the plan allows; only a key that is
    pressed answers. One request of a kind at a time for a person and a number."""
    if kind is PlacedKind.CODE:
        return refused("bad-kind", "a code is asked for on the page for families, by whoever has the number")
    if kind in STOPPING:
        return refused("bad-kind", "a request to stop contact has its number rung by itself: `wingline stops request`")
    read = _read(person, number)
    if isinstance(read, Refused):
        return read
    who, to = read
    start = not_before or at
    if start.tzinfo is None or start > at + LATEST:
        return refused("bad-times", f"a call is placed within {LATEST.days} days, at a moment with a zone")
    wanted = PlacedCall(desk.mint.id(), kind, who, to, PlacedState.DUE, actor, at, max(start, at))

    def work(changes: Changes) -> PlacedCall | Refused:
        found = _contact(changes, who, to)
        if found is not None:
            return found
        if any(one.number == to and one.kind is kind and one.state in WAITING for one in changes.placed_calls(who)):
            return refused("as-it-is", f"a call of this kind to {to} for {who} is waiting already")
        changes.add_placed_call(wanted)
        changes.audit("placed-call-requested", {"request": wanted.id, "person": who}, {"kind": kind})
        return wanted

    return await attempt(desk, actor, at, "placed-call-requested", {"person": who}, work)


def raise_call(desk: Desk, changes: Changes, kind: PlacedKind, person: PersonId, number: str) -> PlacedCall | None:
    """A request that no member of staff made, in the transaction of what makes it needed; None where the contact is none that
    the switch rings, a call of the kind waits already, or the plan places none."""
    if desk.plan is not None and desk.plan.placing.at_once == 0:
        return None
    waits = any(one.number == number and one.kind is kind and one.state in WAITING for one in changes.placed_calls(person))
    if waits or not isinstance(read_number(number), E164) or _contact(changes, person, number) is not None:
        return None
    wanted = PlacedCall(desk.mint.id(), kind, person, number, PlacedState.DUE, changes.actor, changes.at, changes.at)
    changes.add_placed_call(wanted)
    changes.audit("placed-call-requested", {"request": wanted.id, "person": person}, {"kind": kind})
    return wanted


async def cancel(desk: Desk, actor: StaffId, at: datetime, request: str) -> PlacedCall | Refused:
    """A request that waits is not placed any more. One that rings just now is not broken off by this."""

    def work(changes: Changes) -> PlacedCall | Refused:
        found = changes.placed_call(request)
        if found is None:
            return refused("unknown-request", f"there is no request {request}")
        if not changes.cancel_placed_call(request):
            return refused("too-late", f"{request} is {found.state}: only what waits can be cancelled")
        about = {"request": request} | ({"person": found.person} if found.person else {})
        changes.audit("placed-call-cancelled", about)
        return found

    return await attempt(desk, actor, at, "placed-call-cancelled", {"request": request}, work)


async def show(desk: Desk, actor: StaffId, at: datetime, person: str | None = None) -> list[Placing] | Refused:
    """All requests, or those about one person, oldest first."""
    who = None if person is None else prison_number(person)
    if person is not None and who is None:
        return Refused((bad_number(person),))
    return await desk.work.look(actor, at, lambda changes: [
        Placing(one, changes.consented(one.person, one.number) if one.person else None) for one in changes.placed_calls(who)])


async def allow_relief(desk: Desk, actor: StaffId, at: datetime, establishment: str, authorised_by: str) -> Relief | Refused:
    """The short announcement may be used here, for contacts who agreed, as long as the plan says (`announcement.relief_days`).
    `authorised_by` is who answers for it."""
    if problems := bad_name(authorised_by):
        return Refused(tuple(Problem(one.code, f"who authorised it: {one.text}") for one in problems))
    relief = Relief(establishment, authorised_by.strip(), at)

    def work(changes: Changes) -> Relief | Refused:
        if changes.establishment(establishment) is None:
            return refused("unknown-establishment", f"there is no establishment {establishment}")
        if standing := changes.relief(establishment):
            return refused("as-it-is", f"{establishment} has relief already, authorised by {standing.authorised_by}")
        changes.allow_relief(relief)
        changes.audit("relief-allowed", {"establishment": establishment}, note=f"authorised by {relief.authorised_by}")
        return relief

    return await attempt(desk, actor, at, "relief-allowed", {"establishment": establishment}, work)


async def end_relief(desk: Desk, actor: StaffId, at: datetime, establishment: str) -> Relief | Refused:
    """The next call is announced in full again."""

    def work(changes: Changes) -> Relief | Refused:
        standing = changes.relief(establishment)
        if standing is None:
            return refused("as-it-is", f"{establishment} has no relief")
        changes.end_relief(establishment)
        changes.audit("relief-ended", {"establishment": establishment})
        return standing

    return await attempt(desk, actor, at, "relief-ended", {"establishment": establishment}, work)


async def set_voice(desk: Desk, actor: StaffId, at: datetime, person: str, number: str, voice: Voice) -> Voice | Refused:
    """Announce this person's calls to this number in words for a child, or in the usual ones again."""
    read = _read(person, number)
    if isinstance(read, Refused):
        return read
    who, to = read

    def work(changes: Changes) -> Voice | Refused:
        found = _contact(changes, who, to)
        if found is not None:
            return found
        changes.set_voice(who, to, voice)
        changes.audit("contact-voice-set", {"person": who}, {"voice": voice})
        return voice

    return await attempt(desk, actor, at, "contact-voice-set", {"person": who}, work)


def _read(person: str, number: str) -> tuple[PersonId, str] | Refused:
    """Both as they are kept, or everything that is wrong with them."""
    problems, who, to = list[Problem](), prison_number(person), read_number(number)
    if who is None:
        problems.append(bad_number(person))
    if not isinstance(to, E164):
        problems.append(Problem("unreadable-number", f"{number!r} is no whole telephone number"))
    if who is None or not isinstance(to, E164):
        return Refused(tuple(problems))
    return who, str(to)


def _contact(changes: Changes, person: PersonId, number: str) -> Refused | None:
    """Why there is nothing to ask: nobody, somebody who is gone, or no private contact that may still be one."""
    found = find(changes, person)
    if isinstance(found, Refused):
        return found
    if found.status in GONE:
        return refused("gone", f"{person} is {found.status}: nobody is rung about them")
    contact = next((one for one in changes.contacts(person) if one.number == number), None)
    if contact is None:
        return refused("unapproved", f"{number} is no contact of {person}")
    if contact.kind is not ContactKind.SOCIAL or contact.organisation:
        return refused("not-private", f"{number} is no private contact: officials and lawyers are asked by staff")
    if contact.state in NEVER:
        return refused(f"contact-{contact.state}", f"{number} is {contact.state} for {person}")
    return None
