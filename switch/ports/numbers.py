"""Number lists and orders to stop contact as the desk works on them: plain records, and what a transaction can do with them."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from switch.core.facts import StopScope
from switch.core.ids import PersonId
from switch.core.lists import ListKind, ListLevel
from switch.core.stopping import StopSource


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the number lists. `target` is the establishment or the person of the level, None for the estate."""

    id: str
    number: str
    kind: ListKind
    level: ListLevel
    target: str | None
    victim: bool
    cut: bool
    """A bar that also ends the calls that run."""
    reason: str
    added_by: str
    added_at: datetime
    start: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Whoever has this number is not rung: by one person, or from any prison."""

    id: str
    number: str
    scope: StopScope
    person: PersonId | None
    source: StopSource
    placed_by: str
    placed_at: datetime
    reason: str = ""
    second: str | None = None


@dataclass(frozen=True, slots=True)
class StopRequest:
    """Somebody asked, by text or on the web, and the number itself has not said yes yet. `undo`: to take back its own stop."""

    id: str
    number: str
    scope: StopScope
    person: PersonId | None
    undo: bool
    source: str
    until: datetime
    code: str
    """The hash of the code that went to the number."""
    tries: int = 0
    done: bool = False


class NumberChanges(Protocol):
    def add_entries(self, entries: Sequence[Entry]) -> None: ...

    def entry(self, entry: str) -> Entry | None:
        """One that was not ended and has not lapsed."""

    def entries(self, number: str | None = None) -> list[Entry]:
        """All that stand, those to come included, by number and level."""

    def end_entry(self, entry: str) -> None: ...

    def wrong_numbers(self) -> dict[str, int]:
        """Numbers that were answered as the wrong ones and are not verified since for every party, and how often."""

    def answered_wrong(self, person: PersonId, number: str) -> bool:
        """Whether a mark on the number holds for this person."""

    def mark_wrong(self, mark: str, number: str) -> int:
        """With its own audit row. How many approvals are to be verified by it."""

    def verify_number(self, number: str) -> int:
        """It is that of each party that has it, with the checks of it done. How many marks that took off it."""

    def verify_party(self, party: str, number: str) -> None:
        """It is this party's; a mark goes with the last party that was not verified."""


class StopChanges(Protocol):
    def stop(self, stop: str) -> Stop | None:
        """One that was not undone."""

    def stops(self, number: str | None = None) -> list[Stop]:
        """All that stand, oldest first."""

    def place_stop(self, stop: Stop) -> None:
        """With its own audit row; every contact that it is about is stopped."""

    def undo_stop(self, stop: str) -> None:
        """With its own audit row; the contacts stay stopped until staff approve them again."""

    def not_social(self, number: str) -> bool:
        """Whether anybody has it as a privileged or official contact or an organisation's."""

    def add_request(self, request: StopRequest) -> None: ...

    def request(self, request: str) -> StopRequest | None: ...

    def requests_since(self, number: str, since: datetime) -> int: ...

    def count_try(self, request: str) -> None: ...

    def confirm_request(self, request: StopRequest, stop: str) -> tuple[Stop | None, tuple[Stop, ...]]:
        """The number said yes: the stop that stands now, by this id, or those of its own that were undone. With audit rows."""
