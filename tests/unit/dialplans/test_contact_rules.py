"""What a number that is no contact tells; what a plan says of contacts."""
from dataclasses import replace

import pytest

from dialplans.load import load_plan, shipped_plans
from dialplans.plan import Plan
from switch.core.contacts import Check
from switch.core.facts import ContactKind
from switch.core.reasons import Why
from tests.unit.dialplans.contact_cases import ORDER
from tests.unit.dialplans.world import FACTS, HEADER, PLAN, ask


def test_a_number_that_is_no_contact_shows_no_order() -> None:
    decision = ask(replace(FACTS, contact=None, no_contact=(ORDER,)))
    assert decision.refusal is not None
    assert decision.refusal.why is Why.UNAPPROVED


@pytest.mark.parametrize(("text", "problem"), [
    ('[contact]\nchecks_social = ["numbers"]\n', '"numbers" in `contact.checks_social` is not a check'),
    ('[contact]\nchecks_privileged = []\n', '`contact.checks_privileged` must have "genuine"'),
    ("[contact]\nmost_social = -1\n", "`contact.most_social` must be a whole number of contacts"),
    ("[contact]\ndue_day = 1\n", "`contact.due_day` is not a key of a plan"),
])
def test_what_is_wrong_in_a_plan_is_told_with_its_line(text: str, problem: str) -> None:
    told = load_plan({**shipped_plans(), "site.toml": HEADER + text}, "site")
    assert not isinstance(told, Plan)
    assert any(problem in one.text and one.line == 5 for one in told)


def test_what_the_estate_asks_for() -> None:
    rules = PLAN.contact
    assert [rules.most(kind).value for kind in ContactKind] == [20, 15, 15]
    assert Check.CONSENT in rules.checks(ContactKind.SOCIAL).value
    assert rules.checks(ContactKind.PRIVILEGED).value == (Check.GENUINE,)
