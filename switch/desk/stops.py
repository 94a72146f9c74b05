"""Orders to stop contact: placed by staff, or asked for by text or on the web and confirmed to the number itself.

Caller IDs and senders are forged, so a request by text or web does nothing before somebody gives back the code that was sent to
the number. What the number ordered, only the number undoes; what staff placed, two members of staff undo.
"""
from dataclasses import dataclass
from datetime import datetime, timedelta

from switch.call.placed import PlacedKind
from switch.core.facts import StopScope
from switch.core.ids import PersonId, StaffId
from switch.core.stopping import StopSource
from switch.desk.asking import (
    Desk,
    Problem,
    Refused,
    attempt,
    bad_number,
    prison_number,
    refused,
    second_name,
    telephone,
    unreasoned,
)
from switch.ports.desk import Changes
from switch.ports.numbers import Stop, StopRequest
from switch.ports.placed import PlacedCall, PlacedState

CODE_DIGITS = 6
CONFIRM_WITHIN = timedelta(hours=24)
"""So long that the hours in which the switch rings anybody come within it."""
TRIES = 5
REQUESTS_A_DAY = 3
"""For one number: nobody is flooded with codes that they did not ask for."""


@dataclass(frozen=True, slots=True)
class Requested:
    """What waits for the number's own word; the code is told to nobody but the number."""

    request: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Confirmed:
    """`placed` is the stop that stands now; `undone` those that do no longer."""

    placed: Stop | None = None
    undone: tuple[Stop, ...] = ()


async def place(desk: Desk, actor: StaffId, at: datetime, number: str, scope: StopScope, reason: str, person: str = "",
                second: str = "") -> Stop | Refused:
    """By staff, in force at once; calls that run to the number end within seconds. A solicitor's, official's, helpline's or
    organisation's number takes the names of two."""
    aim = _aim(number, scope, person)
    if isinstance(aim, Refused):
        return aim
    wanted, who = aim
    if problem := unreasoned(reason):
        return problem
    stop = Stop(desk.mint.id(), wanted, scope, who, StopSource.STAFF, actor, at, reason.strip(), second.strip() or None)

    def work(changes: Changes) -> Stop | Refused:
        if who is not None and changes.person(who) is None:
            return refused("unknown-person", f"{who}: nobody here has this number")
        if _only_staff(desk, changes, wanted) and (problem := second_name(actor, second, "this number is not a family's")):
            return problem
        if any(one.scope is scope and one.person == who and one.source is StopSource.STAFF for one in changes.stops(wanted)):
            return refused("as-it-is", "staff have stopped this already")
        changes.place_stop(stop)
        return stop

    return await attempt(desk, actor, at, "stop-placed", {"person": who} if who else {}, work)


async def undo(desk: Desk, actor: StaffId, at: datetime, stop: str, reason: str, second: str) -> Stop | Refused:
    """A stop that staff placed no longer stands. One that the number itself ordered can be undone only from there."""
    if problem := unreasoned(reason):
        return problem

    def work(changes: Changes) -> Stop | Refused:
        found = changes.stop(stop)
        if found is None:
            return refused("unknown-stop", f"no stop {stop} stands: `wingline stops list` shows those that do")
        if found.source is not StopSource.STAFF:
            return refused("theirs", "whoever has this number stopped it: only they can undo it, and from there")
        if problem := second_name(actor, second, "a stop is undone by two"):
            return problem
        changes.undo_stop(stop)
        changes.audit("stop-undone-by-staff", {"stop": stop}, {"second": second.strip()}, reason.strip())
        return found

    return await attempt(desk, actor, at, "stop-undone", {"stop": stop}, work)


async def standing(desk: Desk, actor: StaffId, at: datetime, number: str = "") -> list[Stop] | Refused:
    """All stops that stand, or those of one number."""
    wanted = telephone(number) if number else None
    if isinstance(wanted, Problem):
        return Refused((wanted,))
    return await desk.work.look(actor, at, lambda changes: changes.stops(wanted))


async def request(desk: Desk, actor: StaffId, at: datetime, number: str, scope: StopScope, source: str, person: str = "", *,
                  undo: bool = False) -> Requested | Refused:
    """By text or web (`source`): to stop, or to take back what this number itself stopped. The switch rings the number and asks:
    a key confirms, or the code that is spoken there is given back. Whether anybody of that prison number is here is not told."""
    aim = _aim(number, scope, person)
    if isinstance(aim, Refused):
        return aim
    wanted, who = aim
    code = desk.mint.pin(CODE_DIGITS)
    (hashed,) = await desk.mint.hashes([code])
    made = StopRequest(desk.mint.id(), wanted, scope, who, undo, source, at + CONFIRM_WITHIN, hashed)

    def work(changes: Changes) -> Requested | Refused:
        if not undo and _only_staff(desk, changes, wanted):
            return refused("staff-only", "calls to this number can be stopped by staff only: please ask the prison")
        if changes.requests_since(wanted, at - timedelta(days=1)) >= REQUESTS_A_DAY:
            return refused("too-many", f"this number has been sent {REQUESTS_A_DAY} codes today: try again tomorrow")
        changes.add_request(made)
        kind = PlacedKind.ALLOW if undo else PlacedKind.STOP
        changes.add_placed_call(PlacedCall(desk.mint.id(), kind, None, wanted, PlacedState.DUE, actor, at, at,
                                           stop_request=made.id), code)
        changes.audit("stop-requested", {"request": made.id}, {"scope": scope, "source": source, "undo": undo})
        return Requested(made.id, made.until)

    return await attempt(desk, actor, at, "stop-requested", {}, work)


async def confirm(desk: Desk, actor: StaffId, at: datetime, request: str, code: str) -> Confirmed | Refused:
    """Somebody gave the code back that went to the number: heard on the call that the switch placed there. Each try is
    counted before the code is looked at; after five, or a day, the request is void."""
    stop_id = desk.mint.id()

    def count(changes: Changes) -> StopRequest | Refused:
        found = changes.request(request)
        if found is None or found.done or found.tries >= TRIES or at >= found.until:
            return refused("void", "this request is not open, or no longer: ask anew")
        changes.count_try(request)
        return found

    found = await attempt(desk, actor, at, "stop-confirmed", {"request": request}, count)
    if isinstance(found, Refused):
        return found
    fits = code.isascii() and code.isdecimal() and await desk.mint.fits(found.code, code)

    def work(changes: Changes) -> Confirmed | Refused:
        now = changes.request(request)
        if not fits or now is None or now.done:
            return refused("wrong-code", "this is not the code that was sent to the number")
        return Confirmed(*changes.confirm_request(now, stop_id))

    return await attempt(desk, actor, at, "stop-confirmed", {"request": request}, work)


def _aim(number: str, scope: StopScope, person: str) -> tuple[str, PersonId | None] | Refused:
    """The number, and the person where the stop is about one; or everything that is wrong."""
    problems: list[Problem] = []
    wanted, who = telephone(number), prison_number(person) if person else None
    if isinstance(wanted, Problem):
        problems.append(wanted)
    if scope is StopScope.PERSON and who is None:
        problems.append(bad_number(person))
    if scope is StopScope.EVERYONE and person:
        problems.append(Problem("target", "a stop of calls from every prison names nobody"))
    if problems or isinstance(wanted, Problem):
        return Refused(tuple(problems))
    return wanted, who


def _only_staff(desk: Desk, changes: Changes, number: str) -> bool:
    """Solicitors, officials, organisations and helplines: a mistake or a prank there would cut off many."""
    return number in desk.helplines or changes.not_social(number)
