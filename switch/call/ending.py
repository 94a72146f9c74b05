"""How a call ends: the caller hears why, each leg is let go once, and only a durable record is the end of it.

Part of `flow`, and under its two rules. `end` is the only door out.
"""
from dataclasses import replace

from switch.call import commands as do
from switch.call import events as was
from switch.call import lifeline
from switch.call.machines import is_uncharged, noted
from switch.call.model import Call, State, Step
from switch.core.ids import Leg
from switch.core.reasons import EndReason, Why, prompt_of

CELL = Leg.CELL

TELL_WAIT = 30.0
MEDIA_WAIT = 5.0
CLOSE_WAIT = 5.0
NOT_MARKED = "A number that was answered as the wrong one could not be marked at once"


def latest(call: Call, now: float) -> tuple[float | None, Why]:
    """When talk must end, and by which rule: hours end by the wall however long it rang, the rest counts from the beep."""
    assert call.decision is not None
    limit, closes = call.decision.limit, call.decision.closes_in
    over = None if limit is None else (now + limit.seconds, limit.why)
    hours = None if closes is None else (call.decided_at + closes, Why.HOURS)
    return min((end for end in (over, hours) if end), key=lambda end: end[0], default=(None, Why.LENGTH))


def tell(call: Call, reason: EndReason, now: float) -> Step:
    """Say to the caller why there is no call, to its end; whoever else is on it is let go now."""
    others: list[do.Command] = [do.Hangup(leg, reason) for leg in sorted(call.legs - {CELL})]
    return replace(call, state=State.TELLING, legs=call.legs & {CELL}, pending=reason, rang_until=now), [
        *others,
        *lifeline.alarm(call, reason),
        do.Play(CELL, (prompt_of(reason.why), *lifeline.after(call, reason)), "tell"),
        do.SetTimer("tell", now + TELL_WAIT),
    ]


def while_telling(call: Call, event: was.Event, now: float) -> Step:
    """A refusal is heard to its end: only the caller, its own end, or its bound ends it."""
    assert call.pending is not None
    match event:
        case was.SwitchClosing() | was.CutOrdered():  # what is being told is then the last of it
            return replace(call, left=None), []
        case was.DigitPressed(leg, lifeline.TAKE) if leg is CELL and lifeline.may_take(call):
            return lifeline.take(call, now)
        case was.PromptEnded(leg, "tell") if leg is CELL and lifeline.may_take(call):
            return call, [do.SetTimer("tell", now + lifeline.OFFER_WAIT)]
        case was.PromptEnded(leg, "tell") if leg is CELL:
            return end(call, call.pending, now)
        case was.TimerFired("tell") | was.CommandFailed("Play" | "Inbox", _):
            return end(call, call.pending, now)
        case was.LegLeft(leg, _, _) if leg in call.legs:
            return end(replace(call, legs=call.legs - {leg}), call.pending, now)
        case was.CommandFailed("StopContact", _):
            return call, [do.RaiseAlarm("stop-not-written", "An order to stop contact could not be written at once")]
        case was.CommandFailed("MarkWrongNumber", _):
            return call, [do.RaiseAlarm("wrong-number-not-written", NOT_MARKED)]
    return call, []


def end(call: Call, reason: EndReason, now: float) -> Step:
    """The only door out: each remaining leg is told once, media is closed, then the record is closed once."""
    hangups: list[do.Command] = [do.Hangup(leg, reason) for leg in sorted(call.legs)]
    talked = _talked(call, now)
    uncharged = is_uncharged(call, reason, talked, now)
    ending = do.Ending(noted(call, reason, uncharged), call.decision, call.person, _rang(call, now), talked, uncharged)
    return replace(call, state=State.ENDING, legs=frozenset(), ending=ending), [
        *hangups,
        do.CloseMedia(),
        do.SetTimer("media", now + MEDIA_WAIT),
    ]


def _rang(call: Call, now: float) -> float:
    if call.dialled_at is None:
        return 0.0
    return next(end for end in (call.answered_at, call.rang_until, now) if end is not None) - call.dialled_at


def _talked(call: Call, now: float) -> float:
    if call.talking_since is None:
        return 0.0
    until = now if call.talked_until is None else call.talked_until
    over, _ = latest(call, call.talking_since)
    talked = max(0.0, until - call.talking_since)
    return talked if over is None else min(talked, over - call.talking_since)  # a late timer is not the person's to pay


def while_ending(call: Call, event: was.Event, now: float) -> Step:
    """Only a durable record ends a call: the store's, else the node's journal, tried until one holds it."""
    assert call.ending is not None
    match call.state, event:
        case State.ENDING, (was.MediaClosed() | was.CommandFailed("CloseMedia") | was.TimerFired("media")):
            return replace(call, state=State.SETTLING), [do.CloseRecord(call.ending), do.SetTimer("close", now + CLOSE_WAIT)]
        case State.SETTLING, was.RecordClosed():
            return replace(call, state=State.ENDED), []
        case State.SETTLING, (was.CommandFailed("CloseRecord") | was.TimerFired("close")):
            return call, [do.JournalRecord(call.ending), do.SetTimer("close", now + CLOSE_WAIT)]
        case State.SETTLING, was.CommandFailed("JournalRecord"):
            return call, [do.RaiseAlarm("no-record", "A call record could be written neither to the store nor to the journal")]
        case _, was.CommandFailed("StopContact"):
            return call, [do.RaiseAlarm("stop-not-written", "An order to stop contact could not be written at once")]
        case _, was.CommandFailed("MarkWrongNumber"):
            return call, [do.RaiseAlarm("wrong-number-not-written", NOT_MARKED)]
        case _, was.LegAnswered(leg):  # a 200 that crossed our CANCEL
            return call, [do.Hangup(leg, call.ending.reason)]
    return call, []
