"""`PlacedRecords` (switch.ports.placed) on SQL: a try is on the record before it is dialled, and an answer is one transaction."""
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, Row, and_, insert, or_, select, update

from dialplans.openings import open_till
from dialplans.plan import Naming
from switch.call.placed import Answer, CloseAttempt, PlacedKind
from switch.core.facts import StopScope
from switch.core.ids import CallId, PersonId, StaffId
from switch.core.lists import ListKind
from switch.core.numbers import Unreadable, read_number
from switch.core.reasons import EndedBy, EndReason, Why
from switch.core.stopping import StopSource
from switch.core.visits import CODE_DIGITS
from switch.ports.consents import ConsentHow
from switch.ports.desk import GONE
from switch.ports.menu import Sounds
from switch.ports.names import Whose
from switch.ports.placed import DueCall, PlacedState, StopAsked, Tries
from switch.ports.records import LiveOrder
from switch.store.answers import KeepAnswer
from switch.store.audit import append_audit
from switch.store.contact_facts import ask_no_contact
from switch.store.database import Store
from switch.store.in_force import lists_in_force
from switch.store.orders import PlaceStop
from switch.store.stamps import stamp
from switch.store.stop_requests import confirm_request, deny_request, is_open, read_request
from switch.store.tables import (
    number_lists,
    orders,
    people,
    phones,
    placed_attempts,
    placed_calls,
    spoken_names,
    stop_requests,
    stops,
    tasks,
)  # fmt: skip
from switch.store.visits import keep_code, may_speak
from switch.store.wrong_numbers import MarkWrongNumber

ACTOR = "switch"
_ABOUT = select(placed_calls.c.id, placed_calls.c.kind, placed_calls.c.person, placed_calls.c.number, placed_calls.c.stop_request,
                placed_calls.c.code, stop_requests.c.scope, stop_requests.c.person.label("about"),
                ).join(stop_requests, stop_requests.c.id == placed_calls.c.stop_request, isouter=True)
_TRIED = _ABOUT.add_columns(placed_attempts.c.id.label("attempt")).join(
    placed_attempts, placed_attempts.c.request == placed_calls.c.id)
ORDER_PAUSE = timedelta(minutes=5)
"""How long a request waits for an order of staff to be lifted before it is looked at again."""
TASK_WITHIN = timedelta(days=7)


class Codes(Protocol):
    """Draws codes, and hashes them off the loop."""

    def pin(self, digits: int) -> str: ...

    async def hashes(self, pins: Sequence[str]) -> list[str]: ...


class SqlPlacedRecords:
    """One node's calls of its own. `sounds` is where it plays names from: each is brought there before it is said. Without
    `codes` it leaves calls about a code to other nodes."""

    def __init__(self, store: Store, node: str, sounds: Sounds, codes: Codes | None = None) -> None:
        self._store, self._node, self._sounds, self._codes = store, node, sounds, codes

    async def due(self, at: datetime, most: int) -> Sequence[DueCall]:
        codes = self._codes
        asked = _ABOUT.where(placed_calls.c.state == PlacedState.DUE, placed_calls.c.not_before <= stamp(at)).order_by(
            placed_calls.c.stop_request.is_(None), placed_calls.c.kind != PlacedKind.CODE, placed_calls.c.not_before,
            placed_calls.c.id).limit(most)
        if codes is None:
            asked = asked.where(placed_calls.c.kind != PlacedKind.CODE)
        rows = await self._store.read(lambda conn: conn.execute(asked).all())  # who wants to be left alone waits for nobody
        found = [_due(row) for row in rows]
        return found if codes is None else [
            replace(one, code=codes.pin(CODE_DIGITS)) if one.kind is PlacedKind.CODE else one for one in found]

    async def introduce(self, due: DueCall, naming: Naming) -> tuple[str, ...]:
        person = due.person
        if naming is Naming.NOBODY or person is None:
            return ()
        found = await self._store.read(lambda conn: _names(conn, person))
        said: tuple[str, ...] = ()
        for whose, before in ((Whose.ESTABLISHMENT, "placed-from"), (Whose.PERSON, "placed-about")):
            if whose in found and (whose is Whose.ESTABLISHMENT or naming is Naming.PERSON):
                id, sound = found[whose]
                self._sounds.keep(id, sound)
                said += (before, id)
        return said

    async def refuse(self, due: DueCall, why: Why, at: datetime) -> None:
        await self._store.write(lambda conn: _refuse(conn, due, why, at))

    async def open_attempt(self, call: CallId, due: DueCall, at: datetime) -> Why | None:
        return await self._store.write(lambda conn: _open(conn, call, due, self._node, at))

    async def keep_answer(self, call: CallId, due: DueCall, answer: Answer, prompts: tuple[str, ...], at: datetime) -> None:
        hashed = None
        if due.kind is PlacedKind.CODE and answer is Answer.YES:
            assert self._codes is not None, "without codes none is spoken"
            (hashed,) = await self._codes.hashes([due.code])
        await self._store.write(lambda conn: keep_answer(conn, call, due, answer, prompts, at, hashed=hashed))

    async def close_attempt(self, call: CallId, due: DueCall, closing: CloseAttempt, tries: Tries, at: datetime) -> None:
        await self._store.write(lambda conn: _close(conn, call, due, closing, tries, at))

    async def live_orders(self, running: Sequence[CallId], at: datetime) -> Sequence[LiveOrder]:
        return await self._store.read(lambda conn: _live_orders(conn, running, at))

    async def recover(self, tries: Tries, at: datetime) -> int:
        asked = _TRIED.where(placed_attempts.c.closed_at.is_(None), placed_attempts.c.node == self._node)
        rows = await self._store.read(lambda conn: conn.execute(asked).all())
        lost = CloseAttempt(EndReason(EndedBy.SWITCH, Why.CRASHED), None, 0.0, 0.0)
        for row in rows:
            await self.close_attempt(CallId(row.attempt), _due(row), lost, tries, at)
        return len(rows)


def _names(conn: Connection, person: str) -> dict[Whose, tuple[str, bytes]]:
    """The sounds by which a person, and the establishment where they are now, are named."""
    here = select(people.c.establishment).where(people.c.id == person).scalar_subquery()
    asked = select(spoken_names.c.whose, spoken_names.c.id, spoken_names.c.sound).where(or_(
        and_(spoken_names.c.whose == Whose.ESTABLISHMENT, spoken_names.c.of == here),
        and_(spoken_names.c.whose == Whose.PERSON, spoken_names.c.of == person)))
    return {Whose(row.whose): (row.id, bytes(row.sound)) for row in conn.execute(asked)}


def _live_orders(conn: Connection, running: Sequence[CallId], at: datetime) -> list[LiveOrder]:
    """Cuts of these very calls; and while nobody has answered the question yet, whatever would forbid to ask it."""
    cuts = select(orders.c.id, orders.c.target, orders.c.reason, orders.c.staff).where(
        orders.c.scope == "call", orders.c.target.in_(running), orders.c.lifted_at.is_(None))
    found = {CallId(row.target): LiveOrder(row.id, CallId(row.target), row.reason, StaffId(row.staff))
             for row in conn.execute(cuts)}
    asked = _TRIED.where(placed_attempts.c.id.in_(running), placed_calls.c.state == PlacedState.PLACING)
    for row in conn.execute(asked).all():
        if row.attempt not in found and (why := _forbidden(conn, _due(row), at)) is not None:
            reason = f"it may not be rung: {why}"
            found[CallId(row.attempt)] = LiveOrder(f"{row.attempt}:{why}", CallId(row.attempt), reason, StaffId("order"))
    return list(found.values())


def _due(row: Row[*tuple[Any, ...]]) -> DueCall:
    stop = None if row.stop_request is None else StopAsked(
        row.stop_request, StopScope(row.scope), PersonId(row.about) if row.about else None, row.code or "")
    return DueCall(row.id, PlacedKind(row.kind), PersonId(row.person) if row.person else None, row.number, stop)


def _forbidden(conn: Connection, due: DueCall, at: datetime) -> Why | None:
    """A call about a stop is in nobody's name: it is over with its request, and nothing else stands against it. Anybody may ask
    for a code for any number: much stands against that."""
    if due.kind is PlacedKind.CODE:
        return may_speak(conn, due.id, due.number, at)
    if due.stop is not None:
        return None if is_open(conn, due.stop.request, at) else Why.CUT
    return _against(conn, due.named, due.number, at)


def _against(conn: Connection, person: str, number: str, at: datetime) -> Why | None:
    """What forbids a call of our own to this number about this person: a stop or bar, an order against contact, that they are
    gone, an order of staff."""
    stopped = select(stops.c.id).where(stops.c.number == number, stops.c.undone_at.is_(None),
                                       or_(stops.c.scope == StopScope.EVERYONE, stops.c.person == person))
    if conn.execute(stopped.limit(1)).first():
        return Why.STOPPED_PERSON
    who = conn.execute(select(people.c.status, people.c.establishment, people.c.cell, phones.c.wing)
                       .join(phones, phones.c.id == people.c.phone, isouter=True).where(people.c.id == person)).first()
    if who is None or who.status in GONE:
        return Why.ACCOUNT_CLOSED
    barred = select(number_lists.c.id).where(number_lists.c.number == number, number_lists.c.kind == ListKind.BAR,
                                             *lists_in_force(who.establishment, person))
    if conn.execute(barred.limit(1), {"now": stamp(at)}).first():
        return Why.BARRED
    dialled = read_number(number)
    if isinstance(dialled, Unreadable):
        return Why.UNREADABLE
    if any(open_till(order, dialled, at) is None for order in ask_no_contact(conn, PersonId(person), number, stamp(at))()):
        return Why.NO_CONTACT  # whoever a court protects is not even asked
    standing = select(orders.c.id).where(
        orders.c.kind == "kill", orders.c.lifted_at.is_(None), orders.c.from_at <= stamp(at),
        or_(orders.c.until_at.is_(None), orders.c.until_at > stamp(at)),
        or_(orders.c.establishment.is_(None), orders.c.establishment == who.establishment),
        or_(*(and_(orders.c.scope == scope, orders.c.target == target) for scope, target in (
            ("site", who.establishment), ("wing", who.wing), ("cell", who.cell), ("person", person), ("number", number)))),
    )
    return Why.ORDERS if conn.execute(standing.limit(1)).first() else None


def _open(conn: Connection, call: CallId, due: DueCall, node: str, at: datetime) -> Why | None:
    why = _forbidden(conn, due, at)
    if due.person is None and why is not None:
        _set(conn, due, (PlacedState.DUE,), state=PlacedState.CANCELLED, why=why)
        return why
    if why is Why.ORDERS:
        _set(conn, due, (PlacedState.DUE,), not_before=stamp(at + ORDER_PAUSE), why=why)
        return why
    if why is not None:
        _refuse(conn, due, why, at)
        return why
    taken = _set(conn, due, (PlacedState.DUE,), state=PlacedState.PLACING, attempts=placed_calls.c.attempts + 1)
    if not taken:
        return Why.CUT
    conn.execute(insert(placed_attempts), {"id": call, "request": due.id, "node": node, "started_at": stamp(at), "ring_ms": 0,
                                           "heard_ms": 0})
    append_audit(conn, at, ACTOR, "placed-call-opened", {"call": call} | _subject(due))
    return None


def keep_answer(conn: Connection, call: CallId, due: DueCall, answer: Answer, prompts: tuple[str, ...], at: datetime,
                how: ConsentHow = ConsentHow.KEYPAD, actor: str = ACTOR, hashed: str | None = None) -> bool:
    """The answer, the consent that it gives or ends, what staff have to do about it. False where it was kept before, or the
    request was taken back. `hashed`: of the code that is spoken now."""
    if not _set(conn, due, (PlacedState.PLACING, PlacedState.DUE), state=PlacedState.ANSWERED, answer=answer, why=None):
        return False
    conn.execute(update(placed_attempts).where(placed_attempts.c.id == call).values(answer=answer))
    if due.person is None:
        if due.stop is not None:
            _confirm(conn, call, due.stop, answer, at)
        else:
            keep_code(conn, due.id, answer, hashed, at)
        append_audit(conn, at, actor, "placed-call-answered", {"call": call} | _subject(due),
                     {"kind": due.kind, "answer": answer})
        return True
    if answer is not Answer.YES:
        _task(conn, due, f"{due.kind}-{answer}", at)
    if answer is Answer.WRONG_NUMBER:
        MarkWrongNumber(call, due.number, due.person, f"call:{call}", at)(conn)
    if answer is Answer.STOPPED:
        PlaceStop(f"{call}:{StopScope.PERSON}", due.number, StopScope.PERSON, due.person, f"call:{call}", at)(conn)
    KeepAnswer(call, due.named, due.number, answer, at, how, due.kind, prompts)(conn)
    append_audit(conn, at, actor, "placed-call-answered", {"call": call} | _subject(due),
                 {"kind": due.kind, "answer": answer, "how": how})
    return True


def _close(conn: Connection, call: CallId, due: DueCall, closing: CloseAttempt, tries: Tries, at: datetime) -> None:
    closed = conn.execute(update(placed_attempts).where(
        placed_attempts.c.id == call, placed_attempts.c.closed_at.is_(None)
    ).values(closed_at=stamp(at), end_by=closing.reason.by, end_why=closing.reason.why, end_note=closing.reason.note or None,
             ring_ms=round(closing.rang * 1000), heard_ms=round(closing.heard * 1000))).rowcount
    if not closed:
        return  # it never was on the record, or is closed already
    append_audit(conn, at, ACTOR, "placed-call-closed", {"call": call, "request": due.id},
                 {"by": closing.reason.by, "why": closing.reason.why})
    tried = conn.execute(select(placed_calls.c.attempts).where(placed_calls.c.id == due.id)).scalar_one()
    if tried < (1 if due.kind is PlacedKind.CODE else tries.most):  # a stranger may have asked: it rings once
        again = at + timedelta(minutes=tries.spacing_minutes)
        _set(conn, due, (PlacedState.PLACING,), state=PlacedState.DUE, not_before=stamp(again), why=closing.reason.why)
    elif _set(conn, due, (PlacedState.PLACING,), state=PlacedState.GAVE_UP, why=closing.reason.why):
        _task(conn, due, f"{due.kind}-no-answer", at)


def _refuse(conn: Connection, due: DueCall, why: Why, at: datetime) -> None:
    if _set(conn, due, (PlacedState.DUE,), state=PlacedState.REFUSED, why=why):
        _task(conn, due, f"{due.kind}-refused", at)
        append_audit(conn, at, ACTOR, "placed-call-refused", _subject(due), {"why": why})


def _confirm(conn: Connection, call: CallId, asked: StopAsked, answer: Answer, at: datetime) -> None:
    """The stop stands by the call's own id, as it may from the node's journal already."""
    request = read_request(conn, asked.request)
    if request is None or request.done:
        return
    if answer is Answer.YES:
        confirm_request(conn, request, f"{call}:{request.scope}", f"call:{call}", at, StopSource.CALL)
    else:
        deny_request(conn, request.id, f"call:{call}", at)


def _subject(due: DueCall) -> dict[str, str]:
    about = {"person": due.person} if due.person else {"stop_request": due.stop.request} if due.stop else {}
    return {"request": due.id} | about


def _set(conn: Connection, due: DueCall, states: tuple[PlacedState, ...], **values: Any) -> bool:
    """Change the request where it is in one of these states; whether it was."""
    asked = update(placed_calls).where(placed_calls.c.id == due.id, placed_calls.c.state.in_(states)).values(**values)
    return bool(conn.execute(asked).rowcount)


def _task(conn: Connection, due: DueCall, kind: str, at: datetime) -> None:
    """Nobody but the dead has no establishment's staff to see to what came of it. What a number is asked about itself is
    nobody's task: a request that it does not answer lapses."""
    if due.person is None:
        return
    establishment = conn.execute(select(people.c.establishment).where(people.c.id == due.person)).scalar_one()
    conn.execute(insert(tasks), {
        "id": f"{due.id}:{kind}", "kind": kind, "establishment": establishment, "person": due.person,
        "about": json.dumps({"request": due.id}), "created_at": stamp(at), "due_at": stamp(at + TASK_WITHIN)})
