"""How long recordings are kept: what holds them past their time, what is due, and what reconciliation found."""
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from switch.core.ids import CallId, PersonId, RecordingId, StaffId


class HoldReach(StrEnum):
    """What a hold keeps: one recording, or all of a person or to a number, those to come too."""

    RECORDING = "recording"
    PERSON = "person"
    NUMBER = "number"


class HoldCause(StrEnum):
    ASKED = "asked"
    """By a governor, who gave reasons."""
    DEATH = "death"
    """The person died in custody: everything is held at once, by rule."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Recordings that are not erased at the end of their time. Past `until` it still holds, and is told as overdue: to be
    forgotten is no reason to lose evidence, nor one to keep anything for ever."""

    id: str
    reach: HoldReach
    target: str
    governor: StaffId
    """Whose decision it is."""
    necessity: str
    proportionality: str
    cause: HoldCause
    placed_by: StaffId
    placed_at: datetime
    until: datetime
    released_at: datetime | None = None
    released_by: StaffId | None = None
    release_why: str = ""

    def overdue(self, at: datetime) -> bool:
        return self.released_at is None and self.until <= at


class IncidentKind(StrEnum):
    """What reconciliation finds wrong."""

    NO_RECORDING = "no-recording"
    """An answered monitored call of which nothing was recorded."""
    NOT_SEALED = "not-sealed"
    """One that was recorded, and whose recording is not in the vault."""
    LENGTH_DIFFERS = "length-differs"
    """A recording that is more than a second longer or shorter than its call's talk."""
    OBJECT_MISSING = "object-missing"
    """A recording whose sound is not where it was sealed."""
    PRIVILEGED_KEPT = "privileged-kept"
    """Something of a privileged call, or of one that the switch placed itself, was kept."""
    UNKNOWN_CALL = "unknown-call"
    """A spool or an object of no call that is known."""

    @property
    def reopens(self) -> bool:
        """Whether it is told again where it is found again after staff closed it: what may not be there is still there."""
        return self in (IncidentKind.PRIVILEGED_KEPT, IncidentKind.UNKNOWN_CALL)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that reconciliation found wrong; `text` has ids and figures alone."""

    kind: IncidentKind
    call: CallId
    establishment: str
    text: str

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.call}"


@dataclass(frozen=True, slots=True)
class Incident:
    """What was found, for good: it stays until somebody closes it with a reason."""

    id: str
    kind: IncidentKind
    call: CallId
    establishment: str
    text: str
    found_at: datetime
    closed_at: datetime | None = None
    closed_by: StaffId | None = None
    closed_why: str = ""


@dataclass(frozen=True, slots=True)
class KeptRecording:
    """A recording as its keeping needs it. `erase_at` None: the plan did not say when it was sealed."""

    id: RecordingId
    establishment: str
    person: PersonId | None
    number: str
    ended_at: datetime
    erase_at: datetime | None
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClosedCall:
    """A closed monitored call beside its recording. `recorded`: its record names one. `seconds` None: none is in the vault."""

    call: CallId
    establishment: str
    talk_seconds: float
    recorded: bool
    seconds: float | None


class KeepingChanges(Protocol):
    """Holds, erasure and incidents as a use case works with them. None of these writes an audit row of its own."""

    def kept_recording(self, recording: str) -> KeptRecording | None: ...

    def holds(self, *, every: bool = False) -> list[Hold]:
        """Those that stand, or all there ever were; oldest first."""

    def hold(self, hold: str) -> Hold | None:
        """One that stands."""

    def place_hold(self, hold: Hold) -> None: ...

    def release_hold(self, hold: str, why: str) -> None: ...

    def due_recordings(self, establishment: str, days: int | None) -> list[KeptRecording]:
        """Recordings of a place with a key whose time is over, that nothing holds, oldest first. `days` is what the plan says
        now, None where there is none: a plan that shortens it counts at once, one that lengthens it for what comes."""

    def mismatched(self, since: datetime, until: datetime) -> list[ClosedCall]:
        """Monitored calls that were closed in [since, until) and talked, but are not recorded to within a second of it."""

    def privileged_kept(self, since: datetime) -> list[tuple[CallId, str, str]]:
        """Of privileged calls since then: call, establishment, and what is kept of it, a row for each."""

    def call_kinds(self, calls: Collection[str]) -> dict[str, tuple[bool, str]]:
        """Of these calls those that are known, the switch's own too: whether each may be recorded, and its establishment."""

    def sound_objects(self, since: datetime, until: datetime) -> Sequence[tuple[CallId, str, str]]:
        """Of recordings sealed in [since, until) that have a key: id, establishment, and the object of the sound."""

    def incidents(self, *, every: bool = False) -> list[Incident]:
        """Those that are open, or all; oldest first."""

    def incident(self, incident: str) -> Incident | None: ...

    def open_incident(self, found: Found) -> None:
        """New, or open again."""

    def close_incident(self, incident: str, why: str) -> None: ...
