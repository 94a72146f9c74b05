"""What the monitoring queue comes to: what is overdue, by tier and age; how much was heard, by week, wing and tier."""
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta

from switch.core.ids import StaffId
from switch.core.monitoring import ItemState, Tier
from switch.desk.asking import Desk, Refused, refused
from switch.desk.table import write_table
from switch.ports.desk import Changes

OVERDUE_HEADING = ("tier", "days_overdue", "items", "oldest_call")
HEARD_HEADING = ("week", "wing", "tier", "recordings", "listened", "not_needed", "waiting", "share_heard")
LONGEST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class OverdueRow:
    """How many items of a tier are so many whole days past their due time, and when the oldest call among them began."""

    tier: Tier
    days: int
    items: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class HeardRow:
    """What became of the recordings of a week (its Monday), wing and tier; `tier` None of those that nothing lists. `share` is
    what was listened to, in thousandths."""

    week: date
    wing: str
    tier: Tier | None
    recordings: int
    listened: int
    not_needed: int
    waiting: int
    share: int


async def overdue(desk: Desk, actor: StaffId, at: datetime, establishment: str) -> list[OverdueRow] | Refused:
    """What waits past its due time at one establishment."""

    def look(changes: Changes) -> list[OverdueRow] | Refused:
        if changes.establishment(establishment) is None:
            return refused("unknown-establishment", f"there is no establishment {establishment[:32]}")
        rows: dict[tuple[Tier, int], OverdueRow] = {}
        for late in changes.overdue_items(establishment):
            days = (at - late.due) // timedelta(days=1)
            old = rows.get((late.tier, days))
            rows[late.tier, days] = OverdueRow(late.tier, days, late.items + (old.items if old else 0),
                                               min(late.oldest, old.oldest) if old else late.oldest)
        order = list(Tier)
        return sorted(rows.values(), key=lambda row: (order.index(row.tier), -row.days))

    return await desk.work.look(actor, at, look)


async def heard(desk: Desk, actor: StaffId, at: datetime, establishment: str, since: date, until: date
                ) -> list[HeardRow] | Refused:
    """Of calls begun on local days from `since` to before `until`."""
    if not timedelta() < until - since <= LONGEST:
        return refused("bad-period", f"a report ends after it begins, and spans {LONGEST.days} days at most")

    def look(changes: Changes) -> list[HeardRow] | Refused:
        if changes.establishment(establishment) is None:
            return refused("unknown-establishment", f"there is no establishment {establishment[:32]}")
        found: dict[tuple[date, str, Tier | None], Counter[ItemState]] = {}
        for one in changes.tallies(establishment, since, until):
            week = one.day - timedelta(days=one.day.weekday())
            found.setdefault((week, one.wing, one.tier), Counter())[one.state] += one.items
        order = [*Tier, None]
        return [_heard(*key, found[key]) for key in sorted(found, key=lambda key: (key[0], key[1], order.index(key[2])))]

    return await desk.work.look(actor, at, look)


def _heard(week: date, wing: str, tier: Tier | None, states: Counter[ItemState]) -> HeardRow:
    total, listened = states.total(), states[ItemState.LISTENED]
    return HeardRow(week, wing, tier, total, listened, states[ItemState.NOT_NEEDED], states[ItemState.WAITING],
                    listened * 1000 // total)


def overdue_csv(rows: Sequence[OverdueRow]) -> str:
    return write_table(OVERDUE_HEADING, [(row.tier, str(row.days), str(row.items), row.oldest.isoformat()) for row in rows])


def heard_csv(rows: Sequence[HeardRow]) -> str:
    """The share is a fraction of one."""
    return write_table(HEARD_HEADING, [
        (row.week.isoformat(), row.wing, row.tier or "", *map(str, astuple(row)[3:7]), f"{row.share / 1000:.3f}")
        for row in rows])
