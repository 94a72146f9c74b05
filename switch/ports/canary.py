"""The canary: a privileged call of the switch's own, rung each day at each establishment, and what it may not leave behind."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from switch.core.ids import CallId, PersonId, PhoneId


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    """Something of it was kept, or tapped, or it carried no sound and proves nothing."""
    NOT_RUN = "not-run"
    """It could not be placed, for a reason that is no fault of privacy: an order, a switch that is not there."""


@dataclass(frozen=True, slots=True)
class Canary:
    """An establishment's canary: a telephone of its own, a subscriber who is nobody, and leave to ring one number free."""

    establishment: str
    phone: PhoneId
    person: PersonId
    number: str
    """As `+E.164`; on the signed list of privileged numbers, and nothing else makes it private."""
    network: str
    permit: str
    added_at: datetime
    added_by: str


@dataclass(frozen=True, slots=True)
class CanaryRun:
    """One run. `verdict` is None while it rings; `problems` are sentences, whatever the verdict."""

    id: str
    establishment: str
    began_at: datetime
    ended_at: datetime | None = None
    verdict: Verdict | None = None
    call: CallId | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Traces:
    """What the database has of one call once it is closed."""

    call: CallId
    privileged: bool
    outcome: str
    end_why: str
    recording: str | None
    kept: tuple[str, ...] = ()
    """Whatever else refers to it and is no part of its record: outbox rows of work to do on it, rows of other tables."""


class CanaryChanges(Protocol):
    def canaries(self) -> Sequence[Canary]:
        """By establishment."""

    def add_canary(self, canary: Canary, password: str, second: str) -> None:
        """With telephone, subscriber and the permit that two give; the password itself is not kept."""

    def had_canary(self, establishment: str) -> bool:
        """Whether there was one that was removed: its telephone and its subscriber are there still."""

    def is_canarys(self, phone: PhoneId) -> bool:
        """Whether a telephone is a canary's, or was that of one that was removed."""

    def remove_canary(self, canary: Canary) -> None:
        """It is in no list any more, its subscriber may ring nobody, and its leave is withdrawn."""

    def canary_runs(self, establishment: str, most: int = 20) -> Sequence[CanaryRun]:
        """The newest first."""

    def canary_run(self, run: str) -> CanaryRun | None: ...

    def last_passed(self, establishment: str) -> datetime | None:
        """When the last one that passed ended."""

    def begin_canary(self, run: CanaryRun) -> None: ...

    def end_canary(self, run: CanaryRun) -> None: ...

    def traces(self, phone: PhoneId, since: datetime) -> Traces | None:
        """Of the newest call from this telephone since then, once its record is closed."""

    def raise_alarm(self, id: str, kind: str, text: str, call: CallId | None) -> None:
        """Once for each id."""
