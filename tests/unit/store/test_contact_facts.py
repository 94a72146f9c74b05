"""What the read of a call finds of approvals, consent, orders against contact and two prisons."""
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, insert, text, update

from switch.core.facts import Consent, ContactKind, ContactState, Facts
from switch.core.ids import PersonId, StaffId, loaded_id
from switch.ports.consents import ConsentHow, ConsentSaid
from switch.ports.contacts import Approval, NoContact, OrderKind, Party, PartyKind, PartyNumber
from switch.ports.desk import Changes, Contact
from switch.store.engine import database_at
from switch.store.migrate import config
from switch.store.seeding import put_contacts
from switch.store.tables import establishments, people
from switch.store.unit_of_work import SqlUnitOfWork
from switch.store.wrong_numbers import MarkWrongNumber
from tests.unit.store.site import ANN, AT, BEN, CY, MUM, SOLICITOR, Site
from tests.unit.store.site import request as asking

GRAN, OFFICER = Party("gran", PartyKind.PERSON, "Gran"), StaffId("officer")
HOUR = timedelta(hours=1)


async def change(site: Site, work: Callable[[Changes], object]) -> None:
    await SqlUnitOfWork(site.store, {}).run(OFFICER, AT, work)


async def facts(site: Site, person: PersonId = ANN, call: str = "c") -> Facts:
    return await site.records.facts(asking(call), person)


def order(**changes: object) -> NoContact:
    usual = NoContact("o1", ANN, OrderKind.NO_CONTACT, "Moor Crown Court", AT - HOUR, AT, "officer", number=str(MUM))
    return replace(usual, **changes)  # type: ignore[arg-type]  # by name


def gran_too(changes: Changes) -> None:
    """Gran lives with Mum: a second party on the number."""
    changes.add_party(GRAN)
    changes.put_number(PartyNumber("gran", str(MUM), AT))
    changes.add_approval(Approval("a2", ANN, "gran", str(MUM), ContactKind.PRIVILEGED, ContactState.PENDING))


async def test_what_was_approved_before_is_consented_to(site: Site) -> None:
    contact = (await facts(site)).contact
    assert contact is not None
    assert (contact.state, contact.consent, contact.child, contact.in_prison) == ("approved", Consent.GIVEN, False, False)


async def test_two_parties_on_one_number_are_one_contact(site: Site) -> None:
    await change(site, gran_too)
    contact = (await facts(site)).contact
    assert contact is not None
    assert (contact.name, contact.state, contact.kind) == ("Mum", "approved", "social")
    bens = (await facts(site, BEN)).contact
    assert bens is not None
    assert bens.kind is ContactKind.SOCIAL


@pytest.mark.parametrize(("said", "how", "consent", "at"), [
    (Consent.GIVEN, ConsentHow.KEYPAD, Consent.GIVEN, AT), (Consent.GIVEN, ConsentHow.TEXT, Consent.GIVEN, AT),
    (Consent.GIVEN, ConsentHow.STAFF, Consent.GIVEN, None), (Consent.DENIED, ConsentHow.KEYPAD, Consent.DENIED, None),
    (None, None, Consent.NOT_ASKED, None),
])
async def test_one_consent_is_read_by_the_rule_and_by_relief(site: Site, said: Consent | None, how: ConsentHow | None,
                                                             consent: Consent, at: datetime | None) -> None:
    mum = loaded_id(ANN, str(MUM))

    def work(changes: Changes) -> None:
        changes.end_consent(mum, str(MUM))
        if said is not None and how is not None:
            changes.say_consent(ConsentSaid("c1", mum, str(SOLICITOR), Consent.DENIED, how, AT, "officer"))
            changes.say_consent(ConsentSaid("c2", mum, str(MUM), Consent.DENIED, how, AT, "officer"))
            changes.say_consent(ConsentSaid("c3", mum, str(MUM), said, how, AT, "officer"))

    await change(site, work)
    contact = (await facts(site)).contact
    assert contact is not None
    assert (contact.consent, contact.consented_at) == (consent, at)


async def test_a_load_adds_to_a_party_that_is_there(site: Site) -> None:
    """The same party, number and consent twice: one of each, and an approval more."""
    def load(person: PersonId, number: str) -> Callable[[Connection], None]:
        row = Contact(person, number, "Gran", ContactKind.SOCIAL, ContactState.APPROVED, party="gran")
        return lambda conn: put_contacts(conn, [row], "officer", AT)

    for person, number in ((ANN, "+447700900555"), (BEN, "+447700900555"), (BEN, "+447700900556")):
        await site.store.write(load(person, number))

    def look(changes: Changes) -> tuple[list[str], list[str]]:
        numbers = [one.number for one in changes.party_numbers("gran")]
        said = [changes.consent("gran", one) for one in numbers]
        assert [one.consent for one in said if one] == [Consent.GIVEN] * 2
        return numbers, [one.person for one in changes.approvals(party="gran")]

    numbers, people_ = await SqlUnitOfWork(site.store, {}).look(OFFICER, AT, look)
    assert numbers == ["+447700900555", "+447700900556"]
    assert people_ == [ANN, BEN, BEN]


async def test_a_wrong_number_stands_for_each_person_until_a_party_of_theirs_is_verified(site: Site) -> None:
    assert await site.store.write(MarkWrongNumber("c1", str(MUM), ANN, "call:c1", AT)) == 3
    assert [(await facts(site, who)).wrong_number for who in (ANN, BEN)] == [True, True]
    mum, bens = loaded_id(ANN, str(MUM)), loaded_id(BEN, str(MUM))
    await change(site, lambda work: work.verify_party(mum, str(MUM)))
    assert [(await facts(site, who)).wrong_number for who in (ANN, BEN)] == [False, True]
    await change(site, lambda work: work.verify_party(bens, str(MUM)))
    await change(site, lambda work: work.verify_party(loaded_id(CY, str(MUM)), str(MUM)))
    shown = await SqlUnitOfWork(site.store, {}).look(OFFICER, AT, lambda work: work.wrong_numbers())
    assert shown == {}, "the last one took the mark off"


@pytest.mark.parametrize(("changes", "reached"), [
    ({}, True), ({"number": str(SOLICITOR)}, False), ({"person": BEN}, False),
    ({"number": None, "party": loaded_id(ANN, str(MUM))}, True),
    ({"number": None, "party": loaded_id(ANN, str(SOLICITOR))}, False),
    ({"number": None, "other": CY}, False),
    ({"start": AT}, True), ({"start": AT + timedelta(milliseconds=1)}, False),
    ({"until": AT + timedelta(milliseconds=1)}, True), ({"until": AT}, False),
])
async def test_an_order_by_number_party_and_date(site: Site, changes: dict[str, object], reached: bool) -> None:
    await change(site, lambda work: work.add_no_contact(order(**changes)))
    assert bool((await facts(site)).no_contact) is reached


async def test_an_order_follows_the_party_to_a_number_that_somebody_else_has_too(site: Site) -> None:
    """Gran is named; that the number is also Mum's does not help, and it ends where Gran has it no longer."""
    def place(changes: Changes) -> None:
        gran_too(changes)
        changes.add_no_contact(order(number=None, party="gran", exceptions=(str(SOLICITOR),)))

    await change(site, place)
    (found,) = (await facts(site)).no_contact
    assert (found.id, found.kind, found.exceptions) == ("o1", "no-contact", (SOLICITOR,))
    await change(site, lambda work: work.put_number(PartyNumber("gran", str(MUM), AT, until=AT)))
    assert (await facts(site)).no_contact == ()


async def test_a_lifted_order_is_over(site: Site) -> None:
    await change(site, lambda work: work.add_no_contact(order()))
    lifted: list[bool] = []
    for _ in range(2):
        await change(site, lambda work: lifted.append(work.lift_no_contact("o1", "governor")))
    assert lifted == [True, False]
    assert (await facts(site)).no_contact == ()


async def test_two_people_in_prison(site: Site) -> None:
    """Cy is in another prison and has the number: an order between the two binds both, and both places must agree."""
    fen = {"id": "FEN", "name": "Fen", "zone": "Europe/London"}
    await site.store.write(lambda conn: conn.execute(insert(establishments), fen))
    await site.store.write(lambda conn: conn.execute(update(people).where(people.c.id == CY).values(establishment="FEN")))

    def set_up(changes: Changes) -> None:
        mum = changes.party(loaded_id(ANN, str(MUM)))
        assert mum is not None
        changes.set_party(replace(mum, prisoner=CY))

    await change(site, set_up)

    async def agreed() -> bool:
        contact = (await facts(site)).contact
        assert contact is not None
        assert contact.in_prison
        return contact.both_agree

    assert not await agreed()
    await change(site, lambda work: work.agree(ANN, CY, "HMP"))
    assert not await agreed()
    await change(site, lambda work: work.agree(ANN, CY, "FEN"))
    assert await agreed()
    await change(site, lambda work: work.disagree(ANN, CY, "HMP"))
    assert not await agreed()
    for one in (order(number=None, other=CY), order(id="o2", person=CY, number=None, other=ANN)):
        await change(site, lambda work, one=one: work.add_no_contact(one))  # type: ignore[misc]
        assert one.id in [found.id for found in (await facts(site)).no_contact]


BEFORE = """
INSERT INTO establishments (id, name, zone) VALUES ('HMP', 'x', 'Europe/London');
INSERT INTO people (id, keypad, name, active, establishment) VALUES ('A1', '21', 'x', true, 'HMP');
INSERT INTO people (id, keypad, name, active, establishment) VALUES ('B1', '21', 'x', true, 'HMP');
INSERT INTO contacts VALUES ('A1', '+447700900123', 'Mum', 'social', 'approved', false, false);
INSERT INTO contacts VALUES ('A1', '+441632960123', 'Firm', 'privileged', 'withdrawn', true, true);
INSERT INTO contacts VALUES ('B1', '+447700900123', 'Mum', 'social', 'pending', false, false);
INSERT INTO resting_numbers VALUES ('A1', '+441632960123', 'approved', '2026-01-01', '2027-01-01')
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_contacts_of_before_become_parties_and_go_back(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{tmp_path}/a.db" if kind == "sqlite" else request.getfixturevalue("postgres").empty()
    settings = config()
    with database_at(url).migrating() as conn:
        settings.attributes["connection"] = conn
        command.upgrade(settings, "0004d")
        for line in BEFORE.strip().split(";"):
            conn.execute(text(line))
        before = [tuple(row) for row in conn.execute(text("SELECT * FROM contacts ORDER BY person, number"))]
        command.upgrade(settings, "0024c")
        found = conn.execute(text("SELECT c.person, c.number, c.state, p.name, p.kind, p.consent, p.consent_how,"
                                  " c.call_allowed, c.id"
                                  " FROM contacts c JOIN parties p ON p.id = c.party JOIN party_numbers n ON n.party = p.id"
                                  " AND n.number = c.number ORDER BY c.person, c.number")).all()
        assert [tuple(row) for row in found] == [
            ("A1", "+441632960123", "withdrawn", "Firm", "organisation", "not-asked", None, True, "party-1"),
            ("A1", "+447700900123", "approved", "Mum", "person", "given", "taken-over", True, "party-2"),
            ("B1", "+447700900123", "pending", "Mum", "person", "not-asked", None, True, "party-3")]
        assert conn.execute(text("SELECT party, state FROM resting_numbers")).all() == [("party-1", "approved")]
        command.downgrade(settings, "0004d")
        assert [tuple(row) for row in conn.execute(text("SELECT * FROM contacts ORDER BY person, number"))] == before
        assert conn.execute(text("SELECT number, state FROM resting_numbers")).all() == [("+441632960123", "approved")]
