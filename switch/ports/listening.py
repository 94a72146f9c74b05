"""Listening: authorisations as the desk keeps them, who is connected to whom, and recordings opened for somebody's ears."""
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from switch.core.authority import Authority, AuthorityKind, Because, Leave, ListenFacts, NoLeave
from switch.core.ids import CallId, PersonId, RecordingId, StaffId

BYTES_A_SECOND = 16_000
"""Of sound as it is heard here: interleaved stereo A-law at 8000 Hz, the person in prison left, the contact right."""


class NotAllowed(PermissionError):
    """Somebody may not hear this, or not any longer: `because` says why in a word, the text in a sentence."""

    def __init__(self, because: Because) -> None:
        super().__init__(NoLeave(because).text)
        self.because = because


@dataclass(frozen=True, slots=True)
class Review:
    """Somebody looked again at an authorisation and found it necessary still; `review_by` is when that is due once more."""

    at: datetime
    by: StaffId
    text: str
    review_by: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """An authorisation as it is written down: the rule's part, and what was said for it and after it."""

    authority: Authority
    necessity: str
    proportionality: str
    applied_at: datetime
    renews: str | None = None
    """The one that it follows."""
    decided_at: datetime | None = None
    decided_why: str = ""
    cancelled_at: datetime | None = None
    cancelled_by: StaffId | None = None
    cancelled_why: str = ""
    reviews: tuple[Review, ...] = ()
    """Oldest first."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A member of staff who is declared to be connected to a person: a relative, a neighbour, a friend. What kind is not kept."""

    id: str
    staff: StaffId
    person: PersonId
    declared_by: StaffId
    declared_at: datetime


@dataclass(frozen=True, slots=True)
class CoveredCall:
    """A call that runs, within an authorisation in force; of several, `kind` is the one that is listened to first."""

    call: CallId
    node: str
    kind: AuthorityKind


class ListeningChanges(Protocol):
    """Authorisations, draws and connections as a use case works with them. What changes one writes no audit row of its own."""

    def authority(self, authority: str) -> Written | None: ...

    def authorities(self, person: PersonId | None = None, number: str | None = None) -> list[Written]:
        """All there ever were, or those that name this person or this number; oldest first."""

    def authorities_for(self, person: PersonId | None, number: str, at: datetime) -> list[Authority]:
        """Those that cover calls of this person to this number and are in force then."""

    def in_force(self) -> list[Authority]:
        """All that are in force now, whatever they cover."""

    def add_authority(self, written: Written) -> None: ...

    def decide_authority(self, authority: str, granted: bool, why: str, review_by: datetime | None) -> None: ...

    def review_authority(self, authority: str, text: str, review_by: datetime) -> None: ...

    def cancel_authority(self, authority: str, why: str) -> None: ...

    def draw(self, recording: RecordingId, until: datetime) -> bool:
        """A recording was drawn at random, and may be heard until then. False where it was drawn already."""

    def connected(self, staff: StaffId) -> frozenset[PersonId]:
        """Everybody to whom somebody of staff is declared to be connected."""

    def connections(self, staff: StaffId | None = None, person: PersonId | None = None) -> list[Connection]:
        """Those that stand, oldest first."""

    def add_connection(self, connection: Connection) -> None: ...

    def end_connection(self, connection: str) -> bool:
        """False for one that does not stand."""

    def covered_calls(self) -> list[CoveredCall]:
        """Those that run and are within an authorisation in force now, oldest first; none that is privileged or in quarantine."""

    def listen_facts(self, call: CallId, listener: StaffId) -> ListenFacts | None:
        """One read of all that decides whether somebody may hear a call; None for one that nobody knows."""


class Playing(Protocol):
    """One recording, open for one listener, for as long as their leave stands."""

    @property
    def id(self) -> str: ...

    @property
    def recording(self) -> RecordingId: ...

    @property
    def size(self) -> int:
        """Bytes of sound in all."""

    @property
    def leave(self) -> Leave: ...

    async def read(self, start: int, stop: int) -> bytes:
        """The sound in [start, stop), a minute at most (ValueError for more). NotAllowed once the leave is over, also in the
        middle: it is asked at every read."""

    async def close(self) -> None:
        """Keeps how much was heard. Idempotent."""


class Access(Protocol):
    """The only way from a recording to somebody's ears."""

    async def open(self, listener: StaffId, recording: RecordingId, why: str) -> Playing:
        """Opened, with its audit row. NotAllowed; ValueError without a reason; what the vault raises."""

    def find(self, playing: str, listener: StaffId) -> Playing | None:
        """One that this listener opened and that is open: one opening, many requests."""

    async def leave(self, listener: StaffId, recording: RecordingId) -> Leave:
        """What lets somebody have a recording now, for whatever takes it out. NotAllowed."""


class Sounds(Protocol):
    """The vault, as far as listening needs it."""

    async def size(self, recording: RecordingId) -> int: ...

    async def read(self, recording: RecordingId, start: int, stop: int) -> bytes: ...
