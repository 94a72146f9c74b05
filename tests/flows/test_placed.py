"""A call that the switch places itself: only keys answer, the answer is durable before the thanks, and every one ends."""
import heapq
from dataclasses import dataclass, field
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switch.call import commands as do
from switch.call import events as was
from switch.call import placed
from switch.call.placed import Answer, PlacedKind, State
from switch.core.ids import Leg, StaffId
from switch.core.reasons import EndedBy, Why
from tests.effort import examples

OUTSIDE = Leg.OUTSIDE
DUE = placed.Due(placed.QUESTIONS[PlacedKind.CONSENT], 45.0)
Kind = TypeVar("Kind")


@dataclass
class World:
    now: float = 1000.0
    call: placed.Placed = field(default_factory=placed.Placed)
    done: list[placed.Command] = field(default_factory=list)
    _timers: dict[str, float] = field(default_factory=dict)

    def tell(self, *events: placed.Event, after: float = 0.0) -> list[placed.Command]:
        self.now += after
        brought: list[placed.Command] = []
        for event in events:
            self.call, commands = placed.step(self.call, event, self.now)
            brought += commands
            self._timers |= {one.name: one.at for one in commands if isinstance(one, do.SetTimer)}
        self.done += brought
        return brought

    def pass_time(self, seconds: float, closes: bool = False) -> None:
        """Timers fire that are due; with `closes`, what is asked to close does."""
        until = self.now + seconds
        while due := heapq.nsmallest(1, ((at, name) for name, at in self._timers.items() if at <= until)):
            at, name = due[0]
            del self._timers[name]
            self.now = max(self.now, at)
            self.tell(was.TimerFired(name))
            if closes:
                self.tell(was.MediaClosed(), was.RecordClosed())
        self.now = until

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [one for one in self.done if isinstance(one, kind)]

    def said(self) -> list[str]:
        return [prompt for one in self.of(do.Play) for prompt in one.prompts]


def asking() -> World:
    world = World()
    world.tell(DUE, was.RecordOpened(), was.LegAnswered(OUTSIDE))
    assert world.call.state is State.ASKING
    return world


def close(world: World) -> placed.CloseAttempt:
    """How it is closed once media is, at the first asking."""
    world.tell(was.MediaClosed())
    (closing,) = world.of(placed.CloseAttempt)
    world.tell(was.RecordClosed())
    assert world.call.state is State.ENDED
    assert world.tell(was.LegAnswered(OUTSIDE)) == []
    return closing


@pytest.mark.parametrize(("key", "answer", "thanks"), [
    ("1", Answer.YES, "placed-yes"), ("2", Answer.NO, "placed-no"), ("7", Answer.WRONG_NUMBER, "placed-no"),
    ("9", Answer.STOPPED, "stop-person-done"),
])
def test_a_key_answers_and_is_kept_before_anybody_is_thanked(key: str, answer: Answer, thanks: str) -> None:
    world = asking()
    kept = world.tell(was.DigitPressed(OUTSIDE, key), after=2.0)
    assert [one for one in kept if isinstance(one, placed.KeepAnswer)] == [placed.KeepAnswer(answer)]
    assert world.said() == ["placed-consent"]
    world.tell(placed.AnswerKept(), after=0.1)
    assert world.said() == ["placed-consent", thanks]
    world.tell(was.PromptEnded(OUTSIDE, "thanks"), after=5.0)
    closing = close(world)
    assert (closing.answer, closing.heard) == (answer, pytest.approx(7.1))
    assert closing.reason.by is EndedBy.CALLED


def test_nothing_is_dialled_before_the_record_stands_or_where_it_may_not_be() -> None:
    world = World()
    world.tell(was.RecordOpened())
    assert world.call.state is State.NEW
    world.tell(DUE)
    assert not world.of(placed.Ring)
    world.tell(was.RecordRefused(Why.STOPPED_PERSON))
    assert close(world).reason.why is Why.STOPPED_PERSON
    assert not world.of(placed.Ring)
    late = World()
    late.tell(DUE)
    late.pass_time(placed.OPEN_WAIT)
    assert late.call.state is State.ENDING
    failed = World()
    failed.tell(DUE, was.CommandFailed("OpenAttempt", "the store is gone"))
    assert close(failed).reason.why is Why.FAULT


def test_a_silence_is_asked_three_times_and_is_no_answer() -> None:
    world = asking()
    for reading in range(1, placed.READINGS + 1):
        assert world.call.readings == reading
        world.tell(was.PromptEnded(OUTSIDE, "question"), was.DigitPressed(OUTSIDE, "5"), after=15.0)
        world.pass_time(placed.KEY_WAIT)
    assert world.said() == ["placed-consent"] * 3 + ["placed-no-answer"]
    world.pass_time(placed.THANK_WAIT)
    closing = close(world)
    assert (closing.answer, closing.reason.why) == (None, Why.NO_ANSWER)
    assert not world.of(placed.KeepAnswer)


def test_three_repeats_but_not_for_ever() -> None:
    world = asking()
    world.tell(was.DigitPressed(OUTSIDE, "3"), was.DigitPressed(OUTSIDE, "3"))
    assert world.said() == ["placed-consent"] * 3
    world.tell(was.DigitPressed(OUTSIDE, "3"))
    assert world.said()[-1] == "placed-no-answer"


def test_a_stop_that_is_not_written_yet_is_told_to_be_taken_down() -> None:
    world = asking()
    world.tell(was.DigitPressed(OUTSIDE, "9"), was.CommandFailed("KeepAnswer", "the store is gone"))
    assert world.said()[-1] == "stop-taken-down"


@pytest.mark.parametrize("event", [was.TimerFired("keep"), was.CommandFailed("KeepAnswer", "the store is gone")])
def test_an_answer_that_cannot_be_kept_is_none_and_staff_are_told(event: placed.Event) -> None:
    world = asking()
    world.tell(was.DigitPressed(OUTSIDE, "1"), event)
    assert [one.kind for one in world.of(do.RaiseAlarm)] == ["answer-not-written"]
    assert "placed-yes" not in world.said()
    world.tell(was.PromptEnded(OUTSIDE, "thanks"))
    assert close(world).answer is None


def test_who_hangs_up_after_the_key_has_answered_all_the_same() -> None:
    world = asking()
    world.tell(was.DigitPressed(OUTSIDE, "1"), was.LegLeft(OUTSIDE, Why.HUNG_UP), placed.AnswerKept())
    assert not world.of(do.Hangup)
    assert close(world).answer is Answer.YES


@pytest.mark.parametrize(("events", "by", "why"), [
    ([was.LegLeft(OUTSIDE, Why.BUSY)], EndedBy.CARRIER, Why.BUSY),
    ([was.TimerFired("ring")], EndedBy.CARRIER, Why.NO_ANSWER),
    ([was.CommandFailed("Ring", "no port")], EndedBy.CARRIER, Why.NETWORK_FAILURE),
    ([was.SwitchClosing(0.0)], EndedBy.SWITCH, Why.CLOSING),
    ([was.CutOrdered(StaffId("s1"), "a stop")], EndedBy.STAFF, Why.CUT),
    ([was.LegAnswered(OUTSIDE), was.LegLeft(OUTSIDE, Why.HUNG_UP)], EndedBy.CALLED, Why.HUNG_UP),
    ([was.LegAnswered(OUTSIDE), was.CommandFailed("RaiseAlarm", "x"), was.CommandFailed("Play", "x")], EndedBy.SWITCH, Why.FAULT),
])
def test_every_ending_has_a_name(events: list[placed.Event], by: EndedBy, why: Why) -> None:
    world = World()
    world.tell(DUE, was.RecordOpened(), *events)
    closing = close(world)
    assert (closing.reason.by, closing.reason.why, closing.answer) == (by, why, None)


def test_whoever_said_stop_hears_that_it_is_done_though_the_sweep_finds_the_stop_first() -> None:
    for kept in (False, True):
        world = asking()
        world.tell(was.DigitPressed(OUTSIDE, "9"), *([placed.AnswerKept()] if kept else []))
        assert world.tell(was.CutOrdered(StaffId("order"), "a stop stands against it")) == []
        world.tell(*([] if kept else [placed.AnswerKept()]), was.PromptEnded(OUTSIDE, "thanks"))
        assert "stop-person-done" in world.said()
        closing = close(world)
        assert (closing.reason.by, closing.reason.why, closing.answer) == (EndedBy.CALLED, Why.STOPPED, Answer.STOPPED)
    other = asking()
    other.tell(was.DigitPressed(OUTSIDE, "1"), was.CutOrdered(StaffId("order"), "a bar"))
    assert close(other).reason.why is Why.CUT


def test_a_200_that_crossed_our_cancel_is_hung_up() -> None:
    world = World()
    world.tell(DUE, was.RecordOpened(), was.TimerFired("ring"))
    assert isinstance(world.tell(was.LegAnswered(OUTSIDE))[0], do.Hangup)
    early = World()
    early.tell(DUE)
    assert isinstance(early.tell(was.LegAnswered(OUTSIDE))[0], do.Hangup)


def test_the_record_is_closed_again_until_the_store_takes_it() -> None:
    world = asking()
    world.tell(was.LegLeft(OUTSIDE, Why.HUNG_UP), was.MediaClosed(), was.CommandFailed("CloseAttempt", "the store is gone"))
    world.pass_time(3 * placed.CLOSE_WAIT)
    assert len(world.of(placed.CloseAttempt)) == 4
    assert world.call.state is State.SETTLING


events = st.one_of(
    st.sampled_from([DUE, was.RecordOpened(), was.RecordRefused(Why.ORDERS), was.LegAnswered(OUTSIDE), placed.AnswerKept()]),
    st.builds(was.DigitPressed, st.sampled_from(Leg), st.sampled_from(list("0123579*#"))),
    st.builds(was.PromptEnded, st.sampled_from(Leg), st.sampled_from(["question", "thanks"])),
    st.builds(was.LegLeft, st.just(OUTSIDE), st.sampled_from([Why.HUNG_UP, Why.BUSY])),
    st.builds(was.TimerFired, st.sampled_from(["open", "ring", "key", "keep", "thank", "media", "close"])),
    st.builds(was.CommandFailed, st.sampled_from(["OpenAttempt", "Ring", "KeepAnswer", "CloseAttempt", "CloseMedia", "Play",
                                                  "Hangup", "Inbox"]), st.just("broken")),
    st.sampled_from([was.MediaClosed(), was.RecordClosed(), was.SwitchClosing(0.0), was.CutOrdered(StaffId("s1"), "x")]),
)
HAPPY: list[placed.Event] = [
    DUE, was.RecordOpened(), was.LegAnswered(OUTSIDE), was.DigitPressed(OUTSIDE, "1"), placed.AnswerKept(),
]  # fmt: skip


@settings(max_examples=examples(1000), deadline=None)
@given(st.integers(0, len(HAPPY)), st.lists(events, max_size=14), st.lists(st.floats(0.0, 30.0), min_size=20, max_size=20))
def test_what_must_never_happen(happy: int, more: list[placed.Event], delays: list[float]) -> None:
    world, before, keyed, late = World(), State.NEW, False, 0
    for event, delay in zip([*HAPPY[:happy], *more], delays, strict=False):
        up = world.call.up
        commands = world.tell(event, after=delay)
        state = world.call.state
        keyed |= before is State.ASKING and isinstance(event, was.DigitPressed) and event.leg is OUTSIDE
        late += isinstance(event, was.LegAnswered) and not up and any(isinstance(one, do.Hangup) for one in commands)
        if state is State.ENDED and before is not State.ENDED:
            assert before is State.SETTLING
            assert event == was.RecordClosed(), "ended before the record is durable"
        if any(isinstance(one, placed.KeepAnswer) for one in commands):
            assert keyed, "an answer that nobody gave"
        assert all(one.at >= world.now for one in commands if isinstance(one, do.SetTimer))
        before = state
    assert len(world.of(placed.Ring)) <= 1
    assert len(world.of(placed.KeepAnswer)) <= 1
    assert len(world.of(do.Hangup)) - late <= 1, "told twice"
    assert not any(isinstance(one, do.Bridge | do.StartRecording | do.AnswerCell | do.Dial) for one in world.done)
    for one in world.of(placed.CloseAttempt):
        assert one.answer is None or (placed.AnswerKept() in more or happy == len(HAPPY)), "an answer that was not kept"


@settings(max_examples=examples(300), deadline=None)
@given(st.integers(1, len(HAPPY)), st.lists(events, max_size=10))
def test_it_ends_within_a_bound_though_nobody_answers(happy: int, more: list[placed.Event]) -> None:
    world = World()
    world.tell(*HAPPY[:happy], *more)
    world.pass_time(10 * (placed.READINGS * (placed.SPEAK_WAIT + placed.KEY_WAIT) + placed.THANK_WAIT + 60.0), closes=True)
    world.tell(was.RecordClosed())
    assert world.call.state is State.ENDED


def test_who_asks_is_said_each_time_before_the_question() -> None:
    world, question = World(), placed.introduced(placed.QUESTIONS[PlacedKind.VERIFY], ("placed-from", "name-1"))
    world.tell(placed.Due(question, 45.0), was.RecordOpened(), was.LegAnswered(OUTSIDE))
    world.tell(was.DigitPressed(OUTSIDE, placed.AGAIN), after=1.0)
    assert world.said() == ["placed-from", "name-1", "placed-verify"] * 2
    assert question.keys == placed.QUESTIONS[PlacedKind.VERIFY].keys
