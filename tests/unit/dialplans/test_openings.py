"""What an order against contact leaves open: hours of every week, dates, one number; both sides of each edge, clocks changing."""
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dialplans.decide import decide
from dialplans.hours import AHEAD
from dialplans.openings import FOR_GOOD, binds, open_till, read_hours, shown_hours
from switch.core.facts import NoContactFacts
from switch.core.ids import CallId
from switch.core.numbers import E164, Dialled
from switch.core.openings import LocalHours, Opening
from switch.core.reasons import Why
from tests.unit.dialplans.world import PLAN, facts, permit, plan

LONDON = ZoneInfo("Europe/London")
CHILD, OTHER = E164("447700900123"), E164("447700900124")
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def hours(*texts: str) -> tuple[LocalHours, ...]:
    found: list[LocalHours] = []
    for text in texts:
        read = read_hours(text)
        assert not isinstance(read, str), read
        found += read
    return tuple(found)


def order(*openings: Opening, exceptions: tuple[E164, ...] = ()) -> NoContactFacts:
    return NoContactFacts("o1", "no-contact", exceptions, openings)


SUNDAYS = Opening("s", hours=hours("sunday 14:00-15:00"))
START, END = local("2026-11-29T14:00"), local("2026-11-29T15:00")


@pytest.mark.parametrize(("opening", "at", "until"), [
    (SUNDAYS, START - TICK, None),
    (SUNDAYS, START, END),
    (SUNDAYS, END - TICK, END),
    (SUNDAYS, END, None),
    (SUNDAYS, START - DAY, None),
    (SUNDAYS, START + 7 * DAY, END + 7 * DAY),
    # dates alone
    (Opening("d", since=START, until=END), START - TICK, None),
    (Opening("d", since=START, until=END), START, END),
    (Opening("d", since=START, until=END), END - TICK, END),
    (Opening("d", since=START, until=END), END, None),
    (Opening("d", since=START), END, FOR_GOOD),
    (Opening("d", until=END), START - DAY, END),
    # both: hours within dates, and dates that cut an hour short at either end
    (replace(SUNDAYS, since=START + DAY), START, None),
    (replace(SUNDAYS, since=START + DAY), START + 7 * DAY, END + 7 * DAY),
    (replace(SUNDAYS, since=START + timedelta(minutes=30)), START + timedelta(minutes=30) - TICK, None),
    (replace(SUNDAYS, since=START + timedelta(minutes=30)), START + timedelta(minutes=30), END),
    (replace(SUNDAYS, until=START + timedelta(minutes=30)), START, START + timedelta(minutes=30)),
    (replace(SUNDAYS, until=START + timedelta(minutes=30)), START + timedelta(minutes=30), None),
    # a number of its own
    (replace(SUNDAYS, number=CHILD), START, END),
    (replace(SUNDAYS, number=OTHER), START, None),
    (Opening("n", number=CHILD), START, FOR_GOOD),
    # across midnight
    (Opening("m", hours=hours("sunday 23:00-01:00")), local("2026-11-30T00:59"), local("2026-11-30T01:00")),
    (Opening("m", hours=hours("sunday 23:00-01:00")), local("2026-11-30T01:00"), None),
    (Opening("m", hours=hours("sunday 23:00-01:00")), local("2026-11-29T00:30"), None),
])
def test_one_opening(opening: Opening, at: datetime, until: datetime | None) -> None:
    assert open_till(order(opening), CHILD, at) == until


def test_the_hour_of_every_sunday_is_the_local_one_on_both_sides_of_each_clock_change() -> None:
    """2026: 29 March to summer time, 25 October back. 14:00 local is 14:00 or 13:00 UTC."""
    for day, utc in (("2026-03-22", 14), ("2026-03-29", 13), ("2026-10-18", 13), ("2026-10-25", 14)):
        start = datetime.fromisoformat(day).replace(hour=utc, tzinfo=UTC)
        assert open_till(order(SUNDAYS), CHILD, start - TICK) is None
        assert open_till(order(SUNDAYS), CHILD, start) == start + timedelta(hours=1)
        assert open_till(order(SUNDAYS), CHILD, start + timedelta(hours=1)) is None


@pytest.mark.parametrize(("text", "start", "end"), [
    # the hour that comes twice is its first showing, 00:30 to 01:00 UTC and no second time
    ("sunday 01:30-02:00", "2026-10-25T00:30", "2026-10-25T02:00"),
    ("sunday 01:00-01:30", "2026-10-25T00:00", "2026-10-25T00:30"),
    # what the clock skips is the moment of the change: 01:00 UTC is 02:00 local
    ("sunday 00:30-01:30", "2026-03-29T00:30", "2026-03-29T01:00"),
    ("sunday 01:30-02:30", "2026-03-29T01:00", "2026-03-29T01:30"),
])
def test_an_hour_that_the_change_of_the_clocks_cuts(text: str, start: str, end: str) -> None:
    opening = order(Opening("c", hours=hours(text)))
    first, last = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (start, end))
    assert open_till(opening, CHILD, first - TICK) is None
    assert open_till(opening, CHILD, first) == last
    assert open_till(opening, CHILD, last - TICK) == last
    assert open_till(opening, CHILD, last) is None


def test_openings_that_touch_are_one_and_a_gap_is_a_gap() -> None:
    after = Opening("a", since=END, until=END + DAY)
    assert open_till(order(SUNDAYS, after), CHILD, START) == END + DAY
    assert open_till(order(SUNDAYS, replace(after, since=END + TICK)), CHILD, START) == END
    assert open_till(order(SUNDAYS, Opening("a", since=START)), CHILD, START) == FOR_GOOD
    rows = tuple(Opening(str(n), since=START + n * DAY, until=START + (n + 1) * DAY) for n in range(100))
    joined = open_till(order(*rows), CHILD, START)
    assert joined is not None
    assert joined >= START + AHEAD * DAY


def test_of_several_orders_the_first_that_binds_again() -> None:
    assert binds((), CHILD, START) == FOR_GOOD
    assert binds((order(exceptions=(CHILD,)),), CHILD, START) == FOR_GOOD
    assert binds((order(exceptions=(CHILD,)), order(SUNDAYS)), CHILD, START) == END
    assert binds((order(), order(SUNDAYS)), CHILD, START) == START
    assert open_till(order(), CHILD, START) is None


@pytest.mark.parametrize(("text", "days"), [
    ("sunday 14:00-15:00", [6]), ("Sundays 14:00-15:00", [6]), (" weekdays  14:00-15:00", [0, 1, 2, 3, 4]),
    ("weekend 14:00-15:00", [5, 6]), ("every-day 14:00-15:00", [0, 1, 2, 3, 4, 5, 6]),
])
def test_hours_in_words(text: str, days: list[int]) -> None:
    assert [one.day for one in hours(text)] == days
    assert hours(*shown_hours(hours(text)).split(", ")) == hours(text)


@pytest.mark.parametrize("text", ["14:00-15:00", "sunday", "sunday 14:00", "sunday 14:00-14:00", "sunday 24:00-25:00", "", "x 1"])
def test_hours_that_are_none(text: str) -> None:
    assert isinstance(read_hours(text), str)


@pytest.mark.parametrize(("before", "why"), [(60.0, None), (59.0, Why.NO_CONTACT), (0.0, Why.NO_CONTACT), (-1.0, Why.NO_CONTACT)])
def test_a_call_is_placed_while_there_is_time_for_one(before: float, why: Why | None) -> None:
    at = END - timedelta(seconds=before)
    known = facts(at=at, no_contact=(order(SUNDAYS),))
    decision = decide(plan("[call]\nminimum_talk = 60\n"), known, CallId("c"), Dialled(CHILD))
    (finding,) = (one for one in decision.findings if one.rule == "no-contact-order")
    assert finding.why is why, finding.text


def test_a_call_ends_when_the_order_binds_again_and_leave_reaches_no_further() -> None:
    at = END - timedelta(minutes=5)
    for more in ({}, {"permits": (permit(until=END + DAY),)}):
        known = facts(at=at, no_contact=(order(SUNDAYS), order(exceptions=(CHILD,))), **more)
        decision = decide(PLAN, known, CallId("c"), Dialled(CHILD))
        assert decision.closes_in == 300.0
        assert decision.limit is not None
        assert (decision.limit.seconds, decision.limit.why) == (300.0, Why.HOURS)
    free = decide(PLAN, facts(at=at, no_contact=(order(exceptions=(CHILD,)),)), CallId("c"), Dialled(CHILD))
    assert free.closes_in is not None
    assert free.closes_in > 300.0
