"""The periods of subscriptions on both sides of each edge, and which offers may be subscribed to."""
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dialplans.load import load_plan, shipped_plans
from dialplans.plan import Plan
from dialplans.subscriptions import Period, first_period, last_day_over, next_period, over_at, renewable, sold
from dialplans.tariff import bundle_for, text_bundle_for
from switch.core.facts import BundleFacts

LONDON = ZoneInfo("Europe/London")
OFFERS = '''
extends = "estate"
title = "HMP Moor"
[emergency]
control_room = "sip:control@192.0.2.10"
[[bundle]]
name = "an hour"
from = 2026-01-01
until = 2026-12-31
minutes = 60
pence = 150
every = "week"
classes = ["mobile"]
renews = true
retry_days = 3
[[bundle]]
name = "texts"
from = 2026-01-01
texts = 50
pence = 200
every = "month"
classes = ["mobile"]
renews = true
[[bundle]]
name = "once"
from = 2026-01-01
minutes = 30
pence = 100
every = "week"
classes = ["geographic"]
'''


def made(text: str = OFFERS) -> Plan:
    plan = load_plan(shipped_plans() | {"moor.toml": text}, "moor")
    assert isinstance(plan, Plan), plan
    return plan


PLAN = made()
NOON = datetime(2026, 6, 1, 11, tzinfo=UTC)


@pytest.mark.parametrize(("begun", "monthly", "ends"), [
    ("2026-06-03", False, ["2026-06-11", "2026-06-18", "2026-06-25"]),
    ("2026-01-30", True, ["2026-02-28", "2026-03-31", "2026-04-30"]),  # counted from 31 January, never from a short month
    ("2027-12-31", True, ["2028-02-01", "2028-03-01"]),
    ("2027-11-30", True, ["2028-01-01", "2028-02-01"]),
])
def test_periods_end_with_midnights_counted_from_the_first(begun: str, monthly: bool, ends: list[str]) -> None:
    period, found = first_period(date.fromisoformat(begun)), list[str]()
    for _ in ends:
        day = last_day_over(period, monthly)
        found.append(day.isoformat())
        assert over_at(period, monthly, LONDON).astimezone(LONDON) == datetime(day.year, day.month, day.day, tzinfo=LONDON)
        period = next_period(period, monthly, day)
    assert found == ends


@pytest.mark.parametrize(("late", "then"), [
    (0, Period(date(2026, 6, 4), 2)), (1, Period(date(2026, 6, 12))), (20, Period(date(2026, 7, 1)))])
def test_a_period_that_was_missed_is_neither_had_nor_paid_for(late: int, then: Period) -> None:
    period = first_period(date(2026, 6, 3))
    renewed = next_period(period, False, last_day_over(period, False) + timedelta(days=late))
    assert renewed == then
    assert (last_day_over(renewed, False) - date(2026, 6, 11)).days == late + 7  # a whole period, whenever it begins


def test_a_week_across_the_change_of_the_clocks_ends_with_a_midnight() -> None:
    assert over_at(Period(date(2026, 10, 20)), False, LONDON) == datetime(2026, 10, 27, 0, 0, tzinfo=UTC)
    assert over_at(Period(date(2026, 10, 13)), False, LONDON) == datetime(2026, 10, 19, 23, 0, tzinfo=UTC)


def test_what_is_sold_and_what_may_be_subscribed_to() -> None:
    last = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    assert [one.name for one in sold(PLAN, last)] == ["an hour", "texts", "once"]
    assert [one.name for one in sold(PLAN, last + timedelta(minutes=1))] == ["texts", "once"]
    assert [offer is not None for offer in (renewable(PLAN, "an hour", last), renewable(PLAN, "once", last),
                                            renewable(PLAN, "an hour", last + timedelta(minutes=1)))] == [True, False, False]
    hour, texts = PLAN.bundles[0], PLAN.bundles[1]
    assert (hour.seconds, hour.texts, hour.retry_days, texts.seconds, texts.texts, texts.retry_days) == (3600, 0, 3, 0, 50, 0)


def test_a_text_is_drawn_from_texts_and_a_call_from_minutes() -> None:
    texts = BundleFacts("t", "texts", NOON, NOON + timedelta(days=9), 0, 50)
    sooner = replace(texts, id="s", until=NOON + timedelta(days=8))
    talk = BundleFacts("m", "an hour", NOON, NOON + timedelta(days=7), 3600)
    used = replace(texts, id="u", until=NOON + timedelta(days=1), texts_left=0)
    held = (talk, texts, sooner, used)
    assert text_bundle_for(PLAN, held, "mobile", NOON) == sooner
    assert bundle_for(PLAN, held, "mobile", NOON) == talk
    assert text_bundle_for(PLAN, held, "geographic", NOON) is None
    assert text_bundle_for(PLAN, held, "mobile", NOON + timedelta(days=9)) is None
    assert text_bundle_for(PLAN, (talk,), "mobile", NOON) is None


@pytest.mark.parametrize(("was", "now", "problem"), [
    ("minutes = 60", "minutes = 60\ntexts = 5", "6: a [[bundle]] is of `minutes` or of `texts`: give one of them"),
    ("minutes = 60\n", "", "6: a [[bundle]] is of `minutes` or of `texts`: give one of them"),
    ("renews = true\nretry_days = 3", "retry_days = 3", "14: `bundle.retry_days` is for one that `renews`"),
    ("retry_days = 3", "retry_days = 29", "15: `bundle.retry_days` must be a whole number of days from 0 to 28"),
    ("texts = 50", "texts = 0", "19: `bundle.texts` must be a whole number of texts from 1 to 10000"),
])
def test_offers_that_make_no_sense_are_told_by_their_line(was: str, now: str, problem: str) -> None:
    found = load_plan(shipped_plans() | {"moor.toml": OFFERS.replace(was, now, 1)}, "moor")
    assert not isinstance(found, Plan)
    assert [f"{one.line}: {one.text}" for one in found if problem in f"{one.line}: {one.text}"], found
