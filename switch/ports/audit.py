"""The log of who did what, as staff and inspectors read it; and what wraps the keys of the words that stand beside it."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class KeyWrap(Protocol):
    """A master key (`recordings.keys.MasterKey`): what it wrapped is unreadable but for it and the same context."""

    @property
    def id(self) -> str: ...

    def wrap(self, key: bytes, context: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes: ...

    def newest(self) -> "KeyWrap":
        """The one key that wraps from now on: its `id` and what it wraps belong together."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row with what stands beside it: `words` by what they are (`reason`, `second`, `recipient` ...), none where there never
    were any or where they were erased, which `erased` tells apart."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: Mapping[str, str]
    detail: Mapping[str, str | int | bool | None]
    words: Mapping[str, str]
    erased: bool = False


class AuditChanges(Protocol):
    def audit_rows(self, actions: Sequence[str] | None, person: str | None, since: datetime | None, until: datetime | None,
                   most: int) -> list[AuditRow]:
        """The newest `most` in [since, until), oldest first: of these actions, or all; about one person, or everybody."""

    def audit_row(self, seq: int) -> AuditRow | None: ...

    def note_text(self, seqs: Sequence[int]) -> dict[int, str]:
        """Staff's reasons beside these rows; those that were erased are missing."""

    def erase_words(self, seq: int) -> bool:
        """The key of the words beside a row is destroyed, and they with it. False where there are none, or none any more."""
