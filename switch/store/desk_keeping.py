"""Holds, erasure and what reconciliation found, as a use case works with them (`switch.ports.keeping`), on one connection."""
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, literal, or_, select, union_all, update

from dialplans.model import Service
from switch.core.ids import CallId, PersonId, RecordingId, StaffId
from switch.ports.keeping import ClosedCall, Found, Hold, HoldCause, HoldReach, Incident, IncidentKind, KeptRecording
from switch.store.holds import holding
from switch.store.stamps import stamp, unstamp
from switch.store.tables import (
    cdrs,
    outbox,
    people,
    phones,
    placed_attempts,
    placed_calls,
    recording_holds,
    recording_incidents,
    recordings,
)
from switch.store.traces import ALWAYS, naming_columns

RECORDED = (Service.CONTACT, Service.HELPLINE, Service.EMERGENCY)
"""Calls that are recorded unless they are privileged; the menu rings nobody."""
MS = 1000
TOLERANCE_MS = 1000
SOME = 500
"""Ids in one statement."""


class KeepingWork:
    """The part of a transaction that is about how long recordings are kept."""

    conn: Connection
    actor: StaffId
    at: datetime

    def kept_recording(self, recording: str) -> KeptRecording | None:
        row = self.conn.execute(select(recordings).where(recordings.c.id == recording)).first()
        return _kept(row) if row else None

    def holds(self, *, every: bool = False) -> list[Hold]:
        asked = select(recording_holds).order_by(recording_holds.c.placed_at, recording_holds.c.id)
        return [_hold(row) for row in self.conn.execute(asked if every else asked.where(recording_holds.c.released_at.is_(None)))]

    def hold(self, hold: str) -> Hold | None:
        asked = select(recording_holds).where(recording_holds.c.id == hold, recording_holds.c.released_at.is_(None))
        row = self.conn.execute(asked).first()
        return _hold(row) if row else None

    def place_hold(self, hold: Hold) -> None:
        self.conn.execute(insert(recording_holds), {
            "id": hold.id, "reach": hold.reach, "target": hold.target, "governor": hold.governor, "necessity": hold.necessity,
            "proportionality": hold.proportionality, "cause": hold.cause, "placed_by": hold.placed_by,
            "placed_at": stamp(hold.placed_at), "until_at": stamp(hold.until)})

    def release_hold(self, hold: str, why: str) -> None:
        self.conn.execute(update(recording_holds).where(recording_holds.c.id == hold, recording_holds.c.released_at.is_(None))
                          .values(released_at=stamp(self.at), released_by=self.actor, release_why=why))

    def due_recordings(self, establishment: str, days: int | None) -> list[KeptRecording]:
        over = recordings.c.erase_at <= stamp(self.at)
        if days is not None:
            over = or_(over, recordings.c.started_at <= stamp(self.at - timedelta(days=days)))
        asked = select(recordings).where(
            recordings.c.key.is_not(None), recordings.c.establishment == establishment, over,
            ~select(recording_holds.c.id).where(holding()).exists()).order_by(recordings.c.started_at, recordings.c.id)
        found = map(_kept, self.conn.execute(asked))
        return [one for one in found if (one.erase_at is not None and one.erase_at <= self.at)
                or (days is not None and one.ended_at + timedelta(days=days) <= self.at)]

    def mismatched(self, since: datetime, until: datetime) -> list[ClosedCall]:
        differs = func.abs(recordings.c.samples * MS / literal(8000) - cdrs.c.talk_ms) > TOLERANCE_MS
        asked = select(cdrs.c.id, cdrs.c.talk_ms, cdrs.c.recording, recordings.c.samples, phones.c.establishment).join_from(
            cdrs, recordings, recordings.c.id == cdrs.c.id, isouter=True).join(
            phones, phones.c.id == cdrs.c.phone, isouter=True).where(
            cdrs.c.closed_at >= stamp(since), cdrs.c.closed_at < stamp(until), cdrs.c.privileged.is_(False),
            cdrs.c.service.in_(RECORDED), cdrs.c.talk_ms > 0, or_(recordings.c.id.is_(None), differs))
        return [ClosedCall(CallId(row.id), row.establishment or "", row.talk_ms / MS, row.recording is not None,
                           None if row.samples is None else row.samples / 8000)
                for row in self.conn.execute(asked.order_by(cdrs.c.closed_at, cdrs.c.id))]

    def privileged_kept(self, since: datetime) -> list[tuple[CallId, str, str]]:
        private = _private(since)
        named = select(private.c.id, private.c.establishment)
        found = [(row, "its record names a recording") for row in self.conn.execute(
            named.join_from(private, cdrs, cdrs.c.id == private.c.id).where(cdrs.c.recording.is_not(None)))]
        found += [(row, f"work {row.kind}") for row in self.conn.execute(named.add_columns(outbox.c.kind).join_from(
            private, outbox, outbox.c.subject == private.c.id).where(outbox.c.kind.not_in(ALWAYS)))]
        for table, column in naming_columns():
            found += [(row, f"a row of {table.name}") for row in self.conn.execute(
                named.join_from(private, table, column == private.c.id).distinct())]
        return sorted((CallId(row.id), row.establishment or "", what) for row, what in found)

    def call_kinds(self, calls: Collection[str]) -> dict[str, tuple[bool, str]]:
        kinds: dict[str, tuple[bool, str]] = {}
        for some in _batches(sorted(calls)):
            ours = select(cdrs.c.id, cdrs.c.privileged, cdrs.c.service, phones.c.establishment).join_from(
                cdrs, phones, phones.c.id == cdrs.c.phone, isouter=True).where(cdrs.c.id.in_(some))
            kinds |= {row.id: (not row.privileged and row.service in RECORDED, row.establishment or "")
                      for row in self.conn.execute(ours)}
            placed = _placed().where(placed_attempts.c.id.in_(some))
            kinds |= {row.id: (False, row.establishment or "") for row in self.conn.execute(placed)}
        return kinds

    def sound_objects(self, since: datetime, until: datetime) -> list[tuple[CallId, str, str]]:
        asked = select(recordings.c.id, recordings.c.establishment, recordings.c.object).where(
            recordings.c.sealed_at >= stamp(since), recordings.c.sealed_at < stamp(until), recordings.c.key.is_not(None))
        return [(CallId(row.id), row.establishment, row.object) for row in self.conn.execute(asked.order_by(recordings.c.id))]

    def incidents(self, *, every: bool = False) -> list[Incident]:
        asked = select(recording_incidents).order_by(recording_incidents.c.found_at, recording_incidents.c.id)
        open_ = recording_incidents.c.closed_at.is_(None)
        return [_incident(row) for row in self.conn.execute(asked if every else asked.where(open_))]

    def incident(self, incident: str) -> Incident | None:
        row = self.conn.execute(select(recording_incidents).where(recording_incidents.c.id == incident)).first()
        return _incident(row) if row else None

    def open_incident(self, found: Found) -> None:
        again = update(recording_incidents).where(recording_incidents.c.id == found.id).values(
            text=found.text, found_at=stamp(self.at), closed_at=None, closed_by=None, closed_why=None)
        if not self.conn.execute(again).rowcount:
            self.conn.execute(insert(recording_incidents), {
                "id": found.id, "kind": found.kind, "call": found.call, "establishment": found.establishment,
                "text": found.text, "found_at": stamp(self.at)})

    def close_incident(self, incident: str, why: str) -> None:
        self.conn.execute(update(recording_incidents).where(recording_incidents.c.id == incident).values(
            closed_at=stamp(self.at), closed_by=self.actor, closed_why=why))


def _placed() -> Select[Any]:
    """Calls that the switch placed itself, each with the place of the person whom it is about."""
    return select(placed_attempts.c.id, people.c.establishment).join_from(
        placed_attempts, placed_calls, placed_calls.c.id == placed_attempts.c.request).join(
        people, people.c.id == placed_calls.c.person, isouter=True)


def _private(since: datetime) -> Any:
    """Privileged calls, and those that the switch placed itself, since a moment: nothing of either is kept."""
    calls = select(cdrs.c.id, phones.c.establishment).join_from(cdrs, phones, phones.c.id == cdrs.c.phone, isouter=True)
    return union_all(calls.where(cdrs.c.started_at >= stamp(since), cdrs.c.privileged.is_(True)),
                     _placed().where(placed_attempts.c.started_at >= stamp(since))).subquery()


def _batches(ids: list[str]) -> Iterator[list[str]]:
    return (ids[at : at + SOME] for at in range(0, len(ids), SOME))


def _kept(row: Row[*tuple[Any, ...]]) -> KeptRecording:
    return KeptRecording(
        RecordingId(row.id), row.establishment, PersonId(row.person) if row.person else None, row.number,
        unstamp(row.started_at) + timedelta(seconds=row.seconds), _maybe(row.erase_at), _maybe(row.erased_at))


def _hold(row: Row[*tuple[Any, ...]]) -> Hold:
    return Hold(
        row.id, HoldReach(row.reach), row.target, StaffId(row.governor), row.necessity, row.proportionality,
        HoldCause(row.cause), StaffId(row.placed_by), unstamp(row.placed_at), unstamp(row.until_at), _maybe(row.released_at),
        StaffId(row.released_by) if row.released_by else None, row.release_why or "")


def _incident(row: Row[*tuple[Any, ...]]) -> Incident:
    return Incident(
        row.id, IncidentKind(row.kind), CallId(row.call), row.establishment, row.text, unstamp(row.found_at),
        _maybe(row.closed_at), StaffId(row.closed_by) if row.closed_by else None, row.closed_why or "")


def _maybe(text: str | None) -> datetime | None:
    return unstamp(text) if text else None
