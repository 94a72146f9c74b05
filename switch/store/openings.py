"""Exceptions in time of orders against contact, read as a decision and the sweep over live calls need them."""
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select

from dialplans.openings import read_hours
from switch.core.numbers import Number, Unreadable, read_number
from switch.core.openings import LocalHours, Opening
from switch.store.prepared import Prepared
from switch.store.stamps import unstamp
from switch.store.tables import no_contact_openings as openings

_OF_ORDER = Prepared(
    select(openings.c.id, openings.c.from_at, openings.c.until_at, openings.c.hours, openings.c.zone, openings.c.number)
    .where(openings.c.no_contact == bindparam("order"), openings.c.ended_at.is_(None),
           or_(openings.c.until_at.is_(None), openings.c.until_at > bindparam("now")))
    .order_by(openings.c.added_at, openings.c.id)
)


def read_openings(conn: Connection, order: str, now: str) -> tuple[Opening, ...]:
    """Those of one order that are not over, the ones to come included."""
    return tuple(opening_of(*row) for row in _OF_ORDER.run(conn, {"order": order, "now": now}).fetchall())


def opening_of(id: str, since: str | None, until: str | None, hours: str, zone: str, number: str | None) -> Opening:
    """One row. Raises ValueError for what no use case writes: an order whose exception cannot be read refuses the call."""
    read = None if number is None else read_number(number)
    if isinstance(read, Unreadable):
        raise ValueError(f"opening {id}: {number!r} is no number")
    return Opening(id, unstamp(since) if since else None, unstamp(until) if until else None, _hours(hours), zone, read)


def numbers_of(texts: list[str]) -> tuple[Number, ...]:
    """What can be read of some numbers."""
    read = [read_number(text) for text in texts]
    return tuple(number for number in read if not isinstance(number, Unreadable))


def opening_from(row: Row[*tuple[Any, ...]]) -> Opening:
    return opening_of(row.id, row.from_at, row.until_at, row.hours, row.zone, row.number)


def _hours(text: str) -> tuple[LocalHours, ...]:
    found: list[LocalHours] = []
    for part in filter(None, text.split(", ")):
        read = read_hours(part)
        if isinstance(read, str):
            raise ValueError(read)
        found += read
    return tuple(found)
