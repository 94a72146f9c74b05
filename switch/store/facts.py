"""What the store knows when a call is asked for: a few statements in one read transaction."""
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, and_, bindparam, func, literal, null, or_, select, union_all

from switch.core.facts import Facts, OrderFacts, PhoneFacts, StopScope, ToldFacts
from switch.core.ids import PersonId, PhoneId
from switch.core.lists import ListFacts, ListKind, ListLevel
from switch.core.numbers import Unreadable
from switch.ports.records import CallRequest
from switch.store.contact_facts import ask_contact, ask_no_contact
from switch.store.in_force import lists_in_force
from switch.store.person_facts import ask_permits, ask_person
from switch.store.prepared import Prepared, side_by_side
from switch.store.privileged import ask_found
from switch.store.stamps import stamp
from switch.store.tables import establishments, number_lists, orders, people, phones, site_state, stops, wrong_numbers
from switch.store.told_facts import ask_told
from switch.store.wrong_numbers import stands_for

_PHONE = Prepared(
    select(phones.c.id, phones.c.cell, phones.c.wing, phones.c.establishment, phones.c.pin_required,
           people.c.id.label("resident"), establishments.c.zone, func.coalesce(site_state.c.open, True).label("open"),
           people.c.language)
    .join_from(phones, establishments, establishments.c.id == phones.c.establishment)
    .join(site_state, site_state.c.establishment == phones.c.establishment, isouter=True)
    .join(people, people.c.phone == phones.c.id, isouter=True)
    .where(phones.c.id == bindparam("phone"))
    .order_by(people.c.id)
)

_AGAINST = Prepared(union_all(
    select(literal("stop").label("what"), stops.c.scope, null().label("reason"), stops.c.second.is_not(None).label("flag"),
           stops.c.id)
    .where(stops.c.number == bindparam("number"), stops.c.undone_at.is_(None),
           or_(stops.c.scope == "everyone", stops.c.person == bindparam("person"))),
    select(literal("order"), orders.c.scope, orders.c.reason, orders.c.helplines_too, orders.c.id)
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
    select(number_lists.c.kind, number_lists.c.level, number_lists.c.reason, number_lists.c.victim, number_lists.c.id)
    .where(number_lists.c.number == bindparam("number"), *lists_in_force(bindparam("establishment"), bindparam("person"))),
    select(literal("wrong"), literal(""), null(), literal(False), wrong_numbers.c.id)
    .where(stands_for(bindparam("number"), bindparam("person"))),
))

_ALL_PHONES = Prepared(
    select(phones.c.id, phones.c.cell, phones.c.wing, phones.c.establishment, phones.c.pin_required,
           people.c.id.label("resident"), people.c.language)
    .join(people, people.c.phone == phones.c.id, isouter=True).order_by(phones.c.id, people.c.id)
)


class UnknownPhone(LookupError):
    """No telephone of this name."""


_Residence = tuple[str, str, str, str, int, str | None]
"""Telephone, cell, wing, establishment, whether a PIN is asked for, one resident."""


def _phone(rows: Sequence[_Residence], languages: Sequence[str | None] = ()) -> PhoneFacts:
    """`languages` are those of the residents, for speaking to them before they said who they are; a decision needs none."""
    id, cell, wing, establishment, pin_required, _ = rows[0]
    residents = tuple(PersonId(row[5]) for row in rows if row[5] is not None)
    language = (languages[0] or "") if len(languages) == 1 else ""
    return PhoneFacts(PhoneId(id), cell, wing, establishment, residents, bool(pin_required), language)


def read_phone(conn: Connection, phone: PhoneId) -> PhoneFacts | None:
    rows = _PHONE.run(conn, {"phone": phone}).fetchall()
    return _phone([row[:6] for row in rows], [row[8] for row in rows]) if rows else None


def read_phones(conn: Connection) -> dict[PhoneId, PhoneFacts]:
    """All telephones, for the node to know while SQL is gone."""
    grouped: dict[str, list[tuple[_Residence, str | None]]] = {}
    for row in _ALL_PHONES.run(conn, {}).fetchall():
        grouped.setdefault(row[0], []).append((row[:6], row[6]))
    return {PhoneId(name): _phone(*zip(*rows, strict=True)) for name, rows in grouped.items()}


def phone_of(conn: Connection, person: PersonId) -> PhoneId | None:
    """The telephone of the cell that a person lives in; None for nobody here, or nobody with a telephone."""
    return conn.execute(select(people.c.phone).where(people.c.id == person)).scalar()


def read_facts(conn: Connection, request: CallRequest, person: PersonId | None) -> Facts:
    """Raises UnknownPhone; an unknown person or contact is None, which the plan refuses."""
    rows = _PHONE.run(conn, {"phone": request.phone}).fetchall()
    if not rows:
        raise UnknownPhone(request.phone)
    phone, (zone, site_open) = _phone([row[:6] for row in rows]), rows[0][6:8]
    number = None if isinstance(request.dialled, Unreadable) else str(request.dialled.number)
    now = stamp(request.at)
    with side_by_side(conn):
        asked = _AGAINST.run(conn, {
            "number": number, "person": person, "now": now, "establishment": phone.establishment, "wing": phone.wing,
            "cell": phone.cell,
        })
        found = ask_found(conn, number) if number else lambda: False
        if person:
            known, contact = ask_person(conn, request, person, zone), ask_contact(conn, person, number)
            leave, no_contact = ask_permits(conn, request, person), ask_no_contact(conn, person, number, now)
            told = ask_told(conn, person, number, phone.establishment) if number else ToldFacts
        against = asked.fetchall()
        facts = Facts(
            at=request.at, phone=phone,
            stops=tuple(StopScope(scope) for what, scope, *_ in against if what == "stop"),
            orders=tuple(OrderFacts(scope, reason, bool(all_calls)) for what, scope, reason, all_calls, _ in against
                         if what == "order"),
            stopped_by_two=any(what == "stop" and scope == "everyone" and two for what, scope, _, two, _ in against),
            lists=tuple(ListFacts(id, ListKind(what), ListLevel(level), reason, bool(victim))
                        for what, level, reason, victim, id in against if what in list(ListKind)),
            wrong_number=any(what == "wrong" for what, *_ in against),
            site_open=bool(site_open), found_privileged=found(),
        )
        who = known() if person else None
        if who is None:  # nobody, or nobody whom we know: then nothing is theirs
            return facts
        return replace(facts, person=who, contact=contact(), permits=leave(), told=told(), no_contact=no_contact())
