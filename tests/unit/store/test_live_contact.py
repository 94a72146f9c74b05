"""Which running calls an order against contact ends, and when: by number, party, person in prison; exceptions; both databases."""
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from dialplans.model import Service
from dialplans.openings import read_hours
from switch.core.ids import PersonId, StaffId, loaded_id
from switch.core.openings import LocalHours, Opening
from switch.core.reasons import Why
from switch.ports.contacts import NoContact, OrderKind, Party, PartyKind, PartyNumber
from switch.ports.desk import Changes
from switch.ports.no_contact import CourtOpening
from switch.store.tables import contacts
from switch.store.unit_of_work import SqlUnitOfWork
from tests.unit.store.site import ANN, AT, BEN, CELL_1, CELL_2, CY, MUM, SAMARITANS, SOLICITOR, Site, decision, request

OFFICER = StaffId("officer")
HOUR = timedelta(hours=1)
MS = timedelta(milliseconds=1)


async def change(site: Site, work: Callable[[Changes], object]) -> None:
    await SqlUnitOfWork(site.store, {}).run(OFFICER, AT, work)


async def calls(site: Site) -> None:
    """Ann and Ben both talk to the same number."""
    for call, phone, person in (("ann", CELL_1, ANN), ("ben", CELL_2, BEN)):
        assert await site.records.open(request(call, phone=phone), person, decision(call)) is None


async def ends(site: Site, after: timedelta = timedelta()) -> set[str]:
    site.clock.at = AT + after
    found = await site.records.live_orders()
    assert all(one.why is Why.CUT for one in found)
    return {one.call for one in found}


def order(**changes: object) -> NoContact:
    usual = NoContact("o1", ANN, OrderKind.NO_CONTACT, "Moor Crown Court", AT - HOUR, AT, "officer", number=str(MUM))
    return replace(usual, **changes)  # type: ignore[arg-type]  # by name


def hours(text: str) -> tuple[LocalHours, ...]:
    read = read_hours(text)
    assert not isinstance(read, str)
    return read


@pytest.mark.parametrize(("changes", "reached"), [
    ({}, {"ann"}), ({"person": BEN}, {"ben"}), ({"person": CY}, set()), ({"number": str(SOLICITOR)}, set()),
    ({"number": None, "party": loaded_id(ANN, str(MUM))}, {"ann"}),
    ({"number": None, "party": loaded_id(ANN, str(SOLICITOR))}, set()),
    ({"exceptions": (str(MUM),)}, set()), ({"exceptions": (str(SOLICITOR),)}, {"ann"}),
    ({"start": AT}, {"ann"}), ({"start": AT + MS}, set()), ({"until": AT + MS}, {"ann"}), ({"until": AT}, set()),
])
async def test_an_order_ends_the_call_to_whom_it_names(site: Site, changes: dict[str, object], reached: set[str]) -> None:
    await calls(site)
    assert await ends(site) == set()
    await change(site, lambda work: work.add_no_contact(order(**changes)))
    assert await ends(site) == reached


async def test_a_lifted_order_ends_no_call_and_no_helpline_call_is_ended(site: Site) -> None:
    await calls(site)
    await site.records.open(request("help", SAMARITANS), ANN, decision("help", SAMARITANS, Service.HELPLINE))
    await site.records.settle()
    await change(site, lambda work: work.add_no_contact(order(number=str(SAMARITANS))))
    assert await ends(site) == set()
    await change(site, lambda work: work.add_no_contact(order(id="o2")))
    assert await ends(site) == {"ann"}
    await change(site, lambda work: work.lift_no_contact("o2", "governor"))
    assert await ends(site) == set()


async def test_an_order_follows_the_party_to_the_number_that_it_has_now(site: Site) -> None:
    """Gran is protected, and moves in with Mum while Ann talks to Mum's number; then out again."""
    await calls(site)

    def place(work: Changes) -> None:
        work.add_party(Party("gran", PartyKind.PERSON, "Gran"))
        work.put_number(PartyNumber("gran", str(SOLICITOR), AT))
        work.add_no_contact(order(number=None, party="gran"))

    await change(site, place)
    assert await ends(site) == set()
    await change(site, lambda work: work.put_number(PartyNumber("gran", str(MUM), AT)))
    assert await ends(site) == {"ann"}
    await change(site, lambda work: work.put_number(PartyNumber("gran", str(MUM), AT, until=AT)))
    assert await ends(site) == set()


@pytest.mark.parametrize(("person", "other", "reached"), [(ANN, CY, {"ann"}), (CY, ANN, {"ann"}), (BEN, CY, {"ben"}),
                                                          (CY, BEN, {"ben"}), (ANN, BEN, set())])
async def test_an_order_between_two_people_in_prison_binds_both(
    site: Site, person: PersonId, other: PersonId, reached: set[str],
) -> None:
    """The number is Cy's, in another prison."""
    def theirs(work: Changes) -> None:
        for caller in (ANN, BEN):
            mum = work.party(loaded_id(caller, str(MUM)))
            assert mum is not None
            work.set_party(replace(mum, prisoner=CY))

    await change(site, theirs)
    await calls(site)
    await change(site, lambda work: work.add_no_contact(order(person=person, number=None, other=other)))
    assert await ends(site) == reached


async def test_an_opening_lets_the_call_run_to_its_end_and_not_beyond(site: Site) -> None:
    """AT is a Monday, 10:00 in London."""
    await calls(site)

    def place(work: Changes) -> None:
        work.add_no_contact(order())
        left = Opening("left", hours=hours("monday 10:00-11:00"))
        work.add_opening(CourtOpening("o1", "Moor Family Court", left, AT, "officer", "governor"))

    await change(site, place)
    assert await ends(site, -MS) == {"ann"}
    assert await ends(site) == set()
    assert await ends(site, HOUR - MS) == set()
    assert await ends(site, HOUR) == {"ann"}
    assert await ends(site, timedelta(days=7)) == set()
    facts = await site.records.facts(request("next"), ANN)
    assert facts.no_contact[0].openings == (Opening("left", hours=hours("monday 10:00-11:00")),)
    ended: list[bool] = []
    for _ in range(2):
        await change(site, lambda work: ended.append(work.end_opening("left")))
    assert ended == [True, False]
    assert await ends(site) == {"ann"}
    assert (await site.records.facts(request("next"), ANN)).no_contact[0].openings == ()


async def test_openings_over_and_to_come_and_of_one_number(site: Site) -> None:
    await calls(site)

    def place(work: Changes) -> None:
        work.add_no_contact(order())
        for id, one in {"over": Opening("over", until=AT), "to-come": Opening("to-come", since=AT + HOUR, until=AT + 2 * HOUR),
                        "other": Opening("other", number=SOLICITOR)}.items():
            work.add_opening(CourtOpening("o1", "Court", replace(one, id=id), AT, "officer", "governor"))

    await change(site, place)
    shown: list[list[str]] = []
    await change(site, lambda work: shown.append([one.opening.id for one in work.openings()]))
    assert sorted(shown[0]) == ["other", "to-come"]
    assert await ends(site) == {"ann"}
    assert await ends(site, HOUR) == set()
    assert await ends(site, 2 * HOUR) == {"ann"}


async def test_the_suppliers_bar_of_a_contact_ends_its_call(site: Site) -> None:
    await calls(site)
    barred = update(contacts).where(contacts.c.person == BEN, contacts.c.number == str(MUM)).values(call_allowed=False)
    await site.store.write(lambda conn: conn.execute(barred))
    assert await ends(site) == {"ben"}


@pytest.mark.parametrize("state", ["withdrawn", "refused", "pending"])
async def test_an_approval_that_ends_lets_the_call_run(site: Site, state: str) -> None:
    """Policy (docs/desk.md): an approval is asked at the beginning of a call; to end one that runs is an order's business."""
    await calls(site)
    ended = update(contacts).where(contacts.c.person == ANN).values(state=state)
    await site.store.write(lambda conn: conn.execute(ended))
    assert await ends(site) == set()
    contact = (await site.records.facts(request("next"), ANN)).contact
    assert contact is not None
    assert contact.state == state
