"""Who listens to a call: 20 ms at a time of what its tap has in hand, until the ticket is over.

It looks at the tap's own samples, so nobody hears what is not recorded, and a call without a tap has nothing to hear.
"""
from dataclasses import dataclass
from datetime import datetime

from switch.core.grants import ListenTicket
from switch.core.ids import Leg
from switch.media.embedded.tap import FRAME, HELD, RATE, TapWriter
from switch.ports.media import Hear

BEHIND = HELD - FRAME
"""Samples behind the clock, so that packets out of order have found their place; less than the tap keeps in hand."""


@dataclass(slots=True)
class _Listener:
    until: float
    """By the engine's clock."""
    hear: Hear
    position: int | None = None
    """The next sample; None before the first."""


class Listeners:
    """Those of one call, by their keys. The tickets they came with are good once."""

    __slots__ = ("_by_key", "_used")

    def __init__(self) -> None:
        self._by_key: dict[bytes, _Listener] = {}
        self._used: set[str] = set()

    def __len__(self) -> int:
        return len(self._by_key)

    def admit(self, ticket: ListenTicket, at: datetime, clock: float, hear: Hear) -> None:
        """PermissionError for a ticket that was used, is over, or to come."""
        if ticket.nonce in self._used:
            raise PermissionError(f"call {ticket.call}: this ticket was used already")
        if not ticket.not_before <= at < ticket.expires:
            raise PermissionError(f"call {ticket.call}: this ticket is over, or not good yet")
        self._used.add(ticket.nonce)
        until = clock + (ticket.expires - at).total_seconds()
        before = self._by_key.get(ticket.key)
        self._by_key[ticket.key] = _Listener(until, hear, before.position if before else None)

    def tick(self, tap: TapWriter | None, clock: float) -> None:
        """Hand on what is due to each by now; who is over leaves."""
        for key, one in list(self._by_key.items()):
            if clock >= one.until:
                del self._by_key[key]
            elif tap is not None:
                _hand_on(one, tap, clock)


def _hand_on(one: _Listener, tap: TapWriter, clock: float) -> None:
    due = int((clock - tap.began) * RATE) - BEHIND
    position = max(due - due % FRAME if one.position is None else one.position, tap.written)  # what was written is out of hand
    while 0 <= position <= due - FRAME:
        frame = bytearray(2 * FRAME)
        frame[::2] = tap.channels[Leg.CELL].peek(position, FRAME)
        frame[1::2] = tap.channels[Leg.OUTSIDE].peek(position, FRAME)
        one.hear(position, bytes(frame))
        position += FRAME
    one.position = position
