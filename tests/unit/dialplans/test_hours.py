"""Windows of use in local time, across midnight and both clock changes."""
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplans.hours import AHEAD, Calendar, Week, Window, open_until, read_window, weekly

LONDON = ZoneInfo("Europe/London")


def week(*texts: str) -> Week:
    windows = []
    for text in texts:
        window = read_window(text)
        assert isinstance(window, Window), window
        windows.append(window)
    return (tuple(windows),) * 7


def every(*texts: str) -> Calendar:
    return weekly(week(*texts))


def local(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold)


@pytest.mark.parametrize(
    ("texts", "at", "until"),
    [
        (["06:00-24:00"], "2026-06-03T05:59:59.999", None),
        (["06:00-24:00"], "2026-06-03T06:00", "2026-06-04T00:00"),
        (["06:00-24:00"], "2026-06-03T23:59:59.999", "2026-06-04T00:00"),
        (["06:00-24:00"], "2026-06-04T00:00", None),
        (["18:00-02:00"], "2026-06-03T17:59", None),
        (["18:00-02:00"], "2026-06-03T23:30", "2026-06-04T02:00"),
        (["18:00-02:00"], "2026-06-04T01:59", "2026-06-04T02:00"),
        (["18:00-02:00"], "2026-06-04T02:00", None),
        (["08:00-10:00", "10:00-12:00"], "2026-06-03T08:00", "2026-06-03T12:00"),
        (["09:00-12:00", "08:00-10:00"], "2026-06-03T08:30", "2026-06-03T12:00"),
        (["08:00-10:00", "14:00-16:00"], "2026-06-03T12:00", None),
        (["22:00-24:00", "00:00-03:00"], "2026-06-03T23:00", "2026-06-04T03:00"),
    ],
)
def test_windows(texts: list[str], at: str, until: str | None) -> None:
    assert open_until(every(*texts), LONDON, local(at)) == (None if until is None else local(until))


def test_a_day_without_windows_is_closed_but_the_night_before_still_counts() -> None:
    monday_only: Week = (week("20:00-01:00")[0], *((),) * 6)
    assert open_until(weekly(monday_only), LONDON, local("2026-06-01T20:00")) == local("2026-06-02T01:00")
    assert open_until(weekly(monday_only), LONDON, local("2026-06-02T00:30")) == local("2026-06-02T01:00")
    assert open_until(weekly(monday_only), LONDON, local("2026-06-02T20:30")) is None


def test_always_open_is_open_for_as_long_as_is_looked_ahead() -> None:
    at = local("2026-06-03T12:00")
    assert open_until(every("00:00-24:00"), LONDON, at) == local("2026-06-03T00:00") + timedelta(days=AHEAD)


# Summer time begins 29 March 2026: 01:00 GMT becomes 02:00 BST.
def test_the_night_that_loses_an_hour() -> None:
    assert open_until(every("18:00-02:00"), LONDON, local("2026-03-28T18:00")) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    night = open_until(every("18:00-06:00"), LONDON, local("2026-03-28T18:00"))
    assert night is not None
    assert night - local("2026-03-28T18:00").astimezone(UTC) == timedelta(hours=11)


def test_a_time_that_the_clock_skips_is_the_moment_of_the_change() -> None:
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert open_until(every("18:00-01:30"), LONDON, local("2026-03-28T23:00")) == change
    assert open_until(every("18:00-01:30"), LONDON, change) is None
    assert open_until(every("01:30-03:00"), LONDON, change - timedelta(seconds=1)) is None
    assert open_until(every("01:30-03:00"), LONDON, change) == datetime(2026, 3, 29, 2, tzinfo=UTC)


# Summer time ends 25 October 2026: 02:00 BST becomes 01:00 GMT.
def test_the_night_that_gains_an_hour() -> None:
    night = open_until(every("18:00-06:00"), LONDON, local("2026-10-24T18:00"))
    assert night is not None
    assert night - local("2026-10-24T18:00").astimezone(UTC) == timedelta(hours=13)
    assert open_until(every("18:00-02:00"), LONDON, local("2026-10-25T01:30", fold=1)) == datetime(2026, 10, 25, 2, tzinfo=UTC)


def test_a_time_that_the_clock_shows_twice_is_its_first_showing() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert open_until(every("18:00-01:30"), LONDON, local("2026-10-24T20:00")) == first
    assert open_until(every("18:00-01:30"), LONDON, first + timedelta(minutes=45)) is None
    assert open_until(every("01:30-03:00"), LONDON, first) == datetime(2026, 10, 25, 3, tzinfo=UTC)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        open_until(every("06:00-24:00"), LONDON, datetime(2026, 6, 3, 12))  # noqa: DTZ001  # the fault under test


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("6-12", "is not a window"), ("06:00 - 12:00", "is not a window"), ("06:60-12:00", "no clock shows"),
        ("24:00-01:00", "no clock shows"), ("06:00-24:01", "no clock shows"), ("06:00-25:00", "no clock shows"),
        ("06:00-06:00", "opens and closes at once"), ("", "is not a window"),
    ],
)
def test_what_is_not_a_window_is_said(text: str, says: str) -> None:
    fault = read_window(text)
    assert isinstance(fault, str)
    assert says in fault


@pytest.mark.parametrize("text", ["06:00-24:00", "18:00-02:00", "00:00-24:00"])
def test_a_window_is_written_as_it_is_read(text: str) -> None:
    assert str(read_window(text)) == text


def test_midnight_at_the_end_may_be_written_either_way() -> None:
    assert read_window("23:59-00:00") == read_window("23:59-24:00")


@given(
    st.lists(st.tuples(st.integers(0, 47), st.integers(1, 48)), max_size=3),
    st.integers(0, 215 * 24 * 60),
)
def test_open_until_agrees_with_every_minute_between(spans: list[tuple[int, int]], minutes: int) -> None:
    windows = (tuple(Window(start * 30, (start + length) * 30) for start, length in spans),) * 7
    at = datetime(2026, 3, 27, tzinfo=UTC) + timedelta(minutes=minutes)  # both clock changes lie ahead
    until = open_until(weekly(windows), LONDON, at)
    if until is None:
        return
    assert until > at
    for step in range(1, 4):
        inside = at + (until - at) * step / 4
        assert open_until(weekly(windows), LONDON, inside) is not None
    if until - at < timedelta(days=AHEAD - 2):
        assert open_until(weekly(windows), LONDON, until) is None
