"""What a plan says about leads from the records."""
import pytest

from recordings.watch.sound import USUAL, Limits
from tests.unit.dialplans.test_load import problems
from tests.unit.dialplans.world import PLAN


@pytest.mark.parametrize(("text", "found"), [
    ("[watch]\ndays = 90\nkeep_days = 90\n", []),
    ("[watch]\ndays = 91\n", ["2: `watch.days` must be a whole number of days from 1 to 90"]),
    ("[watch]\ndays = 30\nkeep_days = 29\n", ["3: `watch.keep_days` is less than the 30 days in which one thing makes one lead"]),
    ("[watch]\nshared_number_people = 1\n", ["2: `watch.shared_number_people` must be a whole number of people from 2 to 100"]),
    ("[watch]\napplied_number_people = 101\n", [
        "2: `watch.applied_number_people` must be a whole number of people from 2 to 100"]),
    ("[watch]\nsilence_seconds = 241\ndivert_keys = 1\n", [
        "2: `watch.silence_seconds` must be a whole number of seconds from 10 to 240",
        "3: `watch.divert_keys` must be a whole number of keys from 2 to 20"]),
    ("[watch]\nborrowed_pin_calls = 0\n", ["2: `watch.borrowed_pin_calls` must be a whole number of calls from 1 to 100"]),
])
def test_the_thresholds_of_leads_have_bounds(text: str, found: list[str]) -> None:
    assert problems(text) == found


def test_the_estates_own() -> None:
    rules = PLAN.watch
    assert (rules.days.value, rules.shared_number_people.value, rules.applied_number_people.value, rules.borrowed_pin_calls.value,
            rules.keep_days.value) == (28, 4, 3, 3, 90)
    assert Limits.of(rules) == USUAL
