"""Recordings as somebody is given them: under leave, and as copies beside the original."""
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from switch.core.ids import RecordingId
from switch.ports.listening import Access

CLIP = "clip:"
"""What the kind of a part begins with that is a copy of its recording; its id follows."""


class Parts(Protocol):
    """The vault, as far as copies need it. All raise what the vault raises."""

    async def size(self, recording: str) -> int: ...

    async def read(self, recording: str, start: int, stop: int) -> bytes: ...

    async def put_part(self, recording: str, kind: str, data: bytes) -> None: ...

    async def part(self, recording: str, kind: str) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where a desk has recordings from: who may have one is `access`'s to say, the sound is the vault's."""

    access: Access
    vault: Parts


@dataclass(frozen=True, slots=True)
class Copy:
    """Something that was made of a recording, kept under its key: it goes when the recording goes."""

    id: str
    recording: RecordingId
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that leaves the house."""

    name: str
    media_type: str
    data: bytes
    sha256: str


class CopyChanges(Protocol):
    def copies(self, recording: str) -> list[Copy]:
        """Oldest first; none of one that is not there or was erased."""

