"""Weighing is deciding without words: the same answer for every request, also for those that follow another."""
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplans.decide import decide, put
from dialplans.plan import Plan
from dialplans.rules import CONTACT_RULES, MEASURED_RULES, PASSING_RULES, STANDING_RULES
from dialplans.rules.asked import judge, name_of
from dialplans.weighing import PASSING_FACTS, PASSING_FACTS_OF_PERSON, Scales, altered
from switch.core.facts import ContactState, Facts
from switch.core.numbers import read_dialled
from switch.core.reasons import Why
from tests.unit.dialplans.test_always import FACTS_OF_ALL_KINDS, USUAL
from tests.unit.dialplans.test_rules import CASES
from tests.unit.dialplans.world import CALL, FACTS, FAMILY, NOON, PLAN, facts, permit, plan

STRICT = plan("[call]\ngap_seconds = 600\n[allowance]\nminutes_per_day = 30\nminutes_per_week = 90\npence_per_week = 1500\n")
LONGER = plan("[call]\nminimum_talk = 600\n")
STANDING = {name_of(rule) for rule in STANDING_RULES}


@given(st.lists(FACTS_OF_ALL_KINDS | USUAL, min_size=1, max_size=4), st.sampled_from([PLAN, STRICT, LONGER]),
       st.sampled_from([FAMILY, "116123", "09011 234567", "what"]))
def test_weighing_says_what_deciding_says_of_every_request(asked_in_turn: list[Facts], by: Plan, number: str) -> None:
    scales, dialled = Scales(by), read_dialled(number)
    for known in asked_in_turn:
        weighed, decided = scales.weigh(known, dialled), decide(by, known, CALL, dialled)
        assert weighed.refusal == decided.refusal
        if decided.refusal is None:
            assert (weighed.limit, weighed.rate, weighed.bundle) == (decided.limit, decided.rate, decided.bundle)


def test_what_staff_change_between_two_calls_is_seen() -> None:
    scales, dialled = Scales(PLAN), read_dialled(FAMILY)
    whys = [(weighed.refusal and weighed.refusal.why) for known in (
        facts(), facts(contact={"state": ContactState.REFUSED}), facts(person={"active": False}), facts(site_open=False), facts(),
    ) for weighed in [scales.weigh(known, dialled)]]
    assert whys == [None, Why.CONTACT_REFUSED, Why.ACCOUNT_CLOSED, Why.SITE_CLOSED, None]


def test_every_rule_is_either_standing_or_passing() -> None:
    assert (*STANDING_RULES, *PASSING_RULES) == CONTACT_RULES
    assert set(PASSING_RULES) >= MEASURED_RULES


@pytest.mark.parametrize(("rule", "why", "known", "number", "by"), [
    case for case in CASES if case[0] in STANDING and not case[2].permits and not case[2].no_contact
])
def test_a_standing_rule_reads_nothing_that_passes(rule: str, why: Why | None, known: Facts, number: str, by: Plan) -> None:
    asked = put(by, known, read_dialled(number))
    person = known.person and replace(known.person, **dict.fromkeys(PASSING_FACTS_OF_PERSON))  # type: ignore[arg-type]  # gone
    gone: dict[str, Any] = {name: None for name in PASSING_FACTS if name not in {"permits", "no_contact"}}
    blind: Any = replace(asked, facts=replace(known, **gone | {"person": person}), settings=None, rate=None, open_until=None)
    (judged,) = (judge(each, blind) for each in STANDING_RULES if name_of(each) == rule)
    assert (judged.why, judged.allowed) == (why, why is None)


def test_leave_that_ends_between_two_calls_is_asked_anew() -> None:
    leave = permit(until=NOON + timedelta(hours=1))
    scales, dialled = Scales(PLAN), read_dialled(FAMILY)
    during, after = (replace(FACTS, contact=None, permits=(leave,), at=NOON + timedelta(hours=hours)) for hours in (0, 1))
    assert scales.weigh(during, dialled).refusal is None
    refusal = scales.weigh(after, dialled).refusal
    assert refusal is not None
    assert refusal.why is Why.PERMIT_OVER


def test_altered_is_replace() -> None:
    known = facts()
    for changes in ({}, {"site_open": False}, {"person": None, "recording_room": 3.0}):
        assert altered(known, **changes) == replace(known, **changes)
    with pytest.raises(KeyError):
        altered(known, no_such_field=1)
