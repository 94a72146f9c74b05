"""One read says all that a decision may know."""
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, update

from switch.core.facts import RECENT_CALLS, ContactKind, ContactState, StopScope
from switch.core.ids import PersonId, PhoneId
from switch.core.numbers import E164, Unreadable
from switch.store.credentials import Credentials, ha1
from switch.store.facts import UnknownPhone
from switch.store.orders import LiftOrder, OrderCut, PlaceAlarm, PlaceOrder, UndoStop
from switch.store.seeding import SetSiteOpen
from switch.store.stamps import local_midnight, local_monday
from switch.store.tables import people
from tests.unit.store.site import (
    ANN,
    AT,
    BEN,
    CELL_1,
    CELL_2,
    CY,
    MUM,
    RATE,
    SAMARITANS,
    SOLICITOR,
    Site,
    decision,
    ended,
    request,
)  # fmt: skip


async def test_a_known_person_rings_an_approved_number(site: Site) -> None:
    facts = await site.records.facts(request("c1"), ANN)
    assert facts.phone.people == (ANN,)
    assert (facts.phone.cell, facts.phone.wing, facts.phone.establishment) == ("A1-01", "A", "HMP")
    assert facts.phone.pin_required is True
    assert facts.person is not None
    assert (facts.person.id, facts.person.balance, facts.person.talked_today, facts.person.on_call) == (ANN, 500_000, 0.0, False)
    assert facts.contact is not None
    assert (facts.contact.kind, facts.contact.state) == (ContactKind.SOCIAL, ContactState.APPROVED)
    assert facts.stops == ()
    assert facts.orders == ()
    assert facts.site_open is True


async def test_what_is_not_known_is_none(site: Site) -> None:
    stranger = await site.records.facts(request("c1", E164("442079460123")), ANN)
    assert stranger.contact is None
    assert (await site.records.facts(request("c1"), PersonId("Z9999ZZ"))).person is None
    unread = replace(request("c1"), dialled=Unreadable("abc", "letters"))
    assert (await site.records.facts(unread, ANN)).contact is None
    nobody = await site.records.facts(request("c1", SAMARITANS), None)
    assert nobody.person is None
    with pytest.raises(UnknownPhone):
        await site.records.facts(request("c1", phone=PhoneId("nowhere")), ANN)
    assert await site.records.phone(PhoneId("nowhere")) is None
    assert (await site.records.phone(CELL_2)).people == (BEN, CY)  # type: ignore[union-attr]  # it is there


async def test_talk_of_today_counts_from_local_midnight_and_only_what_is_charged(site: Site) -> None:
    summer = datetime(2026, 6, 10, 22, 30, tzinfo=UTC)  # 23:30 in London
    for call, at, rate in (("yesterday", summer, decision("x").rate), ("today", summer + timedelta(hours=1), decision("x").rate),
                           ("free", summer + timedelta(hours=1), None)):
        asked = request(call, at=at)
        await site.records.close(ended(asked, decision(call, rate=rate), talked=100))
    facts = await site.records.facts(request("c9", at=summer + timedelta(hours=2)), ANN)
    assert facts.person is not None
    assert facts.person.talked_today == 100.0


@pytest.mark.parametrize(("midnight", "hours"), [
    ("2026-03-29T00:00:00+00:00", 23),  # Sunday, the clocks go forward
    ("2026-10-24T23:00:00+00:00", 25),  # and back
])
async def test_a_day_on_which_the_clocks_change_is_as_long_as_it_is(site: Site, midnight: str, hours: int) -> None:
    begins = datetime.fromisoformat(midnight)
    ends, second = begins + timedelta(hours=hours), timedelta(seconds=1)
    for call, at, talked in (("eve", begins - second, 60.0), ("first", begins, 60.0), ("last", ends - second, 120.0),
                             ("next", ends, 60.0)):
        await site.records.close(ended(request(call, at=at), decision(call), talked=60))
        person = (await site.records.facts(request("c9", at=at), ANN)).person
        assert person is not None
        assert person.talked_today == talked, call


async def test_the_week_counts_from_monday_where_the_prison_is(site: Site) -> None:
    sunday = datetime(2026, 10, 25, 23, 59, tzinfo=UTC)  # the night before, the clocks went back: London is at UTC again
    monday = sunday + timedelta(minutes=1)
    for call, at, rate, week in (("sunday", sunday, RATE, (60.0, 6000)), ("monday", monday, RATE, (60.0, 6000)),
                                 ("tuesday", monday + timedelta(days=1), RATE, (120.0, 12_000)),
                                 ("free", monday + timedelta(days=2), None, (120.0, 12_000)),
                                 ("next", monday + timedelta(days=7), RATE, (60.0, 6000))):
        await site.records.close(ended(request(call, at=at), decision(call, rate=rate), talked=60))
        person = (await site.records.facts(request("c9", at=at + timedelta(seconds=30)), ANN)).person
        assert person is not None
        assert (person.talked_this_week, person.spent_this_week) == week, call


async def test_answered_and_charged_calls_of_the_last_day_are_remembered(site: Site) -> None:
    for call, minutes, talked, rate in (("old", 24 * 60, 60.0, RATE), ("first", 24 * 60 - 1, 60.0, RATE),
                                        ("unanswered", 90, 0.0, RATE), ("free", 80, 60.0, None), ("last", 30, 90.0, RATE)):
        asked = request(call, at=AT - timedelta(minutes=minutes))
        await site.records.close(ended(asked, decision(call, rate=rate), talked=talked))
    person = (await site.records.facts(request("c9"), ANN)).person
    assert person is not None
    assert person.recent_calls == (AT - timedelta(minutes=30), AT - timedelta(minutes=24 * 60 - 1))
    assert person.last_ended == AT - timedelta(minutes=30) + timedelta(seconds=100)
    theirs = (await site.records.facts(request("c9", phone=CELL_2), BEN)).person
    assert theirs is not None
    assert (theirs.recent_calls, theirs.last_ended, theirs.talked_this_week) == ((), None, 0.0)


async def test_no_more_recent_calls_than_a_plan_may_count(site: Site) -> None:
    for minute in range(RECENT_CALLS + 2):
        asked = request(f"c{minute}", at=AT - timedelta(minutes=3 * minute + 2))
        await site.records.close(ended(asked, decision(f"c{minute}"), talked=1))
    person = (await site.records.facts(request("now"), ANN)).person
    assert person is not None
    assert len(person.recent_calls) == RECENT_CALLS
    assert person.recent_calls[0] == AT - timedelta(minutes=2)


async def test_the_incentive_level_is_known(site: Site) -> None:
    def enhance(conn: Connection) -> None:
        conn.execute(update(people).where(people.c.id == ANN).values(incentive="enhanced"))

    await site.store.write(enhance)
    levels = [(await site.records.facts(request("c1", phone=phone), who)).person for who, phone in ((ANN, CELL_1), (BEN, CELL_2))]
    assert [person.incentive for person in levels if person is not None] == ["enhanced", ""]


@pytest.mark.parametrize(("at", "monday"), [
    ("2026-03-29T12:00:00+00:00", "2026-03-23T00:00:00+00:00"),  # Sunday, the clocks went forward at 01:00
    ("2026-03-29T22:59:59+00:00", "2026-03-23T00:00:00+00:00"),
    ("2026-03-29T23:00:00+00:00", "2026-03-29T23:00:00+00:00"),
    ("2026-10-25T23:59:59+00:00", "2026-10-18T23:00:00+00:00"),  # and back
    ("2026-10-26T00:00:00+00:00", "2026-10-26T00:00:00+00:00"),
    ("2026-06-03T11:00:00+00:00", "2026-05-31T23:00:00+00:00"),
])
def test_monday_is_the_prisons_own(at: str, monday: str) -> None:
    assert local_monday(datetime.fromisoformat(at), "Europe/London") == datetime.fromisoformat(monday)


@pytest.mark.parametrize(("at", "midnight"), [
    ("2026-03-29T12:00:00+00:00", "2026-03-29T00:00:00+00:00"),  # the clocks go forward at 01:00
    ("2026-03-30T00:30:00+00:00", "2026-03-29T23:00:00+00:00"),
    ("2026-10-25T12:00:00+00:00", "2026-10-24T23:00:00+00:00"),  # and back
    ("2026-10-26T00:00:00+00:00", "2026-10-26T00:00:00+00:00"),
])
def test_midnight_is_the_prisons_own(at: str, midnight: str) -> None:
    assert local_midnight(datetime.fromisoformat(at), "Europe/London") == datetime.fromisoformat(midnight)


async def test_an_open_call_shows(site: Site) -> None:
    await site.records.open(request("c1"), ANN, decision("c1"))
    other, same = await site.records.facts(request("c2"), ANN), await site.records.facts(request("c1"), ANN)
    assert (other.person and other.person.on_call, same.person and same.person.on_call) == (True, False)


async def test_a_stop_from_this_person_leaves_others_alone(site: Site) -> None:
    await site.records.stop_contact(request("c1"), ANN, MUM, StopScope.PERSON)
    await site.records.stop_contact(request("c1"), ANN, MUM, StopScope.PERSON)
    facts = await site.records.facts(request("c2"), ANN)
    assert facts.stops == (StopScope.PERSON,)
    assert facts.contact is not None
    assert facts.contact.state is ContactState.STOPPED
    theirs = await site.records.facts(request("c3", phone=CELL_2), BEN)
    assert theirs.stops == ()
    assert theirs.contact is not None
    assert theirs.contact.state is ContactState.APPROVED


async def test_a_stop_from_everyone_reaches_everyone_until_it_is_undone(site: Site) -> None:
    await site.records.stop_contact(request("c1"), ANN, MUM, StopScope.EVERYONE)
    for person in (ANN, BEN, CY):
        facts = await site.records.facts(request("c2", phone=CELL_2), person)
        assert facts.stops == (StopScope.EVERYONE,)
        assert facts.contact is not None
        assert facts.contact.state is ContactState.STOPPED
    assert (await site.records.facts(request("c3", SOLICITOR), ANN)).stops == ()
    await site.store.write(UndoStop("c1:everyone", "officer", AT))
    assert (await site.records.facts(request("c4"), BEN)).stops == ()
    with pytest.raises(KeyError):
        await site.store.write(UndoStop("c1:everyone", "officer", AT))


@pytest.mark.parametrize(("scope", "target", "reached"), [
    ("site", "HMP", {ANN, BEN}), ("site", "OTHER", set()), ("wing", "A", {ANN}), ("cell", "B1-01", {BEN}), ("person", ANN, {ANN}),
    ("number", "+447700900123", {ANN, BEN}), ("number", "+447700900124", set()),
])
async def test_an_order_reaches_its_scope_and_ends_what_runs_there(
    site: Site, scope: str, target: str, reached: set[PersonId],
) -> None:
    await site.records.open(request("ann"), ANN, decision("ann"))
    await site.records.open(request("ben", phone=CELL_2), BEN, decision("ben"))
    await site.store.write(PlaceOrder("o1", scope, target, "a fight", "officer", AT))
    found = set()
    for person, phone in ((ANN, CELL_1), (BEN, CELL_2)):
        if (await site.records.facts(request("new", phone=phone), person)).orders:
            found.add(person)
    assert found == reached
    cut = {order.call for order in await site.records.live_orders()}
    assert cut == {{ANN: "ann", BEN: "ben"}[person] for person in reached}
    await site.store.write(LiftOrder("o1", "officer", AT))
    assert await site.records.live_orders() == []
    assert (await site.records.facts(request("new"), ANN)).orders == ()


async def test_an_order_has_its_time(site: Site) -> None:
    await site.store.write(PlaceOrder("o1", "site", "HMP", "count", "officer", AT, start=AT + timedelta(minutes=5),
                                      until=AT + timedelta(minutes=10), helplines_too=True))
    in_force = []
    for minutes in (0, 4, 5, 9, 10, 20):
        facts = await site.records.facts(request("c", at=AT + timedelta(minutes=minutes)), ANN)
        in_force.append([order.helplines_too for order in facts.orders])
    assert in_force == [[], [], [True], [True], [], []]


async def test_staff_cut_one_call(site: Site) -> None:
    await site.records.open(request("c1"), ANN, decision("c1"))
    with pytest.raises(KeyError):
        await site.store.write(OrderCut("x", "c2", "no such call", "officer", AT))
    await site.store.write(OrderCut("x", "c1", "threats", "officer", AT))
    (order,) = await site.records.live_orders()
    assert (order.call, order.reason, order.staff) == ("c1", "threats", "officer")
    await site.records.close(ended(request("c1"), decision("c1")))
    assert await site.records.live_orders() == []
    with pytest.raises(KeyError):
        await site.store.write(OrderCut("y", "c1", "too late", "officer", AT))


async def test_a_closed_site_shows(site: Site) -> None:
    await site.store.write(SetSiteOpen("HMP", False, "governor", AT))
    assert (await site.records.facts(request("c1"), ANN)).site_open is False
    await site.store.write(SetSiteOpen("HMP", True, "governor", AT))
    assert (await site.records.facts(request("c1"), ANN)).site_open is True


async def test_credentials_are_in_memory(site: Site) -> None:
    known = Credentials(site.store)
    assert known.find(CELL_1) is None
    assert await known.refresh() == 2
    found = known.find(CELL_1)
    assert found is not None
    assert (found.ha1_md5, found.ha1_sha256) == ha1(CELL_1, "wingline", "secret")
    assert ha1("Mufasa", "http-auth@example.org", "Circle of Life")[0] == "3d78807defe7de2157e2b0b6573a855f"  # RFC 7616 §3.9.1
    assert known.find("stranger") is None


async def test_an_alarm_is_raised_once(site: Site) -> None:
    alarm = PlaceAlarm("a1", "emergency", "999 from cell A1-01", None, AT)
    assert [await site.store.write(alarm), await site.store.write(alarm)] == [True, False]
