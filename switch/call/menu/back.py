"""From the menu to a number, and back where the plan refuses it. A part of `flow`, under its rules.

Only what was refused before anything was settled comes back: nothing was opened, dialled or promised to the media. What the plan
allowed is a call as any other, and its end is the end.
"""
from dataclasses import replace

from switch.call import commands as do
from switch.call import events as was
from switch.call import lifeline
from switch.call.menu.model import Left
from switch.call.model import Call, State
from switch.core.ids import Leg, PersonId
from switch.core.numbers import Dialled, Unreadable
from switch.core.reasons import REFUSALS

CELL = Leg.CELL
DECIDE_WAIT = 10.0


def place(call: Call, dialled: Dialled | Unreadable, now: float) -> tuple[Call, list[do.Command]]:
    """Leave the menu for the ordinary way of a call: the plan is asked about this number, as if the telephone had dialled it."""
    assert call.menu is not None
    left = Left(call.menu, call.person, call.decision)
    return replace(call, state=State.DECIDING, menu=None, decision=None, left=left), [
        do.StopPlaying(CELL),
        do.Decide(call.person, dialled),
        do.SetTimer("decide", now + DECIDE_WAIT),
    ]


def comes_back(call: Call, event: was.Event) -> bool:
    """Whether this ends the refusal of a number that was chosen in the menu: it was heard out, or any key broke it off. The offer
    of Samaritans, where it is made, is waited out, and its key goes first."""
    if call.left is None or call.pending is None or call.pending.why not in REFUSALS:
        return False
    match event:
        case was.DigitPressed(leg, key) if leg is CELL:
            return key != lifeline.TAKE or not lifeline.may_take(call)
        case was.PromptEnded(leg, "tell") if leg is CELL:
            return not lifeline.may_take(call)
        case was.TimerFired("tell"):
            return True
    return False


def come_back(call: Call) -> tuple[Call, do.NoteRefusal]:
    """The menu as it was, and the record of what was refused; `steps` says what is heard."""
    left = call.left
    assert left is not None
    assert call.pending is not None
    refused = do.NoteRefusal(do.Ending(call.pending, call.decision, call.person, 0.0, 0.0))
    return replace(
        call, state=State.MENU, menu=left.menu, person=left.person, decision=left.decision, left=None, pending=None,
        rang_until=None,
    ), refused


def known(call: Call) -> PersonId:
    """Whoever chose a thing that only somebody known is offered."""
    assert call.person is not None
    return call.person
