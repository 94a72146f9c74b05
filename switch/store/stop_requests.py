"""Requests to stop contact, or to take back a stop of the number's own, once the number has said yes or no."""
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from switch.core.facts import StopScope
from switch.core.ids import PersonId
from switch.core.stopping import StopSource
from switch.ports.numbers import Stop, StopRequest
from switch.store.audit import append_audit
from switch.store.orders import PlaceStop, UndoStop
from switch.store.stamps import stamp, unstamp
from switch.store.tables import placed_calls, stop_requests, stops


def read_request(conn: Connection, request: str) -> StopRequest | None:
    row = conn.execute(select(stop_requests).where(stop_requests.c.id == request)).first()
    if row is None:
        return None
    return StopRequest(row.id, row.number, StopScope(row.scope), PersonId(row.person) if row.person else None, row.undo,
                       row.source, unstamp(row.until_at), row.code, row.tries, row.done_at is not None)


def is_open(conn: Connection, request: str, at: datetime) -> bool:
    found = read_request(conn, request)
    return found is not None and not found.done and at < found.until


def confirm_request(conn: Connection, request: StopRequest, id: str, by: str, at: datetime,
                    source: StopSource = StopSource.REQUEST) -> tuple[Stop | None, tuple[Stop, ...]]:
    """The number said yes: the stop that stands now, which may stand by this id already, or those that were undone. What staff
    placed stays."""
    _finish(conn, request.id, at)
    if not request.undo:
        placed = Stop(id, request.number, request.scope, request.person, source, by, at)
        PlaceStop(id, request.number, request.scope, request.person, by, at, source)(conn)
        append_audit(conn, at, by, "stop-confirmed", {"request": request.id, "stop": id}, {"undo": False})
        return placed, ()
    asked = select(stops).where(stops.c.number == request.number, stops.c.undone_at.is_(None), stops.c.source != StopSource.STAFF)
    there = [stop_of(row) for row in conn.execute(asked.order_by(stops.c.placed_at, stops.c.id))]
    wanted = [one for one in there if one.scope is request.scope and one.person == request.person]
    # 9 pressed twice on one call left two orders: who takes the wider one back means both
    calls = {one.placed_by for one in wanted if one.source is StopSource.CALL and request.scope is StopScope.EVERYONE}
    theirs = tuple(wanted + [one for one in there if one.scope is StopScope.PERSON and one.placed_by in calls])
    for one in theirs:
        UndoStop(one.id, by, at)(conn)
    append_audit(conn, at, by, "stop-confirmed", {"request": request.id}, {"undo": True, "stops": len(theirs)})
    return None, theirs


def deny_request(conn: Connection, request: str, by: str, at: datetime) -> None:
    """The number said that it asked for nothing."""
    _finish(conn, request, at)
    append_audit(conn, at, by, "stop-request-denied", {"request": request})


def stop_of(row: Row[*tuple[Any, ...]]) -> Stop:
    return Stop(row.id, row.number, StopScope(row.scope), PersonId(row.person) if row.person else None, StopSource(row.source),
                row.placed_by, unstamp(row.placed_at), row.reason, row.second)


def _finish(conn: Connection, request: str, at: datetime) -> None:
    """It is over, and its code is kept nowhere."""
    conn.execute(update(stop_requests).where(stop_requests.c.id == request).values(done_at=stamp(at)))
    conn.execute(update(placed_calls).where(placed_calls.c.stop_request == request).values(code=None))
