"""Which running calls an order against contact ends, or the supplier API's bar of a contact: swept beside staff's orders."""
import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, FromClause, and_, bindparam, literal, or_, select, union
from sqlalchemy.sql.elements import ColumnElement

from dialplans.openings import open_till
from switch.core.facts import NoContactFacts
from switch.core.ids import CallId, StaffId
from switch.core.numbers import Unreadable, read_number
from switch.ports.records import LiveOrder
from switch.store.openings import numbers_of, read_openings
from switch.store.prepared import Prepared
from switch.store.stamps import stamp
from switch.store.tables import cdrs, contacts, no_contact, parties, party_numbers

SUPPLIER = StaffId("supplier-api")


def _has(party: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a party has the number that was dialled, now: an order follows it to a new number."""
    return (select(party_numbers.c.party).join(parties, parties.c.id == party_numbers.c.party)
            .where(party_numbers.c.number == cdrs.c.dialled, party_numbers.c.until_at.is_(None), party)
            .correlate(cdrs, no_contact).exists())


def _reaching(binds: ColumnElement[bool], whom: ColumnElement[bool]) -> Any:
    joined: FromClause = no_contact.join(cdrs, and_(cdrs.c.closed_at.is_(None), binds))
    return select(no_contact.c.id, no_contact.c.kind, no_contact.c.exceptions, no_contact.c.placed_by, cdrs.c.id.label("call"),
                  cdrs.c.dialled).select_from(joined).where(
        cdrs.c.service == "contact", no_contact.c.lifted_at.is_(None), no_contact.c.from_at <= bindparam("now"),
        or_(no_contact.c.until_at.is_(None), no_contact.c.until_at > bindparam("now")), whom)


_REACHED = Prepared(union(
    _reaching(no_contact.c.person == cdrs.c.person, or_(
        no_contact.c.number == cdrs.c.dialled, _has(parties.c.id == no_contact.c.party),
        _has(parties.c.prisoner == no_contact.c.other))),
    _reaching(no_contact.c.other == cdrs.c.person, _has(parties.c.prisoner == no_contact.c.person)),
))
"""As `switch.store.contact_facts` has it for a new call: an order between two people in prison binds both."""
_NOT_ALLOWED = Prepared(
    select(contacts.c.id, cdrs.c.id.label("call"))
    .select_from(cdrs.join(contacts, and_(contacts.c.person == cdrs.c.person, contacts.c.number == cdrs.c.dialled)))
    .where(cdrs.c.closed_at.is_(None), cdrs.c.service == literal("contact"), contacts.c.call_allowed.is_(False))
)


def read_no_contact_live(conn: Connection, now: datetime) -> list[LiveOrder]:
    """Orders against contact that bind now, and contacts that the supplier API bars, as the open calls that they end."""
    at, found = stamp(now), list[LiveOrder]()
    for id, kind, exceptions, staff, call, dialled in _REACHED.run(conn, {"now": at}).fetchall():
        number = read_number(dialled)
        order = NoContactFacts(id, kind, numbers_of(json.loads(exceptions)), read_openings(conn, id, at))
        if isinstance(number, Unreadable) or open_till(order, number, now) is None:
            found.append(LiveOrder(id, CallId(call), f"order {id} against contact", StaffId(staff)))
    for id, call in _NOT_ALLOWED.run(conn, {}).fetchall():
        found.append(LiveOrder(id, CallId(call), f"contact {id} may not be called", SUPPLIER))
    return found
