"""What the store knows when a call is asked for: three statements in one read transaction."""
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, literal, null, or_, select, union_all

from switch.core.facts import ContactFacts, ContactKind, ContactState, Facts, OrderFacts, PersonFacts, PhoneFacts, StopScope
from switch.core.ids import PersonId, PhoneId
from switch.core.money import Millipence
from switch.core.numbers import Unreadable
from switch.ledger.postings import person_account
from switch.ports.records import CallRequest
from switch.store.stamps import local_midnight, stamp
from switch.store.tables import cdrs, contacts, establishments, orders, people, phones, postings, site_state, stops

_PHONE = (
    select(phones.c.id, phones.c.cell, phones.c.wing, phones.c.establishment, phones.c.pin_required, establishments.c.zone,
           func.coalesce(site_state.c.open, True).label("open"), people.c.id.label("resident"))
    .join_from(phones, establishments, establishments.c.id == phones.c.establishment)
    .join(site_state, site_state.c.establishment == phones.c.establishment, isouter=True)
    .join(people, people.c.phone == phones.c.id, isouter=True)
    .where(phones.c.id == bindparam("phone"))
    .order_by(people.c.id)
)

_PERSON = (
    select(
        people.c.id, people.c.name, people.c.active, people.c.phone,
        select(func.coalesce(func.sum(postings.c.amount), 0)).where(postings.c.account == bindparam("account"))
        .scalar_subquery().label("balance"),
        select(func.coalesce(func.sum(cdrs.c.talk_ms), 0))
        .where(cdrs.c.person == bindparam("person"), cdrs.c.started_at >= bindparam("midnight"), cdrs.c.metered.is_(True),
               cdrs.c.closed_at.is_not(None))
        .scalar_subquery().label("talked_ms"),
        select(func.count()).select_from(cdrs)
        .where(cdrs.c.person == bindparam("person"), cdrs.c.closed_at.is_(None), cdrs.c.service == "contact",
               cdrs.c.id != bindparam("call"))
        .scalar_subquery().label("open_calls"),
        contacts.c.name.label("contact"), contacts.c.kind, contacts.c.state, contacts.c.organisation, contacts.c.relay,
    )
    .join_from(people, contacts, and_(contacts.c.person == people.c.id, contacts.c.number == bindparam("number")), isouter=True)
    .where(people.c.id == bindparam("person"))
)

_AGAINST = union_all(
    select(literal("stop").label("what"), stops.c.scope, null().label("reason"), literal(False).label("helplines_too"))
    .where(stops.c.number == bindparam("number"), stops.c.undone_at.is_(None),
           or_(stops.c.scope == "everyone", stops.c.person == bindparam("person"))),
    select(literal("order"), orders.c.scope, orders.c.reason, orders.c.helplines_too)
    .where(
        orders.c.kind == "kill", orders.c.lifted_at.is_(None), orders.c.from_at <= bindparam("now"),
        or_(orders.c.until_at.is_(None), orders.c.until_at > bindparam("now")),
        or_(orders.c.establishment.is_(None), orders.c.establishment == bindparam("establishment")),
        or_(
            and_(orders.c.scope == "site", orders.c.target == bindparam("establishment")),
            and_(orders.c.scope == "wing", orders.c.target == bindparam("wing")),
            and_(orders.c.scope == "cell", orders.c.target == bindparam("cell")),
            and_(orders.c.scope == "person", orders.c.target == bindparam("person")),
            and_(orders.c.scope == "number", orders.c.target == bindparam("number")),
        ),
    ),
)

_ALL_PHONES = (
    select(phones.c.id, phones.c.cell, phones.c.wing, phones.c.establishment, phones.c.pin_required,
           people.c.id.label("resident"))
    .join(people, people.c.phone == phones.c.id, isouter=True).order_by(phones.c.id, people.c.id)
)


class UnknownPhone(LookupError):
    """No telephone of this name."""


def _phone(rows: Sequence[Row[*tuple[Any, ...]]]) -> PhoneFacts:
    first = rows[0]
    residents = tuple(PersonId(row.resident) for row in rows if row.resident is not None)
    return PhoneFacts(PhoneId(first.id), first.cell, first.wing, first.establishment, residents, first.pin_required)


def read_phone(conn: Connection, phone: PhoneId) -> PhoneFacts | None:
    rows = conn.execute(_PHONE, {"phone": phone}).all()
    return _phone(rows) if rows else None


def read_phones(conn: Connection) -> dict[PhoneId, PhoneFacts]:
    """All telephones, for the node to know while SQL is gone."""
    grouped: dict[str, list[Row[*tuple[Any, ...]]]] = {}
    for row in conn.execute(_ALL_PHONES):
        grouped.setdefault(row.id, []).append(row)
    return {PhoneId(name): _phone(rows) for name, rows in grouped.items()}


def read_facts(conn: Connection, request: CallRequest, person: PersonId | None) -> Facts:
    """Raises UnknownPhone; an unknown person or contact is None, which the plan refuses."""
    rows = conn.execute(_PHONE, {"phone": request.phone}).all()
    if not rows:
        raise UnknownPhone(request.phone)
    phone, site = _phone(rows), rows[0]
    number = None if isinstance(request.dialled, Unreadable) else str(request.dialled.number)
    against = conn.execute(_AGAINST, {
        "number": number, "person": person, "now": stamp(request.at), "establishment": phone.establishment, "wing": phone.wing,
        "cell": phone.cell,
    }).all()
    known, contact = _read_person(conn, request, person, number, site.zone) if person else (None, None)
    return Facts(
        at=request.at, phone=phone, person=known, contact=contact,
        stops=tuple(StopScope(row.scope) for row in against if row.what == "stop"),
        orders=tuple(OrderFacts(row.scope, row.reason, bool(row.helplines_too)) for row in against if row.what == "order"),
        site_open=bool(site.open),
    )


def _read_person(
    conn: Connection, request: CallRequest, person: PersonId, number: str | None, zone: str,
) -> tuple[PersonFacts | None, ContactFacts | None]:
    row = conn.execute(_PERSON, {
        "person": person, "account": person_account(person), "number": number, "call": request.call,
        "midnight": stamp(local_midnight(request.at, zone)),
    }).first()
    if row is None:
        return None, None
    facts = PersonFacts(
        id=PersonId(row.id), name=row.name, active=row.active, phone=PhoneId(row.phone) if row.phone else None,
        balance=Millipence(row.balance), talked_today=row.talked_ms / 1000, on_call=row.open_calls > 0,
    )
    if row.contact is None:
        return facts, None
    return facts, ContactFacts(row.contact, ContactKind(row.kind), ContactState(row.state), row.organisation, row.relay)


def phone_of(conn: Connection, person: PersonId) -> PhoneId | None:
    """The telephone of the cell that a person lives in; None for nobody here, or nobody with a telephone."""
    return conn.execute(select(people.c.phone).where(people.c.id == person)).scalar()
