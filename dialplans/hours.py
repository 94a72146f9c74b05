"""Hours of use: windows in an establishment's local time, across midnight and the clock change."""
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 24 * 60
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
AHEAD = 8
"""Days looked ahead: windows that join without a gap for longer are open for good, as far as one call can tell."""
_WINDOW = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class Window:
    """Opens at `start`, closes at `end`: minutes of local time from the midnight its day begins with; `end` may be past 1440."""

    start: int
    end: int

    def __str__(self) -> str:
        end = self.end if self.end <= DAY else self.end - DAY
        return f"{self.start // 60:02}:{self.start % 60:02}-{end // 60:02}:{end % 60:02}"


Week = tuple[tuple[Window, ...], ...]
"""Seven days from Monday, each its windows by the day on which they open; an empty day has none."""

Calendar = Callable[[date], Iterable[Window]]
"""The windows that open on a local day."""


Span = tuple[datetime, datetime]
"""From, until; UTC."""


def read_window(text: str) -> Window | str:
    """A window from "06:00-24:00"; "18:00-02:00" crosses midnight. A string is what is wrong with it."""
    match = _WINDOW.fullmatch(text)
    if match is None:
        return f'"{text}" is not a window: write "06:00-24:00", two digits each'
    hours_from, minutes_from, hours_to, minutes_to = map(int, match.groups())
    start, end = hours_from * 60 + minutes_from, hours_to * 60 + minutes_to
    if minutes_from > 59 or minutes_to > 59 or start >= DAY or end > DAY:
        return f'"{text}" has a time that no clock shows: 00:00 to 23:59, or 24:00 as the end'
    if start == end:
        return f'"{text}" opens and closes at once: write "00:00-24:00" for the whole day, or leave the window out'
    return Window(start, end if end > start else end + DAY)


def told(local: datetime) -> str:
    """A local time as findings write it, "Wednesday 12:00": in English whatever the machine's own language is."""
    return f"{WEEKDAYS[local.weekday()].capitalize()} {local.hour:02}:{local.minute:02}"


def weekly(week: Week) -> Calendar:
    """Every week the same."""
    return lambda day: week[day.weekday()]


def open_until(windows: Calendar, zone: ZoneInfo, at: datetime) -> datetime | None:
    """When the window that is open at `at` closes, in UTC; None when none is open. Windows that touch are one.

    A local time that the clock shows twice (the end of summer time) is its first showing; one that it skips (the start) is the
    moment of the change. Raises ValueError for an `at` without a zone.
    """
    if at.tzinfo is None:
        raise ValueError("a moment without a zone is no moment")
    return end_of(spans(windows, zone, at.astimezone(zone).date()), at)


def spans(windows: Calendar, zone: ZoneInfo, today: date) -> tuple[Span, ...]:
    """When it is open, seen from a local day: from the windows of the night before to those of a week ahead, joined where they
    touch."""
    days = [today + timedelta(days=offset) for offset in range(-1, AHEAD)]
    joined: list[Span] = []
    for begin, end in sorted((_instant(day, window.start, zone), _instant(day, window.end, zone))
                             for day in days for window in windows(day)):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return tuple(joined)


def end_of(spans: Iterable[Span], at: datetime) -> datetime | None:
    """The end of the span that a moment lies in; None outside of all."""
    return next((end for begin, end in spans if begin <= at < end), None)


@lru_cache(maxsize=4096)  # a few windows of a few days are asked for by every call
def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    local = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minutes)  # wall-clock arithmetic
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    early, late = local.replace(fold=1).astimezone(UTC), instant  # skipped: the change lies between the two readings
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)
