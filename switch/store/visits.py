"""Visits to the page for families as rows: what a call about a code may be placed for, and what was said on it."""
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update

from dialplans.openings import open_till
from switch.call.placed import Answer, PlacedKind
from switch.core.facts import Consent, ContactKind, ContactState
from switch.core.ids import PersonId
from switch.core.lists import ListKind
from switch.core.numbers import Unreadable, read_number
from switch.core.reasons import Why
from switch.core.stopping import StopSource
from switch.core.visits import REST, Denied, Stage, Visit, code_until
from switch.ports.consents import ConsentHow
from switch.ports.contacts import PartyKind
from switch.ports.desk import GONE
from switch.ports.families import AtNumber
from switch.store.contact_facts import ask_no_contact
from switch.store.stamps import stamp, unstamp
from switch.store.tables import (
    announcement_relief,
    consents,
    contacts,
    family_visits,
    number_lists,
    orders,
    parties,
    people,
    placed_attempts,
    placed_calls,
    stops,
)  # fmt: skip
from switch.store.wrong_numbers import is_marked

KNOWN = (ContactState.RECEIVED, ContactState.PENDING, ContactState.APPROVED, ContactState.STOPPED)
"""States of a contact whose number is rung; whoever was refused or withdrawn is left alone."""


def read_visit(conn: Connection, visit: str) -> Visit | None:
    row = conn.execute(select(family_visits).where(family_visits.c.id == visit)).first()
    return _visit(row) if row else None


def may_speak(conn: Connection, visit: str, number: str, at: datetime) -> Why | None:
    """Why the number is not rung about this visit; for most numbers of the world, because nobody here knows them."""
    found = read_visit(conn, visit)
    if found is None or found.stage(at) not in (Stage.ASKED, Stage.SPOKEN):
        return Why.CUT
    said = select(family_visits.c.id).where(family_visits.c.number == number, or_(
        family_visits.c.denied == Denied.EVER,
        and_(family_visits.c.denied == Denied.FOR_NOW, family_visits.c.denied_at > stamp(at - REST))))
    if conn.execute(said.limit(1)).first():
        return Why.STOPPED_PERSON
    barred = select(number_lists.c.id).where(  # a victim's number, and any that staff barred for anybody at all
        number_lists.c.number == number, number_lists.c.kind == ListKind.BAR, number_lists.c.ended_at.is_(None),
        number_lists.c.from_at <= stamp(at), or_(number_lists.c.until_at.is_(None), number_lists.c.until_at > stamp(at)))
    if conn.execute(barred.limit(1)).first():
        return Why.BARRED
    ordered = select(orders.c.id).where(
        orders.c.scope == "number", orders.c.target == number, orders.c.lifted_at.is_(None), orders.c.from_at <= stamp(at),
        or_(orders.c.until_at.is_(None), orders.c.until_at > stamp(at)))
    if conn.execute(ordered.limit(1)).first():
        return Why.ORDERS
    if is_marked(conn, number):
        return Why.WRONG_NUMBER
    return _unknown(conn, number, at)


def _unknown(conn: Connection, number: str, at: datetime) -> Why | None:
    """A number is known by a private contact that may still be one, whom no order protects, or by a stop of its own."""
    private = _private()
    if conn.execute(select(contacts.c.id).join(parties, parties.c.id == contacts.c.party).where(
            contacts.c.number == number, ~private).limit(1)).first():
        return Why.NUMBER_CLASS  # a solicitor's, an official's or an organisation's: staff see to those
    own = select(stops.c.id).where(stops.c.number == number, stops.c.undone_at.is_(None), stops.c.source != StopSource.STAFF)
    if conn.execute(own.limit(1)).first():
        return None
    dialled = read_number(number)
    if isinstance(dialled, Unreadable):
        return Why.UNREADABLE
    asked = select(contacts.c.person).join(people, people.c.id == contacts.c.person).where(
        contacts.c.number == number, contacts.c.state.in_(KNOWN), people.c.status.not_in(GONE)).distinct()
    found = Why.UNAPPROVED
    for person in conn.execute(asked).scalars().all():
        orders = ask_no_contact(conn, PersonId(person), number, stamp(at))()
        if all(open_till(order, dialled, at) is not None for order in orders):
            return None
        found = Why.NO_CONTACT
    return found


def keep_code(conn: Connection, visit: str, answer: Answer, hashed: str | None, at: datetime) -> None:
    """What was said on the call; a code is good from here on."""
    found = read_visit(conn, visit)
    if found is None or found.stage(at) is Stage.OVER:
        return
    values: dict[str, Any] = {"code": hashed, "code_until_at": stamp(code_until(found, at))}
    if answer is not Answer.YES:
        values = {"denied": Denied.EVER if answer is Answer.STOPPED else Denied.FOR_NOW, "denied_at": stamp(at), "code": None}
    conn.execute(update(family_visits).where(family_visits.c.id == visit).values(values))


class VisitWork:
    """The part of a transaction that is about the page for families."""

    conn: Connection
    at: datetime

    def add_visit(self, visit: Visit, token: str) -> None:
        old = stamp(self.at - REST)
        self.conn.execute(delete(family_visits).where(family_visits.c.asked_at < old, family_visits.c.denied.is_(None)))
        self.conn.execute(delete(placed_calls).where(  # strangers' numbers that nobody rang; a call that was placed is kept
            placed_calls.c.kind == PlacedKind.CODE, placed_calls.c.requested_at < old,
            placed_calls.c.id.not_in(select(placed_attempts.c.request))))
        self.conn.execute(insert(family_visits), {
            "id": visit.id, "number": visit.number, "token": token, "asked_at": stamp(visit.asked_at),
            "until_at": stamp(visit.until), "tries": 0})

    def visit(self, token: str) -> Visit | None:
        row = self.conn.execute(select(family_visits).where(family_visits.c.token == token)).first()
        return _visit(row) if row else None

    def visits_since(self, number: str, since: datetime) -> int:
        asked = select(family_visits.c.id).where(family_visits.c.number == number, family_visits.c.asked_at > stamp(since))
        return len(self.conn.execute(asked).all())

    def count_visit_try(self, visit: str, most: int) -> bool:
        asked = update(family_visits).where(family_visits.c.id == visit, family_visits.c.tries < most)
        return bool(self.conn.execute(asked.values(tries=family_visits.c.tries + 1)).rowcount)

    def enter_visit(self, visit: str, token: str, until: datetime) -> bool:
        asked = update(family_visits).where(
            family_visits.c.id == visit, family_visits.c.code.is_not(None), family_visits.c.entered_until_at.is_(None))
        return bool(self.conn.execute(asked.values(token=token, code=None, entered_until_at=stamp(until))).rowcount)

    def leave_visit(self, visit: str) -> None:
        self.conn.execute(update(family_visits).where(family_visits.c.id == visit).values(left_at=stamp(self.at)))

    def let_ring(self, number: str) -> int:
        theirs = family_visits.c.number == number, family_visits.c.denied.is_not(None)
        return self.conn.execute(update(family_visits).where(*theirs).values(denied=None, left_at=stamp(self.at))).rowcount

    def approvals_at(self, number: str) -> list[AtNumber]:
        asked = select(contacts.c.party, contacts.c.state, announcement_relief.c.allowed_at, consents.c.consent, consents.c.how,
                       ).join(parties, parties.c.id == contacts.c.party).join(people, people.c.id == contacts.c.person).join(
            announcement_relief, announcement_relief.c.establishment == people.c.establishment, isouter=True).join(
            consents, and_(consents.c.party == contacts.c.party, consents.c.number == contacts.c.number,
                           consents.c.ended_at.is_(None)), isouter=True)
        rows = self.conn.execute(asked.where(contacts.c.number == number, _private(), people.c.status.not_in(GONE))
                                 .order_by(contacts.c.party, contacts.c.person))
        return [AtNumber(row.party, ContactState(row.state), row.allowed_at is not None,
                         Consent(row.consent) if row.consent else Consent.NOT_ASKED,
                         ConsentHow(row.how) if row.how else None) for row in rows]

    def wrong_number(self, number: str) -> bool:
        return is_marked(self.conn, number)


def _private() -> Any:
    return and_(contacts.c.kind == ContactKind.SOCIAL, parties.c.kind != PartyKind.ORGANISATION)


def _visit(row: Row[*tuple[Any, ...]]) -> Visit:
    def when(value: str | None) -> datetime | None:
        return unstamp(value) if value else None

    return Visit(row.id, row.number, unstamp(row.asked_at), unstamp(row.until_at), row.tries, row.code, when(row.code_until_at),
                 when(row.entered_until_at), Denied(row.denied) if row.denied else None, row.left_at is not None)
