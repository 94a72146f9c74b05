"""Whose hours of use hold on which day: groups, incentive levels, holidays, and exceptions that end by themselves."""
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplans.explain import explain
from dialplans.model import Limit
from dialplans.plan import Plan
from switch.core.facts import Facts
from switch.core.reasons import Why
from tests.unit.dialplans.test_load import problems
from tests.unit.dialplans.world import FACTS, PHONE, PLAN, ask, facts, found, plan

LONDON = ZoneInfo("Europe/London")


def group(name: str, who: str, windows: str) -> str:
    return f'[[group]]\nname = "{name}"\n{who}\n[group.hours]\nevery_day = {windows}\n'


def at(text: str, **changes: Any) -> Facts:
    """The usual facts at a local time."""
    return facts(at=datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC), **changes)


def is_open(by: Plan, known: Facts) -> bool:
    return found(ask(known, by=by), "within-hours").allowed


CHRISTMAS = plan(
    '[hours]\nevery_day = ["08:00-20:00"]\nholiday = ["10:00-16:00"]\n'
    '[[holiday]]\nname = "Christmas Day"\ndate = 2026-12-25\nhours = ["09:00-12:00", "22:00-01:00"]\n'
    + group("late", "from = 2026-12-30\nuntil = 2026-12-31", '["08:00-24:00"]')
    + group("new year's night", "from = 2027-01-01\nuntil = 2027-01-01", '["00:00-02:00"]')
)


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-12-24T07:59:59", False), ("2026-12-24T08:00", True), ("2026-12-24T19:59:59", True), ("2026-12-24T20:00", False),
        # a holiday's own hours, across midnight
        ("2026-12-25T08:59:59", False), ("2026-12-25T09:00", True), ("2026-12-25T11:59:59", True), ("2026-12-25T12:00", False),
        ("2026-12-25T22:00", True), ("2026-12-26T00:59:59", True), ("2026-12-26T01:00", False), ("2026-12-26T08:00", True),
        # a holiday without any: the plan's `hours.holiday`
        ("2026-12-28T09:59:59", False), ("2026-12-28T10:00", True), ("2026-12-28T15:59:59", True), ("2026-12-28T16:00", False),
        # an exception begins and ends at local midnight, and the next one takes over there
        ("2026-12-29T20:00", False), ("2026-12-30T07:59:59", False), ("2026-12-30T20:00", True), ("2026-12-31T23:59:59", True),
        ("2027-01-01T00:00", True), ("2027-01-01T01:59:59", True), ("2027-01-01T02:00", False), ("2027-01-01T12:00", False),
        ("2027-01-02T00:00", False), ("2027-01-02T08:00", True), ("2027-01-02T20:00", False),
    ],
)  # fmt: skip
def test_holidays_and_exceptions(moment: str, open_: bool) -> None:
    assert is_open(CHRISTMAS, at(moment)) is open_


def test_windows_of_two_days_join_across_an_exception() -> None:
    decision = ask(at("2026-12-31T23:55"), by=CHRISTMAS)
    assert decision.closes_in == 2 * 3600 + 300
    assert ask(at("2027-01-01T01:59"), by=CHRISTMAS).limit == Limit(60.0, Why.HOURS)


def test_the_finding_names_the_holiday_and_the_line_that_gave_the_hours() -> None:
    text = '[hours]\nevery_day = ["08:00-20:00"]\n[[holiday]]\nname = "Founders\' day"\ndate = 2026-06-03\nhours = []\n'
    by = plan(text)
    finding = found(ask(at("2026-06-03T12:00"), by=by), "within-hours")
    assert finding.why is Why.OUT_OF_HOURS
    assert "Founders' day" in finding.text
    assert (finding.source and finding.source.line) == 9
    assert (found(ask(at("2026-06-04T12:00"), by=by), "within-hours").source or finding.source) != finding.source


SELECTED = plan(
    '[hours]\nevery_day = ["08:00-20:00"]\n'
    + group("level", 'incentives = ["basic"]', '["10:00-12:00"]')
    + group("wing and level", 'wings = ["C"]\nincentives = ["basic", "standard"]', '["13:00-14:00"]')
    + group("prison", 'establishments = ["Southfield"]', '["15:00-16:00"]')
)


@pytest.mark.parametrize(
    ("level", "wing", "prison", "opens"),
    [
        ("", "B", "Northfield", 8), ("standard", "B", "Northfield", 8), ("enhanced", "C", "Northfield", 8),
        ("basic", "B", "Northfield", 10), ("basic", "C", "Northfield", 13), ("standard", "C", "Northfield", 13),
        ("basic", "C", "Southfield", 15), ("", "A", "Southfield", 15),
    ],
)  # fmt: skip
def test_hours_by_establishment_wing_and_incentive_level(level: str, wing: str, prison: str, opens: int) -> None:
    known = facts({"incentive": level}, phone=replace(PHONE, wing=wing, establishment=prison))
    day = datetime(2026, 6, 3, tzinfo=LONDON)
    hours = [hour for hour in range(24) if is_open(SELECTED, replace(known, at=day.replace(hour=hour).astimezone(UTC)))]
    assert hours[0] == opens


def test_a_group_for_a_level_is_not_for_nobody() -> None:
    (basic, *_) = SELECTED.groups
    assert not basic.fits(PHONE, None, None)


def test_a_closed_wing_stays_closed_on_a_holiday() -> None:
    by = plan('[[holiday]]\nname = "x"\ndate = 2026-06-03\nhours = ["00:00-24:00"]\n' + group("shut", 'wings = ["B"]', "[]"))
    assert not is_open(by, at("2026-06-03T12:00"))
    assert is_open(by, at("2026-06-03T12:00", phone=replace(PHONE, wing="C")))
    own = plan(
        '[[holiday]]\nname = "x"\ndate = 2026-06-03\n[[group]]\nname = "shut"\nwings = ["B"]\n'
        '[group.hours]\nevery_day = []\nholiday = ["12:00-13:00"]\n'
    )
    assert is_open(own, at("2026-06-03T12:30"))
    assert not is_open(own, at("2026-06-04T12:30"))


def test_hours_without_a_word_on_holidays_are_those_of_the_weekday() -> None:
    by = plan('[hours]\nevery_day = ["08:00-09:00"]\n')
    assert is_open(by, at("2026-12-25T08:30"))
    assert not is_open(by, at("2026-12-25T09:00"))


# Summer time begins 29 March 2026 and ends 25 October 2026: the local day has 23 hours, and 25.
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_an_exception_is_as_long_as_its_local_days(day: str) -> None:
    by = plan('[hours]\nevery_day = []\n' + group("once", f"from = {day}\nuntil = {day}", '["00:00-24:00"]'))
    midnight = datetime.fromisoformat(day).replace(tzinfo=LONDON)
    start, end = midnight.astimezone(UTC), (midnight + timedelta(days=1)).astimezone(UTC)
    assert end - start != timedelta(days=1)
    for moment, open_ in ((start - timedelta(seconds=1), False), (start, True), (end - timedelta(seconds=1), True), (end, False)):
        assert is_open(by, facts(at=moment)) is open_
    assert ask(facts(at=start), by=by).closes_in == (end - start).total_seconds()


def test_what_else_a_dated_group_says_holds_on_its_days_only() -> None:
    by = plan('[[group]]\nname = "short"\nfrom = 2026-06-03\nuntil = 2026-06-04\n[group.length]\nsocial = 60\n')
    lengths = [ask(at(f"2026-06-{day:02}T12:00"), by=by).limit for day in (2, 3, 4, 5)]
    assert lengths == [Limit(600.0, Why.LENGTH), Limit(60.0, Why.LENGTH), Limit(60.0, Why.LENGTH), Limit(600.0, Why.LENGTH)]
    assert by.settings_for(PHONE, None, None).length_social.value == 600
    known = at("2026-06-03T12:00")
    assert any("group      short" in line for line in explain(ask(known, by=by), by, known))
    late = at("2026-06-05T12:00")
    assert not any("group      short" in line for line in explain(ask(late, by=by), by, late))


def test_a_group_may_have_one_date_only() -> None:
    for key, days in (("from", [False, True, True]), ("until", [True, True, False])):
        by = plan(f'[[group]]\nname = "x"\n{key} = 2026-06-03\n[group.length]\nsocial = 60\n')
        assert [ask(at(f"2026-06-{day:02}T12:00"), by=by).limit == Limit(60.0, Why.LENGTH) for day in (2, 3, 4)] == days


@given(st.dates(date(2025, 1, 1), date(2029, 1, 1)), st.integers(0, 1439))
def test_a_plan_with_an_exception_is_the_plan_itself_on_every_other_day(day: date, minute: int) -> None:
    moment = (datetime(day.year, day.month, day.day, tzinfo=LONDON) + timedelta(minutes=minute)).astimezone(UTC)
    text = '[hours]\nevery_day = ["08:00-20:00"]\n'
    exception = plan(text + group("x", "from = 2026-12-24\nuntil = 2026-12-27", "[]"))
    inside = date(2026, 12, 24) <= moment.astimezone(LONDON).date() <= date(2026, 12, 27)
    assert is_open(exception, facts(at=moment)) is (not inside and is_open(plan(text), facts(at=moment)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[[group]]\nname = "x"\nfrom = 2026-12-24\nuntil = 2026-12-23\nlength = { social = 8 }\n', "4: `group.until` is before"),
        ('[[group]]\nname = "x"\nfrom = "2026-12-24"\nlength = { social = 8 }\n', "3: `group.from` must be a date"),
        ('[[group]]\nname = "x"\nincentives = []\nlength = { social = 8 }\n', "3: `group.incentives` is empty"),
        ('[[holiday]]\nname = "x"\n', "1: `holiday.date` is missing"),
        ('[[holiday]]\nname = "x"\ndate = 2026-12-25\nhours = ["9-12"]\n', '4: `holiday.hours`: "9-12" is not a window'),
        ('[hours]\nevery_day = []\nholiday = "closed"\n', "3: `hours.holiday` must be a list of windows"),
    ],
)  # fmt: skip
def test_each_fault_is_told_with_its_line(text: str, expected: str) -> None:
    assert any(problem.startswith(expected) for problem in problems(text)), problems(text)


def test_the_estate_knows_the_bank_holidays() -> None:
    days = sorted(day for day in PLAN.holidays)
    assert len(days) == 16
    assert all(day.weekday() < 5 for day in days), "a bank holiday is never at a weekend: its substitute day is"
    assert is_open(PLAN, replace(FACTS, at=datetime(2026, 12, 25, 12, tzinfo=UTC)))
