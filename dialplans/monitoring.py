"""Which recordings are listened to, in what order and by when, and which are drawn at random: pure rules of the monitoring queue.

The draw can be done again by whoever has the seed: HMAC-SHA256 under it over the local day on which the call began and the call's
id, of which the first eight bytes, as a fraction of 2**64, lie below the percentage. Nobody knows beforehand what will be drawn,
and nobody can say afterwards that something else was.
"""
import hashlib
import hmac
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialplans.plan import MonitoringRules, RandomShare
from switch.core.monitoring import ItemState, Tier

RANK = {tier: rank for rank, tier in enumerate(Tier)}
"""The lowest comes first."""
UNDERSTOOD = frozenset({"", "en", "cy"})
"""Languages that need no translation decision; the empty one is where nobody said which."""
SPAN = 1 << 64


def share_on(shares: Iterable[RandomShare], establishment: str, day: date) -> RandomShare | None:
    """The share that holds at an establishment on a local day: of those begun, one that names it before one for all; of those the
    newest, and of two of one day the later in the plan. None where none has begun, and then nothing is drawn."""
    begun = [one for one in shares if one.since <= day and (not one.establishments or establishment in one.establishments)]
    return max(enumerate(begun), key=lambda at: (bool(at[1].establishments), at[1].since, at[0]))[1] if begun else None


def is_drawn(seed: str, call: str, day: date, percent: int) -> bool:
    """Whether a call that began on this local day is drawn. The docstring of this module is how; 0 draws none, 100 all."""
    digest = hmac.new(seed.encode(), f"{day.isoformat()} {call}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") * 100 < percent * SPAN


def seed_month(day: date) -> str:
    """Each month has a seed of its own, so that one that was shown to an auditor foretells nothing."""
    return f"{day:%Y-%m}"


def tier_of(authorities: Collection[Tier], lead: bool, drawn: bool) -> Tier | None:
    """The first of all that an item stands on; None where nothing says that anybody should listen."""
    found = {*authorities} | ({Tier.LEAD} if lead else set()) | ({Tier.RANDOM} if drawn else set())
    return min(found, key=RANK.__getitem__, default=None)


def due_at(rules: MonitoringRules, tier: Tier, since: datetime, zone: ZoneInfo) -> datetime:
    """The end of the local day so many days after the one in which it came to this tier, as UTC: 0 is by that day's midnight.
    Counted in days of the calendar, so that those of 23 and 25 hours are days."""
    last = since.astimezone(zone).date() + timedelta(days=rules.due_days(tier).value + 1)
    return datetime.combine(last, time(0), zone).astimezone(UTC)


def overdue(state: ItemState, due: datetime | None, at: datetime) -> bool:
    """Whether it waits at or past its due time."""
    return state is ItemState.WAITING and due is not None and at >= due


def moved(state: ItemState, old: Tier | None, new: Tier | None) -> ItemState:
    """The state of an item that stands on something else now. What was listened to stays so; what was not needed waits again
    only for something that ranks higher than what it was closed under."""
    if state is ItemState.LISTENED:
        return state
    if state is ItemState.NOT_NEEDED:
        higher = new is not None and (old is None or RANK[new] < RANK[old])
        return ItemState.WAITING if higher else state
    return ItemState.UNLISTED if new is None else ItemState.WAITING


def is_foreign(languages: Collection[str]) -> bool:
    """Whether a translation decision is needed. `cy-GB` is Welsh."""
    return any(one.casefold().partition("-")[0] not in UNDERSTOOD for one in languages)


def claimed_by_another(officer: str, claimed_by: str | None, claimed_until: datetime | None, at: datetime) -> bool:
    """Whether somebody else has an item in hand: until the moment their claim ends, that moment not included."""
    return (claimed_by is not None and claimed_until is not None and at < claimed_until
            and claimed_by.strip().casefold() != officer.strip().casefold())
