"""What the store knows of recordings: plain data. The sound is in the object store, its key here and nowhere else."""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from switch.core.ids import CallId, PersonId, RecordingId


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording that was sealed. Its id is its call's. `key` is wrapped by the master key `kek`, None once it is erased."""

    id: RecordingId
    establishment: str
    person: PersonId | None
    number: str
    started_at: datetime
    seconds: float
    samples: int
    """Of each of the two directions, 8,000 a second."""
    audio_sha256: str
    """Of the interleaved stereo A-law, person in prison left."""
    wav_sha256: str
    """Of the same as a WAV file, as it is exported."""
    object: str
    manifest: str
    manifest_sha256: str
    sealed_at: datetime
    kek: str
    key: bytes | None
    erase_at: datetime | None = None
    erased_at: datetime | None = None
    erased_why: str | None = None
    quarantined: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Something beside a recording's sound, encrypted under its key: `peaks`, `transcript`, `clip:<id>` ..."""

    recording: RecordingId
    kind: str
    object: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """What is known of a call by the time that its recording is sealed."""

    call: CallId
    node: str
    phone: str
    establishment: str
    person: PersonId | None
    dialled: str
    privileged: bool
    started_at: datetime
    closed_at: datetime | None
    talk_ms: int
    outcome: str | None
    recording: Mapping[str, str | float] | None
    """Of the record: id, seconds and SHA-256 as the spool was closed; None where the record names none."""
    quarantined: bool = False
    sealed: float | None = None
    """Seconds of the recording of it that is in the vault, or was; None where none was sealed."""
