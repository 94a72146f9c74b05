"""The kill switch: no new calls, or none at all, for an establishment, a wing, a cell or a person; and what is off now.

Helplines stay on. To stop them as well is a second order, placed on a first one that stands, with a reason of its own.
"""
from dataclasses import replace
from datetime import datetime

from switch.core.ids import PersonId, StaffId
from switch.desk.asking import Desk, Refused, attempt, bad_number, prison_number, refused, unreasoned
from switch.ports.desk import Changes, Order, Reach


async def place(desk: Desk, actor: StaffId, at: datetime, reach: Reach, target: str, reason: str, *, cut: bool,
                establishment: str | None = None, start: datetime | None = None, until: datetime | None = None
                ) -> Order | Refused:
    """In force from `start`, or at once: new calls are refused aloud from then on, and with `cut` those that run end within a
    second. `establishment` says whose wing or cell it is; it may be left out where only one has it."""
    if reach is Reach.PERSON:
        person = prison_number(target)
        if person is None:
            return Refused((bad_number(target),))
        target = person
    if problem := unreasoned(reason) or _bad_times(at, start, until):
        return problem
    order = Order(desk.mint.id(), reach, target, establishment, cut, False, reason.strip(), actor, at, start or at, until)

    def work(changes: Changes) -> Order | Refused:
        placed = _aim(changes, order)
        if isinstance(placed, Order):
            changes.place(placed)
        return placed

    return await attempt(desk, actor, at, "order-placed", {"target": target}, work)


async def stop_helplines(desk: Desk, actor: StaffId, at: datetime, order: str, reason: str) -> Order | Refused:
    """The second, separate order: helplines too, for as far and as long as a first order that stands."""
    if problem := unreasoned(reason):
        return problem
    id = desk.mint.id()

    def work(changes: Changes) -> Order | Refused:
        first = changes.order(order)
        if first is None:
            return _no_order(order)
        if first.reach is Reach.PERSON:
            return refused("nobody-asked", "helplines ask nobody who calls: stop them for the cell")
        if first.helplines_too or any(one.helplines_too and _same_aim(one, first) for one in changes.orders()):
            return refused("as-it-is", f"helplines are stopped there already, for {first.reach} {first.target}")
        second = replace(first, id=id, helplines_too=True, reason=reason.strip(), staff=actor, placed_at=at,
                         start=max(first.start, at))
        changes.place(second)
        return second

    return await attempt(desk, actor, at, "order-placed", {"order": order}, work)


async def lift(desk: Desk, actor: StaffId, at: datetime, order: str) -> tuple[Order, ...] | Refused:
    """An order no longer stands. With the last order of its kind goes the one that stopped helplines: it was placed on that."""

    def work(changes: Changes) -> tuple[Order, ...] | Refused:
        found = changes.order(order)
        if found is None:
            return _no_order(order)
        alike = [one for one in changes.orders() if _same_aim(one, found) and one.id != order]
        lifted = [found]
        if not found.helplines_too and all(one.helplines_too for one in alike):
            lifted += alike
        for one in lifted:
            changes.lift(one.id)
        return tuple(lifted)

    return await attempt(desk, actor, at, "order-lifted", {"order": order}, work)


async def standing(desk: Desk, actor: StaffId, at: datetime) -> list[Order]:
    """What is off and since when; orders still to come are among them."""
    return await desk.work.look(actor, at, lambda changes: changes.orders())


def _aim(changes: Changes, order: Order) -> Order | Refused:
    """The order with a target that exists, and whose it is."""
    if order.reach is Reach.PERSON:
        if changes.person(PersonId(order.target)) is None:
            return refused("unknown-person", f"{order.target}: nobody here has this number")
        return replace(order, establishment=None)
    if order.reach is Reach.SITE:
        if changes.establishment(order.target) is None:
            return refused("unknown-establishment", f"there is no establishment {order.target}")
        return replace(order, establishment=order.target)
    there = [one.id for one in changes.establishments() if order.establishment in (None, one.id) and _has(changes, one.id, order)]
    if len(there) == 1:
        return replace(order, establishment=there[0])
    if there:
        return refused("which", f"{order.reach} {order.target} is at {', '.join(there)}: say which")
    at = f" at {order.establishment}" if order.establishment else ""
    return refused(f"unknown-{order.reach}", f"there is no {order.reach} {order.target}{at}")


def _has(changes: Changes, establishment: str, order: Order) -> bool:
    if order.reach is Reach.CELL:
        return changes.cell(establishment, order.target) is not None
    return order.target in changes.wings(establishment)


def _same_aim(one: Order, other: Order) -> bool:
    return (one.reach, one.target, one.establishment) == (other.reach, other.target, other.establishment)


def _bad_times(at: datetime, start: datetime | None, until: datetime | None) -> Refused | None:
    if until is not None and until <= (start or at):
        return refused("bad-times", "the order would end before it begins")
    return None


def _no_order(order: str) -> Refused:
    return refused("unknown-order", f"no order {order} stands: `wingline kill list` shows those that do")
