"""Units that put a site's people, telephones and money in place, each with its audit row: the example site, and imports."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, Table, delete, insert, select
from sqlalchemy.sql.elements import ColumnElement

from switch.core.facts import Consent, ContactKind, ContactState
from switch.core.ids import PersonId, PhoneId, keyed, loaded_id
from switch.core.money import Millipence
from switch.core.numbers import Number
from switch.ledger.postings import SiteAccount, move, person_account
from switch.ports.consents import ConsentHow, ConsentSaid
from switch.ports.contacts import Approval, Party, PartyKind
from switch.ports.desk import Contact
from switch.store.audit import append_audit
from switch.store.calls import post
from switch.store.consents import put
from switch.store.credentials import ha1
from switch.store.desk_contacts import approval_values, party_values
from switch.store.stamps import stamp
from switch.store.tables import (
    cells,
    consents,
    contacts,
    establishments,
    parties,
    party_numbers,
    people,
    phones,
    pins,
    postings,
    site_state,
    wings,
)

MANY = 500


@dataclass(frozen=True, slots=True)
class AddEstablishment:
    """Unit. ZoneInfoNotFoundError for a zone that nobody knows."""

    id: str
    name: str
    zone: str
    by: str
    at: datetime

    def __call__(self, conn: Connection) -> None:
        ZoneInfo(self.zone)
        conn.execute(insert(establishments), {"id": self.id, "name": self.name, "zone": self.zone})
        append_audit(conn, self.at, self.by, "establishment-added", {"establishment": self.id})


@dataclass(frozen=True, slots=True)
class SetSiteOpen:
    """Unit: whether calls to contacts are placed at an establishment at all."""

    establishment: str
    open: bool
    by: str
    at: datetime

    def __call__(self, conn: Connection) -> None:
        conn.execute(delete(site_state).where(site_state.c.establishment == self.establishment))
        conn.execute(insert(site_state), {"establishment": self.establishment, "open": self.open, "changed_at": stamp(self.at),
                                          "changed_by": self.by})
        append_audit(conn, self.at, self.by, "site-opened" if self.open else "site-closed", {"establishment": self.establishment})


@dataclass(frozen=True, slots=True)
class AddPhone:
    """Unit: a telephone and what it proves itself with; the password itself is not kept."""

    id: PhoneId
    password: str
    realm: str
    network: str
    cell: str
    wing: str
    establishment: str
    pin_required: bool
    by: str
    at: datetime

    def __call__(self, conn: Connection) -> None:
        md5, sha256 = ha1(self.id, self.realm, self.password)
        know_cell(conn, self.establishment, self.wing, self.cell)
        conn.execute(insert(phones), {
            "id": self.id, "network": self.network, "realm": self.realm, "ha1_md5": md5, "ha1_sha256": sha256, "cell": self.cell,
            "wing": self.wing, "establishment": self.establishment, "pin_required": self.pin_required,
        })
        append_audit(conn, self.at, self.by, "phone-added", {"phone": self.id, "establishment": self.establishment})


def know_cell(conn: Connection, establishment: str, wing: str, cell: str) -> None:
    """Where a telephone stands there is a cell, and its wing."""
    if not conn.execute(select(wings.c.id).where(wings.c.establishment == establishment, wings.c.id == wing)).first():
        conn.execute(insert(wings), {"establishment": establishment, "id": wing})
    if not conn.execute(select(cells.c.id).where(cells.c.establishment == establishment, cells.c.id == cell)).first():
        conn.execute(insert(cells), {"establishment": establishment, "id": cell, "wing": wing})


@dataclass(frozen=True, slots=True)
class AddPerson:
    """Unit: a person in prison. `pin_hash` is `PinHasher.hash(pin)`: hashing takes too long for a unit."""

    id: PersonId
    name: str
    establishment: str
    phone: PhoneId | None
    pin_hash: str | None
    by: str
    at: datetime
    active: bool = True

    def __call__(self, conn: Connection) -> None:
        conn.execute(insert(people), {"id": self.id, "keypad": keyed(self.id), "name": self.name, "active": self.active,
                                      "establishment": self.establishment, "phone": self.phone,
                                      "cell": conn.execute(select(phones.c.cell).where(phones.c.id == self.phone)).scalar()})
        if self.pin_hash:
            conn.execute(insert(pins), {"person": self.id, "hash": self.pin_hash, "changed_at": stamp(self.at)})
        append_audit(conn, self.at, self.by, "person-added", {"person": self.id}, {"pin": self.pin_hash is not None})


@dataclass(frozen=True, slots=True)
class AddCredit:
    """Unit: money paid in for a person. Idempotent by `reference`: False when it was booked before."""

    person: PersonId
    amount: Millipence
    reference: str
    by: str
    at: datetime

    def __call__(self, conn: Connection) -> bool:
        if conn.execute(select(postings.c.seq).where(postings.c.reference == self.reference).limit(1)).first():
            return False
        post(conn, move(self.reference, SiteAccount.CASH, person_account(self.person), self.amount), stamp(self.at))
        append_audit(conn, self.at, self.by, "credit-added", {"person": self.person, "reference": self.reference},
                     {"amount": self.amount})
        return True


@dataclass(frozen=True, slots=True)
class AddContact:
    """Unit: a number of a person, in the state that the approval has reached."""

    person: PersonId
    number: Number
    name: str
    kind: ContactKind
    state: ContactState
    by: str
    at: datetime
    organisation: bool = False
    relay: bool = False

    def __call__(self, conn: Connection) -> None:
        row = Contact(self.person, str(self.number), self.name, self.kind, self.state, self.organisation, self.relay)
        put_contacts(conn, [row], self.by, self.at)
        append_audit(conn, self.at, self.by, "contact-added", {"person": self.person}, {"kind": self.kind, "state": self.state})


def put_contacts(conn: Connection, rows: Sequence[Contact], by: str, at: datetime) -> None:
    """Contacts as a table of them has it: an approval each, and a party of its own where the row names none (`Contact.party`,
    which may be there already). What comes approved was consented to where it comes from, which is kept as taken over."""
    parties_, numbers, approvals = dict[str, Party](), dict[tuple[str, str], ContactState](), list[Approval]()
    for one in rows:
        id, kind = loaded_id(one.person, one.number), PartyKind.ORGANISATION if one.organisation else PartyKind.PERSON
        party = one.party or id
        parties_.setdefault(party, Party(party, kind, one.name, one.born))
        if numbers.get((party, one.number)) is not ContactState.APPROVED:
            numbers[party, one.number] = one.state
        approvals.append(Approval(id, one.person, party, one.number, one.kind, one.state, relay=one.relay, applied_at=at))
    named = sorted({one.party for one in rows if one.party})
    there = _there(conn, select(parties.c.id), parties.c.id, named)
    held = _there(conn, select(party_numbers.c.party, party_numbers.c.number), party_numbers.c.party, named)
    said = _there(conn, select(consents.c.party, consents.c.number).where(consents.c.ended_at.is_(None)), consents.c.party, named)
    _insert(conn, parties, [{"id": id} | party_values(party) for id, party in parties_.items() if (id,) not in there])
    _insert(conn, party_numbers, [{"party": party, "number": number, "since": stamp(at)} for party, number in numbers
                                  if (party, number) not in held])
    _insert(conn, contacts, [{"id": one.id, "person": one.person, "party": one.party} | approval_values(one)
                             for one in approvals])
    put(conn, [ConsentSaid(loaded_id(party, number), party, number, Consent.GIVEN, ConsentHow.TAKEN_OVER, at, by)
               for (party, number), state in numbers.items()
               if state is ContactState.APPROVED and (party, number) not in said])


def _there(conn: Connection, asked: Select[Any], party: ColumnElement[str], named: Sequence[str]) -> set[tuple[str, ...]]:
    """Of parties that rows name, what there is already."""
    found: set[tuple[str, ...]] = set()
    for start in range(0, len(named), MANY):
        found.update(tuple(row) for row in conn.execute(asked.where(party.in_(named[start : start + MANY]))))
    return found


def _insert(conn: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        conn.execute(insert(table), list(rows))


def read_balance(conn: Connection, person: PersonId) -> Millipence:
    """The sum of a person's postings."""
    amounts = conn.execute(select(postings.c.amount).where(postings.c.account == person_account(person))).scalars()
    return Millipence(sum(amounts))
