"""Leads: what a person should look at, because a machine noticed something. Never evidence, and nothing is refused for one."""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from switch.core.ids import CallId, PersonId, RecordingId, StaffId


class LeadKind(StrEnum):
    WORD = "word"
    """A watch word was heard."""
    SHARED_NUMBER = "shared-number"
    """Many people ring one number."""
    APPLIED_BY_MANY = "applied-by-many"
    """Several people applied for one number."""
    BORROWED_PIN = "borrowed-pin"
    """Somebody's PIN was tried on a telephone that is not theirs."""
    DIVERT = "divert"
    """Keys or a ringing on the contact's side while they talk: a third party is rung."""
    THIRD_VOICE = "third-voice"
    DIGITS = "digits"
    """As many digits as a card or an account has."""
    TONE = "tone"
    SILENCE = "silence"


class LeadDecision(StrEnum):
    USEFUL = "useful"
    FALSE = "false"
    PASSED_ON = "passed-on"
    """Useful, and with whoever acts on it."""


@dataclass(frozen=True, slots=True)
class Lead:
    """One thing to look at. `score` is from 0 to 1, as it was made; `useful` and `false` count what staff have decided of the
    leads of its word since.

    Of a recording: where in it, in seconds, on which channel (`left` the person in prison), how sure the machine was. Otherwise
    `evidence` says what was counted. What was said is in neither.
    """

    id: str
    kind: LeadKind
    establishment: str
    about: str
    """What makes it the same one again: an entry and a channel, a number, a person and a telephone."""
    score: float
    made_at: datetime
    people: tuple[PersonId, ...] = ()
    word: str | None = None
    recording: RecordingId | None = None
    start: float | None = None
    end: float | None = None
    channel: str | None = None
    confidence: float | None = None
    live: bool = False
    """Told while the call went on."""
    evidence: Mapping[str, str | int] | None = None
    owner: StaffId | None = None
    decision: LeadDecision | None = None
    decided_at: datetime | None = None
    useful: int = 0
    false: int = 0


@dataclass(frozen=True, slots=True)
class WatchedCall:
    """A call in which a machine may look for something."""

    call: CallId
    establishment: str
    person: PersonId | None
    number: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """Something that the records have too much of: who, about what, and how often."""

    about: str
    people: tuple[PersonId, ...]
    times: int


class LeadChanges(Protocol):
    def lead(self, id: str) -> Lead | None: ...

    def watched_call(self, call: CallId) -> WatchedCall | None:
        """None for a call that nobody knows, and for one that is privileged, in quarantine, or erased."""

    def leads(self, establishment: str | None = None, decided: bool = False) -> Sequence[Lead]:
        """Those that wait, or those that were decided, as they were made. None of a call that is in quarantine."""

    def leads_of(self, recording: RecordingId) -> Sequence[Lead]: ...

    def leads_about(self, kind: LeadKind, establishment: str, since: datetime) -> frozenset[str]:
        """What leads of a kind have been about since then."""

    def add_leads(self, leads: Iterable[Lead]) -> None: ...

    def own_lead(self, id: str, owner: StaffId | None) -> None: ...

    def decide_lead(self, id: str, decision: LeadDecision) -> None:
        """And a word is counted as useful or false."""

    def drop_old_leads(self, establishment: str, before: datetime) -> int:
        """Those of no recording that were made before; how many. Those of a recording go with it."""

    def shared_numbers(self, establishment: str, since: datetime, people: int) -> Sequence[Pattern]:
        """Numbers that so many people or more of an establishment have talked with; none of a privileged call or a helpline."""

    def applied_numbers(self, establishment: str, people: int) -> Sequence[Pattern]:
        """Numbers that so many people or more of an establishment have as a social contact, or applied for."""

    def borrowed_pins(self, establishment: str, since: datetime, times: int) -> Sequence[Pattern]:
        """People whose PIN was so often or more used on a telephone that is not theirs, and refused; `about` is the telephone."""
