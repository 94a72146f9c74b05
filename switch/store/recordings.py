"""Recordings in SQL: the row that a seal writes with its key and its audit row, parts beside it, and the end of a key."""
import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, or_, select, update

from switch.core.ids import CallId, PersonId, RecordingId
from switch.ports.recordings import Part, RecordedCall, Recording
from switch.store.audit import append_audit
from switch.store.holds import held_by
from switch.store.leads import drop_leads
from switch.store.prepared import Prepared
from switch.store.stamps import stamp, unstamp
from switch.store.tables import audit_notes, cdrs, phones, quarantined_calls, recording_parts, recordings
from switch.store.transcripts import drop_transcript

ACTOR = "vault"
_NOBODYS = or_(quarantined_calls.c.call.is_not(None), cdrs.c.privileged.is_(True)).label("quarantined")
"""A privileged call has no recording; if a fault of ours ever made one, it is as good as found privileged: nobody hears it."""
_ALL = select(recordings, _NOBODYS).join_from(
    recordings, quarantined_calls, quarantined_calls.c.call == recordings.c.id, isouter=True).join(
    cdrs, cdrs.c.id == recordings.c.id, isouter=True)


_CALL = Prepared(
    select(cdrs.c.node, cdrs.c.phone, phones.c.establishment, cdrs.c.person, cdrs.c.dialled, cdrs.c.privileged, cdrs.c.started_at,
           cdrs.c.closed_at, cdrs.c.talk_ms, cdrs.c.outcome, cdrs.c.media, quarantined_calls.c.call, recordings.c.seconds)
    .join_from(cdrs, phones, phones.c.id == cdrs.c.phone, isouter=True)
    .join(quarantined_calls, quarantined_calls.c.call == cdrs.c.id, isouter=True)
    .join(recordings, recordings.c.id == cdrs.c.id, isouter=True).where(cdrs.c.id == bindparam("call")))
_SEALED = Prepared(select(recordings.c.id).where(recordings.c.id == bindparam("recording")))
_KEEP = Prepared(insert(recordings).inline(), [one.name for one in recordings.c if not one.name.startswith("erased_")])
_KEEP_PART = Prepared(insert(recording_parts).inline(), recording_parts.c.keys())


@dataclass(frozen=True, slots=True)
class KeepRecording:
    """Unit: a recording is sealed. Its row with its wrapped key, its parts, its audit row. False where it was sealed before: then
    nothing is written, and what this seal put into the store belongs to nobody."""

    recording: Recording
    parts: tuple[Part, ...] = ()

    def __call__(self, conn: Connection) -> bool:
        one = self.recording
        if _SEALED.run(conn, {"recording": one.id}).fetchone():
            return False
        _KEEP.run(conn, {
            "id": one.id, "establishment": one.establishment, "person": one.person, "number": one.number,
            "started_at": stamp(one.started_at), "seconds": one.seconds, "samples": one.samples,
            "audio_sha256": one.audio_sha256, "wav_sha256": one.wav_sha256, "object": one.object, "manifest": one.manifest,
            "manifest_sha256": one.manifest_sha256, "sealed_at": stamp(one.sealed_at), "kek": one.kek,
            "key": base64.b64encode(one.key or b"").decode(), "erase_at": stamp(one.erase_at) if one.erase_at else None,
        })
        for part in self.parts:
            _KEEP_PART.run(conn, _part_row(part))
        append_audit(conn, one.sealed_at, ACTOR, "recording-sealed", {"recording": one.id}, {
            "audio_sha256": one.audio_sha256, "manifest_sha256": one.manifest_sha256, "seconds": round(one.seconds)})
        return True


@dataclass(frozen=True, slots=True)
class KeepPart:
    """Unit: a part of a recording, in the place of one of the same kind. The object that it replaced, or None. LookupError where
    the recording was erased meanwhile, or never sealed: the part may not be kept."""

    part: Part

    def __call__(self, conn: Connection) -> str | None:
        part = self.part
        whole = (recordings.c.id == part.recording, recordings.c.key.is_not(None))
        if not conn.execute(select(recordings.c.id).where(*whole)).first():
            raise LookupError(part.recording)
        this = (recording_parts.c.recording == part.recording, recording_parts.c.kind == part.kind)
        before = conn.execute(select(recording_parts.c.object).where(*this)).scalar()
        if before is None:
            _KEEP_PART.run(conn, _part_row(part))
        else:
            conn.execute(update(recording_parts).where(*this).values(object=part.object, made_at=stamp(part.made_at)))
        return before


class HeldBack(Exception):
    """A recording may not be erased: the ids of the holds that keep it."""


@dataclass(frozen=True, slots=True)
class EraseRecording:
    """Unit: the key of a recording is destroyed, and with it the recording and all its parts; the proof stays. The objects that
    nobody can read any more, or None where there was no key to destroy. HeldBack where somebody holds it."""

    recording: str
    why: str
    actor: str
    at: datetime

    def __call__(self, conn: Connection) -> list[str] | None:
        this = (recordings.c.id == self.recording, recordings.c.key.is_not(None))
        row = conn.execute(select(recordings.c.object, recordings.c.manifest_sha256).where(*this)).first()
        if row is None:
            return None
        if holds := held_by(conn, self.recording):
            raise HeldBack(", ".join(holds))
        theirs = recording_parts.c.recording == self.recording
        objects = [row.object, *conn.execute(select(recording_parts.c.object).where(theirs)).scalars()]
        conn.execute(delete(recording_parts).where(theirs))
        drop_leads(conn, self.recording)
        drop_transcript(conn, self.recording)
        conn.execute(update(recordings).where(*this).values(key=None, erased_at=stamp(self.at), erased_why=self.why))
        append_audit(conn, self.at, self.actor, "recording-erased", {"recording": self.recording}, {
            "why": self.why, "manifest_sha256": row.manifest_sha256})
        return objects


def read_recording(conn: Connection, id: str) -> Recording | None:
    row = conn.execute(_ALL.where(recordings.c.id == id)).first()
    return recording_of(row) if row else None


def list_recordings(conn: Connection, *, since: datetime | None = None, until: datetime | None = None,
                    person: str | None = None, most: int | None = None) -> list[Recording]:
    """Those that began in [since, until), the newest `most`, oldest first."""
    asked: Select[*tuple[Any, ...]] = _ALL
    if since is not None:
        asked = asked.where(recordings.c.started_at >= stamp(since))
    if until is not None:
        asked = asked.where(recordings.c.started_at < stamp(until))
    if person is not None:
        asked = asked.where(recordings.c.person == person)
    rows = conn.execute(asked.order_by(recordings.c.started_at.desc(), recordings.c.id.desc()).limit(most)).all()
    return [recording_of(row) for row in reversed(rows)]


def read_sealed_since(conn: Connection, since: datetime) -> list[Recording]:
    rows = conn.execute(_ALL.where(recordings.c.sealed_at >= stamp(since)).order_by(recordings.c.sealed_at, recordings.c.id))
    return [recording_of(row) for row in rows]


def read_parts(conn: Connection, recording: str) -> list[Part]:
    asked = select(recording_parts).where(recording_parts.c.recording == recording).order_by(recording_parts.c.kind)
    return [_part(row) for row in conn.execute(asked)]


def read_part(conn: Connection, recording: str, kind: str) -> Part | None:
    this = (recording_parts.c.recording == recording, recording_parts.c.kind == kind)
    row = conn.execute(select(recording_parts).where(*this)).first()
    return _part(row) if row else None


def kept_objects(conn: Connection) -> frozenset[str]:
    """The name of every object that belongs to a recording with a key, or to one of its parts."""
    sounds = conn.execute(select(recordings.c.object).where(recordings.c.key.is_not(None))).scalars()
    return frozenset(sounds) | frozenset(conn.execute(select(recording_parts.c.object)).scalars())


def newest_kek(conn: Connection) -> str | None:
    """The master key that wrapped the newest key of a recording, else of words beside the audit; None where nothing has one."""
    asked = select(recordings.c.kek).where(recordings.c.key.is_not(None)).order_by(recordings.c.sealed_at.desc()).limit(1)
    words = select(audit_notes.c.kek).where(audit_notes.c.key.is_not(None)).order_by(audit_notes.c.seq.desc()).limit(1)
    return conn.execute(asked).scalar() or conn.execute(words).scalar()


def read_recorded_call(conn: Connection, call: str) -> RecordedCall | None:
    """What the record of a call says that a recording must be sealed with."""
    row = _CALL.run(conn, {"call": call}).fetchone()
    if row is None:
        return None
    (node, phone, establishment, person, dialled, privileged, started_at, closed_at, talk_ms, outcome, media, quarantined,
     sealed) = row
    return RecordedCall(
        CallId(call), node, phone, establishment or "", PersonId(person) if person else None, dialled, bool(privileged),
        unstamp(started_at), _maybe(closed_at), talk_ms, outcome, json.loads(media).get("recording") if media else None,
        quarantined is not None, sealed,
    )


def recording_of(row: Row[*tuple[Any, ...]]) -> Recording:
    """A row of `recordings` with its `quarantined` beside it."""
    return Recording(
        RecordingId(row.id), row.establishment, PersonId(row.person) if row.person else None, row.number,
        unstamp(row.started_at), row.seconds, row.samples, row.audio_sha256, row.wav_sha256, row.object, row.manifest,
        row.manifest_sha256, unstamp(row.sealed_at), row.kek, base64.b64decode(row.key) if row.key else None,
        _maybe(row.erase_at), _maybe(row.erased_at), row.erased_why, bool(row.quarantined),
    )


def _maybe(text: str | None) -> datetime | None:
    return unstamp(text) if text else None


def _part(row: Row[*tuple[Any, ...]]) -> Part:
    return Part(RecordingId(row.recording), row.kind, row.object, unstamp(row.made_at))


def _part_row(part: Part) -> dict[str, str]:
    return {"recording": part.recording, "kind": part.kind, "object": part.object, "made_at": stamp(part.made_at)}
