"""Orders against contact: of a court, of a licence, for a witness or a co-defendant. In force at the next call once placed."""
from dataclasses import dataclass
from datetime import datetime

from switch.core.ids import PersonId, StaffId
from switch.core.numbers import Unreadable, read_number
from switch.desk.applications import two
from switch.desk.asking import Desk, Problem, Refused, attempt, bad_number, find, prison_number, refused, unreasoned
from switch.ports.contacts import NoContact, OrderKind
from switch.ports.desk import Changes


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


async def orders(desk: Desk, actor: StaffId, at: datetime, person: str | None = None) -> list[NoContact] | Refused:
    """Those that stand or are to come, oldest first."""
    number = None if person is None else prison_number(person)
    if person is not None and number is None:
        return Refused((bad_number(person),))
    return await desk.work.look(actor, at, lambda changes: changes.no_contacts(number))


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
