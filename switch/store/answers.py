"""What somebody outside answered with a key or by text, as it changes contacts: consent, a number right or wrong."""
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from switch.call.placed import Answer
from switch.core.contacts import Check
from switch.core.facts import Consent, ContactState
from switch.ports.contacts import WRONG_NUMBER, ConsentHow
from switch.store.stamps import stamp
from switch.store.tables import contacts, parties, party_numbers, people, tasks

VERIFY_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class KeepAnswer:
    """Unit: the answer to what the switch asked in a person's name, for each of their contacts with this number. Who of
    several said it nobody knows, so it is that of all. A stop has a unit of its own, and so has the answer's audit row."""

    call: str
    person: str
    number: str
    answer: Answer
    at: datetime
    how: ConsentHow = ConsentHow.KEYPAD

    def __call__(self, conn: Connection) -> None:
        rows = conn.execute(select(contacts.c.id, contacts.c.party, contacts.c.state).where(
            contacts.c.person == self.person, contacts.c.number == self.number).order_by(contacts.c.party)).all()
        for row in rows:
            match self.answer:
                case Answer.YES:
                    self._say(conn, row.party, Consent.GIVEN)
                    conn.execute(update(party_numbers).where(
                        party_numbers.c.party == row.party, party_numbers.c.number == self.number,
                    ).values(verified_at=stamp(self.at), asked_again_at=None))
                    self._close(conn, row.id, Check.CONSENT, Check.NUMBER)
                case Answer.WRONG_NUMBER:
                    self._hold(conn, row.id, row.party, row.state)
                case Answer.NO | Answer.STOPPED:
                    self._say(conn, row.party, Consent.DENIED)
                    self._close(conn, row.id, Check.CONSENT)

    def _say(self, conn: Connection, party: str, consent: Consent) -> None:
        conn.execute(update(parties).where(parties.c.id == party).values(
            consent=consent, consent_how=self.how, consent_at=stamp(self.at), consent_by=f"call:{self.call}"))

    def _hold(self, conn: Connection, approval: str, party: str, state: str) -> None:
        """The number may be somebody else's: it waits, with a check, and nobody's consent is known of it."""
        if state == ContactState.APPROVED:
            held = update(contacts).where(contacts.c.id == approval)
            conn.execute(held.values(state=ContactState.PENDING, reason=WRONG_NUMBER))
        conn.execute(update(parties).where(parties.c.id == party).values(consent=Consent.NOT_ASKED, consent_how=None,
                                                                         consent_at=None, consent_by=None))
        conn.execute(update(party_numbers).where(
            party_numbers.c.party == party, party_numbers.c.number == self.number,
        ).values(verified_at=None, asked_again_at=stamp(self.at)))
        self._close(conn, approval, Check.NUMBER)
        establishment = conn.execute(select(people.c.establishment).where(people.c.id == self.person)).scalar_one()
        conn.execute(insert(tasks), {
            "id": f"{self.call}:{approval}", "kind": f"check-{Check.NUMBER}", "establishment": establishment,
            "person": self.person,
            "about": json.dumps({"approval": approval, "party": party}), "created_at": stamp(self.at),
            "due_at": stamp(self.at + VERIFY_WITHIN)})

    def _close(self, conn: Connection, approval: str, *checks: Check) -> None:
        asked = select(tasks.c.id, tasks.c.about).where(
            tasks.c.person == self.person, tasks.c.done_at.is_(None), tasks.c.kind.in_([f"check-{check}" for check in checks]))
        for row in conn.execute(asked).all():
            if json.loads(row.about).get("approval") == approval:
                done = update(tasks).where(tasks.c.id == row.id)
                conn.execute(done.values(done_at=stamp(self.at), done_by=f"call:{self.call}"))
