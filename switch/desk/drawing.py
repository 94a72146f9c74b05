"""The seeds of the random draw, and a draw done again: what was drawn, and whether it is what had to be."""
import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialplans.monitoring import is_drawn, seed_month
from switch.core.ids import CallId, StaffId
from switch.desk.asking import Desk, Refused, refused
from switch.ports.desk import Changes


@dataclass(frozen=True, slots=True)
class Draw:
    """One day's draw at one establishment, done again. `seed` is told once its month is over; `digest` is its SHA-256, which the
    audit has since it was made. `wrong` are calls whose item says otherwise than the draw, `unfiled` those that
    were recorded and have no item, so that nobody drew them."""

    establishment: str
    day: date
    recordings: int
    drawn: tuple[CallId, ...]
    wrong: tuple[CallId, ...]
    unfiled: tuple[CallId, ...]
    digest: str
    seed: str | None


def seed_of(changes: Changes, month: str, fresh: str) -> str:
    """The seed of a month: the one that is kept, or from now on this fresh one."""
    seed = changes.seed(month)
    if seed is not None:
        return seed
    changes.add_seed(month, fresh)
    changes.audit("monitoring-seed-made", {"seed": month}, {"sha256": digest_of(fresh)})
    return fresh


def digest_of(seed: str) -> str:
    return hashlib.sha256(seed.encode()).hexdigest()


async def redraw(desk: Desk, actor: StaffId, at: datetime, establishment: str, day: str) -> Draw | Refused:
    """Whoever checks the draw of a local day (`2026-11-25`) does it again, over every recording of that day that has an item."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        return refused("bad-day", f"{day[:32]!r} is no day: write it as 2026-11-25")

    def look(changes: Changes) -> Draw | Refused:
        place = changes.establishment(establishment)
        if place is None:
            return refused("unknown-establishment", f"there is no establishment {establishment[:32]}")
        seed = changes.seed(seed_month(wanted))
        if seed is None:
            return refused("no-draw", f"nothing was drawn in {wanted:%Y-%m}")
        items = changes.items_of_day(establishment, wanted)
        wrong = tuple(one.call for one in items if is_drawn(seed, one.call, wanted, one.percent) is not one.drawn)
        zone = ZoneInfo(place.zone)
        since, until = (datetime.combine(one, time(0), zone).astimezone(UTC) for one in (wanted, wanted + timedelta(days=1)))
        over = seed_month(wanted) < seed_month(at.date())
        return Draw(establishment, wanted, len(items), tuple(one.call for one in items if one.drawn), wrong,
                    tuple(changes.unfiled(establishment, since, until)), digest_of(seed), seed if over else None)

    return await desk.work.look(actor, at, look)
