"""A number that was answered as the wrong one: one mark on the number, for everybody, until each party that has it is verified.

The mark is the fact, and no approval changes its state by it. A party is verified where its number has `verified_at`, which a
mark takes away.
"""
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from switch.core.contacts import Check
from switch.core.facts import ContactState
from switch.store.audit import append_audit
from switch.store.consents import end_yes_from_there
from switch.store.stamps import stamp
from switch.store.tables import contacts, party_numbers, people, tasks, wrong_numbers

VERIFY_WITHIN = timedelta(days=7)
KIND = f"check-{Check.NUMBER}"
CHECKED = (ContactState.PENDING, ContactState.APPROVED)


@dataclass(frozen=True, slots=True)
class MarkWrongNumber:
    """Unit: whoever answered is not who was called. How many approvals are to be verified by it; None when this very mark was set
    before. What was consented to at the number itself stands no longer."""

    id: str
    number: str
    person: str | None
    by: str
    at: datetime

    def __call__(self, conn: Connection) -> int | None:
        if conn.execute(select(wrong_numbers.c.id).where(wrong_numbers.c.id == self.id)).first():
            return None
        conn.execute(insert(wrong_numbers), {"id": self.id, "number": self.number, "person": self.person, "at": stamp(self.at)})
        theirs = party_numbers.c.number == self.number
        asked = (select(contacts.c.id, contacts.c.party, contacts.c.person, people.c.establishment)
                 .join(people, people.c.id == contacts.c.person)
                 .join(party_numbers, (party_numbers.c.party == contacts.c.party) & (party_numbers.c.number == contacts.c.number))
                 .where(contacts.c.number == self.number, contacts.c.state.in_(CHECKED)))
        rows = conn.execute(asked.where(party_numbers.c.asked_again_at.is_(None)).order_by(contacts.c.id)).all()
        conn.execute(update(party_numbers).where(theirs).values(verified_at=None))
        conn.execute(update(party_numbers).where(theirs, party_numbers.c.asked_again_at.is_(None)).values(
            asked_again_at=stamp(self.at)))
        if rows:
            conn.execute(insert(tasks), [{
                "id": f"{self.id}:{row.id}", "kind": KIND, "establishment": row.establishment, "person": row.person,
                "about": json.dumps({"approval": row.id, "party": row.party}), "created_at": stamp(self.at),
                "due_at": stamp(self.at + VERIFY_WITHIN)} for row in rows])
        end_yes_from_there(conn, self.number, self.at)
        append_audit(conn, self.at, self.by, "wrong-number-marked",
                     {"mark": self.id} | ({"person": self.person} if self.person else {}), {"checks": len(rows)})
        return len(rows)


def is_marked(conn: Connection, number: str) -> bool:
    asked = select(wrong_numbers.c.id).where(wrong_numbers.c.number == number, wrong_numbers.c.verified_at.is_(None)).limit(1)
    return conn.execute(asked).first() is not None


def verify_party(conn: Connection, party: str, number: str, at: datetime, by: str) -> None:
    """The number is this party's. A mark on it goes when no party that has it is left unverified."""
    conn.execute(update(party_numbers).where(party_numbers.c.party == party, party_numbers.c.number == number)
                 .values(verified_at=stamp(at), asked_again_at=None))
    _take_off(conn, number, at, by, ~select(party_numbers.c.party).where(
        party_numbers.c.number == number, party_numbers.c.until_at.is_(None), party_numbers.c.verified_at.is_(None)).exists())


def verify_number(conn: Connection, number: str, at: datetime, by: str) -> int:
    """The number is that of each party that has it, with the checks of it done; how many marks that took off. Nothing is changed
    where there was none."""
    if not is_marked(conn, number):
        return 0
    conn.execute(update(party_numbers).where(party_numbers.c.number == number, party_numbers.c.until_at.is_(None))
                 .values(verified_at=stamp(at), asked_again_at=None))
    theirs = {id: person for id, person in conn.execute(
        select(contacts.c.id, contacts.c.person).where(contacts.c.number == number))}
    waiting = conn.execute(select(tasks.c.id, tasks.c.about).where(
        tasks.c.kind == KIND, tasks.c.done_at.is_(None),
        tasks.c.person.in_(select(contacts.c.person).where(contacts.c.number == number)))).all()
    for row in waiting:
        if json.loads(row.about).get("approval") in theirs:
            conn.execute(update(tasks).where(tasks.c.id == row.id).values(done_at=stamp(at), done_by=by))
    return _take_off(conn, number, at, by)


def _take_off(conn: Connection, number: str, at: datetime, by: str, *where: ColumnElement[bool]) -> int:
    marked = update(wrong_numbers).where(wrong_numbers.c.number == number, wrong_numbers.c.verified_at.is_(None), *where)
    return conn.execute(marked.values(verified_at=stamp(at), verified_by=by)).rowcount


def stands_for(number: ColumnElement[str], person: ColumnElement[str]) -> ColumnElement[bool]:
    """Condition on `wrong_numbers`: a mark on the number that holds for a person, none of whose approved contacts there was
    verified since."""
    verified = (select(contacts.c.id)
                .join(party_numbers, (party_numbers.c.party == contacts.c.party) & (party_numbers.c.number == contacts.c.number))
                .where(contacts.c.person == person, contacts.c.number == number, contacts.c.state == ContactState.APPROVED,
                       party_numbers.c.verified_at.is_not(None)))
    return (wrong_numbers.c.number == number) & wrong_numbers.c.verified_at.is_(None) & ~verified.exists()
