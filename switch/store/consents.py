"""What parties said about being rung, as rows: one stands for a party and a number, and those of before stay with their end."""
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from switch.core.facts import Consent
from switch.core.ids import PersonId
from switch.ports.consents import FROM_THERE, ConsentHow, ConsentSaid
from switch.store.stamps import stamp, unstamp
from switch.store.tables import consents, contacts

LANGUAGE = "en"


def say(conn: Connection, said: ConsentSaid) -> None:
    end(conn, said.party, said.number, said.at)
    put(conn, [said])


def put(conn: Connection, said: Sequence[ConsentSaid]) -> None:
    """Where nothing stood before."""
    if said:
        conn.execute(insert(consents), [{
            "id": one.id, "party": one.party, "number": one.number, "consent": one.consent, "how": one.how,
            "said_at": stamp(one.at), "said_by": one.by, "person": one.person, "prompts": json.dumps(list(one.prompts)),
            "language": LANGUAGE if one.prompts else None} for one in said])


def end(conn: Connection, party: str, number: str, at: datetime) -> None:
    conn.execute(update(consents).where(consents.c.party == party, consents.c.number == number, consents.c.ended_at.is_(None))
                 .values(ended_at=stamp(at)))


def end_yes_from_there(conn: Connection, number: str, at: datetime) -> None:
    """Every yes of the number itself, by whichever party: whoever said it may not have been who was meant. A no stands."""
    conn.execute(update(consents).where(consents.c.number == number, consents.c.how.in_((*FROM_THERE, ConsentHow.WEB_FULL)),
                                        consents.c.consent == Consent.GIVEN, consents.c.ended_at.is_(None))
                 .values(ended_at=stamp(at)))


def agreed_there(conn: Connection, person: str, number: str) -> datetime | None:
    """When a contact of this person last agreed at this number itself, where that still stands."""
    asked = select(consents.c.said_at).join(
        contacts, (contacts.c.party == consents.c.party) & (contacts.c.number == consents.c.number)).where(
        contacts.c.person == person, contacts.c.number == number, consents.c.ended_at.is_(None),
        consents.c.consent == Consent.GIVEN, consents.c.how.in_(FROM_THERE)).order_by(consents.c.said_at.desc()).limit(1)
    given = conn.execute(asked).scalar()
    return unstamp(given) if given else None


class ConsentWork:
    """The part of a transaction that is about consent."""

    conn: Connection
    at: datetime

    def consent(self, party: str, number: str) -> ConsentSaid | None:
        asked = select(consents).where(consents.c.party == party, consents.c.number == number, consents.c.ended_at.is_(None))
        row = self.conn.execute(asked).first()
        return _said(row) if row else None

    def denials(self, party: str) -> list[ConsentSaid]:
        asked = select(consents).where(consents.c.party == party, consents.c.consent == Consent.DENIED,
                                       consents.c.ended_at.is_(None)).order_by(consents.c.said_at.desc(), consents.c.id)
        return [_said(row) for row in self.conn.execute(asked)]

    def say_consent(self, said: ConsentSaid) -> None:
        say(self.conn, said)

    def end_consent(self, party: str, number: str) -> None:
        end(self.conn, party, number, self.at)


def _said(row: Row[*tuple[Any, ...]]) -> ConsentSaid:
    person = PersonId(row.person) if row.person else None
    return ConsentSaid(row.id, row.party, row.number, Consent(row.consent), ConsentHow(row.how), unstamp(row.said_at),
                       row.said_by, person, tuple(json.loads(row.prompts)))
