"""RTP as bytes (RFC 3550 §5): the fixed header, unusual packets made plain, and one stream's statistics (A.1, A.3, A.8)."""
import struct
from typing import Final

HEADER: Final = struct.Struct("!HHII")
"""V/P/X/CC and M/PT as one, sequence, timestamp, SSRC."""
PLAIN: Final = 0x8000
"""Version 2 without padding, extension or contributors; the payload type is added to it."""
SHAPE: Final = 0xFF7F
"""All of the first two octets but the marker."""
MARKER: Final = 0x80
LARGEST: Final = 1500
MISORDER: Final = 100
"""How far behind a sequence number is late rather than a new start (RFC 3550 A.1)."""
DROPOUT: Final = 3000


def plain(packet: bytes) -> bytes | None:
    """The same packet with a twelve-octet header and no padding; None when it is no RTP that can be read."""
    if not 13 <= len(packet) <= LARGEST or packet[0] >> 6 != 2:
        return None
    first = packet[0]
    start, end = 12 + 4 * (first & 0x0F), len(packet)
    if first & 0x10:
        if end < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    if first & 0x20:
        end -= packet[-1] or LARGEST
    if start >= end:
        return None
    return packet if first == 0x80 else b"\x80" + packet[1:12] + packet[start:end]


class StreamCount:
    """Counts one incoming stream: what came, what is missing, how evenly it came.

    `next` is the extended sequence number awaited, -1 before the first packet; the packet path moves it on by one when all is
    well, and everything else is derived from it. `transit` and `jitter` are in samples.
    """

    __slots__ = ("_base", "_before", "_lost_before", "_missing", "_prior", "jitter", "next", "ssrc", "transit")

    def __init__(self) -> None:
        self.next = -1
        self.ssrc = -1
        self.transit = 0.0
        self.jitter = 0.0
        self._base = self._missing = self._before = self._lost_before = 0
        self._prior = (0, 0)

    def restart(self, sequence: int, ssrc: int) -> None:
        """A stream begins, or begins again with numbers of its own; what came and was lost before stays counted."""
        self._before, self._lost_before = self.received, self.lost
        self._base = self.next = sequence
        self._missing = 0
        self.ssrc = ssrc
        self._prior = (self._before + self._lost_before, self._before)

    def skip(self, ahead: int) -> None:
        """The packet that came is `ahead` of the awaited one: those between are missing so far."""
        self._missing += ahead
        self.next += ahead + 1

    def late(self) -> None:
        """One of the missing came after all; a duplicate fills nothing."""
        self._missing = max(0, self._missing - 1)

    @property
    def received(self) -> int:
        return self._before + (self.next - self._base if self.next >= 0 else 0) - self._missing

    @property
    def lost(self) -> int:
        return self._lost_before + self._missing

    def fraction_lost(self) -> int:
        """Loss since this was last asked, in 256ths (RFC 3550 A.3)."""
        received = self.received
        expected = received + self.lost
        due, came = expected - self._prior[0], received - self._prior[1]
        self._prior = (expected, received)
        return min(255, ((due - came) << 8) // due) if due > 0 and due > came else 0


def judge_sequence(awaited: int, sequence: int) -> int | None:
    """How many packets ahead of the awaited one this is; negative when late, None when numbers start anew (RFC 3550 A.1)."""
    ahead = (sequence - awaited) & 0xFFFF
    if ahead < DROPOUT:
        return ahead
    if ahead >= 0x10000 - MISORDER:
        return ahead - 0x10000
    return None
