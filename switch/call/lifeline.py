"""Somebody at risk is never left with a refusal: a helpline is offered in the same breath. A part of `flow`, under its rules."""
from dataclasses import replace

from dialplans.model import LAST_MINUTE
from switch.call import commands as do
from switch.call.model import Call, State, Step
from switch.core.ids import Leg
from switch.core.numbers import Dialled
from switch.core.reasons import EndReason, Why

CELL = Leg.CELL
TAKE = "1"
"""The key that takes the offer."""
OFFER = ("offer-samaritans",)
OFFER_TO_DIAL = ("offer-samaritans-dial",)
DECIDE_WAIT = 10.0
OFFER_WAIT = 8.0
"""After the offer has been spoken: how long the key may take."""

FOR_WANT = frozenset({
    Why.NO_CREDIT, Why.SPENT, Why.NO_ALLOWANCE, Why.NO_WEEK, Why.TOO_MANY, Why.TOO_SOON,
    Why.CREDIT, Why.SPEND, Why.ALLOWANCE, Why.WEEK,
})  # fmt: skip
"""Want of credit or minutes: the refusals, and the endings, after which a helpline is offered."""


def offered(call: Call, reason: EndReason) -> bool:
    """Whether what the caller is told now ends with the offer."""
    return call.decision is not None and call.decision.lifeline is not None and reason.why in FOR_WANT


def after(call: Call, reason: EndReason) -> tuple[str, ...]:
    """What follows the words of a refusal: the key that takes the offer, where nothing was dialled yet; else how to ring."""
    if not offered(call, reason):
        return ()
    return OFFER if call.dialled_at is None else OFFER_TO_DIAL


def alarm(call: Call, reason: EndReason) -> list[do.Command]:
    """Staff are told at once, so that they can give leave for an emergency call."""
    if not offered(call, reason):
        return []
    text = f"Somebody at risk was refused a call ({reason.why}) and was offered Samaritans; `permits emergency` gives leave"
    return [do.RaiseAlarm("at-risk-refused", text)]


def may_take(call: Call) -> bool:
    return call.pending is not None and call.dialled_at is None and offered(call, call.pending)


def take(call: Call, now: float) -> Step:
    """The call becomes one to the helpline, nameless as any; the refusal stays with the alarm that it raised."""
    assert call.decision is not None
    assert call.decision.lifeline is not None
    assert call.offer is not None
    line = Dialled(call.decision.lifeline)
    call = replace(call, state=State.DECIDING, decision=None, pending=None, rang_until=None, person=call.offer.person)
    return call, [do.StopPlaying(CELL), do.Decide(None, line), do.SetTimer("decide", now + DECIDE_WAIT)]


def in_warning(call: Call, name: str) -> tuple[str, ...]:
    """What the caller alone hears after the warning of the last minute."""
    assert call.decision is not None
    due = call.decision.lifeline is not None and name == f"warn-{LAST_MINUTE:g}"
    return OFFER_TO_DIAL if due else ()


def at_start(call: Call, over: float | None, now: float) -> tuple[str, ...]:
    """A call that begins in its last minute has the offer with the beep, since no warning comes."""
    assert call.decision is not None
    due = call.decision.lifeline is not None and over is not None and over - now <= LAST_MINUTE
    return OFFER_TO_DIAL if due else ()
