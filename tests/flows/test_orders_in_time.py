"""Orders that stop harm are in force in time: each state of a call, each way of an order, in virtual time.

An order of staff or of the API is a row; the switch looks once a second (`SWEEP_EVERY` after the last look was answered). A key
on the call itself is obeyed by the very step that takes it.
"""
from collections.abc import Callable, Iterator

import pytest

from switch.call import commands as do
from switch.call import events as was
from switch.call.model import State
from switch.core.facts import StopScope
from switch.core.ids import Leg, StaffId
from switch.core.reasons import EndedBy, Why
from switch.runtime.switchboard import SWEEP_EVERY
from tests.flows import world as w

CELL, OUTSIDE = Leg.CELL, Leg.OUTSIDE
KILL_IN_FORCE, STOP_IN_FORCE = 2.0, 5.0
"""Seconds from the commit of an order to the end of the call, by issue 3 §1 and §2."""
READ = 0.4
"""Seconds that the database may take to answer one look; the slowest for which the bound of a kill holds."""


def dialling() -> w.World:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK), was.RecordOpened())
    return world


def announcing() -> w.World:
    world = dialling()
    world.tell(was.LegAnswered(OUTSIDE))
    return world


def arming() -> w.World:
    world = announcing()
    world.tell(was.PromptEnded(OUTSIDE, "announcement"), after=12.0)
    return world


LIVE: dict[State, Callable[[], w.World]] = {State.DIALLING: dialling, State.ANNOUNCING: announcing, State.ARMING: arming,
                                            State.TALKING: w.talking}


def looks(phase: float) -> Iterator[float]:
    """When the answers of the looks that begin at `phase` or later are there, in seconds after an order's commit; a look that
    began before the commit does not see it."""
    at = phase
    while True:
        if at >= 0.0:
            yield at + READ
        at += READ + SWEEP_EVERY


@pytest.mark.parametrize(("why", "bound"), [(Why.CUT, KILL_IN_FORCE), (Why.STOPPED, STOP_IN_FORCE)])
@pytest.mark.parametrize("state", list(LIVE))
@pytest.mark.parametrize("phase", [0.0, -0.001, -READ, -READ - SWEEP_EVERY / 2, -READ - SWEEP_EVERY + 0.001])
def test_a_row_ends_the_call_in_each_state_in_time(why: Why, bound: float, state: State, phase: float) -> None:
    """Staff, the API, a bar and an order against contact are alike: a row of the database, found by the next look."""
    world = LIVE[state]()
    assert world.call.state is state
    given = world.now
    seen = next(looks(phase))
    world.pass_time(seen)
    legs = world.call.legs
    brought = world.tell(was.CutOrdered(StaffId("officer"), "an order", why))
    assert world.now - given < bound
    assert {hangup.leg for hangup in brought if isinstance(hangup, do.Hangup)} == legs
    assert world.call.state is State.ENDING
    world.settle()
    assert world.call.ending is not None
    assert world.call.ending.reason.by is (EndedBy.CALLED if why is Why.STOPPED else EndedBy.STAFF)


@pytest.mark.parametrize("state", [State.ANNOUNCING, State.ARMING, State.TALKING])
def test_a_key_is_obeyed_at_once(state: State) -> None:
    """The voices are apart and the order is on its way before any question is asked; the second 9 widens it at once, too."""
    world = LIVE[state]()
    pressed = world.now
    brought = world.tell(was.DigitPressed(OUTSIDE, "9"))
    assert world.now - pressed < STOP_IN_FORCE
    assert do.StopContact(StopScope.PERSON) in brought
    assert (do.Unbridge() in brought) is (state is State.TALKING)
    assert brought.index(do.StopContact(StopScope.PERSON)) < next(
        index for index, one in enumerate(brought) if isinstance(one, do.Play))
    world.tell(was.ContactStopped(StopScope.PERSON), after=0.1)
    brought = world.tell(was.DigitPressed(OUTSIDE, "9"), after=3.0)
    assert do.StopContact(StopScope.EVERYONE) in brought
    assert not world.of(do.Bridge) or world.done.index(do.Unbridge()) > world.done.index(do.Bridge()), "nobody is heard again"


def test_a_key_whose_order_nobody_takes_is_told_to_staff_in_time() -> None:
    world = announcing()
    world.tell(was.DigitPressed(OUTSIDE, "9"))
    world.pass_time(STOP_IN_FORCE)
    assert [alarm.kind for alarm in world.of(do.RaiseAlarm)] == ["stop-not-written"]


def test_another_look_tells_the_same_call_nothing_new() -> None:
    world = w.talking()
    cut = was.CutOrdered(StaffId("officer"), "an order")
    assert [one for one in world.tell(cut) if isinstance(one, do.Hangup)]
    assert world.tell(cut) == []
