"""RTP as bytes (RFC 3550 §5): the fixed header, unusual packets made plain, and one stream's statistics (A.1, A.3, A.8)."""
import struct
from typing import Final

HEADER: Final = struct.Struct("!BBHII")
"""V/P/X/CC, M/PT, sequence, timestamp, SSRC."""
PLAIN: Final = 0x80
"""First octet of a packet without padding, extension or contributors."""
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
    return packet if first == PLAIN else bytes((PLAIN,)) + packet[1:12] + packet[start:end]


class StreamCount:
    """Counts one incoming stream: what came, what is missing, how evenly it came.

    `next` is the extended sequence number awaited; -1 before the first packet. `transit` and `jitter` are in samples.
    """

    __slots__ = ("_base", "_before", "_lost_before", "_prior", "jitter", "next", "received", "ssrc", "transit")

    def __init__(self) -> None:
        self.next = -1
        self.received = 0
        self.ssrc = -1
        self.transit = 0.0
        self.jitter = 0.0
        self._base = 0
        self._before = 0
        self._lost_before = 0
        self._prior = (0, 0)

    def restart(self, sequence: int, ssrc: int) -> None:
        """A stream begins, or begins again with numbers of its own; what was lost before stays counted."""
        self._lost_before = self.lost
        self._before = self.received
        self._base = self.next = sequence
        self.ssrc = ssrc
        self._prior = (0, self._before)

    @property
    def expected(self) -> int:
        """Packets of the present stream that should have come."""
        return self.next - self._base if self.next >= 0 else 0

    @property
    def lost(self) -> int:
        return self._lost_before + max(0, self.expected - (self.received - self._before))

    def fraction_lost(self) -> int:
        """Loss since this was last asked, in 256ths (RFC 3550 A.3)."""
        expected, received = self.expected, self.received
        due, came = expected - self._prior[0], received - self._prior[1]
        self._prior = (expected, received)
        return min(255, ((due - came) << 8) // due) if due > came else 0


def judge_sequence(awaited: int, sequence: int) -> int | None:
    """How many packets ahead of the awaited one this is; negative when late, None when numbers start anew (RFC 3550 A.1)."""
    ahead = (sequence - awaited) & 0xFFFF
    if ahead < DROPOUT:
        return ahead
    if ahead >= 0x10000 - MISORDER:
        return ahead - 0x10000
    return None
