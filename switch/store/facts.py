"""What the store knows when a call is asked for: a few statements in one read transaction."""
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.sql.elements import ColumnElement

from switch.core.facts import (
    RECENT_CALLS,
    BundleFacts,
    ContactFacts,
    ContactKind,
    ContactState,
    Facts,
    OrderFacts,
    PersonFacts,
    PhoneFacts,
    StopScope,
)
from switch.core.ids import PersonId, PhoneId
from switch.core.money import Millipence
from switch.core.numbers import Unreadable
from switch.ledger.postings import person_account
from switch.ports.records import CallRequest
from switch.store.prepared import Prepared
from switch.store.stamps import local_midnight, local_monday, stamp, unstamp
from switch.store.tables import bundles, cdrs, contacts, establishments, orders, people, phones, postings, site_state, stops

_PHONE = Prepared(
    select(phones.c.id, phones.c.cell, phones.c.wing, phones.c.establishment, phones.c.pin_required,
           people.c.id.label("resident"), establishments.c.zone, func.coalesce(site_state.c.open, True).label("open"))
    .join_from(phones, establishments, establishments.c.id == phones.c.establishment)
    .join(site_state, site_state.c.establishment == phones.c.establishment, isouter=True)
    .join(people, people.c.phone == phones.c.id, isouter=True)
    .where(phones.c.id == bindparam("phone"))
    .order_by(people.c.id)
)

LOOK_BACK = timedelta(hours=24 + 6)
"""How far back a call may have begun that a plan's pause or window still counts: the longest of either, and the longest call."""


def _charged(*columns: ColumnElement[Any]) -> Select[Any]:
    """Answered and charged calls of a person; the bare 0 is for the partial index, which a parameter would not match."""
    return select(*columns).where(cdrs.c.person == bindparam("person"), cdrs.c.talk_ms > literal_column("0"),
                                  cdrs.c.metered.is_(True))


def _since(moment: str, column: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((cdrs.c.started_at >= bindparam(moment), column), else_=0)), 0)


_COUNTED = _charged(
    _since("midnight", cdrs.c.talk_ms).label("today_ms"), _since("monday", cdrs.c.talk_ms).label("week_ms"),
    _since("monday", cdrs.c.charged).label("spent"), func.max(cdrs.c.closed_at).label("last_ended"),
).where(cdrs.c.started_at >= bindparam("since")).subquery("counted")

_RECENT = Prepared(
    _charged(cdrs.c.started_at).where(cdrs.c.started_at > bindparam("day_ago"))
    .order_by(cdrs.c.started_at.desc()).limit(literal_column(str(RECENT_CALLS)))
)

_BUNDLES = Prepared(
    select(bundles.c.id, bundles.c.name, bundles.c.from_at, bundles.c.until_at,
           (bundles.c.seconds - select(func.coalesce(func.sum(cdrs.c.bundle_seconds), 0)).where(cdrs.c.bundle == bundles.c.id)
            .scalar_subquery()).label("left"))
    .where(bundles.c.person == bindparam("person"), bundles.c.until_at > bindparam("now"), bundles.c.from_at <= bindparam("now"))
    .order_by(bundles.c.until_at, bundles.c.id)
)

_PERSON = Prepared(
    select(
        people.c.id, people.c.name, people.c.active, people.c.phone,
        select(func.coalesce(func.sum(postings.c.amount), 0)).where(postings.c.account == bindparam("account"))
        .scalar_subquery().label("balance"),
        _COUNTED.c.today_ms, _COUNTED.c.week_ms, _COUNTED.c.last_ended,
        (_COUNTED.c.spent + select(func.coalesce(func.sum(bundles.c.price), 0)).where(
            bundles.c.person == bindparam("person"), bundles.c.from_at >= bindparam("monday"),
            bundles.c.until_at > bindparam("monday")).scalar_subquery()).label("spent"),
        select(func.count()).select_from(cdrs)
        .where(cdrs.c.person == bindparam("person"), cdrs.c.closed_at.is_(None), cdrs.c.service == "contact",
               cdrs.c.id != bindparam("call"))
        .scalar_subquery().label("open_calls"),
        people.c.incentive,
        contacts.c.name.label("contact"), contacts.c.kind, contacts.c.state, contacts.c.organisation, contacts.c.relay,
    )
    .join_from(people, contacts, and_(contacts.c.person == people.c.id, contacts.c.number == bindparam("number")), isouter=True)
    .join(_COUNTED, true())
    .where(people.c.id == bindparam("person"))
)

_AGAINST = Prepared(union_all(
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
))

_ALL_PHONES = Prepared(
    select(phones.c.id, phones.c.cell, phones.c.wing, phones.c.establishment, phones.c.pin_required,
           people.c.id.label("resident"))
    .join(people, people.c.phone == phones.c.id, isouter=True).order_by(phones.c.id, people.c.id)
)


class UnknownPhone(LookupError):
    """No telephone of this name."""


_Residence = tuple[str, str, str, str, int, str | None]
"""Telephone, cell, wing, establishment, whether a PIN is asked for, one resident."""


def _phone(rows: Sequence[_Residence]) -> PhoneFacts:
    id, cell, wing, establishment, pin_required, _ = rows[0]
    residents = tuple(PersonId(row[5]) for row in rows if row[5] is not None)
    return PhoneFacts(PhoneId(id), cell, wing, establishment, residents, bool(pin_required))


def read_phone(conn: Connection, phone: PhoneId) -> PhoneFacts | None:
    rows = _PHONE.run(conn, {"phone": phone}).fetchall()
    return _phone([row[:6] for row in rows]) if rows else None


def read_phones(conn: Connection) -> dict[PhoneId, PhoneFacts]:
    """All telephones, for the node to know while SQL is gone."""
    grouped: dict[str, list[_Residence]] = {}
    for row in _ALL_PHONES.run(conn, {}).fetchall():
        grouped.setdefault(row[0], []).append(row)
    return {PhoneId(name): _phone(rows) for name, rows in grouped.items()}


def phone_of(conn: Connection, person: PersonId) -> PhoneId | None:
    """The telephone of the cell that a person lives in; None for nobody here, or nobody with a telephone."""
    return conn.execute(select(people.c.phone).where(people.c.id == person)).scalar()


def read_facts(conn: Connection, request: CallRequest, person: PersonId | None) -> Facts:
    """Raises UnknownPhone; an unknown person or contact is None, which the plan refuses."""
    rows = _PHONE.run(conn, {"phone": request.phone}).fetchall()
    if not rows:
        raise UnknownPhone(request.phone)
    phone, (zone, site_open) = _phone([row[:6] for row in rows]), rows[0][6:]
    number = None if isinstance(request.dialled, Unreadable) else str(request.dialled.number)
    against = _AGAINST.run(conn, {
        "number": number, "person": person, "now": stamp(request.at), "establishment": phone.establishment, "wing": phone.wing,
        "cell": phone.cell,
    }).fetchall()
    known, contact = _read_person(conn, request, person, number, zone) if person else (None, None)
    return Facts(
        at=request.at, phone=phone, person=known, contact=contact,
        stops=tuple(StopScope(scope) for what, scope, _, _ in against if what == "stop"),
        orders=tuple(OrderFacts(scope, reason, bool(all_calls)) for what, scope, reason, all_calls in against if what == "order"),
        site_open=bool(site_open),
    )


def _read_person(
    conn: Connection, request: CallRequest, person: PersonId, number: str | None, zone: str,
) -> tuple[PersonFacts | None, ContactFacts | None]:
    midnight, monday = local_midnight(request.at, zone), local_monday(request.at, zone)
    row = _PERSON.run(conn, {
        "person": person, "account": person_account(person), "number": number, "call": request.call,
        "midnight": stamp(midnight), "monday": stamp(monday), "since": stamp(min(monday, request.at - LOOK_BACK)),
    }).fetchone()
    if row is None:
        return None, None
    (id, name, active, phone, balance, today_ms, week_ms, last_ended, spent, open_calls, incentive,
     contact, kind, state, organisation, relay) = row
    recent = _RECENT.run(conn, {"person": person, "day_ago": stamp(request.at - timedelta(days=1))}).fetchall()
    held = _BUNDLES.run(conn, {"person": person, "now": stamp(request.at)}).fetchall()
    facts = PersonFacts(
        id=PersonId(id), name=name, active=bool(active), phone=PhoneId(phone) if phone else None,
        balance=Millipence(int(balance)), talked_today=today_ms / 1000, on_call=open_calls > 0, incentive=incentive,
        talked_this_week=week_ms / 1000, spent_this_week=Millipence(int(spent)),
        bundles=tuple(BundleFacts(bundle, offer, unstamp(since), unstamp(until), int(left))
                      for bundle, offer, since, until, left in held if left > 0),
        last_ended=unstamp(last_ended) if last_ended else None, recent_calls=tuple(unstamp(begun) for begun, in recent),
    )
    if contact is None:
        return facts, None
    return facts, ContactFacts(contact, ContactKind(kind), ContactState(state), bool(organisation), bool(relay))
