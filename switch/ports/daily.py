"""Days of daily jobs as workers share them."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto
from typing import Protocol

ESTATE = ""
"""Stands for the establishment in a job of the whole estate."""


class Claim(Enum):
    OURS = auto()
    TAKEN = auto()
    """Another worker is at it, or the last one failed not long ago."""
    DONE = auto()


@dataclass(frozen=True, slots=True)
class JobDay:
    """One day of one job at one establishment, or `ESTATE`; `day` is by the clock there."""

    job: str
    establishment: str
    day: date


class DailyRecords(Protocol):
    async def places(self) -> Sequence[tuple[str, str]]:
        """Every establishment with its time zone."""

    async def claim(self, day: JobDay, at: datetime) -> Claim:
        """A day is that of one worker at a time, for half an hour."""

    async def done(self, day: JobDay, at: datetime) -> None: ...

    async def failed(self, day: JobDay, error: str, at: datetime) -> None:
        """Staff are told, once a day; the day is tried again when the half hour is over."""
