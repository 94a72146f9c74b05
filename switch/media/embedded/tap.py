"""The tap: what both parties said, laid out on the call's own clock as interleaved stereo A-law.

Time is an argument: positions are samples (1/8000 s) since the tap began. A gap is silence, so a recording is as long as the
talk under loss, jitter, silence suppression and clocks that disagree.
"""
from typing import Final

from switch.core.grants import RecordingWarrant
from switch.core.ids import Leg

RATE: Final = 8000
SILENCE: Final = b"\xd5"
"""A-law for nothing."""
HELD: Final = RATE // 5
"""Samples behind the clock that are not written yet, so that packets out of order find their place."""
ROOM: Final = 2 * RATE
"""Samples kept in hand for each direction: what is held back for order, what waits to be written, what comes early."""
FRAME: Final = 160
SLACK: Final = 2 * FRAME
"""How late the least late packet of a second may be before the stream is moved back onto the clock."""
JUMP: Final = RATE
"""A packet so far behind the clock, or half of it ahead, belongs to another count of time."""
STUCK: Final = 5 * FRAME
"""When for so long nothing came in time, the sender's timestamps stood still in a pause."""
_TURN: Final = 0xFFFFFFFF


class TapChannel:
    """One direction. A packet's place is its RTP timestamp; the stream's place is its first packet's arrival.

    A packet arrives when its last sample was spoken, at the earliest. So the least delay seen in a second should be one frame:
    more or less than that is a clock that runs slow or fast, and the stream is moved by the difference. A timestamp that jumps,
    or packets that stay behind what is already written, set the place anew by arrival.
    """

    __slots__ = ("_began", "_floor", "_late_since", "_origin", "_sound", "late", "moved", "start")

    def __init__(self, began: float = 0.0) -> None:
        self._began = began * RATE
        self._sound = bytearray(SILENCE * ROOM)
        self.start = 0
        """Position of the first sample still in hand."""
        self._origin: int | None = None
        """The RTP timestamp that lies at position 0."""
        self._floor = ROOM
        self._late_since: int | None = None
        self.late = 0
        self.moved = 0

    def hear(self, timestamp: int, sound: bytes, clock: float, fresh: int, table: bytes | None) -> None:
        """One payload at this clock time in seconds; `table` makes it A-law."""
        self.place(timestamp, sound if table is None else sound.translate(table), int(clock * 8000.0 - self._began), fresh)

    def place(self, timestamp: int, sound: bytes, now: int, fresh: int = 0) -> None:
        """Lay one A-law payload where it was spoken. `fresh` is a marker: a talk spurt begins."""
        origin = self._origin
        if origin is not None:
            position = (timestamp - origin) & _TURN
            behind = now - position
            at = position - self.start
            end = at + len(sound)
            if at >= 0 and not fresh and end <= ROOM and -4000 < behind < JUMP:
                if behind < self._floor:
                    self._floor = behind
                self._late_since = None
                self._sound[at:end] = sound
                return
        self._place_anew(timestamp, sound, now, fresh)

    def _place_anew(self, timestamp: int, sound: bytes, now: int, fresh: int) -> None:
        """The slow way: a first packet, a talk spurt, a late packet, a jump."""
        size = len(sound)
        if self._origin is None:
            self._anchor(timestamp, now - size)
        position = ((timestamp - (self._origin or 0) + 0x80000000) & _TURN) - 0x80000000
        behind = now - position
        off = fresh and not -SLACK < behind - size < SLACK
        if off or not -JUMP // 2 < behind < JUMP:
            self._anchor(timestamp, now - size)
            self.moved += 1
        elif position < self.start:
            if self._late_since is None:
                self._late_since = now
            if now - self._late_since > STUCK:
                self._anchor(timestamp, now - size)
                self.moved += 1
            else:
                self.late += 1
        else:
            self._floor = min(self._floor, behind)
        self._lay(((timestamp - (self._origin or 0) + 0x80000000) & _TURN) - 0x80000000 - self.start, sound)

    def _anchor(self, timestamp: int, position: int) -> None:
        self._origin = (timestamp - position) & _TURN
        self._floor = ROOM
        self._late_since = None

    def restart(self) -> None:
        """The stream's timestamps begin anew: place its next packet by arrival."""
        self._origin = None

    def _lay(self, at: int, sound: bytes) -> None:
        if at < 0:
            sound = sound[-at:]
            at = 0
        end = at + len(sound)
        if sound and end <= ROOM:
            self._sound[at:end] = sound

    def level(self) -> None:
        """Once a second or so: move the stream by what its clock has gained or lost."""
        floor, self._floor = self._floor, ROOM
        if self._origin is not None and floor < ROOM and not 0 <= floor <= SLACK:
            self._origin = (self._origin - (floor - FRAME)) & _TURN
            self.moved += 1

    def peek(self, position: int, count: int) -> bytes:
        """Samples that are in hand and stay there."""
        at = position - self.start
        return bytes(self._sound[at : at + count])

    def take(self, count: int) -> bytes:
        """The next `count` samples, silence where nothing came; they leave the hand."""
        taken = bytes(self._sound[:count])
        if count >= ROOM:
            taken += SILENCE * (count - ROOM)
            self._sound = bytearray(SILENCE * ROOM)
        else:
            del self._sound[:count]
            self._sound += SILENCE * count
        self.start += count
        return taken


class TapWriter:
    """Both directions of one call that may be recorded: person in prison left, contact right. `began` is a clock time."""

    __slots__ = ("began", "channels", "warrant", "written")

    def __init__(self, warrant: RecordingWarrant, began: float) -> None:
        self.warrant = warrant
        self.began = began
        self.channels = {leg: self.channel() for leg in Leg}
        self.written = 0
        """Samples of each direction handed on."""

    def channel(self) -> TapChannel:
        return TapChannel(self.began)

    def level(self) -> None:
        for channel in self.channels.values():
            channel.level()

    def flush(self, clock: float, last: bool = False) -> bytes:
        """What may be written by now: all but the last fifth of a second, or with `last` everything up to this clock time."""
        count = round((clock - self.began) * RATE) - self.written - (0 if last else HELD)
        if count <= 0:
            return b""
        stereo = bytearray(2 * count)
        stereo[::2] = self.channels[Leg.CELL].take(count)
        stereo[1::2] = self.channels[Leg.OUTSIDE].take(count)
        self.written += count
        return bytes(stereo)
