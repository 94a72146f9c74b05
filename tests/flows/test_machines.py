"""An answering machine took the call: who is told, what it costs, on both sides of 20 s after the verdict and of 30 s of talk."""
from dataclasses import replace

import pytest

from dialplans.model import MachineTerms
from switch.call import commands as do
from switch.call import events as was
from switch.call.model import State
from switch.core.ids import Leg
from switch.core.reasons import EndedBy, Why
from tests.flows import world as w

CELL, OUTSIDE = Leg.CELL, Leg.OUTSIDE
TERMS = MachineTerms(20.0, 30.0)
SOUGHT = w.decision(machines=TERMS)
HEARD = was.MachineHeard("a beep of 1000 Hz")
TOLD = do.Play(CELL, ("machine-heard",))


def answered(plan: w.Decision = SOUGHT) -> w.World:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(plan), was.RecordOpened(), was.LegAnswered(OUTSIDE))
    return world


def hung_up(world: w.World) -> do.Ending:
    world.tell(was.LegLeft(CELL, Why.HUNG_UP))
    assert world.call.ending is not None
    return world.call.ending


def test_a_monitored_call_is_listened_to_from_the_answer() -> None:
    warrant = SOUGHT.warrant()
    assert warrant is not None
    assert do.SeekMachine(warrant) in answered().done
    assert not answered(w.OK).of(do.SeekMachine), "the plan does not have it"


def test_a_privileged_call_is_never_listened_to() -> None:
    world = answered(replace(w.LAWYER, machines=TERMS))
    assert world.call.state is State.ANNOUNCING
    assert not world.of(do.SeekMachine)
    world.tell(was.PromptEnded(OUTSIDE, "announcement"))
    assert world.call.state is State.TALKING
    world.pass_time(60.0)
    assert not world.of(do.SeekMachine)


def test_only_the_caller_is_told_and_the_announcement_goes_on() -> None:
    world = answered()
    assert world.tell(HEARD, after=5.0) == [do.Play(CELL, ("machine-heard", "soft-tone"), loop_last=True)]
    assert world.call.state is State.ANNOUNCING


def test_whoever_may_not_have_heard_it_out_hears_it_again() -> None:
    world = answered()
    world.tell(HEARD, after=5.0)
    world.tell(was.PromptEnded(OUTSIDE, "announcement"), after=6.8)
    assert do.Play(CELL, ("beep", "machine-heard")) in world.tell(was.RecorderRunning(), after=0.1)
    world = answered()
    world.tell(HEARD, after=5.0)
    world.tell(was.PromptEnded(OUTSIDE, "announcement"), after=7.0)
    assert do.Play(CELL, ("beep",)) in world.tell(was.RecorderRunning(), after=0.1)


def test_a_verdict_between_announcement_and_talk_is_told() -> None:
    world = answered()
    world.tell(was.PromptEnded(OUTSIDE, "announcement"), after=5.0)
    assert world.call.state is State.ARMING
    assert do.Play(CELL, ("machine-heard", "soft-tone"), loop_last=True) in world.tell(HEARD)


def test_hanging_up_during_the_announcement_costs_nothing_and_is_noted() -> None:
    world = answered()
    world.tell(HEARD, after=5.0)
    ending = hung_up(world)
    assert (ending.reason.by, ending.reason.why, ending.talked) == (EndedBy.PERSON, Why.ABANDONED, 0.0)
    assert ending.uncharged
    assert ending.reason.note == "answering machine (a beep of 1000 Hz), not charged"


@pytest.mark.parametrize(("after", "uncharged"), [(0.0, True), (19.5, True), (20.0, True), (20.01, False), (25.0, False)])
def test_free_within_twenty_seconds_of_the_verdict(after: float, uncharged: bool) -> None:
    world = w.talking(SOUGHT)
    assert world.tell(HEARD, after=1.0) == [TOLD]
    world.now += after
    ending = hung_up(world)
    assert ending.uncharged is uncharged
    assert ending.reason.note.endswith("not charged" if uncharged else "charged as usual")


@pytest.mark.parametrize(("talked", "uncharged"), [(29.5, True), (30.0, True), (30.01, False), (31.0, False)])
def test_never_free_after_thirty_seconds_of_talk(talked: float, uncharged: bool) -> None:
    """The verdict comes as late as it can, so that the twenty seconds are not over before the thirty."""
    world = w.talking(w.decision(machines=MachineTerms(25.0, 30.0)))
    world.tell(HEARD, after=9.9)
    world.now += talked - 9.9
    assert hung_up(world).uncharged is uncharged


@pytest.mark.parametrize(("at", "told"), [(9.9, True), (10.1, False), (31.0, False)])
def test_a_beep_in_the_middle_of_a_talk_is_no_machine(at: float, told: bool) -> None:
    world = w.talking(SOUGHT)
    assert (world.tell(HEARD, after=at) == [TOLD]) is told
    ending = hung_up(world)
    assert ending.uncharged is told
    assert ("answering machine" in ending.reason.note) is told


def test_a_faked_beep_after_thirty_seconds_is_charged() -> None:
    world = w.talking(SOUGHT)
    world.pass_time(10.0)
    assert do.SeekMachine(None) in world.done, "nobody listens any more"
    assert world.tell(HEARD, after=21.0) == []
    assert not hung_up(world).uncharged


def test_once_a_machine_was_heard_the_listening_is_over() -> None:
    world = answered()
    world.tell(HEARD, was.PromptEnded(OUTSIDE, "announcement"), was.RecorderRunning(), after=5.0)
    assert world.tell(was.MachineHeard("again"), after=1.0) == []
    world.pass_time(15.0)
    assert do.SeekMachine(None) not in world.done


def test_whoever_stays_leaves_a_message_charged_and_recorded() -> None:
    world = answered()
    world.tell(HEARD, after=5.0)
    world.tell(was.PromptEnded(OUTSIDE, "announcement"), was.RecorderRunning(), after=7.0)
    assert world.of(do.StartRecording)
    assert world.call.state is State.TALKING
    world.now += 40.0
    ending = hung_up(world)
    assert (ending.talked, ending.uncharged) == (40.0, False)


def test_another_end_than_the_callers_is_charged_and_keeps_its_own_note() -> None:
    world = w.talking(SOUGHT)
    world.tell(HEARD, after=1.0)
    world.tell(was.LegLeft(OUTSIDE, Why.HUNG_UP, "BYE"), after=3.0)
    assert world.call.ending is not None
    assert not world.call.ending.uncharged
    assert world.call.ending.reason.note == "BYE; answering machine (a beep of 1000 Hz), charged as usual"


def test_a_verdict_that_nobody_asked_for_is_let_go() -> None:
    world = w.talking(w.OK)
    assert world.tell(HEARD, after=1.0) == []
    assert not hung_up(world).uncharged


def test_an_engine_that_cannot_listen_ends_no_call() -> None:
    world = answered()
    assert world.tell(was.CommandFailed("SeekMachine", "no ear")) == []
    assert world.call.state is State.ANNOUNCING


def test_without_an_announcement_there_is_nothing_to_listen_under() -> None:
    world = w.talking(w.decision(machines=TERMS, announcement=w.Announcement()))
    world.pass_time(12.0)
    assert not world.of(do.SeekMachine)
