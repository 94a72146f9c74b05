"""Prices by the second in whole thousandths of a penny, and what a balance pays for."""
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dialplans.explain import explain
from dialplans.model import Decision, Limit, Rate, Source
from dialplans.tariff import affordable, bundle_for, bundle_until, bundle_used, charge, charge_of, rate_for, tariff_for
from switch.core.facts import BundleFacts
from switch.core.money import Millipence, from_pence
from switch.core.numbers import E164
from switch.core.reasons import Why
from tests.unit.dialplans.world import FACTS, NOON, PLAN, ask, facts, found, plan

LONDON = ZoneInfo("Europe/London")
RATES = st.builds(
    lambda per_minute, minimum, step, whole: Rate("any", Millipence(per_minute), Millipence(minimum), step, whole),
    st.integers(0, 20_000), st.integers(0, 20_000) | st.just(0), st.sampled_from([1, 60]), st.booleans(),
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
    second = replace(first, source=Source("site.toml", 1))
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
    assert seconds % priced.step == 0
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


@pytest.mark.parametrize(
    ("step", "whole", "minimum", "seconds", "price"),
    [
        # 5.5p a minute, by the started minute
        (60, False, 0, 0.001, 5500), (60, False, 0, 60, 5500), (60, False, 0, 60.001, 11_000), (60, False, 0, 0, 0),
        # to whole pence: a started penny is whole
        (1, True, 0, 1, 1000), (1, True, 0, 10, 1000), (1, True, 0, 11, 2000), (1, True, 0, 60, 6000), (1, True, 0, 0, 0),
        (60, True, 0, 1, 6000), (60, True, 0, 61, 11_000), (1, True, 10_500, 1, 11_000), (1, True, 0, 120, 11_000),
    ],
)  # fmt: skip
def test_rounding_is_the_plans(step: int, whole: bool, minimum: int, seconds: float, price: int) -> None:
    assert charge(Rate("x", Millipence(5500), Millipence(minimum), step, whole), seconds) == price


DEAR = plan("""
[[tariff]]
name = "by the minute"
from = 2026-06-01
classes = ["mobile"]
weekday = 5500
weekend = 3600
minimum = 10000
per = "minute"
whole_pence = true
""")


def test_a_tariffs_rounding_reaches_the_decision_and_its_words() -> None:
    decision = ask(by=DEAR)
    assert decision.rate == Rate("by the minute, weekday, since 2026-06-01", Millipence(5500), from_pence(10), 60, True)
    said = "\n".join(explain(decision, DEAR))
    assert "5.5p a minute by the started minute, at least 10p, made up to whole pence (by the minute" in said
    assert ask(facts({"balance": from_pence(17)}), by=DEAR).limit == Limit(180.0, Why.CREDIT)
    assert ask(facts({"balance": Millipence(16_999)}), by=DEAR).limit == Limit(120.0, Why.CREDIT)
    assert ask(facts({"balance": Millipence(9_999)}), by=DEAR).limit == Limit(0.0, Why.CREDIT)
    before = ask(facts(at=datetime(2026, 5, 31, 12, tzinfo=UTC)), by=DEAR)
    assert before.rate is not None
    assert before.rate.step == 1


ABROAD = plan("""
[[abroad]]
code = "+33"
name = "France"
[[abroad]]
code = "+1204"
name = "Manitoba"
[[tariff]]
name = "abroad"
from = 2026-01-01
classes = ["international"]
weekday = 50000
weekend = 50000
[[tariff]]
name = "France"
from = 2026-06-01
countries = ["+33"]
weekday = 9000
weekend = 8000
[[tariff]]
name = "mobiles in France"
from = 2026-06-01
countries = ["+336", "+337"]
weekday = 19000
weekend = 18000
[[tariff]]
name = "France"
from = 2026-07-01
countries = ["+33"]
weekday = 9500
weekend = 8500
""")


@pytest.mark.parametrize(
    ("number", "at", "per_minute"),
    [
        ("33199001234", "2026-05-31T23:59:59", 50_000), ("33199001234", "2026-06-01T00:00", 9000),
        ("33199001234", "2026-06-06T00:00", 8000), ("33612345678", "2026-06-01T12:00", 19_000),
        ("33199001234", "2026-07-01T12:00", 9500), ("33612345678", "2026-07-01T12:00", 19_000),  # the longer code, though older
        ("12045550123", "2026-06-01T12:00", 50_000), ("33199001234", "2025-12-31T12:00", None),
    ],
)  # fmt: skip
def test_abroad_the_longest_country_code_prices_a_number(number: str, at: str, per_minute: int | None) -> None:
    found_rate = rate_for(ABROAD, "international", datetime.fromisoformat(at).replace(tzinfo=LONDON), number=E164(number))
    assert (None if found_rate is None else found_rate.per_minute) == per_minute


@pytest.mark.parametrize(
    ("number", "allowed"),
    [
        ("+33 1 99 00 12 34", True), ("+1 204 555 0123", True), ("+1 876 555 0123", False), ("+49 30 123456", False),
        ("+881 6123 4567", False), ("07797 999001", False),
    ],
)  # fmt: skip
def test_only_listed_countries_may_be_rung(number: str, allowed: bool) -> None:
    decision = ask(number=number, by=ABROAD)
    assert found(decision, "number-class").allowed is allowed
    assert not found(ask(number=number), "number-class").allowed
    if allowed:
        assert "a listed country" in found(decision, "number-class").text
        assert decision.refusal is None


def test_a_country_code_prices_nothing_at_home() -> None:
    moment = datetime(2026, 6, 3, 12, tzinfo=LONDON)
    (france,) = [tariff for tariff in ABROAD.tariffs if tariff.name == "France" and tariff.since.month == 6]
    home = replace(france, countries=frozenset({"44"}))
    assert tariff_for([home], "mobile", moment, False, E164("447700900123")) is None


BUNDLES = plan("""
[[bundle]]
name = "100 minutes"
from = 2026-01-01
minutes = 100
pence = 300
every = "week"
classes = ["mobile", "geographic"]
[[bundle]]
name = "landlines for a month"
from = 2026-01-01
until = 2026-12-31
minutes = 300
pence = 500
every = "month"
classes = ["geographic"]
""")


def bundle(seconds: int, id: str = "b1", name: str = "100 minutes", starts: float = -60, ends: float = 60) -> BundleFacts:
    return BundleFacts(id, name, NOON + timedelta(seconds=starts), NOON + timedelta(seconds=ends), seconds)


def held(*bundles: BundleFacts, pence: float = 0.0) -> Decision:
    return ask(facts({"bundles": bundles, "balance": Millipence(round(pence * 1000))}), by=BUNDLES)


@pytest.mark.parametrize(
    ("bundles", "chosen"),
    [
        ((), None), ((bundle(1),), "b1"), ((bundle(0),), None), ((bundle(-1),), None),
        ((bundle(9, starts=0),), "b1"), ((bundle(9, starts=1),), None),
        ((bundle(9, ends=1),), "b1"), ((bundle(9, ends=0),), None),
        ((bundle(9, name="no such offer"),), None), ((bundle(9, name="landlines for a month"),), None),
        ((bundle(9, "late", ends=99), bundle(9, "soon", ends=98)), "soon"),
        ((bundle(9, "b2"), bundle(9, "b1")), "b1"),
    ],
)  # fmt: skip
def test_which_bundle_pays(bundles: tuple[BundleFacts, ...], chosen: str | None) -> None:
    paying = bundle_for(BUNDLES, bundles, "mobile", NOON)
    assert (None if paying is None else paying.id) == chosen
    assert held(*bundles, pence=100).bundle == chosen


def test_a_bundle_pays_first_and_then_the_credit() -> None:
    decision = held(bundle(90), pence=5.5)
    assert (decision.bundle, decision.bundle_seconds) == ("b1", 90)
    assert decision.limit == Limit(150.0, Why.CREDIT)
    assert [(charge_of(decision, talk), bundle_used(decision, talk)) for talk in (0, 0.5, 90, 90.5, 150, 150.9, 999)] == [
        (0, 0), (0, 1), (0, 90), (92, 90), (5500, 90), (5500, 90), (5500, 90),
    ]  # fmt: skip
    assert "90 s of them from the bundle 100 minutes" in found(decision, "credit-left").text
    assert "nothing for the first 90 s, from a bundle; then 5.5p a minute" in "\n".join(explain(decision, BUNDLES))


def test_a_bundle_alone_is_enough() -> None:
    assert held(bundle(90)).limit == Limit(90.0, Why.CREDIT)
    assert held(bundle(90)).refusal is None
    refusal = held(bundle(0)).refusal
    assert refusal is not None
    assert refusal.why is Why.NO_CREDIT
    spent = facts({"bundles": (bundle(90),), "spent_this_week": Millipence(2_175_000)})
    assert ask(spent, by=BUNDLES).limit == Limit(90.0, Why.SPEND)


def test_a_plan_that_sells_no_such_bundle_takes_credit() -> None:
    decision = ask(facts({"bundles": (bundle(90),)}))
    assert (decision.bundle, decision.bundle_seconds) == (None, 0)
    nobody = replace(FACTS, person=None, contact=None)
    assert ask(nobody, by=BUNDLES).bundle is None


@given(RATES, st.integers(0, 10**7), st.integers(0, 5000))
def test_affordable_is_the_inverse_of_charge_with_a_bundle(priced: Rate, credit: int, left: int) -> None:
    balance, seconds = Millipence(credit), affordable(priced, Millipence(credit), left)
    if seconds == inf:
        assert charge(priced, 10**9, left) <= balance
        return
    assert seconds >= left
    assert charge(priced, seconds, left) <= balance
    assert charge(priced, seconds + 1, left) > balance


@given(RATES, st.floats(0, 1e5), st.integers(0, 5000))
def test_a_bundle_and_a_price_together_pay_for_all_of_it(priced: Rate, seconds: float, left: int) -> None:
    """The switch from the one to the other in the middle of a call loses no second and charges none twice."""
    rest = max(0.0, seconds - left)
    assert charge(priced, seconds, left) == charge(priced, rest)
    assert charge(priced, seconds, left) <= charge(priced, seconds)
    assert charge(priced, seconds, left + 1) <= charge(priced, seconds, left)


@given(st.integers(0, 200_000), st.integers(0, 700), st.floats(0, 1000))
def test_no_call_takes_more_than_bundle_and_credit_hold(credit: int, left: int, talked: float) -> None:
    decision = ask(facts({"bundles": (bundle(left),) if left else (), "balance": Millipence(credit)}), by=BUNDLES)
    assert decision.limit is not None
    used = bundle_used(decision, talked)
    assert 0 <= used <= left
    assert charge_of(decision, talked) <= credit
    assert used == left or charge_of(decision, talked) == 0, "credit is touched only when the bundle is used up"


@pytest.mark.parametrize(
    ("monthly", "since", "until"),
    [
        (False, "2026-06-03T12:00", "2026-06-10T12:00"), (False, "2026-10-20T12:00", "2026-10-27T12:00"),
        (True, "2026-06-03T12:00", "2026-07-03T12:00"), (True, "2026-12-31T12:00", "2027-01-31T12:00"),
        (True, "2027-01-31T12:00", "2027-02-28T12:00"), (True, "2028-01-31T12:00", "2028-02-29T12:00"),
        (True, "2026-03-28T12:00", "2026-04-28T12:00"),
    ],
)
def test_a_bundle_ends_at_the_local_time_at_which_it_began(monthly: bool, since: str, until: str) -> None:
    offer = BUNDLES.bundles[1 if monthly else 0]
    assert offer.monthly is monthly
    start, end = (datetime.fromisoformat(text).replace(tzinfo=LONDON) for text in (since, until))
    assert bundle_until(offer, start.astimezone(UTC), LONDON) == end
