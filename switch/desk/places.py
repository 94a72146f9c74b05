"""Establishments, wings, cells and telephones."""
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from switch.core.ids import PhoneId, StaffId
from switch.desk.asking import Desk, Refused, attempt, bad_name, bad_place, place_name, refused, unreasoned
from switch.ports.desk import Cell, Changes, Establishment, Phone

MOST_CAPACITY = 10_000


@dataclass(frozen=True, slots=True)
class NewPhone:
    """A telephone with what it proves itself with, told this once: only hashes are kept."""

    phone: Phone
    password: str


async def add_establishment(desk: Desk, actor: StaffId, at: datetime, code: str, name: str, zone: str = "Europe/London",
                            capacity: int | None = None) -> Establishment | Refused:
    """A prison. Refused for a code that is taken, a zone that nobody knows."""
    place = place_name(code)
    if place is None:
        return Refused((bad_place("code of an establishment", code),))
    if problem := _bad_capacity(capacity) or _bad_zone(zone):
        return problem
    if problems := bad_name(name):
        return Refused(tuple(problems))
    new = Establishment(place, name.strip(), zone, capacity)

    def work(changes: Changes) -> Establishment | Refused:
        if changes.establishment(place):
            return refused("taken", f"there is an establishment {place} already")
        changes.add_establishment(new)
        changes.audit("establishment-added", {"establishment": place}, {"capacity": capacity})
        return new

    return await attempt(desk, actor, at, "establishment-added", {"establishment": place}, work)


async def set_capacity(desk: Desk, actor: StaffId, at: datetime, establishment: str, capacity: int | None
                       ) -> Establishment | Refused:
    """How many people an establishment is meant for; None says that it is not known."""
    if problem := _bad_capacity(capacity):
        return problem

    def work(changes: Changes) -> Establishment | Refused:
        here = changes.establishment(establishment)
        if here is None:
            return _no_establishment(establishment)
        changes.set_establishment(replace(here, capacity=capacity))
        changes.audit("capacity-set", {"establishment": establishment}, {"capacity": capacity})
        return replace(here, capacity=capacity)

    return await attempt(desk, actor, at, "capacity-set", {"establishment": establishment}, work)


async def set_cell_capacity(desk: Desk, actor: StaffId, at: datetime, establishment: str, cell: str, capacity: int | None
                            ) -> Cell | Refused:
    """How many people one cell is meant for."""
    if problem := _bad_capacity(capacity):
        return problem

    def work(changes: Changes) -> Cell | Refused:
        room = changes.cell(establishment, cell)
        if room is None:
            return no_cell(establishment, cell)
        changes.put_cell(replace(room, capacity=capacity))
        changes.audit("capacity-set", {"establishment": establishment, "cell": cell}, {"capacity": capacity})
        return replace(room, capacity=capacity)

    return await attempt(desk, actor, at, "capacity-set", {"establishment": establishment, "cell": cell}, work)


async def close_or_open(desk: Desk, actor: StaffId, at: datetime, establishment: str, open: bool, reason: str
                        ) -> Establishment | Refused:
    """Whether calls to contacts are placed at an establishment at all. Calls that run go on: to end them is the kill switch's."""
    if problem := unreasoned(reason):
        return problem
    action = "site-opened" if open else "site-closed"

    def work(changes: Changes) -> Establishment | Refused:
        here = changes.establishment(establishment)
        if here is None:
            return _no_establishment(establishment)
        if here.open is open:
            return refused("as-it-is", f"{establishment} is {'open' if open else 'closed'} already")
        now = replace(here, open=open, reason="" if open else reason.strip())
        changes.set_establishment(now)
        changes.audit(action, {"establishment": establishment}, note=reason.strip())
        return now

    return await attempt(desk, actor, at, action, {"establishment": establishment}, work)


async def add_wing(desk: Desk, actor: StaffId, at: datetime, establishment: str, wing: str) -> str | Refused:
    name = place_name(wing)
    if name is None:
        return Refused((bad_place("wing", wing),))

    def work(changes: Changes) -> str | Refused:
        if changes.establishment(establishment) is None:
            return _no_establishment(establishment)
        if name in changes.wings(establishment):
            return refused("taken", f"{establishment} has a wing {name} already")
        changes.add_wing(establishment, name)
        changes.audit("wing-added", {"establishment": establishment, "wing": name})
        return name

    return await attempt(desk, actor, at, "wing-added", {"establishment": establishment, "wing": name}, work)


async def add_cell(desk: Desk, actor: StaffId, at: datetime, establishment: str, wing: str, cell: str,
                   capacity: int | None = None) -> Cell | Refused:
    name = place_name(cell)
    if name is None:
        return Refused((bad_place("cell", cell),))
    if problem := _bad_capacity(capacity):
        return problem

    def work(changes: Changes) -> Cell | Refused:
        if changes.establishment(establishment) is None:
            return _no_establishment(establishment)
        if wing not in changes.wings(establishment):
            return refused("unknown-wing", f"{establishment} has no wing {wing}")
        if changes.cell(establishment, name):
            return refused("taken", f"{establishment} has a cell {name} already")
        new = Cell(name, wing, establishment, capacity)
        changes.put_cell(new)
        changes.audit("cell-added", {"establishment": establishment, "cell": name}, {"capacity": capacity})
        return new

    return await attempt(desk, actor, at, "cell-added", {"establishment": establishment, "cell": name}, work)


async def add_phone(desk: Desk, actor: StaffId, at: datetime, phone: str, establishment: str, cell: str, network: str,
                    pin_required: bool = True) -> NewPhone | Refused:
    """A telephone for a cell, with a password made on the spot; those who live there have it at once."""
    user = place_name(phone)
    if user is None:
        return Refused((bad_place("name of a telephone", phone),))
    if network not in desk.networks:
        return refused("unknown-network", no_network(desk, network))
    password, name = desk.mint.password(), PhoneId(user)

    def work(changes: Changes) -> NewPhone | Refused:
        if changes.phone(name):
            return refused("taken", f"there is a telephone {name} already")
        room = changes.cell(establishment, cell)
        if room is None:
            return no_cell(establishment, cell)
        new = Phone(name, cell, room.wing, establishment, network, pin_required)
        changes.add_phones([new], {name: password})
        changes.settle_phone(establishment, cell)
        changes.audit("phone-added", {"phone": name, "establishment": establishment, "cell": cell},
                      {"network": network, "pin_required": pin_required})
        return NewPhone(new, password)

    return await attempt(desk, actor, at, "phone-added", {"phone": name}, work)


async def move_phone(desk: Desk, actor: StaffId, at: datetime, phone: str, cell: str) -> Phone | Refused:
    """A telephone to another cell of its establishment; both cells' people have what now stands there."""

    def work(changes: Changes) -> Phone | Refused:
        found = changes.phone(PhoneId(phone))
        if found is None:
            return _no_phone(phone)
        if changes.is_canarys(found.id):
            return refused("canary", f"telephone {phone} is a canary's and stands in no cell")
        room = changes.cell(found.establishment, cell)
        if room is None:
            return no_cell(found.establishment, cell)
        if found.cell == cell:
            return refused("as-it-is", f"telephone {phone} stands in {cell} already")
        moved = replace(found, cell=cell, wing=room.wing)
        changes.set_phone(moved)
        for one in (found.cell, cell):
            changes.settle_phone(found.establishment, one)
        changes.audit("phone-moved", {"phone": phone, "establishment": found.establishment, "cell": cell}, {"from": found.cell})
        return moved

    return await attempt(desk, actor, at, "phone-moved", {"phone": phone}, work)


async def replace_password(desk: Desk, actor: StaffId, at: datetime, phone: str, reason: str) -> NewPhone | Refused:
    """New credentials; the old ones fail as soon as the node has read the new (ten seconds)."""
    if problem := unreasoned(reason):
        return problem
    password = desk.mint.password()

    def work(changes: Changes) -> NewPhone | Refused:
        found = changes.phone(PhoneId(phone))
        if found is None:
            return _no_phone(phone)
        changes.set_password(found.id, password)
        changes.audit("phone-password-replaced", {"phone": found.id}, note=reason.strip())
        return NewPhone(found, password)

    return await attempt(desk, actor, at, "phone-password-replaced", {"phone": phone}, work)


def no_cell(establishment: str, cell: str) -> Refused:
    return refused("unknown-cell", f"{establishment} has no cell {cell}")


def no_network(desk: Desk, network: str) -> str:
    return f"there is no access network {network!r}; the settings have {', '.join(sorted(desk.networks)) or 'none'}"


def _no_establishment(establishment: str) -> Refused:
    return refused("unknown-establishment", f"there is no establishment {establishment}")


def _no_phone(phone: str) -> Refused:
    return refused("unknown-phone", f"there is no telephone {phone}")


def _bad_capacity(capacity: int | None) -> Refused | None:
    if capacity is None or 0 <= capacity <= MOST_CAPACITY:
        return None
    return refused("bad-capacity", f"a capacity is 0 to {MOST_CAPACITY}, not {capacity}")


def _bad_zone(zone: str) -> Refused | None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return refused("bad-zone", f"{zone!r} is no time zone, such as Europe/London")
    return None
