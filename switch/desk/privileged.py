"""A number is found to be privileged when calls to it were recorded already: in one action nobody can hear them any more. And the
way back, where that was a mistake."""
from dataclasses import dataclass
from datetime import datetime

from switch.core.facts import ContactKind, ContactState
from switch.core.ids import CallId, StaffId
from switch.core.numbers import Unreadable, read_number
from switch.desk.asking import Desk, Problem, Refused, attempt, refused, same_name, second_name, unreasoned
from switch.ports.desk import Changes
from switch.ports.privileged import MonitoredCall, Play


@dataclass(frozen=True, slots=True)
class Found:
    """`calls` are in quarantine; those among them that ran are being `cut`; `plays` is who heard one before."""

    number: str
    calls: tuple[MonitoredCall, ...]
    cut: tuple[CallId, ...]
    plays: tuple[Play, ...]


@dataclass(frozen=True, slots=True)
class Undone:
    """`calls` are in quarantine no longer."""

    number: str
    calls: tuple[CallId, ...]


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
    if not second.strip() or same_name(second, actor):
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


async def undo_found(desk: Desk, actor: StaffId, at: datetime, number: str, reason: str, second: StaffId) -> Undone | Refused:
    """What was found about a number was wrong, on the word of two: calls to it are again what they were before, and its earlier
    recordings are given back. Never for a number that is privileged by the signed list or as somebody's approved contact."""
    problems: list[Problem] = []
    read = read_number(number)
    if isinstance(read, Unreadable):
        problems.append(Problem("bad-telephone", f"{number!r} is no telephone number: {read.why}"))
    for wrong in (second_name(actor, second, "recordings can be heard again"), unreasoned(reason)):
        problems += wrong.problems if wrong else ()
    if problems:
        return Refused(tuple(problems))
    dialled = str(read)

    def work(changes: Changes) -> Undone | Refused:
        findings = changes.findings(dialled)
        if not findings:
            return refused("not-found", f"nobody has found that {dialled} is privileged, or it was undone")
        if changes.listed_name(dialled) is not None:
            return refused("on-the-list", f"{dialled} is on the signed list: it is privileged, whoever found it")
        if any(one.kind is ContactKind.PRIVILEGED and one.state is ContactState.APPROVED
               for one in changes.approvals(number=dialled)):
            return refused("verified", f"{dialled} was verified as somebody's privileged contact: that is to be ended first")
        calls = changes.release(findings, second.strip())
        detail: dict[str, str | int | bool | None] = {
            "second": second.strip(), "findings": len(findings), "calls": len(calls), "ids": " ".join(calls)}
        changes.audit("privileged-undone", {"quarantine": findings[0]}, detail, note=reason.strip())
        for call in calls:
            changes.publish("recording-released", f"{findings[0]} {call}", {"call": call})
        return Undone(dialled, tuple(calls))

    return await attempt(desk, actor, at, "privileged-undone", {}, work)
