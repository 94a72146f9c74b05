"""What is transcribed first, which calls while they run, and how far a machine gets: on both sides of each edge."""
from datetime import UTC, datetime, timedelta

import pytest

from dialplans.load import load_plan, shipped_plans
from dialplans.model import Source
from dialplans.plan import Plan, TranscribingRules
from dialplans.transcribing import Admitted, Fit, admit, fits, turn, wanted
from switch.core.monitoring import Tier

MAN, OFF, INT, RAN = Tier.MANDATORY, Tier.OFFENCE, Tier.INTELLIGENCE, Tier.RANDOM
AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
RULES = TranscribingRules((MAN, OFF, INT), True, 520, 2, Source("p.toml", 1))
STRICT = TranscribingRules((MAN, OFF), False, 520, 0, Source("p.toml", 1))


def test_tiers_come_in_the_plans_order_and_then_the_newest() -> None:
    jobs = [(None, 5), (INT, 0), (MAN, 0), (RAN, 6), (MAN, 1), (OFF, 9), (None, 4)]
    told = sorted(jobs, key=lambda job: turn(RULES, job[0], AT + timedelta(minutes=job[1])))
    assert told == [(MAN, 1), (MAN, 0), (OFF, 9), (INT, 0), (RAN, 6), (None, 5), (None, 4)]


@pytest.mark.parametrize(("rules", "tier", "is_"), [
    (RULES, None, True), (RULES, RAN, True), (STRICT, MAN, True), (STRICT, OFF, True), (STRICT, INT, False),
    (STRICT, None, False),
])
def test_the_rest_is_done_only_where_the_plan_says_so(rules: TranscribingRules, tier: Tier | None, is_: bool) -> None:
    assert wanted(rules, tier) is is_


@pytest.mark.parametrize(("running", "tier", "may"), [
    ({}, None, Admitted()),
    ({"a": None}, None, Admitted()),
    ({"a": None, "b": None}, None, None),
    ({"a": None, "b": INT}, INT, Admitted("a")),
    ({"a": INT, "b": None}, RAN, None),
    ({"a": INT, "b": INT}, INT, None),
    ({"a": INT, "b": INT}, OFF, Admitted("b")),
    ({"a": INT, "b": OFF}, MAN, Admitted("a")),
    ({"a": MAN, "b": MAN}, MAN, None),
])
def test_room_for_a_call_while_it_runs(running: dict[str, Tier | None], tier: Tier | None, may: Admitted | None) -> None:
    assert admit(RULES, running, tier) == may


def test_a_plan_with_no_room_has_no_call_transcribed_while_it_runs() -> None:
    assert admit(STRICT, {}, MAN) is None


def test_how_far_a_machine_gets() -> None:
    load = {None: 480.0, MAN: 10.0, INT: 20.0, OFF: 10.0}
    assert fits(RULES, load, 30) == (Fit(MAN, 10, 10), Fit(OFF, 10, 10), Fit(INT, 20, 10), Fit(None, 480, 0))
    assert [fit.whole for fit in fits(RULES, load, 40)] == [True, True, True, False]
    assert fits(STRICT, load, 100) == (Fit(MAN, 10, 10), Fit(OFF, 10, 10))


@pytest.mark.parametrize(("line", "says"), [
    ('tiers = ["mandatory", "nobody"]', 'site.toml:3: `transcribing.tiers` has "nobody"'),
    ('tiers = ["lead", "lead"]', "site.toml:3: `transcribing.tiers` names a tier twice"),
    ("live = 51", "site.toml:3: `transcribing.live` must be a whole number of calls from 0 to 50"),
    ("hours_a_day = 0", "site.toml:3: `transcribing.hours_a_day` must be a whole number of hours from 1 to 100000"),
    ('rest = "yes"', "site.toml:3: `transcribing.rest` must be"),
])
def test_a_plan_is_told_what_is_wrong_with_it(line: str, says: str) -> None:
    found = load_plan(shipped_plans() | {"site.toml": f'extends = "estate"\n[transcribing]\n{line}\n'}, "site")
    assert not isinstance(found, Plan)
    assert any(str(problem).startswith(says) for problem in found), list(map(str, found))
