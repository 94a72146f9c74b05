"""What a person was given with dates of its own, as the facts show it and calls use it up."""
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dialplans.model import Decision, Source
from dialplans.plan import Bundle
from switch.core.facts import BundleFacts, PermitFacts, PermitKind, PersonFacts
from switch.core.ids import PersonId
from switch.core.money import Millipence
from switch.core.reasons import EndedBy, EndReason, Why
from switch.store.books import verify_books
from switch.store.calls import NotEnoughCredit
from switch.store.given import GivePermit, SellBundle, WithdrawPermit
from tests.unit.store.site import ANN, AT, BEN, CELL_2, MUM, SOLICITOR, Site, decision, ended, request

WEEK = Bundle("10 minutes", date(2026, 1, 1), None, 600, Millipence(300_000), False, frozenset({"mobile"}), Source("a.toml", 1))


async def known(site: Site, at: datetime = AT) -> PersonFacts:
    person = (await site.records.facts(request("ask", at=at), ANN)).person
    assert person is not None
    return person


def bundled(call: str, seconds: int) -> Decision:
    return replace(decision(call), bundle="b1", bundle_seconds=seconds)


async def test_a_bundle_is_paid_for_and_used_up_before_credit(site: Site) -> None:
    assert await site.store.write(SellBundle(ANN, WEEK, "b1", "kiosk", AT))
    person = await known(site)
    assert person.bundles == (BundleFacts("b1", "10 minutes", AT, AT + timedelta(days=7), 600),)
    assert (person.balance, person.spent_this_week) == (200_000, 300_000)
    await site.records.open(request("c1"), ANN, bundled("c1", 600))
    await site.records.close(ended(request("c1"), bundled("c1", 600), talked=400.5))
    later = AT + timedelta(hours=1)
    person = await known(site, later)
    assert (person.bundles[0].seconds_left, person.balance) == (199, 200_000)
    await site.records.close(ended(request("c2", at=later), bundled("c2", 199), talked=259))  # a minute of it by credit
    person = await known(site, later + timedelta(hours=1))
    assert (person.bundles, person.balance, person.talked_today) == ((), 194_000, 659.5)
    assert person.spent_this_week == 306_000
    assert await site.store.read(verify_books) == []


async def test_a_bundle_is_of_one_person_and_has_its_time(site: Site) -> None:
    await site.store.write(SellBundle(ANN, WEEK, "b1", "kiosk", AT))
    theirs = (await site.records.facts(request("ask", phone=CELL_2), BEN)).person
    assert theirs is not None
    assert theirs.bundles == ()
    end = AT + timedelta(days=7)
    left = [len((await known(site, at)).bundles) for at in (AT - timedelta(seconds=1), AT, end - timedelta(seconds=1), end)]
    assert left == [0, 1, 1, 0]


async def test_a_call_that_nobody_took_uses_nothing(site: Site) -> None:
    await site.store.write(SellBundle(ANN, WEEK, "b1", "kiosk", AT))
    await site.records.open(request("c1"), ANN, bundled("c1", 600))
    no_answer = EndReason(EndedBy.CARRIER, Why.NO_ANSWER)
    await site.records.close(ended(request("c1"), bundled("c1", 600), talked=0.0, reason=no_answer))
    assert (await known(site)).bundles[0].seconds_left == 600


async def test_a_bundle_is_sold_once_and_only_for_money(site: Site) -> None:
    sale = SellBundle(ANN, WEEK, "b1", "kiosk", AT)
    assert [await site.store.write(sale), await site.store.write(sale)] == [True, False]
    with pytest.raises(NotEnoughCredit):
        await site.store.write(replace(sale, reference="b2"))
    with pytest.raises(KeyError):
        await site.store.write(replace(sale, reference="b3", person=PersonId("Z9999ZZ")))
    free = replace(WEEK, price=Millipence(0))
    assert await site.store.write(replace(sale, reference="b4", offer=free))
    person = await known(site)
    assert (person.balance, [held.id for held in person.bundles]) == (200_000, ["b1", "b4"])
    assert await site.store.read(verify_books) == []


async def test_a_week_over_the_change_of_the_clocks_is_a_week_of_days(site: Site) -> None:
    before = datetime(2026, 10, 20, 11, 0, tzinfo=UTC)
    await site.store.write(SellBundle(ANN, WEEK, "b1", "kiosk", before))
    assert (await known(site, before)).bundles[0].until == datetime(2026, 10, 27, 12, 0, tzinfo=UTC)


LEAVE = GivePermit("p1", ANN, MUM, PermitKind.BIRTH, AT, AT + timedelta(hours=2), True, "officer", "governor", AT)
FIRST = replace(LEAVE, id="first", kind=PermitKind.FIRST_CALL, until=AT + timedelta(hours=24), agreed_by=None)


async def leave(site: Site, at: datetime = AT, person: PersonId = ANN) -> tuple[PermitFacts, ...]:
    return (await site.records.facts(request("ask", at=at), person)).permits


def free(call: str) -> Decision:
    return replace(decision(call, rate=None), permit="p1")


async def test_leave_shows_for_its_person_and_number_until_it_is_withdrawn(site: Site) -> None:
    await site.store.write(LEAVE)
    assert await leave(site) == (
        PermitFacts("p1", PermitKind.BIRTH, MUM, AT, AT + timedelta(hours=2), ("officer", "governor"), True, False),)
    assert await leave(site, person=BEN) == ()
    assert (await site.records.facts(request("ask", SOLICITOR), ANN)).permits == ()
    assert (await site.records.facts(request("ask"), PersonId("Z9999ZZ"))).permits == ()
    await site.store.write(WithdrawPermit("p1", "officer", AT))
    assert await leave(site) == ()
    with pytest.raises(KeyError):
        await site.store.write(WithdrawPermit("p1", "officer", AT))


async def test_leave_is_used_by_an_answered_call_and_no_other(site: Site) -> None:
    await site.store.write(LEAVE)
    no_answer = EndReason(EndedBy.CARRIER, Why.NO_ANSWER)
    await site.records.open(request("c1"), ANN, free("c1"))
    await site.records.close(ended(request("c1"), free("c1"), talked=0.0, reason=no_answer))
    await site.records.close(ended(request("c2"), decision("c2"), talked=30.0))  # paid, as a contact
    assert [permit.used for permit in await leave(site)] == [False]
    await site.records.close(ended(request("c3", at=AT + timedelta(hours=1)), free("c3"), talked=30.0))
    assert [permit.used for permit in await leave(site)] == [True]
    person = await known(site, AT + timedelta(hours=1, minutes=5))
    assert (person.talked_today, person.balance, len(person.recent_calls)) == (30.0, 497_000, 1)


@pytest.mark.parametrize("changes", [
    {"agreed_by": None}, {"agreed_by": "officer"}, {"until": AT}, {"since": AT - timedelta(hours=3), "until": AT},
    {"kind": PermitKind.FIRST_CALL, "until": AT + timedelta(hours=24, seconds=1)}, {"kind": PermitKind.FIRST_CALL, "once": False},
])
async def test_leave_is_given_as_its_kind_asks_for(site: Site, changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="permit"):
        await site.store.write(replace(LEAVE, **changes))  # type: ignore[arg-type]  # a test's own keyword bag
    assert await leave(site) == ()
    with pytest.raises(KeyError):
        await site.store.write(replace(LEAVE, person=PersonId("Z9999ZZ")))


async def test_a_person_has_one_first_call(site: Site) -> None:
    await site.store.write(FIRST)
    with pytest.raises(ValueError, match="first call already"):
        await site.store.write(replace(FIRST, id="second", number=SOLICITOR))
    await site.store.write(WithdrawPermit("first", "officer", AT))
    await site.store.write(replace(FIRST, id="second", number=SOLICITOR))
    assert [permit.id for permit in (await site.records.facts(request("ask", SOLICITOR), ANN)).permits] == ["second"]
