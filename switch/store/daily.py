"""`DailyRecords` (switch.ports.daily) on SQL: a day is claimed by writing its row, so that one of all workers does it."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from switch.ports.daily import Claim, JobDay
from switch.store.database import Store
from switch.store.orders import PlaceAlarm
from switch.store.stamps import stamp
from switch.store.tables import daily_jobs, establishments

LEASE = timedelta(minutes=30)
"""After this a day that was taken and not done is anybody's: its worker died, or the job failed."""


def _row(day: JobDay) -> ColumnElement[bool]:
    return ((daily_jobs.c.name == day.job) & (daily_jobs.c.establishment == day.establishment)
            & (daily_jobs.c.day == day.day.isoformat()))


@dataclass(frozen=True, slots=True)
class ClaimDay:
    """Unit: the day is ours, unless it is done or somebody has it. Writers follow one another, so no two can both have it."""

    day: JobDay
    at: datetime

    def __call__(self, conn: Connection) -> Claim:
        until = stamp(self.at + LEASE)
        row = conn.execute(select(daily_jobs.c.taken_until, daily_jobs.c.done_at).where(_row(self.day))).first()
        if row is None:
            conn.execute(insert(daily_jobs), {"name": self.day.job, "establishment": self.day.establishment,
                                              "day": self.day.day.isoformat(), "taken_until": until, "tries": 1})
            return Claim.OURS
        if row.done_at is not None:
            return Claim.DONE
        if row.taken_until > stamp(self.at):
            return Claim.TAKEN
        conn.execute(update(daily_jobs).where(_row(self.day)).values(taken_until=until, tries=daily_jobs.c.tries + 1))
        return Claim.OURS


class SqlDailyRecords:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def places(self) -> Sequence[tuple[str, str]]:
        asked = select(establishments.c.id, establishments.c.zone).order_by(establishments.c.id)
        return await self._store.read(lambda conn: [(row.id, row.zone) for row in conn.execute(asked)])

    async def claim(self, day: JobDay, at: datetime) -> Claim:
        return await self._store.write(ClaimDay(day, at))

    async def done(self, day: JobDay, at: datetime) -> None:
        await self._store.write(lambda conn: conn.execute(update(daily_jobs).where(_row(day)).values(done_at=stamp(at))))

    async def failed(self, day: JobDay, error: str, at: datetime) -> None:
        where = day.establishment or "the estate"
        text = f"The daily job {day.job} of {day.day} for {where} failed and will be tried again: {error}"
        await self._store.write(PlaceAlarm(f"daily:{day.job}:{day.establishment}:{day.day}", "daily-job-failed", text, None, at))
