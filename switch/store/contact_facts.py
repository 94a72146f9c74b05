"""What the store knows of whoever a person calls: the approvals of the number as one, and orders against contact."""
import json
from typing import Any

from sqlalchemy import Connection, FromClause, bindparam, or_, select
from sqlalchemy.sql.elements import ColumnElement

from switch.core.contacts import together
from switch.core.facts import Consent, ContactFacts, ContactKind, ContactState, NoContactFacts
from switch.core.ids import PersonId
from switch.ports.consents import FROM_THERE
from switch.store.openings import numbers_of, read_openings
from switch.store.prepared import Later, Prepared
from switch.store.stamps import unstamp
from switch.store.tables import consents, contacts, no_contact, parties, party_numbers, people, prison_agreements

_CALLER, _OTHER = people.alias("caller"), people.alias("other")


def _agrees(one: FromClause) -> ColumnElement[bool]:
    """Whether the establishment where one of the two is now agreed to this pair."""
    given = prison_agreements.alias()
    return select(given.c.person).where(
        given.c.person == contacts.c.person, given.c.other == parties.c.prisoner,
        given.c.establishment == one.c.establishment).correlate(contacts, parties, one).exists()


_APPROVALS = Prepared(
    select(parties.c.name, contacts.c.kind, contacts.c.state, parties.c.kind.label("party_kind"), contacts.c.relay,
           consents.c.consent, consents.c.how, consents.c.said_at, parties.c.child, parties.c.child_level,
           contacts.c.call_allowed, parties.c.prisoner,
           _agrees(_CALLER).label("ours"), _agrees(_OTHER).label("theirs"))
    .join_from(contacts, parties, parties.c.id == contacts.c.party)
    .join(consents, (consents.c.party == contacts.c.party) & (consents.c.number == contacts.c.number)
          & consents.c.ended_at.is_(None), isouter=True)
    .join(_CALLER, _CALLER.c.id == contacts.c.person)
    .join(_OTHER, _OTHER.c.id == parties.c.prisoner, isouter=True)
    .where(contacts.c.person == bindparam("person"), contacts.c.number == bindparam("number"))
    .order_by(contacts.c.party)
)


def _at_number(column: ColumnElement[Any]) -> Any:
    """Of every party that has the number, or of every approval of it that still speaks of a number since given up."""
    return (select(column).join_from(party_numbers, parties, parties.c.id == party_numbers.c.party)
            .where(party_numbers.c.number == bindparam("number"), party_numbers.c.until_at.is_(None)))


_NO_CONTACT = Prepared(
    select(no_contact.c.id, no_contact.c.kind, no_contact.c.exceptions)
    .where(
        no_contact.c.lifted_at.is_(None), no_contact.c.from_at <= bindparam("now"),
        or_(no_contact.c.until_at.is_(None), no_contact.c.until_at > bindparam("now")),
        or_(
            (no_contact.c.person == bindparam("person")) & or_(
                no_contact.c.number == bindparam("number"), no_contact.c.party.in_(_at_number(parties.c.id)),
                no_contact.c.other.in_(_at_number(parties.c.prisoner).where(parties.c.prisoner.is_not(None)))),
            (no_contact.c.other == bindparam("person")) & no_contact.c.person.in_(
                _at_number(parties.c.prisoner).where(parties.c.prisoner.is_not(None))),
        ),
    )
    .order_by(no_contact.c.placed_at, no_contact.c.id)
)
"""An order between two people in prison binds both."""


def ask_contact(conn: Connection, person: PersonId, number: str | None) -> Later[ContactFacts | None]:
    """All approvals of one number by one person, as one; None where there is none."""
    if number is None:
        return lambda: None
    asked = _APPROVALS.run(conn, {"person": person, "number": number})
    return lambda: together([
        ContactFacts(name, ContactKind(kind), ContactState(state), party_kind == "organisation", bool(relay),
                     Consent(consent) if consent else Consent.NOT_ASKED,
                     unstamp(at) if consent == Consent.GIVEN and how in FROM_THERE else None,
                     bool(child), level, bool(allowed), prisoner is not None, bool(ours) and bool(theirs))
        for (name, kind, state, party_kind, relay, consent, how, at, child, level, allowed, prisoner, ours,
             theirs) in asked.fetchall()])


def ask_no_contact(conn: Connection, person: PersonId, number: str | None, now: str) -> Later[tuple[NoContactFacts, ...]]:
    """Orders in force that reach the number."""
    if number is None:
        return lambda: ()
    asked = _NO_CONTACT.run(conn, {"person": person, "number": number, "now": now})
    return lambda: tuple(NoContactFacts(id, kind, numbers_of(json.loads(exceptions)), read_openings(conn, id, now))
                         for id, kind, exceptions in asked.fetchall())
