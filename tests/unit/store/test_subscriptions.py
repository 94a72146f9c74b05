"""Subscriptions at the desk, on both databases: begun, renewed once a period whoever asks and however late, lapsed, cancelled,
ended with a move or a release; and bundles of texts."""
import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import func, select, update

from dialplans.plan import Plan
from switch.core.ids import PersonId, StaffId
from switch.core.money import Millipence
from switch.desk import money, subscriptions
from switch.desk.asking import Desk, Refused
from switch.desk.subscriptions import Renewals, Subscribed
from switch.ledger.postings import SiteAccount, move, person_account
from switch.ports.money import Entry
from switch.store.books import verify_books
from switch.store.calls import post
from switch.store.database import Store
from switch.store.seeding import AddCredit
from switch.store.stamps import stamp
from switch.store.tables import audit, bundles, people
from switch.store.unit_of_work import SqlUnitOfWork
from tests.unit.desk.office import CountingMint, good, why
from tests.unit.dialplans.test_subscriptions import PLAN
from tests.unit.store.site import ANN, AT, BEN, Site

WORKER, OFFICER = StaffId("daily"), StaffId("officer")
ENDS = datetime(2026, 12, 1, tzinfo=UTC)
"""Of the first week: begun on Monday 23 November, its rest on top."""
NIGHT = timedelta(minutes=5)
WEEK = timedelta(days=7)


@dataclass
class Till:
    site: Site
    desk: Desk

    async def subscribe(self, at: datetime = AT, offer: str = "an hour", reference: str = "s1") -> Subscribed | Refused:
        return await subscriptions.subscribe(self.desk, OFFICER, at, ANN, offer, reference)

    async def renew(self, at: datetime) -> tuple[int, int, int]:
        done = good(await subscriptions.renew(self.desk, WORKER, at, "HMP"))
        assert isinstance(done, Renewals)
        assert await self.site.store.read(verify_books) == []
        return done.renewed, done.lapsed, done.ended

    async def periods(self) -> list[tuple[str, str]]:
        """From when until when each bundle of a subscription is."""
        rows = await self.site.store.read(lambda conn: conn.execute(
            select(bundles.c.from_at, bundles.c.until_at).where(bundles.c.id.like("%@%")).order_by(bundles.c.until_at)).all())
        return [(row.from_at[:10], row.until_at[:10]) for row in rows]

    async def told(self, at: datetime = AT) -> list[str]:
        return [one.told for one in good(await subscriptions.subscriptions(self.desk, OFFICER, at, ANN))]

    async def has(self) -> int:
        return good(await money.balance(self.desk, OFFICER, AT, ANN)).credit.free

    async def audited(self, action: str) -> int:
        return int(await self.site.store.read(lambda conn: conn.execute(
            select(func.count()).select_from(audit).where(audit.c.action == action)).scalar_one()))


@pytest_asyncio.fixture
async def till(site: Site) -> Till:
    """Ann has 500 pence: three weeks of "an hour"."""
    return Till(site, Desk(SqlUnitOfWork(site.store, {}), CountingMint(), plan=PLAN))


async def take(till: Till, person: PersonId, amount: int) -> None:
    gone = move("payout:test", person_account(person), SiteAccount.PAID_OUT, Millipence(amount))
    await till.site.store.write(lambda conn: post(conn, gone, stamp(AT)))


def changed(plan: Plan, **how: object) -> Plan:
    return replace(plan, bundles=(replace(plan.bundles[0], **how), *plan.bundles[1:]))  # type: ignore[arg-type]  # a test's own bag


async def test_renewed_each_week_and_once_however_often_it_is_asked(till: Till) -> None:
    begun = good(await till.subscribe())
    assert begun.subscription.until == ENDS
    assert begun.told == "It is renewed as 01 December 2026 begins, for 150p."
    assert await till.subscribe() == begun
    assert why(await till.subscribe(reference="s2")) == ["as-it-is"]
    assert why(await till.subscribe(offer="texts")) == ["reference-taken"]
    assert await till.renew(ENDS - timedelta(seconds=1)) == (0, 0, 0)
    assert await till.renew(ENDS + NIGHT) == (1, 0, 0)
    assert await till.renew(ENDS + 2 * NIGHT) == (0, 0, 0)
    assert await till.renew(ENDS + WEEK + NIGHT) == (1, 0, 0)
    assert await till.periods() == [("2026-11-23", "2026-12-01"), ("2026-12-01", "2026-12-08"), ("2026-12-08", "2026-12-15")]
    assert (await till.has(), await till.audited("bundle-sold")) == (50_000, 3)
    left = good(await money.bundles(till.desk, OFFICER, ENDS + WEEK + NIGHT, ANN))
    assert [(one.seconds, one.texts, one.until) for one in left] == [(3600, 0, ENDS + 2 * WEEK)]
    told = good(await money.statement(till.desk, OFFICER, AT, ANN, AT, ENDS + timedelta(hours=1)))
    assert [(line.amount, line.told) for line in told.lines if line.entry is Entry.BUNDLE] == [(-150_000, "subscription")] * 2


async def test_two_workers_and_more_renew_it_once(till: Till) -> None:
    good(await till.subscribe())
    others = [Store(till.site.url, patience=30.0) for _ in range(3)]
    desks = [replace(till.desk, work=SqlUnitOfWork(store, {})) for store in others for _ in range(2)]
    at = ENDS + NIGHT
    done = await asyncio.gather(*(subscriptions.renew(desk, WORKER, at, "HMP") for desk in (till.desk, *desks)))
    assert sum(good(one).renewed for one in done) == 1
    for store in others:
        await store.close()
    assert (len(await till.periods()), await till.has()) == (2, 200_000)
    assert await till.site.store.read(verify_books) == []


async def test_weeks_in_which_no_worker_ran_are_not_paid_for(till: Till) -> None:
    good(await till.subscribe())
    late = ENDS + 3 * WEEK + timedelta(days=2, hours=9)
    assert await till.renew(late) == (1, 0, 0)
    assert await till.renew(late + NIGHT) == (0, 0, 0)
    assert await till.periods() == [("2026-11-23", "2026-12-01"), ("2026-12-24", "2026-12-31")]
    assert await till.has() == 200_000
    assert await till.renew(datetime(2026, 12, 31, 0, 5, tzinfo=UTC)) == (1, 0, 0)
    assert (await till.periods())[-1] == ("2026-12-31", "2027-01-07")


async def test_without_credit_it_lapses_is_tried_again_and_ends(till: Till) -> None:
    await take(till, ANN, 300_000)
    good(await till.subscribe())
    assert await till.renew(ENDS + NIGHT) == (0, 1, 0)
    assert await till.told() == [
        "It was not renewed on 01 December 2026: there was not enough credit. It is tried again each day for 3 days after."]
    assert await till.renew(ENDS + timedelta(days=2, hours=23)) == (0, 1, 0)
    assert await till.audited("subscription-lapsed") == 1  # not each day
    assert await till.renew(ENDS + timedelta(days=3)) == (0, 0, 1)
    assert await till.told() == ["It is over: there was not enough credit."]
    assert await till.renew(ENDS + timedelta(days=4)) == (0, 0, 0)
    assert (await till.has(), len(await till.periods())) == (50_000, 1)


async def test_credit_that_comes_in_time_renews_it_for_a_whole_week(till: Till) -> None:
    await take(till, ANN, 300_000)
    good(await till.subscribe())
    assert await till.renew(ENDS + NIGHT) == (0, 1, 0)
    await till.site.store.write(AddCredit(ANN, Millipence(100_000), "paid", "test", AT))
    assert await till.renew(ENDS + timedelta(days=2)) == (1, 0, 0)
    assert (await till.periods())[-1] == ("2026-12-03", "2026-12-10")
    assert await till.told() == ["It is renewed as 10 December 2026 begins, for 150p."]


async def test_what_the_week_may_cost_holds_for_a_renewal_too(till: Till) -> None:
    await till.site.store.write(AddCredit(ANN, Millipence(5_000_000), "paid", "test", AT))
    await till.site.store.write(lambda conn: conn.execute(update(people).where(people.c.id == ANN).values(incentive="basic")))
    good(await till.subscribe())
    for n in range(4):  # 600 pence a week
        good(await money.sell_bundle(till.desk, OFFICER, ENDS - timedelta(hours=9), ANN, "an hour", f"b{n}"))
    assert await till.renew(ENDS + NIGHT) == (0, 1, 0)
    assert "what may be spent this week did not leave enough for it" in (await till.told())[0]


async def test_cancelled_it_runs_to_the_end_of_its_period(till: Till) -> None:
    good(await till.subscribe())
    done = good(await subscriptions.cancel(till.desk, OFFICER, AT + timedelta(hours=1), "s1"))
    assert done.told == "It was cancelled, and ends as 01 December 2026 begins."
    assert await subscriptions.cancel(till.desk, OFFICER, AT + timedelta(hours=2), "s1") == done
    assert len(good(await money.bundles(till.desk, OFFICER, ENDS - timedelta(seconds=1), ANN))) == 1
    assert await till.renew(ENDS + NIGHT) == (0, 0, 1)
    assert (await till.told(), await till.has()) == (["It is over: it was cancelled."], 350_000)
    assert why(await subscriptions.cancel(till.desk, OFFICER, ENDS + NIGHT, "s1")) == ["unknown-subscription"]
    assert why(await subscriptions.cancel(till.desk, OFFICER, AT, "no such")) == ["bad-reference"]
    good(await till.subscribe(ENDS + NIGHT, reference="s2"))


async def test_one_that_waits_for_credit_ends_with_its_cancelling(till: Till) -> None:
    await take(till, ANN, 300_000)
    good(await till.subscribe())
    await till.renew(ENDS + NIGHT)
    assert good(await subscriptions.cancel(till.desk, OFFICER, ENDS + 2 * NIGHT, "s1")).told == "It is over: it was cancelled."
    await till.site.store.write(AddCredit(ANN, Millipence(1_000_000), "paid", "test", AT))
    assert await till.renew(ENDS + timedelta(days=1)) == (0, 0, 0)


@pytest.mark.parametrize(("plan", "ends"), [
    (changed(PLAN, price=Millipence(160_000)), True), (changed(PLAN, seconds=1800), True), (changed(PLAN, monthly=True), True),
    (changed(PLAN, renews=False), True), (changed(PLAN, until=ENDS.date() - timedelta(days=1)), True),
    (changed(PLAN, retry_days=0), False)])
async def test_nobody_pays_for_other_terms_than_were_agreed(till: Till, plan: Plan, ends: bool) -> None:
    good(await till.subscribe())
    till.desk = replace(till.desk, plan=plan)
    assert await till.renew(ENDS + NIGHT) == ((0, 0, 1) if ends else (1, 0, 0))
    assert await till.has() == (350_000 if ends else 200_000)


@pytest.mark.parametrize(("gone", "said"), [("dead", "the account was closed"), ("released", "the account was closed")])
async def test_nothing_is_taken_from_a_closed_account(till: Till, gone: str, said: str) -> None:
    good(await till.subscribe())
    await till.site.store.write(lambda conn: conn.execute(update(people).where(people.c.id == ANN).values(status=gone)))
    assert await till.renew(ENDS + NIGHT) == (0, 0, 1)
    assert (await till.told(), await till.has()) == ([f"It is over: {said}."], 350_000)


async def test_texts_are_kept_in_their_own_unit(till: Till) -> None:
    sold = good(await money.sell_bundle(till.desk, OFFICER, AT, ANN, "texts", "b1"))
    assert (sold.seconds, sold.texts) == (0, 50)
    good(await money.sell_bundle(till.desk, OFFICER, AT, ANN, "once", "b2"))
    left = good(await money.bundles(till.desk, OFFICER, AT, ANN))
    assert {one.id: (one.seconds, one.texts) for one in left} == {"b1": (0, 50), "b2": (1800, 0)}
    offered = {one.name: (one.texts, one.renews) for one in await money.offers(till.desk, OFFICER, AT)}
    assert offered == {"an hour": (0, True), "texts": (50, True), "once": (0, False)}
    assert why(await till.subscribe(offer="once", reference="s9")) == ["unknown-offer"]
    assert good(await till.subscribe(offer="texts", reference="s1")).subscription.until == datetime(2026, 12, 24, tzinfo=UTC)


async def test_what_is_malformed_or_unknown_is_refused(till: Till) -> None:
    assert why(await subscriptions.subscribe(till.desk, OFFICER, AT, "x", "an hour", "")) == ["bad-number", "bad-reference"]
    assert why(await subscriptions.subscribe(till.desk, OFFICER, AT, "Z9999ZZ", "an hour", "s1")) == ["unknown-person"]
    assert why(await subscriptions.subscriptions(till.desk, OFFICER, AT, "x")) == ["bad-number"]
    assert why(await subscriptions.subscriptions(till.desk, OFFICER, AT, "Z9999ZZ")) == ["unknown-person"]
    assert why(await money.bundles(till.desk, OFFICER, AT, "x")) == ["bad-number"]
    bare = replace(till.desk, plan=None)
    assert why(await subscriptions.subscribe(bare, OFFICER, AT, ANN, "an hour", "s1")) == ["no-plan"]
    assert why(await subscriptions.renew(bare, WORKER, AT, "HMP")) == ["no-plan"]
    await take(till, BEN, 400_000)
    assert why(await subscriptions.subscribe(till.desk, OFFICER, AT, BEN, "an hour", "s1")) == ["credit"]
