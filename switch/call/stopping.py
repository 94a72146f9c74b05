"""Stop unwanted contact: key 9 stops calls from this person, 9 again from every prison. A part of `flow`, under its rules."""
from dataclasses import replace

from switch.call import commands as do
from switch.call import events as was
from switch.call.ending import end, tell
from switch.call.model import Call, State, Step
from switch.core.facts import StopScope
from switch.core.ids import Leg
from switch.core.reasons import EndedBy, EndReason, Why

CELL, OUTSIDE = Leg.CELL, Leg.OUTSIDE

STOP_AGAIN = 2.5
"""After the question has been spoken: how long a second 9 may take."""
STOP_WAIT = 20.0
STOP_WRITE_WAIT = 5.0
STOP_GRACE = 10.0
"""Into the talk: 9 still stops calls this long after the announcement, for a key pressed as it ended."""


def may_stop(call: Call, now: float) -> bool:
    if call.state not in (State.ANNOUNCING, State.ARMING, State.TALKING):
        return False
    if call.decision is None or not call.decision.announcement.offers_stop:
        return False
    return call.talking_since is None or now - call.talking_since <= STOP_GRACE


def stop_asked(call: Call, now: float) -> Step:
    """The first 9 is the order, and goes out at once; whether a second will widen it is asked while it is written."""
    shut: list[do.Command] = [do.Unbridge()] if call.state is State.TALKING else []
    until = now if call.state is State.TALKING else None
    call, ordered = _order(replace(call, state=State.STOPPING, talked_until=until), StopScope.PERSON, now)
    return call, [
        *shut,
        *ordered,
        do.Play(OUTSIDE, ("stop-person-asked",), "stop-asked"),
        do.Play(CELL, ("soft-tone",), loop_last=True),
        do.SetTimer("stop", now + STOP_WAIT),
    ]


def while_stopping(call: Call, event: was.Event, now: float) -> Step:
    match event:
        case was.DigitPressed(leg, "9") if leg is OUTSIDE and call.stop is not StopScope.EVERYONE:
            return _order(replace(call, stop_asked=True), StopScope.EVERYONE, now)
        case was.PromptEnded(leg, "stop-asked") if leg is OUTSIDE:
            return call, [do.SetTimer("stop", now + STOP_AGAIN)]
        case was.TimerFired("stop") if not call.stop_asked:
            return _answer(replace(call, stop_asked=True), now)
        case was.ContactStopped(scope) if scope is call.stop:
            return _answer(replace(call, stop_came="stop-all-done" if scope is StopScope.EVERYONE else "stop-person-done"), now)
        case was.CommandFailed("StopContact", _) | was.TimerFired("stop-written") if call.stop_came is None:
            call, told = _answer(replace(call, stop_came="stop-taken-down"), now)
            return call, [do.RaiseAlarm("stop-not-written", "An order to stop contact could not be written at once"), *told]
        case was.PromptEnded(leg, "stop-done") if leg is OUTSIDE:
            return tell(call, EndReason(EndedBy.CALLED, Why.STOPPED), now)
        case was.TimerFired("stop-done") | was.CommandFailed("Play", _):
            return tell(call, EndReason(EndedBy.CALLED, Why.STOPPED), now)
        case was.LegLeft(leg, _, _) if leg in call.legs:
            call = replace(call, legs=call.legs - {leg})
            reason = EndReason(EndedBy.CALLED, Why.STOPPED)
            return end(call, reason, now) if leg is CELL else tell(call, reason, now)
        case was.CutOrdered() | was.SwitchClosing() | was.TimerFired("closing") | was.CommandFailed("Unbridge" | "Inbox", _):
            return end(call, EndReason(EndedBy.CALLED, Why.STOPPED), now)
    return call, []


def _order(call: Call, scope: StopScope, now: float) -> Step:
    return replace(call, stop=scope, stop_came=None), [do.StopContact(scope), do.SetTimer("stop-written", now + STOP_WRITE_WAIT)]


def _answer(call: Call, now: float) -> Step:
    """What came of the order is told once there is something to tell, and nothing more to ask."""
    if call.stop_came is None or not call.stop_asked:
        return call, []
    return call, [do.Play(OUTSIDE, (call.stop_came,), "stop-done"), do.SetTimer("stop-done", now + STOP_WAIT)]
