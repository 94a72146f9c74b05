"""`DisclosureReads` (switch.ports.disclosure) on SQL."""
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from switch.core.facts import Consent
from switch.core.ids import CallId, PersonId
from switch.ports.consents import ConsentHow, ConsentSaid
from switch.ports.contacts import NoContact, PartyNumber
from switch.ports.disclosure import AuditRow, KeptSound, NumberStop, PartyCall
from switch.store.desk_contacts import no_contact_of
from switch.store.stamps import unstamp
from switch.store.tables import audit, cdrs, consents, contacts, no_contact, party_numbers, recordings, stops


class DisclosureWork:
    conn: Connection

    def audit_about(self, id: str) -> list[AuditRow]:
        named = audit.c.subject.contains(f'"{id}"', autoescape=True), audit.c.detail.contains(id, autoescape=True)
        return [AuditRow(row.seq, unstamp(row.at), row.actor, row.action, json.loads(row.subject), json.loads(row.detail))
                for row in self.conn.execute(select(audit).where(or_(*named)).order_by(audit.c.seq))]

    def kept_sounds(self, person: PersonId) -> list[KeptSound]:
        asked = select(recordings.c.id, recordings.c.erase_at, recordings.c.erased_at).where(recordings.c.person == person)
        return [KeptSound(CallId(row.id), _when(row.erase_at), _when(row.erased_at)) for row in self.conn.execute(asked)]

    def all_numbers(self, party: str) -> list[PartyNumber]:
        asked = select(party_numbers).where(party_numbers.c.party == party)
        return [PartyNumber(row.party, row.number, unstamp(row.since), _when(row.until_at), _when(row.verified_at),
                            _when(row.asked_again_at))
                for row in self.conn.execute(asked.order_by(party_numbers.c.since, party_numbers.c.number))]

    def all_consents(self, party: str) -> list[ConsentSaid]:
        asked = select(consents).where(consents.c.party == party).order_by(consents.c.said_at, consents.c.id)
        return [ConsentSaid(row.id, row.party, row.number, Consent(row.consent), ConsentHow(row.how), unstamp(row.said_at),
                            row.said_by, PersonId(row.person) if row.person else None, tuple(json.loads(row.prompts)))
                for row in self.conn.execute(asked)]

    def orders_about(self, party: str) -> list[NoContact]:
        asked = select(no_contact).where(no_contact.c.party == party).order_by(no_contact.c.placed_at, no_contact.c.id)
        return [no_contact_of(row) for row in self.conn.execute(asked)]

    def stops_at(self, numbers: Sequence[str]) -> list[NumberStop]:
        asked = select(stops).where(stops.c.number.in_(numbers)).order_by(stops.c.placed_at, stops.c.id)
        return [NumberStop(row.number, row.scope == "everyone", row.source, unstamp(row.placed_at), _when(row.undone_at))
                for row in self.conn.execute(asked)]

    def calls_to_party(self, party: str) -> list[PartyCall]:
        theirs = and_(contacts.c.person == cdrs.c.person, contacts.c.number == cdrs.c.dialled, contacts.c.party == party)
        then = and_(party_numbers.c.party == party, party_numbers.c.number == cdrs.c.dialled,
                    party_numbers.c.since <= cdrs.c.started_at,
                    or_(party_numbers.c.until_at.is_(None), party_numbers.c.until_at > cdrs.c.started_at))
        asked = select(cdrs.c.id, cdrs.c.dialled, cdrs.c.started_at, cdrs.c.privileged, cdrs.c.outcome, cdrs.c.ring_ms,
                       cdrs.c.talk_ms, cdrs.c.recording).join(contacts, theirs).join(party_numbers, then)
        return [PartyCall(CallId(row.id), row.dialled, unstamp(row.started_at), row.privileged, row.outcome, row.ring_ms / 1000,
                          row.talk_ms / 1000, row.recording is not None)
                for row in self.conn.execute(asked.order_by(cdrs.c.started_at, cdrs.c.id))]


def _when(text: str | None) -> datetime | None:
    return unstamp(text) if text else None
