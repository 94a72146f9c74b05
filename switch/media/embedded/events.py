"""RFC 4733 telephone events: a digit is one timestamp, told once, whether or not its end arrives."""
from typing import Final

EVENTS: Final = "0123456789*#ABCD"


class EventDigits:
    """The digits of one stream of telephone-event packets.

    Told at an event's first packet, so a lost end, three of them or a retransmission change nothing. Packets of an older
    event are late ones. An event too long for its duration field goes on under a new timestamp (§2.5.1.3): the same digit.
    """

    __slots__ = ("_digit", "_duration", "_ended", "_last")

    def __init__(self) -> None:
        self._last: int | None = None
        self._digit = ""
        self._duration = 0
        self._ended = False

    def feed(self, payload: bytes, timestamp: int) -> str | None:
        """One event payload (§2.3) and its RTP timestamp; the digit if this is a new one."""
        if len(payload) < 4 or payload[0] >= len(EVENTS):
            return None
        digit, ended = EVENTS[payload[0]], bool(payload[1] & 0x80)
        duration = int.from_bytes(payload[2:4], "big")
        if self._last is not None:
            ahead = (timestamp - self._last) & 0xFFFFFFFF
            if ahead == 0:
                self._duration = max(self._duration, duration)
                self._ended = self._ended or ended
                return None
            if ahead >= 0x80000000:
                return None
            goes_on = digit == self._digit and not self._ended and self._duration >= 0xF000 and ahead <= 0x10000
        else:
            goes_on = False
        self._last, self._digit, self._duration, self._ended = timestamp, digit, duration, ended
        return None if goes_on else digit
