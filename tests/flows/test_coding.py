"""A number that is rung with a code: only a key brings it to an ear, once its hash is kept, and two keys have it left alone."""
import pytest

from switch.call import commands as do
from switch.call import events as was
from switch.call import placed
from switch.call.coding import TIMES, code_question
from switch.call.placed import Answer, State
from switch.core.ids import Leg
from tests.flows.test_placed import World, close

OUTSIDE = Leg.OUTSIDE
CODE = ["placed-code", "say-1", "say-3", "say-5", "say-7", "say-0", "say-9"]
ASKED = ["placed-service", "placed-code-asked"]


def rung() -> World:
    world = World()
    world.tell(placed.Due(code_question("135709"), 45.0), was.RecordOpened(), was.LegAnswered(OUTSIDE))
    assert world.call.state is State.ASKING
    return world


def test_one_hears_the_code_once_it_is_kept_and_not_before() -> None:
    world = rung()
    assert placed.KeepAnswer(Answer.YES) in world.tell(was.DigitPressed(OUTSIDE, "1"), after=2.0)
    assert world.said() == ASKED
    world.tell(placed.AnswerKept(), was.PromptEnded(OUTSIDE, "thanks"))
    assert world.said() == ASKED + CODE * TIMES
    assert close(world).answer is Answer.YES


@pytest.mark.parametrize(("key", "answer", "said"), [
    ("2", Answer.NO, "placed-code-no"), ("9", Answer.STOPPED, "placed-code-never")])
def test_two_and_nine_hear_no_code(key: str, answer: Answer, said: str) -> None:
    world = rung()
    world.tell(was.DigitPressed(OUTSIDE, key), placed.AnswerKept(), was.PromptEnded(OUTSIDE, "thanks"))
    assert world.said() == [*ASKED, said]
    assert close(world).answer is answer


def test_a_machine_that_answers_hears_no_code() -> None:
    world = rung()
    for _ in range(placed.READINGS):
        world.tell(was.PromptEnded(OUTSIDE, "question"), after=8.0)
        world.pass_time(placed.KEY_WAIT)
    world.tell(was.PromptEnded(OUTSIDE, "thanks"))
    assert world.said() == [*ASKED * placed.READINGS, "placed-code-none"]
    assert close(world).answer is None


@pytest.mark.parametrize("key", ["1", "2", "9"])
def test_a_code_that_cannot_be_kept_is_not_spoken(key: str) -> None:
    world = rung()
    world.tell(was.DigitPressed(OUTSIDE, key))
    world.pass_time(placed.KEEP_WAIT)
    assert world.said() == [*ASKED, "placed-code-none"]
    assert [one.kind for one in world.of(do.RaiseAlarm)] == ["answer-not-written"]


@pytest.mark.parametrize("key", ["4", "5", "6", "7", "8", "0", "*", "#"])
def test_no_other_key_answers(key: str) -> None:
    world = rung()
    assert world.tell(was.DigitPressed(OUTSIDE, key)) == []
