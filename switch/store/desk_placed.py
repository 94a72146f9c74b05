"""Requests for calls of the switch, relief and voices as a use case changes them (`switch.ports.placed.PlacedChanges`)."""
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from switch.call.placed import Answer, PlacedKind
from switch.core.facts import Voice
from switch.core.ids import CallId, PersonId, StaffId
from switch.ports.consents import ConsentHow
from switch.ports.placed import WAITING, DueCall, PlacedCall, PlacedState, Relief, TextCode
from switch.store.consents import agreed_there
from switch.store.placed import keep_answer
from switch.store.stamps import stamp, unstamp
from switch.store.tables import announcement_relief, consent_texts, contact_voices, placed_calls


class PlacedWork:
    """The part of a transaction that is about calls of the switch, and how contacts are announced."""

    conn: Connection
    actor: StaffId
    at: datetime

    def placed_call(self, id: str) -> PlacedCall | None:
        row = self.conn.execute(select(placed_calls).where(placed_calls.c.id == id)).first()
        return _placed(row) if row else None

    def placed_calls(self, person: PersonId | None = None) -> list[PlacedCall]:
        asked = select(placed_calls).order_by(placed_calls.c.requested_at, placed_calls.c.id)
        if person is not None:
            asked = asked.where(placed_calls.c.person == person)
        return [_placed(row) for row in self.conn.execute(asked)]

    def add_placed_call(self, call: PlacedCall, code: str | None = None) -> None:
        self.conn.execute(insert(placed_calls), {
            "id": call.id, "kind": call.kind, "person": call.person, "number": call.number, "state": call.state,
            "requested_by": call.requested_by, "requested_at": stamp(call.requested_at), "not_before": stamp(call.not_before),
            "attempts": call.attempts, "stop_request": call.stop_request, "code": code})

    def cancel_placed_call(self, id: str) -> bool:
        asked = update(placed_calls).where(placed_calls.c.id == id, placed_calls.c.state == PlacedState.DUE)
        return bool(self.conn.execute(asked.values(state=PlacedState.CANCELLED)).rowcount)

    def consented(self, person: PersonId, number: str) -> datetime | None:
        return agreed_there(self.conn, person, number)

    def set_text_code(self, code: TextCode) -> None:
        self.conn.execute(delete(consent_texts).where(consent_texts.c.request == code.request))
        self.conn.execute(insert(consent_texts), {"request": code.request, "code": code.hashed, "until_at": stamp(code.until),
                                                  "wrong": 0})

    def text_codes(self, number: str | None) -> list[TextCode]:
        asked = select(consent_texts).join(placed_calls, placed_calls.c.id == consent_texts.c.request).where(
            placed_calls.c.state.in_(WAITING), consent_texts.c.until_at > stamp(self.at))
        if number is not None:
            asked = asked.where(placed_calls.c.number == number)
        rows = self.conn.execute(asked.order_by(consent_texts.c.request))
        return [TextCode(row.request, row.code, unstamp(row.until_at)) for row in rows]

    def count_wrong_code(self, number: str, most: int) -> None:
        theirs = select(placed_calls.c.id).where(placed_calls.c.number == number)
        self.conn.execute(update(consent_texts).where(consent_texts.c.request.in_(theirs))
                          .values(wrong=consent_texts.c.wrong + 1))
        self.conn.execute(delete(consent_texts).where(consent_texts.c.request.in_(theirs), consent_texts.c.wrong >= most))

    def keep_text_answer(self, request: str, answer: Answer, prompt: str) -> bool:
        found = self.placed_call(request)
        if found is None or found.state not in WAITING:
            return False
        due = DueCall(found.id, found.kind, found.person, found.number)
        return keep_answer(self.conn, CallId(f"text:{request}"), due, answer, (prompt,), self.at, ConsentHow.TEXT, self.actor)

    def relief(self, establishment: str) -> Relief | None:
        asked = select(announcement_relief).where(announcement_relief.c.establishment == establishment)
        row = self.conn.execute(asked).first()
        return Relief(row.establishment, row.authorised_by, unstamp(row.allowed_at)) if row else None

    def allow_relief(self, relief: Relief) -> None:
        self.conn.execute(insert(announcement_relief), {
            "establishment": relief.establishment, "authorised_by": relief.authorised_by, "allowed_at": stamp(relief.since)})

    def end_relief(self, establishment: str) -> None:
        self.conn.execute(delete(announcement_relief).where(announcement_relief.c.establishment == establishment))

    def set_voice(self, person: PersonId, number: str, voice: Voice) -> None:
        self.conn.execute(delete(contact_voices).where(contact_voices.c.person == person, contact_voices.c.number == number))
        if voice is not Voice.USUAL:
            self.conn.execute(insert(contact_voices), {"person": person, "number": number, "voice": voice})


def _placed(row: Row[*tuple[Any, ...]]) -> PlacedCall:
    return PlacedCall(
        row.id, PlacedKind(row.kind), PersonId(row.person) if row.person else None, row.number, PlacedState(row.state),
        StaffId(row.requested_by), unstamp(row.requested_at), unstamp(row.not_before), row.attempts,
        Answer(row.answer) if row.answer else None, row.why, row.stop_request)
