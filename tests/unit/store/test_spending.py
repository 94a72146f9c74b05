"""What somebody may still spend this week, on both databases: charges less refunds, in the week of the call, by the prison's own
clock; and their payments as the telephone reads them."""
from datetime import UTC, date, datetime, timedelta

import pytest

from dialplans.model import Source
from dialplans.plan import Bundle
from dialplans.prompts import english, spoken_money, welsh
from dialplans.prompts.table import load_table
from switch.core.ids import PersonId, StaffId
from switch.core.money import Millipence
from switch.core.money_facts import LAST_PAYMENTS, BundleLeft, LastPayment, Payment, Payments
from switch.ledger.postings import SiteAccount, move, person_account
from switch.store.calls import post
from switch.store.desk_money import MoneyWork
from switch.store.errors import StoreUnavailable
from switch.store.given import SellBundle
from switch.store.spoken_money import read_payments
from switch.store.stamps import stamp
from tests.unit.store.site import ANN, AT, BEN, RATE, Site, decision, ended, request

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
HOUR = Bundle("an hour", date(2026, 1, 1), None, 3600, Millipence(150_000), False, frozenset({"mobile"}), Source("a.toml", 1))


class Work(MoneyWork):
    def __init__(self, conn: object, at: datetime) -> None:
        self.conn, self.actor, self.at = conn, StaffId("test"), at  # type: ignore[assignment]  # the store's own connection


async def call(site: Site, id: str, at: datetime, talked: float = 60.0, person: PersonId = ANN) -> None:
    await site.records.close(ended(request(id, at=at), decision(id, rate=RATE), person, talked))


async def refund(site: Site, id: str, at: datetime, amount: int, person: PersonId = ANN) -> None:
    await site.store.write(lambda conn: post(conn, move(
        f"refund:{id}", SiteAccount.INCOME_CALLS, person_account(person), Millipence(amount)), stamp(at)))


async def spent(site: Site, at: datetime, person: PersonId = ANN) -> int:
    """As a call is decided by it, which is as the desk has it."""
    facts = (await site.records.facts(request("ask", at=at), person)).person
    assert facts is not None
    assert await site.store.read(lambda conn: Work(conn, at).spent_this_week(person)) == facts.spent_this_week
    return facts.spent_this_week


@pytest.mark.parametrize(("called", "given_back", "asked", "left"), [
    (AT, None, AT, 6000),
    (AT, AT + timedelta(hours=1), AT + timedelta(hours=2), 1000),  # 5 of 6 pence back: they may be spent again
    (MONDAY, MONDAY + timedelta(days=6), MONDAY + timedelta(days=6, hours=23, minutes=59), 1000),
    (MONDAY, MONDAY + timedelta(days=8), MONDAY + timedelta(days=8), 0),  # of last week: this week is not made bigger
    (MONDAY - timedelta(seconds=1), MONDAY + timedelta(days=1), MONDAY + timedelta(days=1), 0),
])
async def test_a_refund_lowers_the_spending_of_the_week_of_its_call(
    site: Site, called: datetime, given_back: datetime | None, asked: datetime, left: int,
) -> None:
    await call(site, "c1", called)
    if given_back:
        await refund(site, "c1", given_back, 5000)
    assert await spent(site, asked) == left


async def test_a_refund_counts_for_its_own_call_and_person_alone(site: Site) -> None:
    for id, person in (("c1", ANN), ("c2", ANN), ("c3", BEN)):
        await call(site, id, AT, person=person)
    await refund(site, "c2", AT, 6000)
    await site.store.write(lambda conn: post(conn, move(
        "goodwill:g1", SiteAccount.PUBLIC_EXPENSE, person_account(ANN), Millipence(3000)), stamp(AT)))
    assert (await spent(site, AT), await spent(site, AT, BEN)) == (6000, 6000)
    await site.store.write(SellBundle(ANN, HOUR, "b1", "kiosk", AT))
    assert await spent(site, AT) == 156_000


@pytest.mark.parametrize(("called", "asked", "left"), [
    ("2026-03-22T23:59:59Z", "2026-03-23T00:00:00Z", 0),  # Monday, still by winter time
    ("2026-03-23T00:00:00Z", "2026-03-29T22:59:59Z", 6000),  # a week of 167 hours: the clocks go forward on its Sunday
    ("2026-03-23T00:00:00Z", "2026-03-29T23:00:00Z", 0),
    ("2026-03-29T23:00:00Z", "2026-03-30T10:00:00Z", 6000),  # Monday by summer time, Sunday by UTC
    ("2026-03-29T22:59:59Z", "2026-03-30T10:00:00Z", 0),
    ("2026-10-18T23:00:00Z", "2026-10-25T23:59:59Z", 6000),  # a week of 169 hours
    ("2026-10-18T22:59:59Z", "2026-10-25T12:00:00Z", 0),
    ("2026-10-25T23:59:59Z", "2026-10-26T00:00:00Z", 0),
    ("2026-10-26T00:00:00Z", "2026-10-26T00:00:01Z", 6000),
])
async def test_the_week_of_spending_is_right_across_the_change_of_the_clocks(
    site: Site, called: str, asked: str, left: int,
) -> None:
    at = datetime.fromisoformat(called)
    await call(site, "c1", at)
    assert await spent(site, datetime.fromisoformat(asked)) == left
    await refund(site, "c1", at, 6000)
    assert await spent(site, datetime.fromisoformat(asked)) == 0


async def test_payments_newest_first_in_local_time_and_what_a_bundle_holds(site: Site) -> None:
    summer = datetime(2027, 6, 10, 23, 30, tzinfo=UTC)
    await call(site, "c1", summer - timedelta(days=1))
    await refund(site, "c1", summer - timedelta(hours=3), 6000)
    await site.store.write(SellBundle(ANN, HOUR, "b1", "kiosk", summer - timedelta(hours=2)))
    for nth, source in enumerate((SiteAccount.PUBLIC_EXPENSE, SiteAccount.CASH)):
        await site.store.write(lambda conn, nth=nth, source=source: post(conn, move(
            f"{('goodwill', 'topup')[nth]}:x", source, person_account(ANN), Millipence(2_000_000)), stamp(summer)))
    await site.store.write(lambda conn: post(conn, move(
        "payout:x", person_account(ANN), SiteAccount.PAID_OUT, Millipence(1000)), stamp(summer)))
    told = await site.store.read(lambda conn: read_payments(conn, ANN, summer))
    assert [(one.kind, one.amount, one.at.hour, one.at.day) for one in told.last] == [
        (Payment.PAID_OUT, 1000, 0, 11), (Payment.PAID_IN, 2_000_000, 0, 11), (Payment.GIVEN, 2_000_000, 0, 11),
        (Payment.BUNDLE, 150_000, 22, 10), (Payment.REFUND, 6000, 21, 10)]
    assert (told.today, told.bundles) == (date(2027, 6, 11), (BundleLeft(3600, summer + timedelta(days=7, hours=-2)),))
    assert told.bundles[0].until.hour == 22
    await refund(site, "c9", summer, 1)
    assert len((await site.store.read(lambda conn: read_payments(conn, ANN, summer))).last) == LAST_PAYMENTS
    nobody = await site.store.read(lambda conn: read_payments(conn, BEN, AT))
    assert ([one.kind for one in nobody.last], nobody.bundles) == ([Payment.PAID_IN], ())
    with pytest.raises(StoreUnavailable):
        await site.store.read(lambda conn: read_payments(conn, PersonId("Z9999ZZ"), AT))


def words(pieces: tuple[str, ...]) -> str:
    return " ".join(load_table()[piece].say for piece in pieces)


def test_how_payments_are_spoken() -> None:
    at = datetime(2026, 11, 22, 15, 5)  # noqa: DTZ001 (local, as it is spoken)
    told = Payments(date(2026, 11, 23), tuple(LastPayment(kind, Millipence(550_000), at) for kind in Payment),
                    (BundleLeft(90, at + timedelta(days=7)), BundleLeft(3600, at + timedelta(days=8))))
    lines = spoken_money.payments(told, english)
    assert words(lines[0]) == "This was paid in for you. five pounds and fifty pence yesterday at three oh five in the afternoon"
    assert len({line[0] for line in lines}) == len(Payment)
    assert words(spoken_money.bundles(told, english)) == (
        "In your bundle you still have one minute thirty seconds It can be used until "
        "Sunday twenty ninth November at three oh five in the afternoon "
        "In your bundle you still have one hour It can be used until Monday thirtieth November at three oh five in the afternoon")
    assert words(spoken_money.heading(told)) == "Your last payments, the newest first."
    texts = Payments(told.today, (), (BundleLeft(0, at + timedelta(days=7), texts=21),))
    assert words(spoken_money.bundles(texts, english)) == (
        "Texts that you still have in your bundle twenty one It can be used until "
        "Sunday twenty ninth November at three oh five in the afternoon")
    assert "say-tens-2" in spoken_money.bundles(texts, welsh)
    nothing = Payments(date(2026, 11, 23), (), ())
    assert words(spoken_money.heading(nothing)) == "There have been no payments yet."
    assert (spoken_money.payments(nothing, english), spoken_money.bundles(nothing, english)) == ((), ())
