"""Exceptions in time of orders against contact, as staff write them down: a court leaves one open at a time."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from switch.core.openings import Opening


@dataclass(frozen=True, slots=True)
class CourtOpening:
    """What one order leaves open, and under which court's order. `added_by` and `second` are two members of staff."""

    order: str
    court: str
    opening: Opening
    added_at: datetime
    added_by: str
    second: str


class OpeningChanges(Protocol):
    """Nothing here asks whether it may be done."""

    def no_contact_person(self, order: str) -> str | None:
        """Whom an order binds; None for one that does not stand."""

    def openings(self, order: str | None = None) -> Sequence[CourtOpening]:
        """Those that were not ended and are not over, of one order or all, oldest first."""

    def add_opening(self, opening: CourtOpening) -> None: ...

    def end_opening(self, opening: str) -> bool:
        """False for one that does not stand."""
