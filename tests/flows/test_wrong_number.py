"""Key 7: whoever answers says that it is the wrong number. And orders that end a call that runs, told by whose they are."""
import pytest

from dialplans.model import Decision
from switch.call import commands as do
from switch.call import events as was
from switch.call.model import State
from switch.core.ids import Leg, StaffId
from switch.core.reasons import EndedBy, Why
from tests.flows import world as w

CELL, OUTSIDE = Leg.CELL, Leg.OUTSIDE
SEVEN = was.DigitPressed(OUTSIDE, "7")


def answered(plan: Decision = w.OK) -> w.World:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(plan), was.RecordOpened(), was.LegAnswered(OUTSIDE))
    return world


def ending(world: w.World) -> tuple[EndedBy, Why]:
    assert world.call.ending is not None
    return world.call.ending.reason.by, world.call.ending.reason.why


@pytest.mark.parametrize("plan", [w.OK, w.LAWYER])
def test_seven_in_the_announcement_marks_the_number_and_the_caller_is_told(plan: Decision) -> None:
    world = answered(plan)
    commands = world.tell(SEVEN, after=3.0)
    assert commands[0] == do.MarkWrongNumber()
    assert [c.leg for c in commands if isinstance(c, do.Hangup)] == [OUTSIDE]
    assert do.Play(CELL, ("ended-wrong-number",), "tell") in commands
    world.tell(was.PromptEnded(CELL, "tell"), after=8.0)
    assert ending(world) == (EndedBy.CALLED, Why.WRONG_NUMBER)
    assert world.call.ending is not None
    assert world.call.ending.talked == 0.0
    assert not world.of(do.Bridge)


def test_seven_just_after_the_announcement_shuts_the_gate_first() -> None:
    world = w.talking()
    commands = world.tell(SEVEN, after=4.0)
    assert commands[:2] == [do.Unbridge(), do.MarkWrongNumber()]
    world.tell(was.PromptEnded(CELL, "tell"), after=8.0)
    assert world.call.ending is not None
    assert world.call.ending.talked == pytest.approx(4.0), "the talk ended when the gate closed"


@pytest.mark.parametrize(("seconds", "counts"), [(9.9, True), (10.1, False)])
def test_the_grace_is_that_of_key_nine(seconds: float, counts: bool) -> None:
    world = w.talking()
    world.tell(SEVEN, after=seconds)
    assert bool(world.of(do.MarkWrongNumber)) is counts


def test_seven_while_the_recorder_starts_counts() -> None:
    world = answered()
    world.tell(was.PromptEnded(OUTSIDE, "announcement"), after=12.0)
    assert world.call.state is State.ARMING
    assert do.MarkWrongNumber() in world.tell(SEVEN)


def test_seven_means_nothing_elsewhere() -> None:
    for plan in (w.LAWYER, w.SAMARITANS, w.EMERGENCY):
        world = w.talking(plan)
        assert world.tell(SEVEN) == []
    world = answered()
    assert world.tell(was.DigitPressed(CELL, "7")) == [], "only whoever answered can say so"
    ringing = w.World()
    ringing.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK), was.RecordOpened())
    assert ringing.tell(SEVEN) == []
    stopping = answered()
    stopping.tell(was.DigitPressed(OUTSIDE, "9"))
    stopping.tell(SEVEN)
    assert not stopping.of(do.MarkWrongNumber), "an order to stop says more"


@pytest.mark.parametrize("ended", [False, True])
def test_a_mark_that_cannot_be_written_is_alarmed(ended: bool) -> None:
    world = answered()
    world.tell(SEVEN)
    if ended:
        world.tell(was.PromptEnded(CELL, "tell"))
    world.tell(was.CommandFailed("MarkWrongNumber", "locked"))
    assert [alarm.kind for alarm in world.of(do.RaiseAlarm)] == ["wrong-number-not-written"]


@pytest.mark.parametrize(("why", "by"), [(Why.CUT, EndedBy.STAFF), (Why.STOPPED, EndedBy.CALLED)])
def test_an_order_in_force_ends_the_talk_at_once(why: Why, by: EndedBy) -> None:
    world = w.talking()
    commands = world.tell(was.CutOrdered(StaffId("s1"), "stop x", why), after=3.0)
    assert [c.leg for c in commands if isinstance(c, do.Hangup)] == [CELL, OUTSIDE]
    assert ending(world) == (by, why)
