"""Staff who know somebody in prison from outside say so, or a governor does, and hear nothing of that person's calls."""
from datetime import datetime

from switch.core.ids import StaffId
from switch.desk.access import STAFF, STAFF_WORDS
from switch.desk.asking import Desk, Problem, Refused, attempt, bad_number, find, prison_number, refused, second_name, unreasoned
from switch.ports.desk import Changes
from switch.ports.listening import Connection


async def declare(desk: Desk, actor: StaffId, at: datetime, person: str, staff: str = "") -> Connection | Refused:
    """Who asks is connected to this person, or `staff` is, in whose stead a governor says so; in force at once."""
    who, name = prison_number(person), staff.strip() or actor.strip()
    problems = [] if who is not None else [bad_number(person)]
    if not STAFF.fullmatch(name):
        problems.append(Problem("bad-staff", f"a member of staff is {STAFF_WORDS}"))
    if problems or who is None:
        return Refused(tuple(problems))
    made = Connection(desk.mint.id(), StaffId(name.casefold()), who, actor, at)

    def work(changes: Changes) -> Connection | Refused:
        found = find(changes, made.person)
        if isinstance(found, Refused):
            return found
        if made.person in changes.connected(made.staff):
            return refused("as-it-is", f"{made.staff} is declared to be connected to {made.person} already")
        changes.add_connection(made)
        changes.audit("connection-declared", {"connection": made.id, "person": made.person}, {"staff": made.staff})
        return made

    return await attempt(desk, actor, at, "connection-declared", {"person": who}, work)


async def end(desk: Desk, actor: StaffId, at: datetime, connection: str, reason: str, second: str) -> Connection | Refused:
    """It was said by mistake, or is no longer so: on the word of two, neither of whom it is about."""
    if problem := unreasoned(reason) or second_name(actor, second, "somebody could hear again what was kept from them"):
        return problem

    def work(changes: Changes) -> Connection | Refused:
        found = next((one for one in changes.connections() if one.id == connection), None)
        if found is None:
            return refused("unknown-connection", f"no connection {connection[:64]} stands")
        if found.staff in (actor.strip().casefold(), second.strip().casefold()):
            return refused("own", "nobody ends a connection of their own: two others do")
        changes.end_connection(connection)
        changes.audit("connection-ended", {"connection": connection, "person": found.person},
                      {"staff": found.staff, "second": second.strip()}, reason.strip())
        return found

    return await attempt(desk, actor, at, "connection-ended", {"connection": connection}, work)


async def connections(desk: Desk, actor: StaffId, at: datetime, staff: str = "", person: str = "") -> list[Connection] | Refused:
    """Those that stand; each argument narrows."""
    who = prison_number(person) if person else None
    if person and who is None:
        return Refused((bad_number(person),))
    return await desk.work.look(actor, at, lambda changes: changes.connections(StaffId(staff) if staff.strip() else None, who))
