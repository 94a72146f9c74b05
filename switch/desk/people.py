"""People while they are in prison: received, changed, moved from cell to cell and from prison to prison."""
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from switch.core.ids import PersonId, StaffId
from switch.desk.asking import Desk, Problem, Refused, attempt, bad_name, bad_number, find, prison_number, refused
from switch.desk.places import no_cell
from switch.ports.desk import AWAY, GONE, Changes, Flags, Incentive, Person, Status, Task

REVIEW_WITHIN = timedelta(days=7)
CELL_WITHIN = timedelta(days=1)
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
NEED = re.compile(r"[a-z][a-z0-9-]{0,31}")
WORDS = {Status.COURT: "at court", Status.HOSPITAL: "in hospital", Status.RELEASED: "released", Status.DEAD: "dead"}


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody to be received. `cell` may come later; the roll check lists who has none."""

    number: str
    name: str
    establishment: str
    cell: str | None = None
    incentive: str = Incentive.STANDARD
    flags: Flags = Flags()


@dataclass(frozen=True, slots=True)
class FlagChanges:
    """Flags that are to be otherwise: None stays as it is."""

    foreign_national: bool | None = None
    legal: bool | None = None
    at_risk: bool | None = None
    language: str | None = None
    needs: tuple[str, ...] | None = None

    def on(self, flags: Flags) -> Flags:
        return replace(flags, **{name: value for name in self.__slots__ if (value := getattr(self, name)) is not None})


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody with the PIN that was made for them, told this once, and what staff should know."""

    person: Person
    pin: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moved:
    person: Person
    warnings: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()


async def receive(desk: Desk, actor: StaffId, at: datetime, newcomer: Newcomer) -> Arrived | Refused:
    """A person who was never here, with a PIN made on the spot. Whoever was released before is recalled instead."""
    person, problems = read_newcomer(newcomer)
    if person is None:
        return Refused(problems)
    pin = desk.mint.pin(desk.pin_digits)
    (hashed,) = await desk.mint.hashes([pin])

    def work(changes: Changes) -> Arrived | Refused:
        if problems := may_receive(changes, person):
            return Refused(problems)
        housed, warnings = house(changes, person)
        changes.add_people([housed])
        changes.set_pins({housed.id: hashed})
        changes.audit("person-received", {"person": housed.id, "establishment": housed.establishment} | cell_id(housed),
                      {"incentive": housed.incentive, **flag_codes(housed.flags)})
        return Arrived(housed, pin, warnings)

    return await attempt(desk, actor, at, "person-received", {"person": person.id}, work)


async def change(desk: Desk, actor: StaffId, at: datetime, number: str, *, name: str | None = None, incentive: str | None = None,
                 flags: FlagChanges | None = None) -> Person | Refused:
    """Name, incentive level, flags: what is None stays."""
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))
    problems = _bad_fields(name, incentive, (flags or FlagChanges()).on(Flags()))
    if problems:
        return Refused(problems)

    def work(changes: Changes) -> Person | Refused:
        found = held(changes, person)
        if isinstance(found, Refused):
            return found
        changed = replace(found, name=name.strip() if name is not None else found.name,
                          flags=flags.on(found.flags) if flags else found.flags,
                          incentive=Incentive(incentive) if incentive is not None else found.incentive)
        if changed == found:
            return refused("as-it-is", f"{person} is so already: nothing was changed")
        changes.set_person(changed)
        changes.audit("person-changed", {"person": person}, {"renamed": changed.name != found.name,
                      "incentive": changed.incentive, **flag_codes(changed.flags)})
        return changed

    return await attempt(desk, actor, at, "person-changed", {"person": person}, work)


async def move(desk: Desk, actor: StaffId, at: datetime, number: str, cell: str) -> Moved | Refused:
    """To another cell of the same establishment; the telephone there is theirs at once. A full cell is a warning: staff moved
    the person, and the roll check goes on saying so."""
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))

    def work(changes: Changes) -> Moved | Refused:
        found = present(changes, person)
        if isinstance(found, Refused):
            return found
        if changes.cell(found.establishment, cell) is None:
            return no_cell(found.establishment, cell)
        if found.cell == cell:
            return refused("as-it-is", f"{person} lives in {cell} already")
        return Moved(*move_to(changes, found, cell))

    return await attempt(desk, actor, at, "cell-moved", {"person": person}, work)


async def transfer(desk: Desk, actor: StaffId, at: datetime, number: str, establishment: str, cell: str | None = None
                   ) -> Moved | Refused:
    """To another establishment. Contacts, credit and PIN are the person's and are there at once; what the new place must look at
    is queued, and blocks nothing."""
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))

    def work(changes: Changes) -> Moved | Refused:
        found = held(changes, person)
        if isinstance(found, Refused):
            return found
        if found.status in GONE:
            return refused("gone", f"{person} is {WORDS[found.status]}: a recall brings them back, not a transfer")
        if changes.establishment(establishment) is None:
            return refused("unknown-establishment", f"there is no establishment {establishment}")
        if found.establishment == establishment:
            return refused("as-it-is", f"{person} is at {establishment} already; another cell is a move")
        if cell is not None and changes.cell(establishment, cell) is None:
            return no_cell(establishment, cell)
        housed, warnings = house(changes, replace(found, establishment=establishment, cell=cell, phone=None, status=Status.HERE))
        changes.set_person(housed)
        changes.end_subscriptions(person, "transferred")
        tasks = queue_reviews(changes, housed, desk.mint.id, came_from=found.establishment)
        changes.audit("person-transferred", {"person": person, "establishment": establishment} | cell_id(housed),
                      {"from": found.establishment, "tasks": len(tasks)})
        return Moved(housed, warnings, tasks)

    return await attempt(desk, actor, at, "person-transferred", {"person": person}, work)


# what the groups share


def read_newcomer(newcomer: Newcomer) -> tuple[Person | None, tuple[Problem, ...]]:
    """The person that is meant, or every reason why nobody can be."""
    number = prison_number(newcomer.number)
    problems = (() if number else (bad_number(newcomer.number),)) + _bad_fields(
        newcomer.name, newcomer.incentive, newcomer.flags)
    if number is None or problems:
        return None, problems
    return Person(number, newcomer.name.strip(), newcomer.establishment, newcomer.cell, None, Status.HERE,
                  Incentive(newcomer.incentive), newcomer.flags), ()


def may_receive(changes: Changes, person: Person) -> tuple[Problem, ...]:
    found = changes.person(person.id)
    if found is not None:
        hint = "recall them instead" if found.status is Status.RELEASED else f"they are {WORDS.get(found.status, 'here')}"
        return (Problem("taken", f"{person.id} is known already, at {found.establishment}: {hint}"),)
    if changes.establishment(person.establishment) is None:
        return (Problem("unknown-establishment", f"there is no establishment {person.establishment}"),)
    if person.cell is not None and changes.cell(person.establishment, person.cell) is None:
        return no_cell(person.establishment, person.cell).problems
    return ()


def held(changes: Changes, person: PersonId) -> Person | Refused:
    """Somebody whose account may be worked on: not of the dead, which stays as it was found."""
    found = find(changes, person)
    if isinstance(found, Person) and found.status is Status.DEAD:
        return refused("held", f"{person} has died: everything of theirs is held as it is")
    return found


def present(changes: Changes, person: PersonId) -> Person | Refused:
    """Somebody who is here, or away for a while."""
    found = held(changes, person)
    if isinstance(found, Person) and found.status in GONE:
        return refused("gone", f"{person} is {WORDS[found.status]}")
    return found


def house(changes: Changes, person: Person) -> tuple[Person, tuple[str, ...]]:
    """With the telephone of their cell, and what to warn of. They are not in the table yet, or elsewhere."""
    if person.cell is None:
        return replace(person, phone=None), (f"{person.id} has no cell yet, and so no telephone",)
    phone = None if person.status in AWAY else changes.phone_of(person.establishment, person.cell)
    warnings = []
    if phone is None and person.status not in AWAY:
        warnings.append(f"cell {person.cell} has no telephone")
    room = changes.cell(person.establishment, person.cell)
    others = [one for one in changes.residents(person.establishment, person.cell) if one != person.id]
    if room is not None and room.capacity is not None and len(others) + 1 > room.capacity:
        warnings.append(f"cell {person.cell} is for {room.capacity}, and {len(others) + 1} now live there")
    return replace(person, phone=phone), tuple(warnings)


def move_to(changes: Changes, person: Person, cell: str) -> tuple[Person, tuple[str, ...]]:
    """The move itself, with its audit row; that it may be made was asked before."""
    moved, warnings = house(changes, replace(person, cell=cell))
    changes.set_person(moved)
    changes.audit("cell-moved", {"person": person.id, "establishment": person.establishment, "cell": cell},
                  {"from": person.cell or "none"})
    return moved, warnings


def queue_reviews(changes: Changes, person: Person, mint: Callable[[], str], came_from: str) -> tuple[Task, ...]:
    """What an establishment must look at when somebody comes: nothing waits for it."""
    wanted: list[tuple[str, timedelta, dict[str, str]]] = []
    if contacts := changes.contacts(person.id):
        wanted.append(("review-contacts", REVIEW_WITHIN, {"contacts": str(len(contacts))}))
    if person.flags.at_risk:
        wanted.append(("review-risk", CELL_WITHIN, {}))
    if person.flags.needs or person.flags.language != "en":
        wanted.append(("review-needs", REVIEW_WITHIN, {"language": person.flags.language, "needs": str(len(person.flags.needs))}))
    if person.cell is None:
        wanted.append(("assign-cell", CELL_WITHIN, {}))
    tasks = tuple(Task(mint(), kind, person.establishment, person.id, {"from": came_from, **about}, changes.at,
                       changes.at + within) for kind, within, about in wanted)
    for task in tasks:
        changes.add_task(task)
    return tasks


def cell_id(person: Person) -> dict[str, str]:
    return {"cell": person.cell} if person.cell else {}


def flag_codes(flags: Flags) -> dict[str, str | int | bool]:
    """Flags for the audit: codes, and of the needs only how many."""
    return {"foreign_national": flags.foreign_national, "legal": flags.legal, "at_risk": flags.at_risk,
            "language": flags.language, "needs": len(flags.needs)}


def _bad_fields(name: str | None, incentive: str | None, flags: Flags | None) -> tuple[Problem, ...]:
    problems = bad_name(name) if name is not None else []
    if incentive is not None and incentive not in list(Incentive):
        problems.append(Problem("bad-incentive", f"{incentive!r} is no incentive level: {', '.join(Incentive)}"))
    if flags is not None:
        if not LANGUAGE.fullmatch(flags.language):
            problems.append(Problem("bad-language", f"{flags.language!r} is no language code, such as en or pl"))
        problems.extend(Problem("bad-need", f"{need!r} is no code of a need: small letters, digits and hyphens")
                        for need in flags.needs if not NEED.fullmatch(need))
    return tuple(problems)
