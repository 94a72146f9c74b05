"""What somebody outside answered with a key or by text, as it changes contacts: consent, and a number that is right."""
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from switch.call.placed import Answer, PlacedKind
from switch.core.contacts import Check
from switch.core.facts import Consent
from switch.core.ids import PersonId
from switch.ports.consents import ConsentHow, ConsentSaid
from switch.store.consents import say
from switch.store.stamps import stamp
from switch.store.tables import contacts, tasks
from switch.store.wrong_numbers import is_marked, verify_party


@dataclass(frozen=True, slots=True)
class KeepAnswer:
    """Unit: the answer to what the switch asked in a person's name, for each of their contacts with this number. Who of
    several said it nobody knows, so it is that of all. A stop and a wrong number have units of their own, and so has the
    answer's audit row."""

    call: str
    person: str
    number: str
    answer: Answer
    at: datetime
    how: ConsentHow = ConsentHow.KEYPAD
    kind: PlacedKind = PlacedKind.CONSENT
    prompts: tuple[str, ...] = ()

    def __call__(self, conn: Connection) -> None:
        rows = conn.execute(select(contacts.c.id, contacts.c.party).where(
            contacts.c.person == self.person, contacts.c.number == self.number).order_by(contacts.c.party)).all()
        # a stranger may agree too: once somebody said "wrong number", only the question that asks for it says that it is right
        right = self.kind is PlacedKind.VERIFY or not is_marked(conn, self.number)
        for row in rows:
            match self.answer:
                case Answer.YES:
                    self._say(conn, row.party, Consent.GIVEN)
                    self._close(conn, row.id, Check.CONSENT)
                    if right:
                        verify_party(conn, row.party, self.number, self.at, self.by)
                        self._close(conn, row.id, Check.NUMBER)
                case Answer.NO | Answer.STOPPED:
                    self._say(conn, row.party, Consent.DENIED)
                    self._close(conn, row.id, Check.CONSENT)

    @property
    def by(self) -> str:
        return f"call:{self.call}" if self.how is ConsentHow.KEYPAD else self.call

    def _say(self, conn: Connection, party: str, consent: Consent) -> None:
        say(conn, ConsentSaid(f"{self.call}:{party}", party, self.number, consent, self.how, self.at, self.by,
                              PersonId(self.person), self.prompts))

    def _close(self, conn: Connection, approval: str, *checks: Check) -> None:
        asked = select(tasks.c.id, tasks.c.about).where(
            tasks.c.person == self.person, tasks.c.done_at.is_(None), tasks.c.kind.in_([f"check-{check}" for check in checks]))
        for row in conn.execute(asked).all():
            if json.loads(row.about).get("approval") == approval:
                done = update(tasks).where(tasks.c.id == row.id)
                conn.execute(done.values(done_at=stamp(self.at), done_by=self.by))
