"""People as staff look at them."""
from dataclasses import dataclass
from datetime import datetime

from switch.core.ids import StaffId
from switch.core.money import Millipence
from switch.desk.asking import Desk, Refused, bad_number, find, prison_number
from switch.ports.desk import Changes, Lock, Order, Person, Reach, Task


@dataclass(frozen=True, slots=True)
class Shown:
    """One person with what is in force for them. That there is a duress PIN is shown to staff alone: never on a telephone."""

    person: Person
    has_pin: bool
    has_duress_pin: bool
    locks: tuple[Lock, ...]
    balance: Millipence
    contacts: int
    orders: tuple[Order, ...]
    tasks: tuple[Task, ...]


async def show(desk: Desk, actor: StaffId, at: datetime, number: str) -> Shown | Refused:
    """Orders for their cell, wing and establishment are among theirs."""
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))

    def look(changes: Changes) -> Shown | Refused:
        found = find(changes, person)
        if isinstance(found, Refused):
            return found
        pins = changes.pins(person)
        room = changes.cell(found.establishment, found.cell) if found.cell else None
        aims = {(Reach.PERSON, found.id), (Reach.SITE, found.establishment), (Reach.CELL, found.cell),
                (Reach.WING, room.wing if room else None)}
        orders = tuple(one for one in changes.orders()
                       if (one.reach, one.target) in aims and one.establishment in (None, found.establishment))
        return Shown(found, pins.hash is not None, pins.duress is not None, tuple(changes.locks(person)),
                     changes.balance(person), len(changes.contacts(person)), orders, tuple(changes.tasks(person=person)))

    return await desk.work.look(actor, at, look)


async def list_people(desk: Desk, actor: StaffId, at: datetime, establishment: str | None = None, cell: str | None = None,
                      status: str | None = None) -> list[Person]:
    """By number; each argument narrows."""
    everybody = await desk.work.look(actor, at, lambda changes: changes.people(establishment))
    return [one for one in everybody if cell in (None, one.cell) and status in (None, one.status)]
