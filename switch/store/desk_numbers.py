"""Number lists and stops as a use case changes them (`switch.ports.numbers`)."""
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, literal, or_, select, update

from switch.core.facts import ContactKind
from switch.core.ids import PersonId, StaffId
from switch.core.lists import ListKind, ListLevel
from switch.ports.contacts import PartyKind
from switch.ports.numbers import Entry, Stop, StopRequest
from switch.store.orders import PlaceStop, UndoStop
from switch.store.stamps import stamp, unstamp
from switch.store.stop_requests import confirm_request, read_request, stop_of
from switch.store.tables import contacts, number_lists, parties, stop_requests, stops, wrong_numbers
from switch.store.wrong_numbers import MarkWrongNumber, stands_for, verify_number, verify_party


class NumberWork:
    """The part of a transaction that is about number lists."""

    conn: Connection
    actor: StaffId
    at: datetime

    def add_entries(self, entries: Sequence[Entry]) -> None:
        self.conn.execute(insert(number_lists), [{
            "id": one.id, "number": one.number, "kind": one.kind, "level": one.level, "target": one.target, "victim": one.victim,
            "cut_live": one.cut, "reason": one.reason, "added_by": one.added_by, "added_at": stamp(one.added_at),
            "from_at": stamp(one.start), "until_at": stamp(one.until) if one.until else None} for one in entries])

    def entry(self, entry: str) -> Entry | None:
        return next((one for one in self.entries() if one.id == entry), None)

    def entries(self, number: str | None = None) -> list[Entry]:
        asked = select(number_lists).where(
            number_lists.c.ended_at.is_(None), or_(number_lists.c.until_at.is_(None), number_lists.c.until_at > stamp(self.at)))
        if number is not None:
            asked = asked.where(number_lists.c.number == number)
        rows = self.conn.execute(asked.order_by(number_lists.c.number, number_lists.c.level, number_lists.c.id))
        return [_entry(row) for row in rows]

    def end_entry(self, entry: str) -> None:
        self.conn.execute(update(number_lists).where(number_lists.c.id == entry)
                          .values(ended_at=stamp(self.at), ended_by=self.actor))

    def wrong_numbers(self) -> dict[str, int]:
        rows = self.conn.execute(select(wrong_numbers.c.number, func.count()).where(wrong_numbers.c.verified_at.is_(None))
                                 .group_by(wrong_numbers.c.number).order_by(wrong_numbers.c.number))
        return {number: int(often) for number, often in rows}

    def verify_number(self, number: str) -> int:
        return verify_number(self.conn, number, self.at, self.actor)

    def verify_party(self, party: str, number: str) -> None:
        verify_party(self.conn, party, number, self.at, self.actor)

    def answered_wrong(self, person: PersonId, number: str) -> bool:
        asked = select(wrong_numbers.c.id).where(stands_for(literal(number), literal(person))).limit(1)
        return self.conn.execute(asked).first() is not None

    def mark_wrong(self, mark: str, number: str) -> int:
        return MarkWrongNumber(mark, number, None, self.actor, self.at)(self.conn) or 0


class StopWork:
    """The part of a transaction that is about orders of those outside."""

    conn: Connection
    actor: StaffId
    at: datetime

    def stop(self, stop: str) -> Stop | None:
        row = self.conn.execute(select(stops).where(stops.c.id == stop, stops.c.undone_at.is_(None))).first()
        return stop_of(row) if row else None

    def stops(self, number: str | None = None) -> list[Stop]:
        asked = select(stops).where(stops.c.undone_at.is_(None)).order_by(stops.c.placed_at, stops.c.id)
        if number is not None:
            asked = asked.where(stops.c.number == number)
        return [stop_of(row) for row in self.conn.execute(asked)]

    def place_stop(self, stop: Stop) -> None:
        PlaceStop(stop.id, stop.number, stop.scope, stop.person, stop.placed_by, stop.placed_at, stop.source, stop.reason,
                  stop.second)(self.conn)

    def undo_stop(self, stop: str) -> None:
        UndoStop(stop, self.actor, self.at)(self.conn)

    def not_social(self, number: str) -> bool:
        asked = select(contacts.c.number).join(parties, parties.c.id == contacts.c.party).where(
            contacts.c.number == number, or_(contacts.c.kind != ContactKind.SOCIAL, parties.c.kind == PartyKind.ORGANISATION))
        return self.conn.execute(asked.limit(1)).first() is not None

    def add_request(self, request: StopRequest) -> None:
        self.conn.execute(insert(stop_requests), {
            "id": request.id, "number": request.number, "scope": request.scope, "person": request.person, "undo": request.undo,
            "source": request.source, "asked_at": stamp(self.at), "until_at": stamp(request.until), "code": request.code,
            "tries": request.tries})

    def request(self, request: str) -> StopRequest | None:
        return read_request(self.conn, request)

    def requests_since(self, number: str, since: datetime) -> int:
        asked = select(func.count()).where(stop_requests.c.number == number, stop_requests.c.asked_at > stamp(since))
        return int(self.conn.execute(asked).scalar_one())

    def count_try(self, request: str) -> None:
        self.conn.execute(update(stop_requests).where(stop_requests.c.id == request).values(tries=stop_requests.c.tries + 1))

    def confirm_request(self, request: StopRequest, stop: str) -> tuple[Stop | None, tuple[Stop, ...]]:
        return confirm_request(self.conn, request, stop, f"request:{request.id}", self.at)


def _entry(row: Row[*tuple[Any, ...]]) -> Entry:
    return Entry(row.id, row.number, ListKind(row.kind), ListLevel(row.level), row.target, row.victim, row.cut_live, row.reason,
                 row.added_by, unstamp(row.added_at), unstamp(row.from_at), unstamp(row.until_at) if row.until_at else None)
