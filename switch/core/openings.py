"""Times in which an order against contact does not bind: between which moments, at which hours, for which number."""
from dataclasses import dataclass
from datetime import datetime

from switch.core.numbers import Number


@dataclass(frozen=True, slots=True)
class LocalHours:
    """A window that comes every week: `day` is 0 for Monday; minutes from that day's local midnight, `end` may be past 1440."""

    day: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Opening:
    """One exception of an order. It leaves open what all of its parts name: a part that is not there names everything."""

    id: str
    since: datetime | None = None
    until: datetime | None = None
    """Aware, UTC; the order binds again from this moment on."""
    hours: tuple[LocalHours, ...] = ()
    zone: str = "Europe/London"
    """In which `hours` are meant, an IANA name."""
    number: Number | None = None
    """This number alone, of all that the order reaches."""
