"""Prices by the second in whole thousandths of a penny, and what a balance pays for."""
from datetime import datetime
from math import inf
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dialplans.model import Limit, Rate
from dialplans.tariff import affordable, charge, charge_of, rate_for, tariff_for
from switch.core.money import Millipence, from_pence
from switch.core.reasons import Why
from tests.unit.dialplans.world import PLAN, ask, facts

LONDON = ZoneInfo("Europe/London")
RATES = st.builds(
    lambda per_minute, minimum: Rate("any", Millipence(per_minute), Millipence(minimum)),
    st.integers(0, 20_000), st.integers(0, 20_000) | st.just(0),
)


def rate(per_minute: int, minimum: int = 0) -> Rate:
    return Rate("test", Millipence(per_minute), Millipence(minimum))


@pytest.mark.parametrize(
    ("number_class", "at", "per_minute"),
    [
        ("mobile", "2026-06-05T23:59:59", 5500),  # a Friday
        ("mobile", "2026-06-06T00:00:00", 3600),
        ("mobile", "2026-06-07T23:59:59", 3600),
        ("mobile", "2026-06-08T00:00:00", 5500),
        ("geographic", "2026-06-03T12:00:00", 2470),
        ("corporate-uk", "2026-06-06T12:00:00", 2200),
        ("mobile", "2025-04-30T23:59:59", 6880),
        ("mobile", "2025-05-01T00:00:00", 5500),
        ("geographic", "2025-04-27T12:00:00", 2750),
        ("mobile", "2021-08-31T12:00:00", None),
        ("premium", "2026-06-03T12:00:00", None),
    ],
)
def test_the_newest_tariff_in_force_on_the_local_day_holds(number_class: str, at: str, per_minute: int | None) -> None:
    found = rate_for(PLAN, number_class, datetime.fromisoformat(at).replace(tzinfo=LONDON))
    assert (None if found is None else found.per_minute) == per_minute


def test_relay_has_a_price_of_its_own() -> None:
    found = rate_for(PLAN, "mobile", datetime(2026, 6, 3, 12, tzinfo=LONDON), relay=True)
    assert found is not None
    assert found.per_minute == 3600
    assert "Relay" in found.name


def test_among_tariffs_of_one_day_the_last_written_holds() -> None:
    moment = datetime(2026, 6, 3, 12, tzinfo=LONDON)
    first = tariff_for(PLAN.tariffs, "mobile", moment, False)
    assert first is not None
    second = type(first)(*[getattr(first, name) for name in first.__slots__[:-1]], source=ask().findings[0].source)
    assert tariff_for((first, second), "mobile", moment, False) is second


@pytest.mark.parametrize(
    ("per_minute", "minimum", "seconds", "price"),
    [
        (5500, 0, 60, 5500), (5500, 0, 1, 92), (5500, 0, 0.001, 92), (5500, 0, 1.001, 183), (2470, 0, 1, 41),
        (30, 0, 1, 1), (29, 0, 1, 0),
        (5500, 10_000, 1, 10_000), (5500, 10_000, 120, 11_000), (5500, 10_000, 0, 0), (5500, 10_000, -1, 0), (0, 0, 99, 0),
    ],
)  # fmt: skip
def test_a_started_second_is_charged_half_up(per_minute: int, minimum: int, seconds: float, price: int) -> None:
    assert charge(rate(per_minute, minimum), seconds) == price


def test_what_is_free_costs_nothing_and_lasts() -> None:
    assert charge(None, 1e9) == 0
    assert affordable(None, Millipence(0)) == inf
    assert affordable(rate(0), Millipence(0)) == inf
    assert affordable(rate(0), Millipence(-1)) == 0
    assert affordable(rate(0, 10), Millipence(9)) == 0
    assert affordable(rate(5500), Millipence(-1)) == 0


@given(RATES, st.integers(-1000, 10**7))
@example(rate(5500), 5500)
@example(rate(1), 0)
def test_affordable_is_the_inverse_of_charge(priced: Rate, held: int) -> None:
    balance = Millipence(held)
    seconds = affordable(priced, balance)
    if seconds == inf:
        assert charge(priced, 10**9) <= balance
        return
    assert seconds == int(seconds)
    assert seconds == 0 or charge(priced, seconds) <= balance
    assert charge(priced, seconds + 1) > balance


@given(RATES, st.floats(0, 1e5), st.floats(0, 1e5))
def test_more_talk_never_costs_less(priced: Rate, one: float, other: float) -> None:
    assert charge(priced, min(one, other)) <= charge(priced, max(one, other))


def test_talk_past_the_limit_costs_nothing_so_no_call_overdraws() -> None:
    decision = ask(facts({"balance": Millipence(5500)}))
    assert decision.limit == Limit(60.0, Why.CREDIT)
    assert charge_of(decision, 60.02) == 5500
    assert charge_of(decision, 59.4) == 5500
    assert charge_of(decision, 1.0) == 92
    assert charge_of(ask(number="116123"), 4000.0) == 0


@given(st.integers(0, 600_000), st.floats(0, 1000))
def test_no_decided_call_costs_more_than_the_credit(held: int, talked: float) -> None:
    decision = ask(facts({"balance": Millipence(held)}))
    if decision.refusal is None:
        assert charge_of(decision, talked) <= held


def test_pence_at_the_edge() -> None:
    assert affordable(rate(5500), from_pence(55)) == 600
