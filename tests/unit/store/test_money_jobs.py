"""What the worker does with money each day, on both databases: two workers over weeks, and books that differ."""
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select

from switch.build.money_jobs import TOLD, money_jobs
from switch.core.ids import StaffId
from switch.desk import subscriptions
from switch.desk.asking import Desk
from switch.runtime.daily import DailyLoop
from switch.store.books import verify_books
from switch.store.daily import SqlDailyRecords
from switch.store.seeding import read_balance
from switch.store.tables import alarms, bundles, postings
from switch.store.unit_of_work import SqlUnitOfWork
from tests.unit.desk.office import CountingMint, good
from tests.unit.dialplans.test_subscriptions import PLAN
from tests.unit.store.site import ANN, AT, Site

WORKER = StaffId("daily")


@dataclass
class Clock:
    now: datetime

    def wall(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return 0.0


def workers(site: Site, clock: Clock) -> list[DailyLoop]:
    desk = Desk(SqlUnitOfWork(site.store, {}), CountingMint(), plan=PLAN)
    return [DailyLoop(SqlDailyRecords(site.store), money_jobs(desk, site.store, site.url, WORKER), clock, "Europe/London")
            for _ in range(2)]


async def test_two_workers_renew_as_the_day_begins_and_once(site: Site) -> None:
    desk = Desk(SqlUnitOfWork(site.store, {}), CountingMint(), plan=PLAN)
    good(await subscriptions.subscribe(desk, StaffId("officer"), AT, ANN, "an hour", "s1"))
    clock = Clock(datetime(2026, 11, 30, 23, 59, tzinfo=UTC))
    two = workers(site, clock)
    for minutes in (0, 1, 2, 7 * 1440, 7 * 1440 + 1, 7 * 1440 + 60):
        clock.now = datetime(2026, 11, 30, 23, 59, tzinfo=UTC) + timedelta(minutes=minutes)
        for worker in two:
            await worker.look()
    rows = await site.store.read(lambda conn: conn.execute(select(bundles.c.from_at).order_by(bundles.c.from_at)).scalars().all())
    assert [row[:16] for row in rows] == ["2026-11-23T10:00", "2026-12-01T00:00", "2026-12-08T00:00"]
    assert await site.store.read(lambda conn: read_balance(conn, ANN)) == 50_000
    assert await site.store.read(verify_books) == []


async def test_books_that_differ_are_told_to_staff_once_a_night(site: Site) -> None:
    clock = Clock(datetime(2026, 11, 24, 3, 29, tzinfo=UTC))
    two = workers(site, clock)

    async def look() -> list[tuple[str, str, str]]:
        for worker in two:
            await worker.look()
        return [(row.id, row.kind, row.text) for row in await site.store.read(lambda conn: conn.execute(
            select(alarms).order_by(alarms.c.id)).all())]

    clock.now += timedelta(minutes=1)
    assert await look() == []  # they are right
    stray = [{"reference": f"topup:{n:02}", "account": "cash:site", "amount": 5, "at": "2026-11-24T10:00:00.000Z"}
             for n in range(TOLD + 1)]
    await site.store.write(lambda conn: conn.execute(insert(postings), stray).close())
    clock.now += timedelta(hours=23, minutes=59)
    assert await look() == []  # the night has not come
    clock.now += timedelta(minutes=1)
    ((id, kind, text),) = await look()
    assert (id, kind) == ("books:2026-11-25", "books-differ")
    assert text.startswith("The books differ (21 in all): topup:00: off by 5 thousandths of a penny; topup:01: ")
    assert text.endswith("topup:19: off by 5 thousandths of a penny; and 1 more")
    assert len(await look()) == 1
    clock.now += timedelta(days=1)
    assert [one[0] for one in await look()] == ["books:2026-11-25", "books:2026-11-26"]
