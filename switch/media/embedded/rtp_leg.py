"""One leg's RTP socket: the packet path, kept lean, and the stream that we send on it.

What comes in is judged (shape, source, sequence), laid into the tap, and sent on through the other leg under our own SSRC with
numbers that go on unbroken whatever plays or speaks.
"""
import asyncio
import time
from collections.abc import Callable
from typing import Protocol, cast

from switch.core.ids import Leg
from switch.media import g711
from switch.media.embedded.events import EventDigits
from switch.media.embedded.latch import Address, SourceLatch
from switch.media.embedded.rtp import HEADER, MARKER, PLAIN, StreamCount, judge_sequence, plain
from switch.media.embedded.tap import TapChannel
from switch.media.embedded.ticker import Playback

LAWS = {g711.PCMU: "PCMU", g711.PCMA: "PCMA"}
TRANSLATE = {(g711.PCMU, g711.PCMA): g711.ULAW_TO_ALAW, (g711.PCMA, g711.PCMU): g711.ALAW_TO_ULAW}
"""From law to law; a pair that is not here needs nothing."""
NOWHERE = -1.0


class LegWatch(Protocol):
    """What a leg tells the call that it belongs to."""

    def first_packet(self, leg: Leg) -> None: ...

    def digit(self, leg: Leg, digit: str) -> None: ...


class RtpLeg(asyncio.DatagramProtocol):
    """One leg. `to` is the leg that hears this one now, or None: the gate is this attribute."""

    def __init__(self, leg: Leg, watch: LegWatch, ssrc: int, sequence: int, timestamp: int,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self.leg = leg
        self.watch = watch
        self.clock = clock
        self.transport: asyncio.DatagramTransport | None = None
        # what comes in
        self.latch: SourceLatch | None = None
        self.source: Address | None = None
        """The locked source; anything else takes the slow way through the latch."""
        self.law = g711.PCMA
        self.laws: frozenset[int] = frozenset()
        self.event_types: frozenset[int] = frozenset()
        self.count = StreamCount()
        self.new_digits = EventDigits
        self.digits = self.new_digits()
        self.heard_at = NOWHERE
        self.noise_at = NOWHERE
        """When something last came that belonged to no call."""
        self.strays = 0
        self.tap: TapChannel | None = None
        self.tap_began = 0.0
        self.to_tap: bytes | None = None
        self.inband: Callable[[Leg, int, bytes], None] | None = None
        # where it goes
        self.to: RtpLeg | None = None
        self.to_law: bytes | None = None
        self.follows = -1
        """The SSRC whose numbers are joined to those of `to`; -1 sends the next packet the slow way."""
        self._shift = (0, 0)
        self._anchor = 0
        # what goes out on this leg
        self.ssrc = ssrc
        self.dest: Address | None = None
        self.sequence = sequence
        self.timestamp = timestamp
        self.sent_at = NOWHERE
        self.sent = 0
        self.octets = 0
        self.playing: Playback | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)  # uvloop's is one in all but its class

    def error_received(self, exc: Exception) -> None:
        """ICMP from a port that is closed yet, or closed already: silence will tell."""

    # --- coming in

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if addr != self.source and not self._admit(data, addr):
            return
        if len(data) < 13 or data[0] != PLAIN or data[1] & 0x7F != self.law:
            unusual = self._unusual(data)
            if unusual is None:
                return
            data = unusual
        _, kind, sequence, timestamp, ssrc = HEADER.unpack_from(data)
        now = self.clock()
        count = self.count
        if ssrc == self.follows and sequence == count.next & 0xFFFF:
            count.next += 1
            late = False
        else:
            late = self._out_of_step(sequence, timestamp, ssrc)
        count.received += 1
        self.heard_at = now
        transit = now * 8000.0 - timestamp
        apart = transit - count.transit
        count.transit = transit
        if -8000.0 < apart < 8000.0:
            count.jitter += ((apart if apart > 0 else -apart) - count.jitter) * 0.0625
        sound = data[12:]
        tap = self.tap
        if tap is not None:
            table = self.to_tap
            tap.place(timestamp, sound if table is None else sound.translate(table), int((now - self.tap_began) * 8000.0),
                      kind > 127)
        to = self.to
        if to is not None:
            if self.to_law is not None:
                sound = sound.translate(self.to_law)
            shift = self._shift
            sequence = (sequence + shift[0]) & 0xFFFF
            timestamp = (timestamp + shift[1]) & 0xFFFFFFFF
            if not late:
                to.sequence = sequence
                to.timestamp = timestamp
                to.sent_at = now
            elif ssrc != self.follows or (sequence - self._anchor) & 0x8000:
                return  # from before the join: its number was used for something else
            to.sent += 1
            to.octets += len(sound)
            to.transport.sendto(HEADER.pack(PLAIN, kind & MARKER | to.law, sequence, timestamp, to.ssrc) + sound, to.dest)  # type: ignore[union-attr]  # `to` is set only for a leg with socket and address
        elif self.inband is not None:
            self.inband(self.leg, self.law, sound)

    def _admit(self, data: bytes, addr: Address) -> bool:
        """The slow way: shape and type first, so that nothing else can latch, then the latch."""
        latch = self.latch
        if latch is None:
            self.strays += 1
            self.noise_at = self.clock()
            return False
        if len(data) < 13 or data[0] >> 6 != 2 or data[1] & 0x7F not in self.laws | self.event_types:
            if addr[:2] != latch.source:
                latch.stray += 1
            return False
        before = latch.source
        if not latch.admit(addr):
            return False
        if latch.source != before:
            if self.dest is not None:
                self.dest = latch.source
            if before is None and self.heard_at == NOWHERE:
                self.watch.first_packet(self.leg)
        if latch.locked:
            # As the loop gives it, so that the comparison in the packet path holds (IPv6 has four fields).
            self.source = addr
        return True

    def _unusual(self, data: bytes) -> bytes | None:
        """Padding, extensions, the other law or an event: a plain packet of sound comes out, or nothing."""
        made = plain(data)
        if made is None:
            return None
        kind = made[1] & 0x7F
        if kind in self.event_types:
            self.heard_at = self.clock()
            sequence, ssrc = int.from_bytes(made[2:4], "big"), int.from_bytes(made[8:12], "big")
            if self._in_step(sequence, ssrc):
                self.count.received += 1
            digit = self.digits.feed(made[12:], int.from_bytes(made[4:8], "big"))
            if digit is not None:
                self.watch.digit(self.leg, digit)
            return None
        if kind not in self.laws:
            return None
        if kind == self.law:
            return made
        table = TRANSLATE[kind, self.law]
        return bytes((PLAIN, made[1] & MARKER | self.law)) + made[2:12] + made[12:].translate(table)

    def _in_step(self, sequence: int, ssrc: int) -> bool:
        """Count an event packet in the stream that it shares with the sound, so that it is not taken for loss."""
        count = self.count
        ahead = judge_sequence(count.next, sequence) if ssrc == count.ssrc else None
        if ahead is None:
            return False
        if ahead >= 0:
            count.next += ahead + 1
        return True

    def _out_of_step(self, sequence: int, timestamp: int, ssrc: int) -> bool:
        """A packet that was not simply the next one; True for a late packet, which moves nothing."""
        count = self.count
        ahead = judge_sequence(count.next, sequence) if ssrc == count.ssrc else None
        if ahead is None:
            if count.ssrc >= 0:
                self.digits = self.new_digits()
                if self.tap is not None:
                    self.tap.restart()
            count.restart(sequence, ssrc)
            ahead, self.follows = 0, -1
        if ahead < 0:
            return True
        count.next += ahead + 1
        if self.follows != ssrc:
            self.follows = ssrc
            self._join(sequence, timestamp)
        return False

    def _join(self, sequence: int, timestamp: int) -> None:
        """Shift this stream's numbers so that its present packet is the next one on the leg it goes to."""
        to = self.to
        if to is not None:
            to.advance(self.clock())
            self._anchor = to.sequence
            self._shift = ((to.sequence - sequence) & 0xFFFF, (to.timestamp - timestamp) & 0xFFFFFFFF)

    # --- going out

    def speak_to(self, other: "RtpLeg | None") -> None:
        """Send what comes in here on through `other` from now on; None is nowhere."""
        if other is not None and (other.dest is None or other.transport is None):
            other = None
        self.to_law = TRANSLATE.get((self.law, other.law)) if other is not None else None
        if other is not self.to:
            self.follows = -1
        self.to = other

    def advance(self, now: float) -> None:
        """Number the next packet on this leg: one more, and as many samples later as time has passed."""
        self.sequence = (self.sequence + 1) & 0xFFFF
        passed = round((now - self.sent_at) * 8000) if self.sent_at != NOWHERE else 0
        self.timestamp = (self.timestamp + (passed if passed > 4 * g711.FRAME else g711.FRAME)) & 0xFFFFFFFF
        self.sent_at = now

    def send_frame(self, alaw: bytes, now: float, marker: bool = False) -> None:
        """One 20 ms A-law frame of our own, in the leg's law."""
        if self.dest is None or self.transport is None:
            return
        self.advance(now)
        table = TRANSLATE.get((g711.PCMA, self.law))
        sound = alaw if table is None else alaw.translate(table)
        kind = self.law | (MARKER if marker else 0)
        self.sent += 1
        self.octets += len(sound)
        self.transport.sendto(HEADER.pack(PLAIN, kind, self.sequence, self.timestamp, self.ssrc) + sound, self.dest)

    def describe(self, host: str, port: int, laws: tuple[int, ...], event_types: frozenset[int], *, sends: bool,
                 lock_after: int) -> None:
        """Take the other side's SDP: where it is, which laws it speaks (ours is the first), whether it wants our sound.

        The same address again keeps the latch; another one starts it anew.
        """
        self.law, self.laws, self.event_types = laws[0], frozenset(laws), event_types
        self.to_tap = TRANSLATE.get((self.law, g711.PCMA))
        if self.latch is None or (self.latch.host, self.latch.port) != (host, port):
            self.strays += self.latch.stray if self.latch is not None else 0
            self.latch, self.source = SourceLatch(host, port, lock_after), None
        self.dest = (self.latch.source or (host, port)) if sends and port else None
        self.follows = -1

    def shut(self) -> None:
        """Forget the call: whatever still comes is noise on a port that drains."""
        if self.latch is not None:
            self.strays += self.latch.stray
        self.latch = self.source = self.dest = self.to = self.tap = self.inband = self.playing = None
        self.noise_at = self.clock()

    @property
    def stray(self) -> int:
        return self.strays + (self.latch.stray if self.latch is not None else 0)
