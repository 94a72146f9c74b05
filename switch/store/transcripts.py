"""Transcripts as work: jobs asked for, claimed, kept alive and ended, and the rows that a search reads. SQL is the truth of it.

A job is claimed by writing a token into its row, and only that token may end it: whatever a stream says twice, and however long
a worker was thought dead, one result is written.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, String, bindparam, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from switch.core.ids import PersonId, RecordingId
from switch.core.monitoring import Tier
from switch.ports.transcripts import JobState, Phrase, TranscriptJob
from switch.store.prepared import Prepared
from switch.store.stamps import stamp, unstamp
from switch.store.tables import monitoring_items, outbox, quarantined_calls, recordings, transcript_words, transcripts
from switch.store.transcript_words import written

READY = "transcript-ready"
"""Kind of the outbox row that follows a transcript."""
TRIES = 5
"""So often a job is tried before staff have to look at it."""
_ASKED = bindparam("asked", type_=String)
_ASK = Prepared(insert(transcripts).from_select(
    ["recording", "establishment", "person", "number", "started_at", "seconds", "state", "attempts", "asked_at", "next_at"],
    select(recordings.c.id, recordings.c.establishment, recordings.c.person, recordings.c.number, recordings.c.started_at,
           recordings.c.seconds, literal(JobState.WAITING.value), literal(0), _ASKED, _ASKED).where(
        recordings.c.id == bindparam("recording"), recordings.c.key.is_not(None),
        ~exists().where(quarantined_calls.c.call == recordings.c.id),
        ~exists().where(transcripts.c.recording == recordings.c.id))))
_JOB = select(transcripts, monitoring_items.c.tier).join_from(
    transcripts, monitoring_items, monitoring_items.c.call == transcripts.c.recording, isouter=True)


def again_after(attempts: int) -> timedelta | None:
    """How long a job waits that has failed so often; None once that is often enough."""
    return None if attempts >= TRIES else timedelta(minutes=4 ** (attempts - 1))


@dataclass(frozen=True, slots=True)
class AskTranscript:
    """Unit: a recording is to be transcribed. Idempotent; False where that was asked before, or it was never sealed (as no
    privileged call is), is erased or in quarantine. What was given up is tried again."""

    recording: str
    at: datetime

    def __call__(self, conn: Connection) -> bool:
        if _ASK.run(conn, {"recording": self.recording, "asked": stamp(self.at)}).rowcount:
            return True
        return bool(requeue(conn, [JobState.GONE, JobState.DEAD], self.at, self.recording))


def due(conn: Connection, at: datetime, most: int) -> list[TranscriptJob]:
    """What may be worked on at this moment: the first of each tier of the monitoring queue, then the newest, `most` of either.
    Put them in order by `dialplans.transcribing.in_turn`."""
    asked = _JOB.where(_due(at)).order_by(transcripts.c.started_at.desc(), transcripts.c.recording.desc()).limit(most)
    found = {row.recording: _job(row) for row in conn.execute(asked)}
    for tier in Tier:
        found |= {row.recording: _job(row) for row in conn.execute(asked.where(monitoring_items.c.tier == tier))}
    return list(found.values())


def _quarantined(conn: Connection, call: str) -> bool:
    return conn.execute(select(quarantined_calls.c.call).where(quarantined_calls.c.call == call)).first() is not None


def _due(at: datetime) -> ColumnElement[bool]:
    return or_((transcripts.c.state == JobState.WAITING) & (transcripts.c.next_at <= stamp(at)),
               (transcripts.c.state == JobState.RUNNING) & (transcripts.c.taken_until <= stamp(at)))


@dataclass(frozen=True, slots=True)
class ClaimTranscript:
    """Unit: the job is this worker's until then, unless it is done, not due or somebody else's. One that its workers die of ends
    as dead, since every claim counts."""

    recording: str
    claim: str
    worker: str
    at: datetime
    lease: timedelta

    def __call__(self, conn: Connection) -> TranscriptJob | None:
        row = conn.execute(_JOB.where(transcripts.c.recording == self.recording, _due(self.at))).first()
        if row is None:
            return None
        this = update(transcripts).where(transcripts.c.recording == self.recording)
        if row.attempts >= TRIES:
            conn.execute(this.values(state=JobState.DEAD, claim=None, error=row.error or "its workers died of it"))
            return None
        conn.execute(this.values(state=JobState.RUNNING, attempts=row.attempts + 1, claim=self.claim, worker=self.worker,
                                 taken_until=stamp(self.at + self.lease)))
        return _job(conn.execute(_JOB.where(transcripts.c.recording == self.recording)).one())


def _mine(recording: str, claim: str) -> ColumnElement[bool]:
    return ((transcripts.c.recording == recording) & (transcripts.c.claim == claim)
            & (transcripts.c.state == JobState.RUNNING))


@dataclass(frozen=True, slots=True)
class KeepClaim:
    """Unit: the job goes on. False where it is not ours any more."""

    recording: str
    claim: str
    until: datetime

    def __call__(self, conn: Connection) -> bool:
        done = conn.execute(update(transcripts).where(_mine(self.recording, self.claim)).values(taken_until=stamp(self.until)))
        return bool(done.rowcount)


@dataclass(frozen=True, slots=True)
class EndTranscript:
    """Unit: the transcript is kept; its words' hashes can be searched, and what follows from it may
    follow. False, and nothing written, where the job is not ours any more."""

    recording: str
    claim: str
    engine: str
    model: str
    words: int
    stretches: tuple[Phrase, ...]
    at: datetime

    def __call__(self, conn: Connection) -> bool:
        row = conn.execute(select(transcripts).where(_mine(self.recording, self.claim))).first()
        if row is None:
            return False
        if _quarantined(conn, self.recording):
            FailTranscript(self.recording, self.claim, "its call is in quarantine", self.at, gone=True)(conn)
            return False
        conn.execute(update(transcripts).where(transcripts.c.recording == self.recording).values(
            state=JobState.DONE, claim=None, engine=self.engine, model=self.model, words=self.words, error=None,
            done_at=stamp(self.at)))
        conn.execute(delete(transcript_words).where(transcript_words.c.recording == self.recording))
        if self.stretches:
            conn.execute(insert(transcript_words), [
                {"recording": self.recording, "establishment": row.establishment, "person": row.person, "number": row.number,
                 "started_at": row.started_at, "tokens": one} for one in written(conn, self.stretches)])
        conn.execute(insert(outbox), {"kind": READY, "subject": self.recording, "body": "{}", "at": stamp(self.at),
                                      "attempts": 0})
        return True


@dataclass(frozen=True, slots=True)
class FailTranscript:
    """Unit: this try is over. It is tried again later, or is dead; `gone` where there is nothing to transcribe. Its state now, or
    None where the job was not ours any more."""

    recording: str
    claim: str
    error: str
    at: datetime
    gone: bool = False

    def __call__(self, conn: Connection) -> JobState | None:
        attempts = conn.execute(select(transcripts.c.attempts).where(_mine(self.recording, self.claim))).scalar()
        if attempts is None:
            return None
        wait = again_after(attempts)
        state = JobState.GONE if self.gone else JobState.DEAD if wait is None else JobState.WAITING
        conn.execute(update(transcripts).where(transcripts.c.recording == self.recording).values(
            state=state, claim=None, error=self.error[:500], next_at=stamp(self.at + (wait or timedelta()))))
        return state


def requeue(conn: Connection, states: Sequence[str], at: datetime, recording: str | None = None) -> int:
    """Everything in these states, or one recording's, waits again with all its tries; how many."""
    asked = update(transcripts).where(transcripts.c.state.in_(states))
    if recording is not None:
        asked = asked.where(transcripts.c.recording == recording)
    return conn.execute(asked.values(state=JobState.WAITING, attempts=0, next_at=stamp(at), claim=None)).rowcount


def drop_transcript(conn: Connection, recording: str) -> None:
    """The rows of a recording that is erased: what could be searched, and its job. Nothing where there is none."""
    conn.execute(delete(transcript_words).where(transcript_words.c.recording == recording))
    conn.execute(delete(transcripts).where(transcripts.c.recording == recording))


def jobs(conn: Connection, state: str | None = None, most: int = 1000, recording: str | None = None) -> list[TranscriptJob]:
    """The newest first."""
    asked: Select[*tuple[Any, ...]] = _JOB
    if state is not None:
        asked = asked.where(transcripts.c.state == state)
    if recording is not None:
        asked = asked.where(transcripts.c.recording == recording)
    rows = conn.execute(asked.order_by(transcripts.c.started_at.desc(), transcripts.c.recording.desc()).limit(most))
    return [_job(row) for row in rows]


def recorded_hours(conn: Connection, since: datetime) -> dict[Tier | None, float]:
    """Hours of calls recorded since then, by tier of the monitoring queue."""
    rows = conn.execute(select(monitoring_items.c.tier, func.sum(recordings.c.seconds)).select_from(recordings).join(
        monitoring_items, monitoring_items.c.call == recordings.c.id, isouter=True).where(
        recordings.c.started_at >= stamp(since)).group_by(monitoring_items.c.tier))
    return {Tier(tier) if tier else None: float(seconds) / 3600 for tier, seconds in rows}


def _job(row: Row[*tuple[Any, ...]]) -> TranscriptJob:
    return TranscriptJob(
        RecordingId(row.recording), row.establishment, PersonId(row.person) if row.person else None, row.number,
        unstamp(row.started_at), row.seconds, JobState(row.state), row.attempts, unstamp(row.next_at), row.engine or "",
        row.model or "", row.words or 0, row.error or "", Tier(row.tier) if row.tier else None)
