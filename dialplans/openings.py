"""Orders against contact and their exceptions: until when an order leaves a number open, and the words for weekly hours. Pure."""
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from dialplans.hours import WEEKDAYS, Window, open_until, read_window
from switch.core.facts import NoContactFacts
from switch.core.numbers import Number
from switch.core.openings import LocalHours, Opening

FOR_GOOD = datetime.max.replace(tzinfo=UTC)
"""The end of what has none: an order that excepts the number itself never binds it."""
JOINED = 64
"""Openings that touch are one; this many in a row are as long as any call."""
_DAYS = {day: (number,) for number, day in enumerate(WEEKDAYS)} | {
    "weekdays": (0, 1, 2, 3, 4), "weekend": (5, 6), "every-day": (0, 1, 2, 3, 4, 5, 6)}


def read_hours(text: str) -> tuple[LocalHours, ...] | str:
    """Hours of every week from "sunday 14:00-15:00" (or weekdays, weekend, every-day; "sundays" will do, and a window may cross
    midnight). A string is what is wrong with it."""
    word, _, window = text.strip().lower().partition(" ")
    days = _DAYS.get(word) or _DAYS.get(word.removesuffix("s"))
    if days is None:
        return f'"{text}" names no day: write "sunday 14:00-15:00", or weekdays, weekend, every-day'
    read = read_window(window.strip())
    if isinstance(read, str):
        return read
    return tuple(LocalHours(day, read.start, read.end) for day in days)


def shown_hours(hours: tuple[LocalHours, ...]) -> str:
    """As `read_hours` takes them, one a day, joined by commas."""
    return ", ".join(f"{WEEKDAYS[one.day]} {Window(one.start, one.end)}" for one in hours)


def open_till(order: NoContactFacts, number: Number, at: datetime) -> datetime | None:
    """The moment (UTC) from which an order binds this number again; None where it binds at `at`. A moment at which an opening
    begins is open, the one at which it ends is not; local hours cross the clock change as hours of use do (`dialplans.hours`)."""
    if number in order.exceptions:
        return FOR_GOOD
    now, open_ = at, False
    for _ in range(JOINED):
        ends = [end for one in order.openings if (end := _open(one, number, now)) is not None]
        if not ends:
            break
        now, open_ = max(ends), True
        if now == FOR_GOOD:
            break
    return now if open_ else None


def binds(orders: tuple[NoContactFacts, ...], number: Number, at: datetime) -> datetime:
    """From when on any of some orders binds a number: `at` itself where one does now, FOR_GOOD where none ever will."""
    return min((open_till(order, number, at) or at for order in orders), default=FOR_GOOD)


def _open(opening: Opening, number: Number, at: datetime) -> datetime | None:
    """The end of one opening that is open at a moment."""
    if opening.number is not None and opening.number != number:
        return None
    if (opening.since is not None and at < opening.since) or (opening.until is not None and at >= opening.until):
        return None
    last = opening.until or FOR_GOOD
    if not opening.hours:
        return last
    end = open_until(lambda day: _windows(opening.hours, day), _zone(opening.zone), at)
    return None if end is None else min(end, last)


def _windows(hours: tuple[LocalHours, ...], day: date) -> tuple[Window, ...]:
    return tuple(Window(one.start, one.end) for one in hours if one.day == day.weekday())


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
