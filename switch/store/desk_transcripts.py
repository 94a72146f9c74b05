"""`TranscriptChanges` (switch.ports.transcripts) on SQL."""
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from switch.core.authority import Authority
from switch.core.ids import PersonId, RecordingId, StaffId
from switch.ports.transcripts import JobState, Sought, TranscriptJob
from switch.store.stamps import stamp
from switch.store.tables import random_draws, transcripts
from switch.store.transcript_words import covered, find
from switch.store.transcripts import jobs, requeue


class TranscriptWork:
    conn: Connection
    at: datetime

    def connected(self, staff: StaffId) -> frozenset[PersonId]:
        raise NotImplementedError  # ListeningWork's

    def in_force(self) -> list[Authority]:
        raise NotImplementedError  # ListeningWork's

    def transcript_job(self, recording: RecordingId) -> TranscriptJob | None:
        return next(iter(jobs(self.conn, recording=recording)), None)

    def transcript_jobs(self, state: JobState | None, most: int) -> Sequence[TranscriptJob]:
        return jobs(self.conn, state, most)

    def transcript_counts(self) -> dict[JobState, int]:
        rows = self.conn.execute(select(transcripts.c.state, func.count()).group_by(transcripts.c.state))
        return {JobState(state): number for state, number in rows}

    def requeue_transcripts(self, recording: RecordingId | None) -> int:
        states = [JobState.DEAD] if recording is None else [JobState.DEAD, JobState.GONE]
        return requeue(self.conn, states, self.at, recording)

    def find_words(self, sought: Sought, listener: StaffId, most: int) -> Sequence[RecordingId]:
        drawn = select(random_draws.c.recording).where(random_draws.c.until_at > stamp(self.at))
        return find(self.conn, sought, covered(self.in_force(), drawn, self.connected(listener)), most)
