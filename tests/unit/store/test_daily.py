"""What is done once a day: by one worker, from its hour on by the clock of the place, again where it failed."""
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from switch.ports.daily import ESTATE
from switch.runtime.daily import DailyJob, DailyLoop
from switch.store.daily import LEASE, SqlDailyRecords
from switch.store.tables import alarms, establishments
from tests.unit.store.site import Site

LONDON = "Europe/London"


@dataclass
class Clock:
    now: datetime

    def wall(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return 0.0


@dataclass
class Morning:
    """A job that keeps what it was told, and fails as often as it is asked to."""

    seen: list[tuple[str, datetime]] = field(default_factory=list)
    fail: int = 0

    async def work(self, establishment: str, at: datetime) -> None:
        self.seen.append((establishment, at))
        if self.fail:
            self.fail -= 1
            raise OSError("not today")

    @property
    def places(self) -> list[str]:
        return [place for place, _ in self.seen]


def loop(site: Site, clock: Clock, *jobs: DailyJob) -> DailyLoop:
    return DailyLoop(SqlDailyRecords(site.store), jobs, clock, LONDON)


def days(start: datetime, step: timedelta, number: int) -> Iterator[datetime]:
    return (start + step * n for n in range(number))


async def test_two_workers_do_each_day_once_at_each_establishment(site: Site) -> None:
    await site.store.write(lambda conn: conn.execute(insert(establishments), {"id": "FAR", "name": "Far", "zone": "Asia/Tokyo"}))
    job, clock = Morning(), Clock(datetime(2026, 11, 23, tzinfo=UTC))
    workers = [loop(site, clock, DailyJob("count", time(5), job.work)) for _ in range(2)]
    for moment in days(clock.now, timedelta(minutes=20), 2 * 72):
        clock.now = moment
        for worker in workers:
            await worker.look()
    assert job.seen == [  # five o'clock in Tokyo is eight in the evening of the day before
        ("FAR", datetime(2026, 11, 23, 0, 0, tzinfo=UTC)), ("HMP", datetime(2026, 11, 23, 5, 0, tzinfo=UTC)),
        ("FAR", datetime(2026, 11, 23, 20, 0, tzinfo=UTC)), ("HMP", datetime(2026, 11, 24, 5, 0, tzinfo=UTC)),
        ("FAR", datetime(2026, 11, 24, 20, 0, tzinfo=UTC))]


@pytest.mark.parametrize(("minute", "done"), [(59, False), (60, True)])
async def test_it_is_done_from_its_hour_on_by_the_local_clock(site: Site, minute: int, done: bool) -> None:
    job, clock = Morning(), Clock(datetime(2026, 7, 1, 3, tzinfo=UTC) + timedelta(minutes=minute))
    await loop(site, clock, DailyJob("count", time(5), job.work)).look()
    assert bool(job.seen) is done


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
async def test_a_day_of_23_or_25_hours_has_it_once(site: Site, day: date) -> None:
    """At half past one, which there is twice in October and not at all in March."""
    midnight = datetime.combine(day, time(), ZoneInfo(LONDON)).astimezone(UTC)
    job, clock = Morning(), Clock(midnight)
    worker = loop(site, clock, DailyJob("count", time(1, 30), job.work))
    for moment in days(midnight, timedelta(minutes=10), 6 * 22):
        clock.now = moment
        await worker.look()
    assert len(job.seen) == 1


async def test_one_that_fails_is_told_and_tried_again_after_its_lease_and_holds_up_no_other(site: Site) -> None:
    bad, good, start = Morning(fail=2), Morning(), datetime(2026, 11, 23, 6, tzinfo=UTC)
    clock = Clock(start)
    jobs = DailyJob("bad", time(5), bad.work), DailyJob("good", time(5), good.work, estate=True)
    workers = [loop(site, clock, *jobs) for _ in range(2)]
    for moment in days(start, LEASE / 2, 9):
        clock.now = moment
        for worker in workers:
            await worker.look()
    assert [at for _, at in bad.seen] == [start, start + LEASE, start + 2 * LEASE]
    assert good.places == [ESTATE]
    told = await site.store.read(lambda conn: conn.execute(select(alarms.c.kind, alarms.c.text)).all())
    assert [(row.kind, "not today" in row.text) for row in told] == [("daily-job-failed", True)]


async def test_a_day_whose_worker_died_is_anothers(site: Site) -> None:
    class Died(BaseException):
        """As a kill: nothing after it runs."""

    async def die(_establishment: str, _at: datetime) -> None:
        raise Died

    job, clock = Morning(), Clock(datetime(2026, 11, 23, 6, tzinfo=UTC))
    with pytest.raises(Died):
        await loop(site, clock, DailyJob("count", time(5), die)).look()
    other = loop(site, clock, DailyJob("count", time(5), job.work))
    clock.now += LEASE - timedelta(milliseconds=1)
    await other.look()
    assert job.seen == []
    clock.now += timedelta(milliseconds=1)
    await other.look()
    assert job.places == ["HMP"]
