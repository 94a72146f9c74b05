"""Time and chance as the shells hand them in: nothing pure reads either for itself."""
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def wall(self) -> datetime:
        """Aware, UTC: for hours and stamps."""

    def monotonic(self) -> float:
        """Seconds: for lengths, warnings and charges."""


class Ids(Protocol):
    def call(self) -> str:
        """A new call id: unguessable, sortable by time."""

    def token(self) -> str:
        """An unguessable token for tags, branches and nonces."""
