"""A number asked whether its calls are to be stopped: 1 and 2 answer, 5 speaks the code digit by digit, and nothing else does."""
import pytest

from switch.call import commands as do
from switch.call import events as was
from switch.call import placed
from switch.call.confirming import STOPPING, confirmation
from switch.call.placed import Answer, PlacedKind, State
from switch.core.facts import StopScope
from switch.core.ids import Leg
from tests.flows.test_placed import World, close

OUTSIDE = Leg.OUTSIDE
DIGITS = ("say-1", "say-3", "say-5", "say-7", "say-0", "say-9")


def asking(kind: PlacedKind = PlacedKind.STOP, scope: StopScope = StopScope.EVERYONE) -> World:
    world = World()
    world.tell(placed.Due(confirmation(kind, scope, "135709"), 45.0), was.RecordOpened(), was.LegAnswered(OUTSIDE))
    assert world.call.state is State.ASKING
    return world


@pytest.mark.parametrize(("kind", "scope", "asked", "done"), [
    (PlacedKind.STOP, StopScope.EVERYONE, "placed-stop-all", "stop-all-done"),
    (PlacedKind.STOP, StopScope.PERSON, "placed-stop-person", "stop-person-done"),
    (PlacedKind.ALLOW, StopScope.EVERYONE, "placed-allow-all", "placed-allowed"),
    (PlacedKind.ALLOW, StopScope.PERSON, "placed-allow-person", "placed-allowed"),
])
@pytest.mark.parametrize(("key", "answer"), [("1", Answer.YES), ("2", Answer.NO)])
def test_one_confirms_and_two_says_it_was_somebody_else(kind: PlacedKind, scope: StopScope, asked: str, done: str, key: str,
                                                        answer: Answer) -> None:
    world = asking(kind, scope)
    kept = world.tell(was.DigitPressed(OUTSIDE, key), after=2.0)
    assert placed.KeepAnswer(answer) in kept, "at once, and not after the question"
    world.tell(placed.AnswerKept(), was.PromptEnded(OUTSIDE, "thanks"))
    assert world.said() == ["placed-service", asked, "placed-confirm", done if answer is Answer.YES else "placed-unchanged"]
    assert close(world).answer is answer


@pytest.mark.parametrize("key", ["4", "6", "7", "8", "9", "0", "*", "#"])
def test_no_other_key_answers(key: str) -> None:
    world = asking()
    assert world.tell(was.DigitPressed(OUTSIDE, key)) == []
    assert world.call.state is State.ASKING


def test_five_speaks_the_code_and_the_question_is_asked_on() -> None:
    world = asking()
    world.tell(was.DigitPressed(OUTSIDE, "5"), after=4.0)
    assert world.of(do.Play)[-1] == do.Play(OUTSIDE, ("placed-code", *DIGITS), "question")
    world.tell(was.PromptEnded(OUTSIDE, "question"), after=6.0)
    world.pass_time(placed.KEY_WAIT)
    question = ["placed-service", "placed-stop-all", "placed-confirm"]
    assert world.said() == [*question, "placed-code", *DIGITS, *question], "and then the question again"
    world.tell(was.DigitPressed(OUTSIDE, "1"))
    assert world.call.state is State.KEEPING


def test_the_code_is_not_spoken_without_end() -> None:
    world = asking()
    for _ in range(placed.READINGS + 1):
        world.tell(was.DigitPressed(OUTSIDE, "5"), after=1.0)
    assert world.said().count("placed-code") == placed.READINGS - 1
    assert world.call.state is State.THANKING


def test_a_stop_that_cannot_be_written_is_told_and_alarms() -> None:
    world = asking()
    world.tell(was.DigitPressed(OUTSIDE, "1"))
    world.pass_time(placed.KEEP_WAIT)
    assert world.said()[-1] == "stop-taken-down", "the journal has it"
    assert [one.kind for one in world.of(do.RaiseAlarm)] == ["answer-not-written"]


def test_questions_in_somebodys_name_are_others() -> None:
    assert STOPPING.isdisjoint(placed.QUESTIONS)
    assert STOPPING | set(placed.QUESTIONS) | {PlacedKind.CODE} == set(PlacedKind)
