"""Grants, reasons and money: small values that others lean on."""
import pytest

from switch.core.grants import NotMonitored, Privacy, RecordingWarrant
from switch.core.ids import CallId, keyed
from switch.core.money import Millipence, from_pence, pence
from switch.core.reasons import REFUSALS, Why, from_status, prompt_of


def test_there_is_no_warrant_for_a_privileged_call() -> None:
    assert RecordingWarrant(CallId("c1"), Privacy.MONITORED).call == "c1"
    with pytest.raises(NotMonitored, match="privileged"):
        RecordingWarrant(CallId("c1"), Privacy.PRIVILEGED)


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (486, Why.BUSY), (600, Why.BUSY), (408, Why.NO_ANSWER), (480, Why.NO_ANSWER), (487, Why.NO_ANSWER),
        (404, Why.NOT_IN_SERVICE), (410, Why.NOT_IN_SERVICE), (484, Why.NOT_IN_SERVICE), (604, Why.NOT_IN_SERVICE),
        (603, Why.REJECTED), (403, Why.REJECTED), (301, Why.MOVED), (302, Why.MOVED), (380, Why.MOVED), (503, Why.UNREACHABLE),
        (500, Why.NETWORK_FAILURE), (488, Why.NETWORK_FAILURE), (606, Why.NETWORK_FAILURE),
    ],
)  # fmt: skip
def test_each_answer_of_the_trunk_has_a_named_ending(status: int, why: Why) -> None:
    assert from_status(status) is why


def test_every_final_answer_has_some_ending_that_is_no_refusal() -> None:
    assert not {from_status(status) for status in range(300, 700)} & REFUSALS


def test_refusals_and_endings_have_prompts_of_their_own() -> None:
    assert prompt_of(Why.NO_CREDIT) == "refused-credit"
    assert prompt_of(Why.CREDIT) == "ended-credit-used"
    assert Why.HUNG_UP not in REFUSALS


def test_money_crosses_the_edge_in_pence() -> None:
    assert from_pence(5) == 5000
    assert pence(Millipence(5000)) == 5
    assert pence(Millipence(329)) == 0.329


def test_a_prison_number_has_its_keys() -> None:
    assert keyed("A1234BC") == "2123422"
