"""The example site's books between rounds: credit as each part needs it, and stops undone, every change with its audit row."""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from switch.core.facts import ContactState
from switch.core.ids import PersonId
from switch.core.money import Millipence, from_pence
from switch.ledger.postings import SiteAccount, move, person_account
from switch.store.audit import append_audit
from switch.store.calls import post
from switch.store.database import Store
from switch.store.listing import call_line, list_calls
from switch.store.orders import UndoStop
from switch.store.seeding import AddCredit, read_balance
from switch.store.stamps import stamp
from switch.store.tables import alarms, contacts, stops

BY = "demo"
NEWEST = 200
"""Call records looked at: more than a round has."""
ENOUGH = from_pence(50)
"""Who has less is given again what example.json says."""


@dataclass(frozen=True, slots=True)
class PayOut:
    """Unit: money of a person paid out."""

    person: PersonId
    amount: Millipence
    reference: str
    at: datetime

    def __call__(self, conn: Connection) -> None:
        post(conn, move(self.reference, person_account(self.person), SiteAccount.CASH, self.amount), stamp(self.at))
        append_audit(conn, self.at, BY, "credit-paid-out", {"person": self.person, "reference": self.reference},
                     {"amount": self.amount})


@dataclass(frozen=True, slots=True)
class ApproveAgain:
    """Unit: a contact that was stopped is approved once more."""

    person: PersonId
    number: str
    at: datetime

    def __call__(self, conn: Connection) -> None:
        again = update(contacts).where(contacts.c.person == self.person, contacts.c.number == self.number)
        conn.execute(again.values(state=ContactState.APPROVED))
        append_audit(conn, self.at, BY, "contact-approved", {"person": self.person}, {"after": "stopped"})


async def set_right(store: Store, example: Mapping[str, Any], spender: str, at: datetime, token: str) -> None:
    """Undo the stops of the example's numbers, approve those contacts again, and see that everybody can pay.

    `spender` has exactly what example.json says, neither more nor less: that is that person's part. `token` is new each time.
    """
    numbers = {row["number"] for row in example["contacts"]}
    standing = select(stops.c.id, stops.c.number).where(stops.c.undone_at.is_(None))
    for stop in await store.read(lambda conn: conn.execute(standing).all()):
        if stop.number in numbers:
            await store.write(UndoStop(stop.id, BY, at))
    stopped = select(contacts.c.person, contacts.c.number).where(contacts.c.state == ContactState.STOPPED)
    approved = {(row["person"], row["number"]) for row in example["contacts"] if row["state"] == ContactState.APPROVED}
    for contact in await store.read(lambda conn: conn.execute(stopped).all()):
        if (contact.person, contact.number) in approved:
            await store.write(ApproveAgain(PersonId(contact.person), contact.number, at))
    for person in example["people"]:
        await _pay(store, PersonId(person["number"]), from_pence(person["credit_pence"]), person["number"] == spender, at, token)


async def _pay(store: Store, person: PersonId, wanted: Millipence, exactly: bool, at: datetime, token: str) -> None:
    balance = await store.read(lambda conn: read_balance(conn, person))
    missing = Millipence(wanted - balance)
    if missing > 0 and (exactly or balance < ENOUGH):
        await store.write(AddCredit(person, missing, f"demo:{token}:{person}", BY, at))
    elif missing < 0 and exactly:
        await store.write(PayOut(person, Millipence(-missing), f"demo:{token}:{person}", at))


async def newest_calls(store: Store) -> list[dict[str, Any]]:
    """The newest records as `wingline calls --json` has them, oldest first."""
    return [call_line(row) for row in await store.read(lambda conn: list_calls(conn, most=NEWEST))]


async def alarms_of(store: Store, call: str) -> frozenset[str]:
    """The kinds of alarm that a call raised."""
    asked = select(alarms.c.kind).where(alarms.c.call == call)
    return frozenset(await store.read(lambda conn: conn.execute(asked).scalars().all()))
