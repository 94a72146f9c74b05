"""The live board: what every call is doing now. May be lost; never waited for."""
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One live call as staff see it."""

    id: str
    state: str
    phone: str
    person: str | None
    to: str
    privileged: bool
    since: str
    """RFC 3339, UTC."""
    talking_since: str | None = None
    seconds_left: float | None = None
    """Of talk, from `talking_since` on; None: no limit, or nobody talks yet."""
    rate: int | None = None
    """Thousandths of a penny a minute; None: free, or nothing is decided yet."""
    free_seconds: int = 0
    """Seconds of talk that a bundle pays for before the rate begins."""
    kind: str = "call"
    """`call`, or of one that the switch places itself, `placed-consent` or `placed-verify`: no telephone, and `person` is whom it
    is about."""


class Board(Protocol):
    def put(self, row: BoardRow) -> None:
        """Publish a change; never blocks, drops the oldest when its queue is full."""

    def drop(self, call: str) -> None: ...
