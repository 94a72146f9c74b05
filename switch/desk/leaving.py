"""Leaving: court and hospital for a while, release, recall, and death.

Nothing here writes to anybody. A release is published for those who hold messages; a death is not, so that nothing is ever sent.
"""
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from switch.core.ids import CallId, PersonId, StaffId
from switch.core.money import Millipence
from switch.desk import holding
from switch.desk.asking import Desk, Refused, attempt, bad_number, prison_number, refused, same_name, unreasoned
from switch.desk.people import WORDS, Arrived, Moved, cell_id, held, house, present, queue_reviews
from switch.desk.places import no_cell
from switch.ports.desk import AWAY, Changes, Order, Person, Reach, Status, Task
from switch.ports.keeping import Hold, HoldCause, HoldReach

REST_MONTHS = 12
PAY_WITHIN = timedelta(days=1)
DEATH_MONTHS = 12
"""Then the hold on the recordings is told as overdue, and goes on until somebody lets go."""
DEATH_WORDS = ("A death in custody is investigated, and the inquest may ask for any recording.",
               "It is of the person who died alone, and looked at again within a year.")
"""Why that hold is necessary and proportionate, by rule: nobody is asked for words at such a moment."""


@dataclass(frozen=True, slots=True)
class Released:
    """`paid` in thousandths of a penny; None while a call still runs: `pay_out` follows, and a task says so."""

    person: Person
    rested: int
    rest_until: datetime
    paid: Millipence | None
    cut: tuple[CallId, ...]


@dataclass(frozen=True, slots=True)
class Died:
    person: Person
    order: str


async def go_away(desk: Desk, actor: StaffId, at: datetime, number: str, where: Status) -> Person | Refused:
    """To court or hospital: the cell stays theirs, and nobody can call in their name from it."""
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))
    if where not in AWAY:
        return refused("bad-status", f"{where} is not a place to come back from: court or hospital")

    def work(changes: Changes) -> Person | Refused:
        found = present(changes, person)
        if isinstance(found, Refused):
            return found
        if found.status is where:
            return refused("as-it-is", f"{person} is {WORDS[where]} already")
        gone = replace(found, status=where, phone=None)
        changes.set_person(gone)
        changes.audit("person-away", {"person": person}, {"status": where})
        return gone

    return await attempt(desk, actor, at, "person-away", {"person": person}, work)


async def come_back(desk: Desk, actor: StaffId, at: datetime, number: str) -> Moved | Refused:
    """From court or hospital, to their cell and its telephone."""
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))

    def work(changes: Changes) -> Moved | Refused:
        found = present(changes, person)
        if isinstance(found, Refused):
            return found
        if found.status not in AWAY:
            return refused("as-it-is", f"{person} is here already")
        back, warnings = house(changes, replace(found, status=Status.HERE))
        changes.set_person(back)
        changes.audit("person-back", {"person": person} | cell_id(back), {"from": found.status})
        return Moved(back, warnings)

    return await attempt(desk, actor, at, "person-back", {"person": person}, work)


async def release(desk: Desk, actor: StaffId, at: datetime, number: str) -> Released | Refused:
    """The account is closed, its credit paid out, its numbers rest for twelve months, its PINs end. A call that runs is cut, and
    the credit is paid when it has been charged."""
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))
    until = months_later(at, REST_MONTHS)
    ids = (desk.mint.id(), desk.mint.id())

    def work(changes: Changes) -> Released | Refused:
        found = present(changes, person)
        if isinstance(found, Refused):
            return found
        gone = replace(found, status=Status.RELEASED, cell=None, phone=None)
        changes.set_person(gone)
        changes.drop_pins(person)
        changes.clear_failures(person)
        changes.end_subscriptions(person, "released")
        rested, running = changes.rest_numbers(person, until), tuple(changes.open_calls(person))
        for index, call in enumerate(running):
            changes.cut_call(f"{ids[0]}-{index}", call, "released")
        paid = None
        if running:
            about = {"calls": str(len(running))}
            changes.add_task(Task(ids[1], "pay-out", found.establishment, person, about, at, at + PAY_WITHIN))
        else:
            paid = _pay(changes, person, f"payout:{ids[0]}")
        changes.publish("person-released", f"{person}:{ids[0]}", {"person": person})
        changes.audit("person-released", {"person": person, "establishment": found.establishment},
                      {"numbers_rested": rested, "paid": paid, "calls_cut": len(running)})
        return Released(gone, rested, until, paid, running)

    return await attempt(desk, actor, at, "person-released", {"person": person}, work)


async def pay_out(desk: Desk, actor: StaffId, at: datetime, number: str) -> Millipence | Refused:
    """What is left on a closed account, to its owner."""
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))
    reference = f"payout:{desk.mint.id()}"

    def work(changes: Changes) -> Millipence | Refused:
        found = held(changes, person)
        if isinstance(found, Refused):
            return found
        if found.status is not Status.RELEASED:
            return refused("open", f"the account of {person} is open: credit is paid out when it is closed")
        if changes.open_calls(person):
            return refused("on-call", f"a call of {person} is not closed yet: try again in a moment")
        paid = _pay(changes, person, reference)
        if not paid:
            return refused("nothing", f"there is no credit of {person} to pay out")
        for task in changes.tasks(person=person):
            if task.kind == "pay-out":
                changes.finish_task(task.id)
        changes.audit("credit-paid-out", {"person": person, "reference": reference}, {"amount": paid})
        return paid

    return await attempt(desk, actor, at, "credit-paid-out", {"person": person}, work)


async def recall(desk: Desk, actor: StaffId, at: datetime, number: str, establishment: str, cell: str | None = None
                 ) -> Arrived | Refused:
    """A released person is back: the account opens again with a new PIN, numbers that still rest are theirs as before, and the
    place is asked to look at them."""
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))
    pin = desk.mint.pin(desk.pin_digits)
    (hashed,) = await desk.mint.hashes([pin])

    def work(changes: Changes) -> Arrived | Refused:
        found = held(changes, person)
        if isinstance(found, Refused):
            return found
        if found.status is not Status.RELEASED:
            return refused("open", f"{person} was not released: they are at {found.establishment}")
        if changes.establishment(establishment) is None:
            return refused("unknown-establishment", f"there is no establishment {establishment}")
        if cell is not None and changes.cell(establishment, cell) is None:
            return no_cell(establishment, cell)
        back, warnings = house(changes, replace(found, status=Status.HERE, establishment=establishment, cell=cell))
        changes.set_person(back)
        changes.set_pins({person: hashed})
        woken = changes.wake_numbers(person)
        tasks = queue_reviews(changes, back, desk.mint.id, came_from=found.establishment)
        changes.audit("person-recalled", {"person": person, "establishment": establishment} | cell_id(back),
                      {"numbers_back": woken, "tasks": len(tasks)})
        return Arrived(back, pin, warnings)

    return await attempt(desk, actor, at, "person-recalled", {"person": person}, work)


async def die(desk: Desk, actor: StaffId, at: datetime, number: str, reason: str) -> Died | Refused:
    """Everything is held as it is from this moment: the account closed, a call that runs ended, contacts, credit and PINs
    untouched, recordings kept from erasure, and nothing that would write to anybody. An order stands for it, so that it shows
    wherever orders show."""
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))
    if problem := unreasoned(reason):
        return problem
    order = Order(desk.mint.id(), Reach.PERSON, person, None, True, False, reason.strip(), actor, at, at)
    until = months_later(at, DEATH_MONTHS)
    hold = Hold(order.id, HoldReach.PERSON, person, actor, *DEATH_WORDS, HoldCause.DEATH, actor, at, until)

    def work(changes: Changes) -> Died | Refused:
        found = present(changes, person)
        if isinstance(found, Refused):
            return found
        dead = replace(found, status=Status.DEAD, phone=None)
        changes.set_person(dead)
        changes.place(order)
        holding.put(changes, hold)
        changes.audit("person-died", {"person": person, "order": order.id}, {"was": found.status}, note=reason.strip())
        return Died(dead, order.id)

    return await attempt(desk, actor, at, "person-died", {"person": person}, work)


async def undo_death(desk: Desk, actor: StaffId, at: datetime, number: str, reason: str, second: StaffId) -> Moved | Refused:
    """The number was mistyped: the account as it was before, on the word of two members of staff. Orders that stand are lifted
    by themselves (`kill lift`), so that nobody can call before somebody has looked."""
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))
    if problem := unreasoned(reason):
        return problem

    def work(changes: Changes) -> Moved | Refused:
        found = changes.person(person)
        if found is None or found.status is not Status.DEAD:
            return refused("as-it-is", f"{person} is not recorded as dead")
        if not second.strip() or same_name(second, actor):
            return refused("second-name", "two members of staff say so: name another one")
        back, warnings = house(changes, replace(found, status=Status.HERE))
        changes.set_person(back)
        holding.release_death(changes, person, reason.strip())
        changes.audit("death-undone", {"person": person}, {"second": second.strip()}, note=reason.strip())
        return Moved(back, warnings)

    return await attempt(desk, actor, at, "death-undone", {"person": person}, work)


def months_later(at: datetime, months: int) -> datetime:
    """The same day and hour so many months on; the last day of a shorter month."""
    year, month = divmod(at.month - 1 + months, 12)
    year, month = at.year + year, month + 1
    return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))


def _pay(changes: Changes, person: PersonId, reference: str) -> Millipence:
    """Nothing is paid where nothing is left."""
    left = changes.balance(person)
    if left > 0:
        changes.pay_out(person, reference, left)
    return Millipence(max(0, left))
