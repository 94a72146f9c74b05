"""What the rows share: how much is measured, and how a figure is written."""
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.machine import percentile


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table, as words."""

    what: str
    ours: str
    theirs: str = ""
    ratio: str = ""
    note: str = ""
    missed: bool = False
    """A promise was not kept: the bench fails."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: the full bench, or a quick look at whether it works."""

    rate: float = 20
    seconds: float = 30
    media_calls: int = 300
    media_seconds: float = 10
    delay_calls: int = 100
    cuts: int = 110
    dial_seconds: int = 10
    times: int = 2
    past: int = 1_000_000
    people: int = 88_000
    contacts: int = 1_700_000
    days: int = 21
    reads: int = 5_000
    transcripts: int = 1_000_000
    searches: int = 60
    """Of each kind."""
    audited: int = 1_000_000


QUICK = Size(rate=10, seconds=6, media_calls=40, media_seconds=5, delay_calls=20, cuts=12, dial_seconds=3, times=1, past=20_000,
             people=2_200, contacts=42_000, days=7, reads=500, transcripts=10_000, searches=12,
             audited=20_000)


def ms(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}f} ms"


def spread(values: Sequence[float], digits: int = 1) -> str:
    return f"p50 {percentile(values, 0.5):.{digits}f}, p99 {percentile(values, 0.99):.{digits}f} ms"


def run_name(at: int, size: Size) -> str:
    return "" if size.times == 1 else f", run {at + 1}"


def calls_name(number: int) -> str:
    return "1 call" if number == 1 else f"{number} calls at once"
