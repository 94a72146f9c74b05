"""Orders that stop harm, as rows: what the person called says (stops), what staff say (kill, cut), and alarms."""
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, insert, literal, or_, select, update

from switch.core.facts import ContactState, StopScope
from switch.core.ids import CallId, StaffId
from switch.core.reasons import Why
from switch.core.stopping import StopSource
from switch.ports.records import LiveOrder
from switch.store.audit import append_audit
from switch.store.in_force import lists_in_force
from switch.store.live_contact import read_no_contact_live
from switch.store.stamps import stamp
from switch.store.tables import alarms, cdrs, contacts, number_lists, orders, phones, placed_attempts, stops


@dataclass(frozen=True, slots=True)
class PlaceStop:
    """Unit: the order of the person called. False when this very stop stands already."""

    id: str
    number: str
    scope: StopScope
    person: str | None
    by: str
    at: datetime
    source: StopSource = StopSource.CALL
    reason: str = ""
    second: str | None = None

    def __call__(self, conn: Connection) -> bool:
        if conn.execute(select(stops.c.id).where(stops.c.id == self.id)).first():
            return False
        conn.execute(insert(stops), {
            "id": self.id, "number": self.number, "scope": self.scope, "person": self.person, "placed_at": stamp(self.at),
            "placed_by": self.by, "source": self.source, "reason": self.reason, "second": self.second})
        theirs = update(contacts).where(contacts.c.number == self.number).values(state=ContactState.STOPPED)
        if self.scope is StopScope.PERSON:
            theirs = theirs.where(contacts.c.person == self.person)
        changed = conn.execute(theirs).rowcount
        subject = {"stop": self.id} | ({"person": self.person} if self.person else {})
        detail: dict[str, str | int | bool | None] = {"scope": self.scope, "contacts": changed}
        if self.source is not StopSource.CALL:
            detail |= {"source": self.source, "second": self.second}
        append_audit(conn, self.at, self.by, "stop-placed", subject, detail)
        return True


@dataclass(frozen=True, slots=True)
class UndoStop:
    """Unit: a stop no longer stands; the contacts stay stopped until staff approve them again. KeyError for an unknown one."""

    id: str
    by: str
    at: datetime

    def __call__(self, conn: Connection) -> None:
        undone = update(stops).where(stops.c.id == self.id, stops.c.undone_at.is_(None)).values(
            undone_at=stamp(self.at), undone_by=self.by)
        if not conn.execute(undone).rowcount:
            raise KeyError(self.id)
        append_audit(conn, self.at, self.by, "stop-undone", {"stop": self.id})


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """Unit: a standing order. `scope` is `site`, `wing`, `cell`, `person` or `number`; `cut_live` ends the calls that run."""

    id: str
    scope: str
    target: str
    reason: str
    staff: str
    at: datetime
    establishment: str | None = None
    start: datetime | None = None
    until: datetime | None = None
    cut_live: bool = True
    helplines_too: bool = False

    def __call__(self, conn: Connection) -> None:
        conn.execute(insert(orders), {
            "id": self.id, "kind": "kill", "scope": self.scope, "target": self.target, "establishment": self.establishment,
            "reason": self.reason, "staff": self.staff, "placed_at": stamp(self.at), "from_at": stamp(self.start or self.at),
            "until_at": stamp(self.until) if self.until else None, "cut_live": self.cut_live, "helplines_too": self.helplines_too,
        })
        append_audit(conn, self.at, self.staff, "order-placed", {"order": self.id},
                     {"scope": self.scope, "cut_live": self.cut_live, "helplines_too": self.helplines_too})


@dataclass(frozen=True, slots=True)
class LiftOrder:
    """Unit: an order no longer stands. KeyError for one that does not."""

    id: str
    staff: str
    at: datetime

    def __call__(self, conn: Connection) -> None:
        lifted = update(orders).where(orders.c.id == self.id, orders.c.lifted_at.is_(None)).values(lifted_at=stamp(self.at))
        if not conn.execute(lifted).rowcount:
            raise KeyError(self.id)
        append_audit(conn, self.at, self.staff, "order-lifted", {"order": self.id})


@dataclass(frozen=True, slots=True)
class OrderCut:
    """Unit: staff end one call, a person's or one that the switch placed itself. KeyError when no such call is open."""

    id: str
    call: str
    reason: str
    staff: str
    at: datetime

    def __call__(self, conn: Connection) -> None:
        if not any(conn.execute(select(calls.c.id).where(calls.c.id == self.call, calls.c.closed_at.is_(None))).first()
                   for calls in (cdrs, placed_attempts)):
            raise KeyError(self.call)
        conn.execute(insert(orders), {
            "id": self.id, "kind": "cut", "scope": "call", "target": self.call, "reason": self.reason, "staff": self.staff,
            "placed_at": stamp(self.at), "from_at": stamp(self.at), "cut_live": True, "helplines_too": True,
        })
        append_audit(conn, self.at, self.staff, "call-cut-ordered", {"order": self.id, "call": self.call})


@dataclass(frozen=True, slots=True)
class PlaceAlarm:
    """Unit: staff are told. False when this very alarm was raised before."""

    id: str
    kind: str
    text: str
    call: str | None
    at: datetime

    def __call__(self, conn: Connection) -> bool:
        if conn.execute(select(alarms.c.id).where(alarms.c.id == self.id)).first():
            return False
        conn.execute(insert(alarms), {"id": self.id, "at": stamp(self.at), "kind": self.kind, "text": self.text,
                                      "call": self.call})
        append_audit(conn, self.at, "switch", "alarm-raised", {"alarm": self.id} | ({"call": self.call} if self.call else {}),
                     {"kind": self.kind})
        return True


_CUTS = (
    select(orders.c.id, orders.c.target.label("call"), orders.c.reason, orders.c.staff)
    .join(cdrs, cdrs.c.id == orders.c.target)
    .where(orders.c.scope == "call", orders.c.lifted_at.is_(None), cdrs.c.closed_at.is_(None))
)
_STANDING = (
    select(orders.c.id, cdrs.c.id.label("call"), orders.c.reason, orders.c.staff)
    .select_from(orders).join(cdrs, cdrs.c.closed_at.is_(None)).join(phones, phones.c.id == cdrs.c.phone)
    .where(
        orders.c.kind == "kill", orders.c.cut_live.is_(True), orders.c.lifted_at.is_(None), orders.c.from_at <= bindparam("now"),
        or_(orders.c.until_at.is_(None), orders.c.until_at > bindparam("now")),
        or_(orders.c.establishment.is_(None), orders.c.establishment == phones.c.establishment),
        or_(cdrs.c.service == "contact", and_(cdrs.c.service == "helpline", orders.c.helplines_too.is_(True))),
        or_(
            and_(orders.c.scope == "site", orders.c.target == phones.c.establishment),
            and_(orders.c.scope == "wing", orders.c.target == phones.c.wing),
            and_(orders.c.scope == "cell", orders.c.target == phones.c.cell),
            and_(orders.c.scope == "person", orders.c.target == cdrs.c.person),
            and_(orders.c.scope == "number", orders.c.target == cdrs.c.dialled),
        ),
    )
)


_BARRED = (
    select(number_lists.c.id, cdrs.c.id.label("call"), number_lists.c.added_by.label("staff"))
    .select_from(number_lists).join(cdrs, and_(cdrs.c.dialled == number_lists.c.number, cdrs.c.closed_at.is_(None)))
    .join(phones, phones.c.id == cdrs.c.phone)
    .where(
        number_lists.c.kind == "bar", number_lists.c.cut_live.is_(True), cdrs.c.service == "contact",
        *lists_in_force(phones.c.establishment, cdrs.c.person),
    )
)
_STOPPED = (
    select(stops.c.id, cdrs.c.id.label("call"), stops.c.placed_by.label("staff"))
    .select_from(stops).join(cdrs, and_(cdrs.c.dialled == stops.c.number, cdrs.c.closed_at.is_(None)))
    .where(
        stops.c.undone_at.is_(None), stops.c.placed_by != literal("call:") + cdrs.c.id,  # that call is told by itself
        or_(and_(cdrs.c.service == "contact", or_(stops.c.scope == "everyone", stops.c.person == cdrs.c.person)),
            and_(cdrs.c.service == "helpline", stops.c.scope == "everyone", stops.c.second.is_not(None))),
    )
)


def read_live_orders(conn: Connection, now: datetime) -> list[LiveOrder]:
    """Every order in force as the open calls that it ends: staff's, bars of a number, stops of those outside, orders against
    contact. None but a cut of that very call ends an emergency call."""
    at = {"now": stamp(now)}
    rows = [*conn.execute(_CUTS), *conn.execute(_STANDING, at)]
    found = [LiveOrder(row.id, CallId(row.call), row.reason, StaffId(row.staff)) for row in rows]
    found += [LiveOrder(row.id, CallId(row.call), f"the number was barred, entry {row.id}", StaffId(row.staff))
              for row in conn.execute(_BARRED, at)]
    found += [LiveOrder(row.id, CallId(row.call), f"stop {row.id}", StaffId(row.staff), Why.STOPPED)
              for row in conn.execute(_STOPPED)]
    return found + read_no_contact_live(conn, now)
