"""People and PINs as a use case changes them (`switch.ports.desk.PeopleChanges`), on one connection."""
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, case, delete, insert, select, update

from switch.core.facts import ContactKind, ContactState
from switch.core.ids import CallId, PersonId, PhoneId, StaffId, keyed
from switch.core.money import Millipence
from switch.ledger.postings import SiteAccount, move, person_account
from switch.ports.contacts import PartyKind
from switch.ports.desk import GONE, Contact, Flags, Incentive, Lock, Person, Pins, Status
from switch.store.calls import post
from switch.store.desk_contacts import ContactWork
from switch.store.desk_menu import delete_names
from switch.store.seeding import put_contacts, read_balance
from switch.store.stamps import stamp, unstamp
from switch.store.tables import cdrs, contact_names, contacts, parties, people, pin_failures, pins, resting_numbers

MANY = 500
RESTING = (ContactState.RECEIVED, ContactState.PENDING, ContactState.APPROVED)
"""What a release withdraws; the other states say no already."""


class PeopleWork(ContactWork):
    """The part of a transaction that is about people."""

    conn: Connection
    actor: StaffId
    at: datetime

    def person(self, person: PersonId) -> Person | None:
        row = self.conn.execute(select(people).where(people.c.id == person)).first()
        return person_of(row) if row else None

    def people(self, establishment: str | None = None) -> list[Person]:
        asked = select(people).where(people.c.status.in_(list(Status))).order_by(people.c.id)  # a canary is nobody
        if establishment is not None:
            asked = asked.where(people.c.establishment == establishment)
        return [person_of(row) for row in self.conn.execute(asked)]

    def known(self, people_: Sequence[PersonId]) -> set[PersonId]:
        found: set[PersonId] = set()
        for start in range(0, len(people_), MANY):
            asked = select(people.c.id).where(people.c.id.in_(people_[start : start + MANY]))
            found.update(PersonId(id) for id in self.conn.execute(asked).scalars())
        return found

    def residents(self, establishment: str, cell: str) -> list[PersonId]:
        asked = select(people.c.id).where(people.c.establishment == establishment, people.c.cell == cell)
        return [PersonId(id) for id in self.conn.execute(asked.order_by(people.c.id)).scalars()]

    def add_people(self, people_: Sequence[Person]) -> None:
        if people_:
            self.conn.execute(insert(people), [{"id": one.id, "keypad": keyed(one.id)} | _values(one) for one in people_])

    def set_person(self, person: Person) -> None:
        self.conn.execute(update(people).where(people.c.id == person.id).values(**_values(person)))

    def pins(self, person: PersonId) -> Pins:
        row = self.conn.execute(select(pins.c.hash, pins.c.duress).where(pins.c.person == person)).first()
        return Pins(row.hash, row.duress) if row else Pins(None, None)

    def set_pins(self, hashes: Mapping[PersonId, str]) -> None:
        now, fresh = stamp(self.at), []
        for person, hashed in hashes.items():
            if len(hashes) > 1 or not self.conn.execute(
                update(pins).where(pins.c.person == person).values(hash=hashed, changed_at=now)).rowcount:
                fresh.append({"person": person, "hash": hashed, "changed_at": now})
        if fresh:
            self.conn.execute(insert(pins), fresh)

    def set_duress(self, person: PersonId, hashed: str | None) -> None:
        self.conn.execute(update(pins).where(pins.c.person == person).values(duress=hashed))

    def drop_pins(self, person: PersonId) -> None:
        self.conn.execute(delete(pins).where(pins.c.person == person))

    def locks(self, person: PersonId) -> list[Lock]:
        asked = select(pin_failures.c.phone, pin_failures.c.locked_at).where(
            pin_failures.c.person == person, pin_failures.c.locked_at.is_not(None)).order_by(pin_failures.c.phone)
        return [Lock(PhoneId(row.phone), unstamp(row.locked_at)) for row in self.conn.execute(asked)]

    def clear_failures(self, person: PersonId) -> int:
        return self.conn.execute(delete(pin_failures).where(pin_failures.c.person == person)).rowcount

    def contacts(self, person: PersonId | None = None) -> list[Contact]:
        asked = (select(contacts, parties.c.name, parties.c.born, parties.c.kind.label("party_kind"))
                 .join(parties, parties.c.id == contacts.c.party)
                 .order_by(contacts.c.person, contacts.c.number, contacts.c.party))
        if person is not None:
            asked = asked.where(contacts.c.person == person)
        return [Contact(PersonId(row.person), row.number, row.name, ContactKind(row.kind), ContactState(row.state),
                        row.party_kind == PartyKind.ORGANISATION, row.relay, row.party,
                        date.fromisoformat(row.born) if row.born else None) for row in self.conn.execute(asked)]

    def add_contacts(self, contacts_: Sequence[Contact]) -> None:
        put_contacts(self.conn, contacts_, self.actor, self.at)

    def rest_numbers(self, person: PersonId, until: datetime) -> int:
        theirs = (contacts.c.person == person) & contacts.c.state.in_(RESTING)
        rows = self.conn.execute(select(contacts.c.number, contacts.c.party, contacts.c.state).where(theirs)).all()
        self.conn.execute(delete(resting_numbers).where(resting_numbers.c.person == person))
        if rows:
            self.conn.execute(insert(resting_numbers), [
                {"person": person, "number": row.number, "party": row.party, "state": row.state, "rested_at": stamp(self.at),
                 "until_at": stamp(until)} for row in rows])
            named = select(contacts.c.id).where(theirs)
            delete_names(self.conn, contact_names.c.contact.in_(named))
            self.conn.execute(update(contacts).where(theirs).values(state=ContactState.WITHDRAWN))
        return len(rows)

    def wake_numbers(self, person: PersonId) -> int:
        asked = (select(contacts.c.id, resting_numbers.c.state)
                 .join(resting_numbers, (resting_numbers.c.person == contacts.c.person)
                       & (resting_numbers.c.number == contacts.c.number) & (resting_numbers.c.party == contacts.c.party))
                 .where(contacts.c.person == person, resting_numbers.c.until_at > stamp(self.at),
                        contacts.c.state == ContactState.WITHDRAWN))
        woken = {row.id: row.state for row in self.conn.execute(asked)}
        changed = 0
        if woken:
            changed = self.conn.execute(update(contacts).where(contacts.c.id.in_(woken))
                                        .values(state=case(woken, value=contacts.c.id))).rowcount
        self.conn.execute(delete(resting_numbers).where(resting_numbers.c.person == person))
        return changed

    def open_calls(self, person: PersonId) -> list[CallId]:
        asked = select(cdrs.c.id).where(cdrs.c.person == person, cdrs.c.closed_at.is_(None)).order_by(cdrs.c.id)
        return [CallId(id) for id in self.conn.execute(asked).scalars()]

    def balance(self, person: PersonId) -> Millipence:
        return read_balance(self.conn, person)

    def pay_out(self, person: PersonId, reference: str, amount: Millipence) -> None:
        post(self.conn, move(reference, person_account(person), SiteAccount.PAID_OUT, amount), stamp(self.at))


def _values(person: Person) -> dict[str, object]:
    return {
        "name": person.name, "active": person.status not in GONE, "establishment": person.establishment, "phone": person.phone,
        "status": person.status, "cell": person.cell, "incentive": person.incentive, "language": person.flags.language,
        "foreign_national": person.flags.foreign_national, "legal": person.flags.legal, "at_risk": person.flags.at_risk,
        "needs": json.dumps(list(person.flags.needs), separators=(",", ":")),
    }


def person_of(row: Row[*tuple[Any, ...]]) -> Person:
    return Person(
        id=PersonId(row.id), name=row.name, establishment=row.establishment, cell=row.cell,
        phone=PhoneId(row.phone) if row.phone else None, status=Status(row.status),
        incentive=Incentive(row.incentive or Incentive.STANDARD),
        flags=Flags(row.foreign_national, row.legal, row.at_risk, row.language, tuple(json.loads(row.needs))),
    )
