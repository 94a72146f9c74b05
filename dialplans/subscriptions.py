"""The periods of a subscription: local days, so that one ends with a midnight, and the next is there when the day begins.

A period that nobody renewed in time, since no worker ran or there was no credit, is neither had nor paid for: the next begins on
the day of its renewal, and those after it are counted from there.
"""
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dialplans.plan import Bundle, Plan


@dataclass(frozen=True, slots=True)
class Period:
    """The `nth` period counted from the local day `anchor`, where the first one began: a month is counted from there, so that a
    short one makes no later one shorter."""

    anchor: date
    nth: int = 1


def first_period(today: date) -> Period:
    """Begun today: what is left of today comes on top of it, so that no subscription is shorter than it says."""
    return Period(today + timedelta(days=1))


def next_period(now: Period, monthly: bool, today: date) -> Period:
    """What follows when it is renewed today: the next in the row on its very day, a new row on any later one."""
    return Period(now.anchor, now.nth + 1) if last_day_over(now, monthly) == today else Period(today)


def last_day_over(period: Period, monthly: bool) -> date:
    """The local day with whose midnight the period is over."""
    if not monthly:
        return period.anchor + timedelta(weeks=period.nth)
    year, month = divmod(period.anchor.month - 1 + period.nth, 12)
    year, month = period.anchor.year + year, month + 1
    return date(year, month, min(period.anchor.day, monthrange(year, month)[1]))


def over_at(period: Period, monthly: bool, zone: ZoneInfo) -> datetime:
    """That midnight, in UTC."""
    day = last_day_over(period, monthly)
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def sold(plan: Plan, at: datetime) -> list[Bundle]:
    """The offers of a plan that may be bought at this moment."""
    today = at.astimezone(plan.zone).date()
    return [one for one in plan.bundles if one.since <= today and (one.until is None or today <= one.until)]


def renewable(plan: Plan, name: str, at: datetime) -> Bundle | None:
    """The offer of this name, where it is sold now and may be subscribed to."""
    return next((one for one in sold(plan, at) if one.name == name and one.renews), None)
