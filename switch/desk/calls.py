"""Calls as staff look at them, and one that runs ended by their order."""
from dataclasses import dataclass
from datetime import datetime

from switch.core.ids import CallId, StaffId
from switch.desk.asking import Desk, Problem, Refused, attempt, bad_number, prison_number, refused, unreasoned
from switch.ports.calls import CallRow
from switch.ports.desk import Changes

MOST = 1000


@dataclass(frozen=True, slots=True)
class CutOrdered:
    """The order by which a call ends: within the second that the switch takes to look."""

    order: str
    call: str


async def list_calls(desk: Desk, actor: StaffId, at: datetime, live: bool = False, person: str = "",
                     since: datetime | None = None, until: datetime | None = None, most: int = MOST
                     ) -> list[CallRow] | Refused:
    """The newest calls, oldest first: those that run, or all; of one person, or everybody; begun from one moment to another."""
    who = prison_number(person) if person else None
    problems = [bad_number(person)] if person and who is None else []
    if not 1 <= most <= MOST:
        problems.append(Problem("bad-most", f"at most {MOST} calls are listed at once, and at least one"))
    if since is not None and until is not None and until <= since:
        problems.append(Problem("bad-times", "the end of that time lies before its beginning"))
    if problems:
        return Refused(tuple(problems))
    return await desk.work.look(actor, at, lambda changes: changes.calls(live, who, since, until, most))


async def show_call(desk: Desk, actor: StaffId, at: datetime, call: str) -> CallRow | Refused:
    """One call, running or past, with every finding of its decision."""
    found = await desk.work.look(actor, at, lambda changes: changes.call(call))
    return found or refused("unknown-call", f"there is no call {call[:64]}")


async def cut_call(desk: Desk, actor: StaffId, at: datetime, call: str, reason: str) -> CutOrdered | Refused:
    """A call that runs ends, a helpline's or an emergency's too; the reason is kept with it."""
    if problem := unreasoned(reason):
        return problem
    id = desk.mint.id()

    def work(changes: Changes) -> CutOrdered | Refused:
        try:
            changes.cut_call(id, CallId(call), reason.strip())
        except KeyError:
            if changes.call(call) is None:
                return refused("unknown-call", f"there is no call {call[:64]}")
            return refused("over", f"{call}: it is over")
        return CutOrdered(id, call)

    return await attempt(desk, actor, at, "call-cut", {"call": call}, work)
