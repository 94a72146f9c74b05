"""The control room, kept to where whoever looks may look: what is off and since when, and alarms that nobody has taken on."""
from dataclasses import dataclass
from datetime import datetime

from switch.core.ids import PersonId, StaffId
from switch.desk.alarms import MOST
from switch.desk.asking import Desk, prison_number
from switch.desk.board import Within, is_within, place_of
from switch.ports.alarms import Alarm
from switch.ports.desk import Changes, Order, Reach
from switch.ports.menu import Bulletin
from switch.ports.staff import Place


@dataclass(frozen=True, slots=True)
class Standing:
    """An order that stands, with the name of the person where it is one's; `place` is what it is given for."""

    order: Order
    place: Place
    name: str = ""


async def off(desk: Desk, actor: StaffId, at: datetime, within: Within = None) -> list[Standing]:
    """Orders that stand or are to come, that reach where they may look, oldest first: an establishment's reaches its wings."""

    def look(changes: Changes) -> list[Standing]:
        found = []
        for one in changes.orders():
            place = _reached(changes, one.reach, one.target, one.establishment)
            if place is not None and (is_within(place, within) or _holds_some(place, within)):
                person = changes.person(PersonId(one.target)) if one.reach is Reach.PERSON else None
                found.append(Standing(one, place, person.name if person else ""))
        return found

    return await desk.work.look(actor, at, look)


async def aim(desk: Desk, actor: StaffId, at: datetime, reach: Reach, target: str, establishment: str) -> Place | None:
    """Where something is that might be turned off, for a guard: it shows nobody anything. None for what there is not."""
    return await desk.work.look(actor, at, lambda changes: _reached(changes, reach, target, establishment))


async def place_of_order(desk: Desk, actor: StaffId, at: datetime, order: str) -> Place | None:
    """What an order that stands was given for, for a guard."""

    def look(changes: Changes) -> Place | None:
        found = changes.order(order)
        return None if found is None else _reached(changes, found.reach, found.target, found.establishment)

    return await desk.work.look(actor, at, look)


async def alarms(desk: Desk, actor: StaffId, at: datetime, within: Within = None) -> list[Alarm]:
    """Those that nobody has taken on, newest first: of calls where they may look, and of the site itself."""

    def look(changes: Changes) -> list[Alarm]:
        found = changes.alarms(False, "", MOST)
        return [one for one in reversed(found) if is_within(_of_alarm(changes, one, within), within)]

    return await desk.work.look(actor, at, look)


async def place_of_alarm(desk: Desk, actor: StaffId, at: datetime, alarm: str, within: Within = None) -> Place | None:
    """Where the call of an alarm is, for a guard; one of the site itself is wherever somebody may anything (`within`)."""

    def look(changes: Changes) -> Place | None:
        found = changes.alarm(alarm)
        return None if found is None else _of_alarm(changes, found, within)

    return await desk.work.look(actor, at, look)


async def news(desk: Desk, actor: StaffId, at: datetime, within: Within = None) -> list[Bulletin]:
    """Bulletins in force and to come, newest first, of where they may look."""
    return await desk.work.look(actor, at, lambda changes: [
        one for one in changes.bulletins(None) if is_within(Place(one.establishment, one.wing), within)])


async def place_of_bulletin(desk: Desk, actor: StaffId, at: datetime, bulletin: str) -> Place | None:
    """Where one is told, for a guard."""
    return await desk.work.look(actor, at, lambda changes: next(
        (Place(one.establishment, one.wing) for one in changes.bulletins(None) if one.id == bulletin), None))


def _reached(changes: Changes, reach: Reach, target: str, establishment: str | None) -> Place | None:
    match reach:
        case Reach.SITE:
            return Place(target) if changes.establishment(target) is not None else None
        case Reach.WING:
            known = establishment is not None and target in changes.wings(establishment)
            return Place(establishment or "", target) if known else None
        case Reach.CELL:
            room = changes.cell(establishment, target) if establishment is not None else None
            return Place(room.establishment, room.wing) if room is not None else None
    number = prison_number(target)
    person = changes.person(number) if number is not None else None
    if person is None:
        return None
    room = changes.cell(person.establishment, person.cell) if person.cell else None
    return Place(person.establishment, room.wing if room else None)


def _holds_some(place: Place, within: Within) -> bool:
    """Whether it reaches a wing of theirs, though it is given for more."""
    return place.wing is None and any(one.establishment == place.establishment for one in within or ())


def _of_alarm(changes: Changes, alarm: Alarm, within: Within) -> Place:
    parties = changes.parties_of(alarm.call) if alarm.call else None
    if parties is None:
        return within[0] if within else Place("")
    return place_of(changes.briefs([parties])[0])
