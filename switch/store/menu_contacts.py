"""What the menu tells a person of their contacts: their state, what is waited for, why one was refused, what is against it."""
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, literal, or_, select

from dialplans.openings import open_till
from switch.core.contacts import Check, RefusalReason, together
from switch.core.facts import ContactFacts, ContactKind, ContactState, StopScope
from switch.core.ids import PersonId
from switch.core.menu_facts import OwnContact, OwnContacts, Wait
from switch.core.numbers import Number, Unreadable, read_number
from switch.core.reasons import Why
from switch.store.contact_facts import ask_no_contact
from switch.store.stamps import stamp
from switch.store.tables import contact_names, contacts, speed_dials, stops, tasks, wrong_numbers
from switch.store.wrong_numbers import stands_for

WAITS = {f"check-{Check.NUMBER}": Wait.NUMBER, f"check-{Check.CONSENT}": Wait.CONSENT, f"check-{Check.GENUINE}": Wait.GENUINE}
"""Checks that the person is told by name. Of any other, such as public protection, only that staff have not finished."""


def read_own_contacts(conn: Connection, person: PersonId, at: datetime) -> OwnContacts:
    """Every number on the list once, those that can be rung first, with a key that holds it and a name that was recorded. What
    several parties at a number are to this person is judged as when it is rung."""
    slots = {row.number: row.slot for row in conn.execute(
        select(speed_dials).where(speed_dials.c.person == person).order_by(speed_dials.c.slot.desc()))}
    waits = _waits(conn, person)
    columns = (contacts.c.id, contacts.c.number, contacts.c.kind, contacts.c.state, contacts.c.reason, contacts.c.call_allowed,
               contact_names.c.id.label("name"))
    rows = conn.execute(
        select(*columns).join(contact_names, contact_names.c.contact == contacts.c.id, isouter=True)
        .where(contacts.c.person == person)
        .order_by(contacts.c.number, contacts.c.party)).all()
    held: dict[str, list[Row[*tuple[Any, ...]]]] = {}
    for row in rows:
        held.setdefault(row.number, []).append(row)
    told = []
    for text, approvals in held.items():
        number, one = number_of(text), together([
            ContactFacts("", ContactKind(row.kind), ContactState(row.state), call_allowed=row.call_allowed) for row in approvals])
        if number is None or one is None:
            continue
        row = next((row for row in approvals if row.state == one.state), approvals[0])
        refused, waits_for = one.state is ContactState.REFUSED, waits.get(row.id, frozenset({Wait.STAFF}))
        told.append(OwnContact(
            number, one.kind, one.state, slots.get(text), waits_for if one.state is ContactState.PENDING else frozenset(),
            RefusalReason(row.reason) if refused and row.reason in list(RefusalReason) else None,
            _against(conn, person, text, at) if one.state is ContactState.APPROVED else None, row.name))
    return OwnContacts(tuple(sorted(told, key=lambda one: one.state is not ContactState.APPROVED)))


def read_names(conn: Connection, person: PersonId) -> Mapping[str, str]:
    """Sounds of names by number; where several contacts have one number, the last of them by party."""
    rows = conn.execute(select(contacts.c.number, contact_names.c.id)
                        .join(contact_names, contact_names.c.contact == contacts.c.id)
                        .where(contacts.c.person == person).order_by(contacts.c.party))
    return {number: name for number, name in rows}


def number_of(text: str) -> Number | None:
    number = read_number(text)
    return None if isinstance(number, Unreadable) else number


def _waits(conn: Connection, person: PersonId) -> dict[str, frozenset[Wait]]:
    """What each application waits for, by its id: its checks that are open."""
    rows = conn.execute(select(tasks.c.kind, tasks.c.about).where(
        tasks.c.person == person, tasks.c.done_at.is_(None), tasks.c.kind.like("check-%")))
    found: dict[str, frozenset[Wait]] = {}
    for kind, about in rows:
        if approval := json.loads(about).get("approval"):
            found[approval] = found.get(approval, frozenset()) | {WAITS.get(kind, Wait.STAFF)}
    return found


def _against(conn: Connection, person: PersonId, number: str, at: datetime) -> Why | None:
    """What a call to an approved contact would be refused for, whatever the plan: the first that the plan would tell."""
    stands = select(stops.c.scope).where(stops.c.number == number, stops.c.undone_at.is_(None),
                                         or_(stops.c.scope == StopScope.EVERYONE, stops.c.person == person))
    scopes = set(conn.execute(stands).scalars())
    if scopes:
        return Why.STOPPED_ALL if StopScope.EVERYONE in scopes else Why.STOPPED_PERSON
    wrong = select(wrong_numbers.c.id).where(stands_for(literal(number), literal(str(person))))
    if conn.execute(wrong.limit(1)).first() is not None:
        return Why.UNVERIFIED
    dialled = number_of(number)
    orders = ask_no_contact(conn, person, number, stamp(at))()
    bound = dialled is None or any(open_till(order, dialled, at) is None for order in orders)
    return Why.NO_CONTACT if bound else None
