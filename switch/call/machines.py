"""An answering machine took the call: the caller is told, and pays nothing if he hangs up in time. A part of `flow`.

It is listened for from the answer to a third of the way into the free talk, so that whoever is told can still act on it. Only
what may be recorded is listened to: the warrant that a privileged call never has is the leave to do so.
"""
from dataclasses import replace

from switch.call import commands as do
from switch.call.model import Call, State, Step
from switch.core.ids import Leg
from switch.core.reasons import MACHINE, EndedBy, EndReason

CELL = Leg.CELL

TOLD = ("machine-heard",)
TOLD_SECONDS = 7.0
"""Longer than the prompt lasts: told more lately than this when the legs are joined, the caller may not have heard it out."""
LISTENED = 1 / 3
"""The part of the free talk in which a machine is still listened for."""


def seek(call: Call) -> list[do.Command]:
    """Listen, where the plan has it and the call may be recorded."""
    assert call.decision is not None
    warrant = call.decision.warrant()
    return [] if call.decision.machines is None or warrant is None else [do.SeekMachine(warrant)]


def over_at(call: Call, now: float) -> float | None:
    """Until when it is listened for in a talk that begins now; None where it is not."""
    assert call.decision is not None
    if call.machine or not call.decision.announcement.prompts or not seek(call):
        return None
    assert call.decision.machines is not None
    return now + call.decision.machines.talk_at_most * LISTENED


def machine_heard(call: Call, why: str, now: float) -> Step:
    """Tell the caller, and nobody else. A verdict that comes too late to be of use to him is let go."""
    assert call.decision is not None
    terms = call.decision.machines
    if terms is None:
        return call, []
    if call.talking_since is not None and now - call.talking_since > terms.talk_at_most * LISTENED:
        return call, []
    call = replace(call, machine=why, machine_at=now)
    if call.state is State.TALKING:
        return call, [do.Play(CELL, TOLD)]
    return call, [do.Play(CELL, (*TOLD, "soft-tone"), loop_last=True)]


def tell_again(call: Call, now: float) -> tuple[str, ...]:
    """What the caller may not have heard out when the legs are joined."""
    return TOLD if call.machine and now - call.machine_at < TOLD_SECONDS else ()


def is_uncharged(call: Call, reason: EndReason, talked: float, now: float) -> bool:
    """Whether the caller hung up in time; whoever else ends the call, it is charged as any other."""
    if not call.machine or reason.by is not EndedBy.PERSON or call.decision is None or call.decision.machines is None:
        return False
    terms = call.decision.machines
    return now - call.machine_at <= terms.hang_up_within and talked <= terms.talk_at_most


def noted(call: Call, reason: EndReason, uncharged: bool) -> EndReason:
    """The reason with what was heard, for the record and for statements."""
    if not call.machine:
        return reason
    text = f"{MACHINE} ({call.machine}), {'not charged' if uncharged else 'charged as usual'}"
    return replace(reason, note=f"{reason.note}; {text}" if reason.note else text)
