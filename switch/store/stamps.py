"""Times as the tables and the journal hold them: RFC 3339 UTC text of one width, so that text order is time order."""
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def stamp(at: datetime) -> str:
    """`2026-11-23T07:41:00.123Z`. ValueError for a time without zone."""
    if at.tzinfo is None:
        raise ValueError("a stamp needs an aware time")
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def unstamp(text: str) -> datetime:
    return datetime.fromisoformat(text)


def local_midnight(at: datetime, zone: str) -> datetime:
    """The last midnight of an establishment's own clock, as UTC; right across the change of the clocks."""
    local = at.astimezone(ZoneInfo(zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)


def local_monday(at: datetime, zone: str) -> datetime:
    """The midnight with which the week of an establishment's own clock began, as UTC (ISO 8601: weeks begin on Monday)."""
    local = at.astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return (midnight - timedelta(days=local.weekday())).astimezone(UTC)  # wall-clock arithmetic: days of 23 and 25 hours are days
