"""A number is found to be privileged when calls to it were recorded already: in one action nobody can hear them any more."""
from dataclasses import dataclass
from datetime import datetime

from switch.core.ids import CallId, StaffId
from switch.core.numbers import Unreadable, read_number
from switch.desk.asking import Desk, Problem, Refused, attempt, unreasoned
from switch.ports.desk import Changes
from switch.ports.privileged import MonitoredCall, Play


@dataclass(frozen=True, slots=True)
class Found:
    """`calls` are in quarantine; those among them that ran are being `cut`; `plays` is who heard one before."""

    number: str
    calls: tuple[MonitoredCall, ...]
    cut: tuple[CallId, ...]
    plays: tuple[Play, ...]


async def found_privileged(desk: Desk, actor: StaffId, at: datetime, number: str, since: datetime, reason: str,
                           second: StaffId) -> Found | Refused:
    """From now on the number is privileged for whoever rings it, and every recording of a call to it since then is in
    quarantine. A call that is being recorded is cut: rung again, it is private. Two members of staff say so."""
    problems: list[Problem] = []
    read = read_number(number)
    if isinstance(read, Unreadable):
        problems.append(Problem("bad-telephone", f"{number!r} is no telephone number: {read.why}"))
    if since.tzinfo is None or since > at:
        problems.append(Problem("bad-times", "say from which moment on, in the past and with its zone"))
    if not second.strip() or second.strip() == actor.strip():
        problems.append(Problem("second-name", "two members of staff say so: name another one"))
    if wrong := unreasoned(reason):
        problems += wrong.problems
    if problems:
        return Refused(tuple(problems))
    id, dialled = desk.mint.id(), str(read)

    def work(changes: Changes) -> Found | Refused:
        calls = changes.monitored_calls(dialled, since)
        ids = [one.call for one in calls]
        running = tuple(one.call for one in calls if one.runs)
        changes.quarantine(id, dialled, since, second.strip(), ids)
        for call in running:
            changes.cut_call(f"{id}:{call}", call, "the number called was found to be privileged")
        plays = changes.plays(ids)
        changes.audit("privileged-found", {"quarantine": id}, {
            "second": second.strip(), "calls": len(ids), "cut": len(running), "plays": len(plays),
            "ids": " ".join(ids)}, note=reason.strip())
        return Found(dialled, tuple(calls), running, tuple(plays))

    return await attempt(desk, actor, at, "privileged-found", {}, work)
