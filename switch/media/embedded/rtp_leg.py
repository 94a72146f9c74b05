"""One leg's RTP socket: the packet path, kept lean, and the stream that we send on it.

What comes in is judged (shape, source, sequence), laid into the tap, and sent on through the other leg under our own SSRC with
numbers that go on unbroken whatever plays or speaks.
"""
import asyncio
import struct
import time
from collections.abc import Callable
from typing import Protocol, cast

from switch.core.ids import Leg
from switch.media import g711
from switch.media.embedded.events import EventDigits
from switch.media.embedded.latch import Address, SourceLatch
from switch.media.embedded.rtp import HEADER, MARKER, PLAIN, SHAPE, StreamCount, judge_sequence, plain
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

    __slots__ = (
        "_first", "_shape", "_shift", "_speaker", "clock", "count", "dest", "digits", "ear", "event_types", "follows",
        "heard_at", "inband", "latch", "law", "laws", "leg", "new_digits", "noise_at", "playing", "sent", "sent_at",
        "sequence", "source", "ssrc", "stamp", "strays", "tap", "timestamp", "to", "to_law", "to_tap", "transport", "watch",
    )

    def __init__(self, leg: Leg, watch: LegWatch, ssrc: int, sequence: int, timestamp: int,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self.leg = leg
        self.watch = watch
        self.clock = clock
        self.transport: asyncio.DatagramTransport | None = None
        # what comes in
        self.latch: SourceLatch | None = None
        self.source: Address | None = None
        """The locked source as the loop gives it; anything else takes the slow way through the latch."""
        self.law = g711.PCMA
        self.laws: frozenset[int] = frozenset()
        self.event_types: frozenset[int] = frozenset()
        self._shape = PLAIN | self.law
        """The first two octets of a packet of plain sound, both ways."""
        self.count = StreamCount()
        self.new_digits = EventDigits
        self.digits = self.new_digits()
        self.heard_at = NOWHERE
        self.stamp = 0
        """RTP timestamp of the newest packet."""
        self.noise_at = NOWHERE
        """When something last came that belonged to no call."""
        self.strays = 0
        self.tap: TapChannel | None = None
        self.to_tap: bytes | None = None
        self.inband: Callable[[Leg, int, bytes], None] | None = None
        self.ear: Callable[[Leg, int, bytes], None] | None = None
        """Who listens for an answering machine, while it is listened for."""
        # where it goes
        self.to: RtpLeg | None = None
        self.to_law: bytes | None = None
        self.follows = -1
        """The SSRC whose numbers are joined to those of `to`; -1 sends the next packet the slow way."""
        self._shift = (0, 0)
        self._first = 0
        """The sequence number under which the joining packet went out."""
        # what goes out on this leg
        self.ssrc = ssrc
        self.dest: Address | None = None
        self._speaker: RtpLeg | None = None
        self.sequence = sequence
        self.timestamp = timestamp
        self.sent_at = NOWHERE
        self.sent = 0
        self.playing: Playback | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)  # uvloop's is one in all but its class

    def error_received(self, exc: Exception) -> None:
        """ICMP from a port that is closed yet, or closed already: silence will tell."""

    # --- coming in

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """The packet path: the next packet of plain sound from the locked source; all else goes the slow way."""
        if addr != self.source and not self._admit(data, addr):
            return
        try:
            kind, sequence, timestamp, ssrc = HEADER.unpack_from(data)
        except struct.error:
            return
        count = self.count
        if kind & SHAPE != self._shape or ssrc != self.follows or sequence != count.next & 0xFFFF:
            self._slow(data)
            return
        count.next += 1
        self.stamp = timestamp
        self.heard_at = now = self.clock()
        transit = now * 8000.0 - timestamp
        apart = transit - count.transit
        count.transit = transit
        if apart < 0.0:
            apart = -apart
        if apart < 8000.0:
            count.jitter += (apart - count.jitter) * 0.0625
        sound = data[12:]
        if self.tap is not None:
            self.tap.hear(timestamp, sound, now, kind & MARKER, self.to_tap)
        if self.ear is not None:
            self.ear(self.leg, self.law, sound)
        to = self.to
        if to is not None:
            to.sent += 1
            if self.to_law is not None:
                sound = sound.translate(self.to_law)
            more, later = self._shift
            head = HEADER.pack(kind & MARKER | to._shape, (sequence + more) & 0xFFFF, (timestamp + later) & 0xFFFFFFFF, to.ssrc)
            to.transport.sendto(head + sound, to.dest)  # type: ignore[union-attr]  # `to` is set only for a leg that has a socket
        elif self.inband is not None:
            self.inband(self.leg, self.law, sound)

    def _admit(self, data: bytes, addr: Address) -> bool:
        """Shape and type first, so that nothing else can latch, then the latch."""
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
            self.source = addr
        return True

    def _slow(self, data: bytes) -> None:
        """Whatever is not simply the next packet: events, the other law, padding, loss, lateness, a new stream, a new join."""
        made = self._sound_of(data)
        if made is None:
            return
        kind, sequence, timestamp, ssrc = HEADER.unpack_from(made)
        count, now = self.count, self.clock()
        ahead = judge_sequence(count.next, sequence) if ssrc == count.ssrc else None
        if ahead is None:
            self._begin(sequence, ssrc)
            ahead = 0
        if ahead < 0:
            count.late()
        else:
            count.skip(ahead)
            self.stamp = timestamp
            transit = now * 8000.0 - timestamp
            apart, count.transit = abs(transit - count.transit), transit
            if apart < 8000.0:
                count.jitter += (apart - count.jitter) * 0.0625
            if self.follows != ssrc:
                self._join(sequence, timestamp, ssrc)
        self.heard_at = now
        sound = made[12:]
        if self.tap is not None:
            self.tap.hear(timestamp, sound, now, kind & MARKER, self.to_tap)
        if self.ear is not None:
            self.ear(self.leg, self.law, sound)
        to = self.to
        if to is not None and to.dest is not None and to.transport is not None:
            more, later = self._shift
            sequence = (sequence + more) & 0xFFFF
            if ssrc != self.follows or (sequence - self._first) & 0x8000:
                return  # from before the join: its number was used for something else
            to.sent += 1
            sound = sound if self.to_law is None else sound.translate(self.to_law)
            head = HEADER.pack(kind & MARKER | to._shape, sequence, (timestamp + later) & 0xFFFFFFFF, to.ssrc)
            to.transport.sendto(head + sound, to.dest)
        elif self.inband is not None:
            self.inband(self.leg, self.law, sound)

    def _sound_of(self, data: bytes) -> bytes | None:
        """Padding, extensions, the other law: a plain packet of this leg's law comes out. Events are told here; None is none."""
        made = plain(data)
        if made is None:
            return None
        kind = made[1] & 0x7F
        if kind in self.event_types:
            self._event(made)
            return None
        if kind not in self.laws:
            return None
        if kind == self.law:
            return made
        return made[:1] + bytes((made[1] & MARKER | self.law,)) + made[2:12] + made[12:].translate(TRANSLATE[kind, self.law])

    def _event(self, packet: bytes) -> None:
        """A telephone event; counted in the stream that it shares with the sound, so that it is not taken for loss."""
        _, sequence, timestamp, ssrc = HEADER.unpack_from(packet)
        self.heard_at = self.clock()
        count = self.count
        ahead = judge_sequence(count.next, sequence) if ssrc == count.ssrc else None
        if ahead is None:
            self._begin(sequence, ssrc)
            ahead = 0
        if ahead < 0:
            count.late()
        else:
            count.skip(ahead)
        digit = self.digits.feed(packet[12:], timestamp)
        if digit is not None:
            self.watch.digit(self.leg, digit)

    def _begin(self, sequence: int, ssrc: int) -> None:
        """A first packet, or numbers that start anew: nothing of the old stream's order holds."""
        if self.count.ssrc >= 0:
            self.digits = self.new_digits()
            if self.tap is not None:
                self.tap.restart()
        self._leave()
        self.count.restart(sequence, ssrc)

    # --- across

    def speak_to(self, other: "RtpLeg | None") -> None:
        """Send what comes in here on through `other` from now on; None is nowhere."""
        if other is not None and (other.dest is None or other.transport is None):
            other = None
        self.to_law = TRANSLATE.get((self.law, other.law)) if other is not None else None
        if other is not self.to:
            self._leave()
        self.to = other

    def _join(self, sequence: int, timestamp: int, ssrc: int) -> None:
        """Shift this stream's numbers so that its present packet is the next one on the leg it goes to."""
        self.follows = ssrc
        to = self.to
        if to is not None:
            to.advance(self.clock())
            to._speaker = self
            self._first = to.sequence
            self._shift = ((to.sequence - sequence) & 0xFFFF, (to.timestamp - timestamp) & 0xFFFFFFFF)

    def _leave(self) -> None:
        """The numbers of `to` stand where this stream left them; the next packet joins anew."""
        if self.to is not None:
            self.to.stand()
            self.to._speaker = None
        self.follows = -1

    # --- going out

    def stand(self) -> None:
        """Work out where this leg's own numbers are, from whoever speaks on it: the packet path does not keep them."""
        speaker = self._speaker
        if speaker is not None and speaker.follows >= 0:
            more, later = speaker._shift
            self.sequence = (speaker.count.next - 1 + more) & 0xFFFF
            self.timestamp = (speaker.stamp + later) & 0xFFFFFFFF
            self.sent_at = speaker.heard_at

    @property
    def octets(self) -> int:
        """Payload sent, at the 20 ms that our SDP asks for."""
        return self.sent * g711.FRAME

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
        head = HEADER.pack(self._shape | (MARKER if marker else 0), self.sequence, self.timestamp, self.ssrc)
        self.sent += 1
        self.transport.sendto(head + sound, self.dest)

    def describe(self, host: str, port: int, laws: tuple[int, ...], event_types: frozenset[int], *, sends: bool,
                 lock_after: int) -> None:
        """Take the other side's SDP: where it is, which laws it speaks (ours is the first), whether it wants our sound.

        The same address again keeps the latch; another one starts it anew.
        """
        self.law, self.laws, self.event_types = laws[0], frozenset(laws), event_types
        self._shape = PLAIN | self.law
        self.to_tap = TRANSLATE.get((self.law, g711.PCMA))
        if self.latch is None or (self.latch.host, self.latch.port) != (host, port):
            self.strays += self.latch.stray if self.latch is not None else 0
            self.latch, self.source = SourceLatch(host, port, lock_after), None
        self.dest = (self.latch.source or (host, port)) if sends and port else None

    def shut(self) -> None:
        """Forget the call: whatever still comes is noise on a port that drains."""
        self.strays = self.stray
        self.latch = self.source = self.dest = self.to = self.tap = self.inband = self.ear = self.playing = None

    @property
    def stray(self) -> int:
        return self.strays + (self.latch.stray if self.latch is not None else 0)
