"""Values as English says them (`spoken.Speech`); the pieces are in `en.values.toml`."""
from datetime import date, datetime, timedelta

from dialplans.prompts.pieces import Said, parts_of, pounds_and_pence


def digits(text: str) -> Said:
    """Each digit by itself; anything else in the text is passed over."""
    return tuple(f"say-{one}" for one in text if one.isdecimal())


def number(value: int) -> Said:
    """A whole number from 0 to 999,999. ValueError for any other."""
    if not 0 <= value < 1_000_000:
        raise ValueError(f"{value} is not spoken: 0 to 999,999 are")
    if value >= 1000:
        rest = value % 1000
        joined = () if not rest else (("say-and",) if rest < 100 else ()) + number(rest)
        return (*number(value // 1000), "say-thousand", *joined)
    if value >= 100:
        return (f"say-{value // 100}", "say-hundred", *(("say-and", *number(value % 100)) if value % 100 else ()))
    if value <= 20 or value % 10 == 0:
        return (f"say-{value}",)
    return (f"say-{value // 10 * 10}", f"say-{value % 10}")


def money(amount: int) -> Said:
    """A sum in thousandths of a penny, to the whole penny below; less than nothing is said as nothing."""
    pounds, pence = pounds_and_pence(amount)
    said: Said = ()
    if pounds:
        said += (*number(min(pounds, 999_999)), "say-pound" if pounds == 1 else "say-pounds")
    if pence or not pounds:
        said += (("say-and",) if pounds else ()) + (*number(pence), "say-penny" if pence == 1 else "say-pence")
    return said


def length(seconds: float) -> Said:
    """So long, to the second; from an hour on to the minute."""
    said: Said = ()
    for count, unit in parts_of(seconds):
        said += (*number(count), f"say-{unit}" if count == 1 else f"say-{unit}s")
    return said or ("say-0", "say-seconds")


def clock(at: datetime) -> Said:
    """The time of day: five past three is "three oh five in the afternoon"."""
    hour = at.hour % 12 or 12
    half = "say-morning" if at.hour < 12 else "say-afternoon" if at.hour < 18 else "say-evening"
    if at.minute == 0:
        return (*number(hour), "say-oclock", half)
    return (*number(hour), *(("say-oh",) if at.minute < 10 else ()), *number(at.minute), half)


def day(at: date, today: date) -> Said:
    """Today, yesterday, or the weekday with its date."""
    if at == today:
        return ("say-today",)
    if at == today - timedelta(days=1):
        return ("say-yesterday",)
    tens, ones = divmod(at.day, 10)
    nth = (f"say-day-{at.day}",) if at.day <= 20 or not ones else (f"say-{tens * 10}", f"say-day-{ones}")
    return (f"say-weekday-{at.isoweekday()}", *nth, f"say-month-{at.month}")


def moment(at: datetime, today: date) -> Said:
    """When something was: local time, and the local day that it now is."""
    return (*day(at.date(), today), "say-at", *clock(at))
