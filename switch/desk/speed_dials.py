"""Speed dials: which number is on which key of a person's telephone menu. They open nothing: the plan decides on each call."""
from datetime import datetime

from switch.core.ids import PersonId, StaffId
from switch.core.menu_facts import SLOTS
from switch.core.numbers import Unreadable, read_number
from switch.desk.asking import Desk, Problem, Refused, attempt, bad_number, find, prison_number, refused
from switch.ports.desk import Changes
from switch.ports.menu import SpeedDial


async def set_speed_dial(desk: Desk, actor: StaffId, at: datetime, person: str, slot: int, number: str) -> SpeedDial | Refused:
    """Put a number on a key, 1 to 9, in place of what was there. It must be on the person's list of contacts, in any state."""
    who, problems = _read(person, slot)
    read = read_number(number)
    if isinstance(read, Unreadable):
        problems.append(Problem("bad-telephone", f"{number!r} is no telephone number: {read.why}"))
    if problems or who is None:
        return Refused(tuple(problems))
    dial = SpeedDial(who, slot, str(read))

    def work(changes: Changes) -> SpeedDial | Refused:
        if isinstance(found := find(changes, who), Refused):
            return found
        if all(one.number != dial.number for one in changes.contacts(who)):
            return refused("no-contact", f"{dial.number} is not among the contacts of {who}: a key is for a number of theirs")
        changes.set_speed_dial(dial)
        changes.audit("speed-dial-set", {"person": who}, {"slot": slot})
        return dial

    return await attempt(desk, actor, at, "speed-dial-set", {"person": who}, work)


async def clear_speed_dial(desk: Desk, actor: StaffId, at: datetime, person: str, slot: int) -> PersonId | Refused:
    """Take a number off a key."""
    who, problems = _read(person, slot)
    if problems or who is None:
        return Refused(tuple(problems))

    def work(changes: Changes) -> PersonId | Refused:
        if isinstance(found := find(changes, who), Refused):
            return found
        if not changes.clear_speed_dial(who, slot):
            return refused("as-it-is", f"nothing is on key {slot} of {who}")
        changes.audit("speed-dial-cleared", {"person": who}, {"slot": slot})
        return who

    return await attempt(desk, actor, at, "speed-dial-cleared", {"person": who}, work)


async def speed_dials(desk: Desk, actor: StaffId, at: datetime, person: str) -> list[SpeedDial] | Refused:
    """What is on a person's keys, by key."""
    who = prison_number(person)
    if who is None:
        return Refused((bad_number(person),))

    def look(changes: Changes) -> list[SpeedDial] | Refused:
        found = find(changes, who)
        return found if isinstance(found, Refused) else list(changes.speed_dials(who))

    return await desk.work.look(actor, at, look)


def _read(person: str, slot: int) -> tuple[PersonId | None, list[Problem]]:
    who = prison_number(person)
    problems = [] if who else [bad_number(person)]
    if slot not in SLOTS:
        problems.append(Problem("bad-key", f"{slot} is no speed-dial key: 1 to 9"))
    return who, problems
