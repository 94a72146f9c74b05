"""Parties, approvals and orders against contact as a use case changes them (`switch.ports.contacts.ContactChanges`)."""
import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from switch.core.facts import ContactKind, ContactState
from switch.core.ids import PersonId, StaffId
from switch.ports.contacts import (
    Approval,
    Flags,
    NoContact,
    OrderKind,
    Party,
    PartyKind,
    PartyNumber,
)
from switch.ports.desk import GONE
from switch.store.desk_menu import delete_names
from switch.store.stamps import stamp, unstamp
from switch.store.tables import (
    cdrs,
    contact_names,
    contacts,
    no_contact,
    parties,
    party_numbers,
    people,
    prison_agreements,
    stops,
    tasks,
)


class ContactWork:
    """The part of a transaction that is about contacts."""

    conn: Connection
    actor: StaffId
    at: datetime

    def party(self, party: str) -> Party | None:
        row = self.conn.execute(select(parties).where(parties.c.id == party)).first()
        return _party(row) if row else None

    def add_party(self, party: Party) -> None:
        self.conn.execute(insert(parties), {"id": party.id} | party_values(party))

    def set_party(self, party: Party) -> None:
        self.conn.execute(update(parties).where(parties.c.id == party.id).values(**party_values(party)))

    def party_numbers(self, party: str) -> list[PartyNumber]:
        asked = select(party_numbers).where(party_numbers.c.party == party, party_numbers.c.until_at.is_(None))
        return [PartyNumber(row.party, row.number, unstamp(row.since), None, _when(row.verified_at), _when(row.asked_again_at))
                for row in self.conn.execute(asked.order_by(party_numbers.c.since, party_numbers.c.number))]

    def put_number(self, number: PartyNumber) -> None:
        values = {"since": stamp(number.since), "until_at": _stamped(number.until), "verified_at": _stamped(number.verified_at),
                  "asked_again_at": _stamped(number.asked_again_at)}
        here = (party_numbers.c.party == number.party) & (party_numbers.c.number == number.number)
        if not self.conn.execute(update(party_numbers).where(here).values(**values)).rowcount:
            self.conn.execute(insert(party_numbers), {"party": number.party, "number": number.number} | values)

    def approval(self, approval: str) -> Approval | None:
        row = self.conn.execute(select(contacts).where(contacts.c.id == approval)).first()
        return _approval(row) if row else None

    def approvals(self, *, person: PersonId | None = None, party: str | None = None, number: str | None = None
                  ) -> list[Approval]:
        said = {"person": person, "party": party, "number": number}
        where = [contacts.c[name] == value for name, value in said.items() if value is not None]
        if not where:
            raise ValueError("say whose approvals: all of an estate are not read at once")
        asked = select(contacts).where(*where).order_by(contacts.c.person, contacts.c.number, contacts.c.party)
        return [_approval(row) for row in self.conn.execute(asked)]

    def add_approval(self, approval: Approval) -> None:
        self.conn.execute(insert(contacts), {"id": approval.id, "person": approval.person, "party": approval.party}
                          | approval_values(approval))

    def set_approval(self, approval: Approval) -> None:
        self.conn.execute(update(contacts).where(contacts.c.id == approval.id).values(**approval_values(approval)))
        if approval.state is ContactState.WITHDRAWN:
            delete_names(self.conn, contact_names.c.contact == approval.id)

    def checks(self, approval: Approval) -> dict[str, bool]:
        asked = select(tasks.c.kind, tasks.c.about, tasks.c.done_at).where(
            tasks.c.person == approval.person, tasks.c.kind.like("check-%"))
        found: dict[str, bool] = {}
        for kind, about, done in self.conn.execute(asked):
            if json.loads(about).get("approval") == approval.id:
                found[kind] = found.get(kind, True) and done is not None
        return found

    def stopped(self, person: PersonId, number: str) -> bool:
        asked = select(stops.c.id).where(stops.c.number == number, stops.c.undone_at.is_(None),
                                         or_(stops.c.scope == "everyone", stops.c.person == person))
        return self.conn.execute(asked.limit(1)).first() is not None

    def no_contacts(self, person: PersonId | None = None) -> list[NoContact]:
        asked = select(no_contact).where(no_contact.c.lifted_at.is_(None),
                                         or_(no_contact.c.until_at.is_(None), no_contact.c.until_at > stamp(self.at)))
        if person is not None:
            asked = asked.where(no_contact.c.person == person)
        return [no_contact_of(row) for row in self.conn.execute(asked.order_by(no_contact.c.placed_at, no_contact.c.id))]

    def add_no_contact(self, order: NoContact) -> None:
        self.conn.execute(insert(no_contact), {
            "id": order.id, "person": order.person, "kind": order.kind, "party": order.party, "number": order.number,
            "other": order.other, "court": order.court, "from_at": stamp(order.start), "until_at": _stamped(order.until),
            "exceptions": json.dumps(list(order.exceptions)), "placed_at": stamp(order.placed_at), "placed_by": order.placed_by})

    def lift_no_contact(self, order: str, second: str) -> bool:
        lifted = update(no_contact).where(no_contact.c.id == order, no_contact.c.lifted_at.is_(None))
        values = {"lifted_at": stamp(self.at), "lifted_by": self.actor, "lifted_second": second}
        return bool(self.conn.execute(lifted.values(**values)).rowcount)

    def agreements(self, person: PersonId, other: PersonId) -> set[str]:
        asked = select(prison_agreements.c.establishment).where(
            prison_agreements.c.person == person, prison_agreements.c.other == other)
        return set(self.conn.execute(asked).scalars())

    def agree(self, person: PersonId, other: PersonId, establishment: str) -> None:
        self.conn.execute(insert(prison_agreements), {"person": person, "other": other, "establishment": establishment,
                                                      "agreed_at": stamp(self.at), "agreed_by": self.actor})

    def disagree(self, person: PersonId, other: PersonId, establishment: str) -> None:
        self.conn.execute(delete(prison_agreements).where(
            prison_agreements.c.person == person, prison_agreements.c.other == other,
            prison_agreements.c.establishment == establishment))

    def unanswered(self, since: datetime, establishment: str | None = None) -> list[Approval]:
        answered = select(cdrs.c.id).where(
            cdrs.c.person == contacts.c.person, cdrs.c.talk_ms > 0, cdrs.c.started_at >= stamp(since),
            cdrs.c.dialled == contacts.c.number).correlate(contacts).exists()
        asked = select(contacts).join(party_numbers, (party_numbers.c.party == contacts.c.party)
                                      & (party_numbers.c.number == contacts.c.number)).join(
                                          people, people.c.id == contacts.c.person).where(
            people.c.status.not_in(GONE), contacts.c.state == ContactState.APPROVED, party_numbers.c.since < stamp(since),
            or_(party_numbers.c.verified_at.is_(None), party_numbers.c.verified_at < stamp(since)),
            party_numbers.c.asked_again_at.is_(None), party_numbers.c.until_at.is_(None), ~answered)
        if establishment is not None:
            asked = asked.where(people.c.establishment == establishment)
        asked = asked.order_by(contacts.c.person, contacts.c.number, contacts.c.party)
        return [_approval(row) for row in self.conn.execute(asked)]


def party_values(party: Party) -> dict[str, object]:
    first, second = (*party.child_level_names, None, None)[:2]
    return {
        "kind": party.kind, "name": party.name, "born": party.born.isoformat() if party.born else None, "address": party.address,
        "child": party.child, "child_level": party.child_level, "child_level_by": first, "child_level_second": second,
        "prisoner": party.prisoner,
    }


def approval_values(approval: Approval) -> dict[str, object]:
    flags = approval.flags
    return {
        "number": approval.number, "kind": approval.kind, "state": approval.state, "reason": approval.reason,
        "relationship": approval.relationship, "relay": approval.relay, "allow_monitor": flags.allow_monitor,
        "override": flags.override, "alert": flags.alert, "call_allowed": flags.call_allowed, "legal": flags.legal,
        "applied_at": _stamped(approval.applied_at),
    }


def _party(row: Row[*tuple[Any, ...]]) -> Party:
    return Party(
        row.id, PartyKind(row.kind), row.name, date.fromisoformat(row.born) if row.born else None, row.address, row.child,
        row.child_level, tuple(name for name in (row.child_level_by, row.child_level_second) if name),
        PersonId(row.prisoner) if row.prisoner else None)


def _approval(row: Row[*tuple[Any, ...]]) -> Approval:
    return Approval(
        row.id, PersonId(row.person), row.party, row.number, ContactKind(row.kind), ContactState(row.state), row.reason,
        row.relationship, row.relay, Flags(row.allow_monitor, row.override, row.alert, row.call_allowed, row.legal),
        _when(row.applied_at))


def no_contact_of(row: Row[*tuple[Any, ...]]) -> NoContact:
    return NoContact(
        row.id, PersonId(row.person), OrderKind(row.kind), row.court, unstamp(row.from_at), unstamp(row.placed_at), row.placed_by,
        row.party, row.number, PersonId(row.other) if row.other else None, _when(row.until_at), tuple(json.loads(row.exceptions)))


def _when(text: str | None) -> datetime | None:
    return unstamp(text) if text else None


def _stamped(at: datetime | None) -> str | None:
    return stamp(at) if at else None
