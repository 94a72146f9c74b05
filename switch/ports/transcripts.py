"""Transcripts as work and as something to search: jobs and their states, and what a search finds. No word of a call is here."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from switch.core.ids import PersonId, RecordingId, StaffId
from switch.core.monitoring import Tier

Phrase = tuple[str, ...]
"""Hashes of words that must follow one another on one side of a call; one alone is a word."""


class JobState(StrEnum):
    """Where the transcript of a recording stands.

        WAITING --(a worker takes it)--> RUNNING --> DONE
        RUNNING --(it failed, or its worker died)--> WAITING, later each time --(tried too often)--> DEAD
        RUNNING --(erased, in quarantine)--> GONE

    DEAD and GONE wait again when staff, or the end of a quarantine, ask for it.
    """

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class TranscriptJob:
    """The transcript of one recording, as work. `seconds` are those of talk; `error` is that of the last try."""

    recording: RecordingId
    establishment: str
    person: PersonId | None
    number: str
    started_at: datetime
    seconds: float
    state: JobState
    attempts: int
    next_at: datetime
    engine: str = ""
    model: str = ""
    words: int = 0
    error: str = ""
    tier: Tier | None = None
    """What it stands on in the monitoring queue; None for nothing."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is sought, and where. Every phrase must be there; numbers as `+E.164` or a short code; times are of the beginning."""

    phrases: tuple[Phrase, ...]
    person: PersonId | None = None
    number: str | None = None
    establishment: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class TranscriptChanges(Protocol):
    def transcript_job(self, recording: RecordingId) -> TranscriptJob | None: ...

    def transcript_jobs(self, state: JobState | None, most: int) -> Sequence[TranscriptJob]:
        """The newest first."""

    def transcript_counts(self) -> dict[JobState, int]: ...

    def requeue_transcripts(self, recording: RecordingId | None) -> int:
        """Have what is dead or gone tried again, one or all that is dead; how many."""

    def find_words(self, sought: Sought, listener: StaffId, most: int) -> Sequence[RecordingId]:
        """Recordings whose transcripts have every phrase, the newest first: only those that an authority in force or a draw
        covers, and never of somebody to whom the listener is connected. Whether each may be read is still to be asked."""
