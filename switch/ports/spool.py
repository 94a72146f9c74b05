"""Where a tap writes while the call goes on: bounded, never waiting in the packet path."""
from collections.abc import Callable
from typing import Protocol

from switch.core.grants import RecordingWarrant
from switch.ports.media import SealedRecording


class SpoolFile(Protocol):
    """One recording being written: interleaved stereo A-law, person in prison left, contact right, 16,000 bytes a second."""

    def write(self, frames: bytes) -> None:
        """Hand over bytes; returns at once. A full queue or a failed disk is told through `on_stopped`, once."""

    async def seal(self) -> SealedRecording:
        """Write the rest, close, hash. Raises OSError when the disk will not take it; what is there stays."""


class Spool(Protocol):
    def open(
        self, warrant: RecordingWarrant, on_running: Callable[[], None], on_stopped: Callable[[str], None]
    ) -> SpoolFile:
        """A new file; `on_running` on the loop once its first bytes are flushed to the disk."""

    @property
    def running(self) -> frozenset[str]:
        """Names of the recordings that are being written now; each is its call's id."""

    def room_seconds(self) -> float:
        """Seconds for which every configured line could still be recorded, by the free space beside running reserves."""
