"""Values as Welsh says them (`spoken.Speech`); the pieces are in `cy.values.toml`.

Counting is decimal (`un deg un`), as on statements and in schools; hours and dates are told the old way, as everybody does. Nouns
that are counted up to ten are recorded with their number, since both change (`dwy bunt`, `chwe cheiniog`); beyond that it is the
number, `o` and the plural. Conjunctions and prepositions that would change the word after them are left out.
"""
from datetime import date, datetime, timedelta

from dialplans.prompts.pieces import Said, parts_of, pounds_and_pence

COUNTED = 10
"""Up to here a noun is one piece with its number."""


def digits(text: str) -> Said:
    """Each digit by itself; anything else in the text is passed over."""
    return tuple(f"say-{one}" for one in text if one.isdecimal())


def number(value: int) -> Said:
    """A whole number from 0 to 999,999. ValueError for any other."""
    if not 0 <= value < 1_000_000:
        raise ValueError(f"{value} is not spoken: 0 to 999,999 are")
    if value >= 1000:
        thousands, rest = divmod(value, 1000)
        said = (f"say-thousand-{thousands}",) if thousands <= COUNTED else (*number(thousands), "say-thousand")
        return (*said, *(number(rest) if rest else ()))
    if value >= 100:
        hundreds, rest = divmod(value, 100)
        return (f"say-hundred-{hundreds}", *(number(rest) if rest else ()))
    if value <= COUNTED:
        return (f"say-{value}",)
    tens, ones = divmod(value, 10)
    return (f"say-tens-{tens}", *((f"say-{ones}",) if ones else ()))


def money(amount: int) -> Said:
    """A sum in thousandths of a penny, to the whole penny below; less than nothing is said as nothing."""
    pounds, pence = pounds_and_pence(amount)
    said = _counted(min(pounds, 999_999), "pound") if pounds else ()
    return said + (_counted(pence, "penny") if pence or not pounds else ())


def length(seconds: float) -> Said:
    """So long, to the second; from an hour on to the minute."""
    return tuple(piece for count, unit in parts_of(seconds) for piece in _counted(count, unit)) or ("say-second-0",)


def clock(at: datetime) -> Said:
    """The time of day, minutes counted on from the hour: "five minutes past three in the afternoon"."""
    hour = f"say-clock-{at.hour % 12 or 12}"
    half = "say-morning" if at.hour < 12 else "say-afternoon" if at.hour < 18 else "say-evening"
    if at.minute == 0:
        return (hour, "say-oclock", half)
    return (*_counted(at.minute, "minute"), "say-past", hour, half)


def day(at: date, today: date) -> Said:
    """Today, yesterday, or the weekday with its date."""
    if at == today:
        return ("say-today",)
    if at == today - timedelta(days=1):
        return ("say-yesterday",)
    return (f"say-weekday-{at.isoweekday()}", f"say-day-{at.day}", f"say-month-{at.month}")


def moment(at: datetime, today: date) -> Said:
    """When something was: local time, and the local day that it now is."""
    return (*day(at.date(), today), *clock(at))


def _counted(count: int, unit: str) -> Said:
    """So many of a unit: one piece up to ten, then the number and `o` with the plural."""
    return (f"say-{unit}-{count}",) if count <= COUNTED else (*number(count), f"say-{unit}-many")
