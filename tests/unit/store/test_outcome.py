"""Every ending has an outcome; the words that matter are the right ones."""
import pytest

from switch.call.commands import Ending
from switch.core.reasons import REFUSALS, EndedBy, EndReason, Why
from switch.store.outcome import Outcome, outcome


def of(by: EndedBy, why: Why, talked: float = 0.0) -> Outcome:
    return outcome(Ending(EndReason(by, why), None, None, 0.0, talked))


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("by", EndedBy)
def test_talk_is_connected_but_for_a_stop(by: EndedBy, why: Why) -> None:
    assert of(by, why, 1.0) is (Outcome.STOPPED if why is Why.STOPPED else Outcome.CONNECTED)


@pytest.mark.parametrize("why", sorted(REFUSALS))
def test_a_refusal_is_refused(why: Why) -> None:
    assert of(EndedBy.POLICY, why) is Outcome.REFUSED


@pytest.mark.parametrize(("by", "why", "what"), [
    (EndedBy.CALLED, Why.DECLINED, Outcome.DECLINED), (EndedBy.CALLED, Why.HUNG_UP, Outcome.DECLINED),
    (EndedBy.PERSON, Why.ABANDONED, Outcome.ABANDONED), (EndedBy.PERSON, Why.HUNG_UP, Outcome.ABANDONED),
    (EndedBy.CALLED, Why.NO_ANSWER, Outcome.UNANSWERED), (EndedBy.CALLED, Why.BUSY, Outcome.UNANSWERED),
    (EndedBy.CARRIER, Why.NOT_IN_SERVICE, Outcome.FAILED), (EndedBy.STAFF, Why.CUT, Outcome.FAILED),
    (EndedBy.SWITCH, Why.CRASHED, Outcome.FAILED), (EndedBy.CALLED, Why.STOPPED, Outcome.STOPPED),
    (EndedBy.SWITCH, Why.UNAVAILABLE, Outcome.REFUSED),
])
def test_without_talk(by: EndedBy, why: Why, what: Outcome) -> None:
    assert of(by, why) is what
