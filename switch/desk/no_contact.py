"""Orders against contact: of a court, of a licence, for a witness or a co-defendant; and what a court leaves open of one.

An order is in force at once: the next call is refused, and one that runs to whom it names ends within the second that the switch
takes to look.
"""
from dataclasses import dataclass, replace
from datetime import datetime

from dialplans.openings import read_hours
from switch.core.ids import PersonId, StaffId
from switch.core.numbers import Unreadable, read_number
from switch.core.openings import LocalHours, Opening
from switch.desk.applications import two
from switch.desk.asking import Desk, Problem, Refused, attempt, bad_number, find, prison_number, refused, unreasoned
from switch.ports.contacts import NoContact, OrderKind
from switch.ports.desk import Changes
from switch.ports.no_contact import CourtOpening


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order to be placed: it names one of a party, a number and another person in prison. `exceptions` are numbers that it
    leaves open."""

    person: str
    kind: OrderKind
    court: str
    party: str | None = None
    number: str | None = None
    other: str | None = None
    start: datetime | None = None
    until: datetime | None = None
    exceptions: tuple[str, ...] = ()


async def place(desk: Desk, actor: StaffId, at: datetime, wanted: Wanted) -> NoContact | Refused:
    """It binds from its start on, every number of the party included that comes later."""
    order, problems = _read(wanted, desk.mint.id(), actor, at)
    if order is None:
        return Refused(tuple(problems))

    def work(changes: Changes) -> NoContact | Refused:
        found = find(changes, order.person)
        if isinstance(found, Refused):
            return found
        if order.other is not None and isinstance(other := find(changes, order.other), Refused):
            return other
        if order.party is not None and changes.party(order.party) is None:
            return refused("unknown-party", f"there is no party {order.party!r}")
        changes.add_no_contact(order)
        subject = {"order": order.id, "person": order.person}
        changes.audit("no-contact-placed", subject | ({"party": order.party} if order.party else {})
                      | ({"other": order.other} if order.other else {}),
                      {"kind": order.kind, "exceptions": len(order.exceptions), "ends": order.until is not None})
        return order

    return await attempt(desk, actor, at, "no-contact-placed", {"person": order.person}, work)


async def lift(desk: Desk, actor: StaffId, at: datetime, order: str, second: str, reason: str) -> str | Refused:
    """An order no longer stands, on the word of two members of staff."""
    if problem := unreasoned(reason):
        return problem

    def work(changes: Changes) -> str | Refused:
        if not two(actor, second):
            return refused("second-name", "two members of staff lift an order against contact: name another one")
        if not changes.lift_no_contact(order, second.strip()):
            return refused("unknown-order", f"no order {order!r} stands")
        changes.audit("no-contact-lifted", {"order": order}, {"second": second.strip()}, note=reason.strip())
        return order

    return await attempt(desk, actor, at, "no-contact-lifted", {"order": order}, work)


async def leave_open(desk: Desk, actor: StaffId, at: datetime, order: str, court: str, second: str, reason: str,
                     hours: tuple[str, ...] = (), start: datetime | None = None, until: datetime | None = None,
                     number: str | None = None) -> CourtOpening | Refused:
    """A court leaves an order open at a time: at hours of every week ("sunday 14:00-15:00", in the time of the person's
    establishment), between two moments, for one number, or all of these together. On the word of two."""
    found = _read_opening(hours, start, until, number, at)
    problems = list(found.problems) if isinstance(found, Refused) else []
    if not court.strip():
        problems.append(Problem("no-court", "say under whose order it is left open: the court, or the authority"))
    if problem := unreasoned(reason):
        problems += problem.problems
    if problems or isinstance(found, Refused):
        return Refused(tuple(problems))
    opening, id = found, desk.mint.id()

    def work(changes: Changes) -> CourtOpening | Refused:
        if not two(actor, second):
            return refused("second-name", "two members of staff leave an order open: name another one")
        person = changes.no_contact_person(order)
        if person is None:
            return refused("unknown-order", f"no order {order!r} stands")
        whose = find(changes, PersonId(person))
        if isinstance(whose, Refused):
            return whose
        place = changes.establishment(whose.establishment)
        zone = opening.zone if place is None else place.zone
        made = CourtOpening(order, court.strip(), replace(opening, id=id, zone=zone), at, actor, second.strip())
        if any(_alike(one, made) for one in changes.openings(order)):
            return refused("as-it-is", "the order is left open so already")
        changes.add_opening(made)
        changes.audit("no-contact-left-open", {"order": order, "opening": id, "person": person},
                      {"second": second.strip(), "hours": len(opening.hours), "starts": start is not None,
                       "ends": until is not None, "number": number is not None}, note=f"{court.strip()}: {reason.strip()}")
        return made

    return await attempt(desk, actor, at, "no-contact-left-open", {"order": order}, work)


async def shut(desk: Desk, actor: StaffId, at: datetime, opening: str, reason: str) -> str | Refused:
    """An order binds again at a time that was left open; a call that runs then ends. One name is enough to protect somebody."""
    if problem := unreasoned(reason):
        return problem

    def work(changes: Changes) -> str | Refused:
        if not changes.end_opening(opening):
            return refused("unknown-opening", f"nothing is left open as {opening!r}")
        changes.audit("no-contact-shut", {"opening": opening}, note=reason.strip())
        return opening

    return await attempt(desk, actor, at, "no-contact-shut", {"opening": opening}, work)


async def openings(desk: Desk, actor: StaffId, at: datetime, order: str | None = None) -> list[CourtOpening]:
    """What orders leave open, or one order; those to come are among them."""
    return await desk.work.look(actor, at, lambda changes: list(changes.openings(order)))


async def orders(desk: Desk, actor: StaffId, at: datetime, person: str | None = None) -> list[NoContact] | Refused:
    """Those that stand or are to come, oldest first."""
    number = None if person is None else prison_number(person)
    if person is not None and number is None:
        return Refused((bad_number(person),))
    return await desk.work.look(actor, at, lambda changes: changes.no_contacts(number))


def _read_opening(hours: tuple[str, ...], start: datetime | None, until: datetime | None, number: str | None, at: datetime
                  ) -> Opening | Refused:
    """Without id and zone, or all that is wrong with it."""
    problems: list[Problem] = []
    weekly: list[LocalHours] = []
    for text in hours:
        found = read_hours(text)
        if isinstance(found, str):
            problems.append(Problem("bad-hours", found))
        else:
            weekly += found
    read = None if number is None else read_number(number)
    if isinstance(read, Unreadable):
        problems.append(Problem("bad-telephone", f"{read.text!r} is no telephone number: {read.why}"))
    if not hours and start is None and until is None and number is None:
        problems.append(Problem("no-exception", "say what is left open: hours, dates or a number; to end an order, lift it"))
    if until is not None and until <= max(start or at, at):
        problems.append(Problem("bad-dates", "it would be over before anybody could ring"))
    if problems or isinstance(read, Unreadable):
        return Refused(tuple(problems))
    return Opening("", start, until, tuple(sorted(set(weekly), key=lambda one: (one.day, one.start, one.end))), number=read)


def _alike(one: CourtOpening, other: CourtOpening) -> bool:
    return replace(one.opening, id="") == replace(other.opening, id="")


def _read(wanted: Wanted, id: str, actor: StaffId, at: datetime) -> tuple[NoContact | None, list[Problem]]:
    problems = []
    person = prison_number(wanted.person)
    other = prison_number(wanted.other) if wanted.other is not None else None
    problems += [bad_number(text) for text, read in ((wanted.person, person), (wanted.other, other))
                 if text is not None and not read]
    if [wanted.party, wanted.number, wanted.other].count(None) != 2:
        problems.append(Problem("bad-aim", "an order names one of a party, a number and another person in prison"))
    if person is not None and person == other:
        problems.append(Problem("bad-aim", "nobody rings themselves"))
    if not wanted.court.strip():
        problems.append(Problem("no-court", "say by whose order: the court, or the authority"))
    numbers = [read_number(text) for text in (*([wanted.number] if wanted.number is not None else []), *wanted.exceptions)]
    problems += [Problem("bad-telephone", f"{one.text!r} is no telephone number: {one.why}") for one in numbers
                 if isinstance(one, Unreadable)]
    start = wanted.start or at
    if wanted.until is not None and wanted.until <= max(start, at):
        problems.append(Problem("bad-dates", "it would be over before it binds anybody"))
    if person is None or problems:
        return None, problems
    texts = [str(one) for one in numbers]
    number = texts.pop(0) if wanted.number is not None else None
    return NoContact(id, PersonId(person), wanted.kind, wanted.court.strip(), start, at, actor, wanted.party, number, other,
                     wanted.until, tuple(texts)), []
