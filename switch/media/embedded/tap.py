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
ROOM: Final = 4 * RATE
"""Samples kept in hand for each direction: what is held back for order, and what comes early."""
HELD: Final = RATE // 5
"""Samples behind the clock that are not written yet, so that packets out of order find their place."""
FRAME: Final = 160
SLACK: Final = 2 * FRAME
"""How late the least late packet of a second may be before the stream is moved back onto the clock."""
JUMP: Final = RATE
STUCK: Final = FRAME * 5


class TapChannel:
    """One direction. A packet's place is its RTP timestamp; the stream's place is its first packet's arrival.

    A packet arrives when its last sample was spoken, at the earliest. So the least delay seen in a second should be one frame:
    more or less than that is a clock that runs slow or fast, and the stream is moved by the difference. A timestamp that jumps,
    or packets that stay behind what is already written, set the place anew by arrival.
    """

    __slots__ = ("_floor", "_late_since", "_position", "_sound", "_timestamp", "late", "moved", "start")

    def __init__(self) -> None:
        self._sound = bytearray(SILENCE * ROOM)
        self.start = 0
        """Position of the first sample still in hand."""
        self._position: int | None = None
        self._timestamp = 0
        self._floor = ROOM
        self._late_since: int | None = None
        self.late = 0
        self.moved = 0

    def place(self, timestamp: int, sound: bytes, now: int, fresh: bool = False) -> None:
        """Lay one A-law payload where it was spoken. `fresh` is a new start: a marker after silence, or a new SSRC."""
        size = len(sound)
        if self._position is None:
            position = now - size
        else:
            position = self._position + ((timestamp - self._timestamp + 0x80000000) & 0xFFFFFFFF) - 0x80000000
            behind = now - position
            if behind > JUMP or behind < -JUMP or (fresh and not -SLACK < behind - size < SLACK):
                position = now - size
                self._floor = ROOM
                self.moved += 1
            elif behind < self._floor:
                self._floor = behind
        at = position - self.start
        if at < 0:
            if self._late_since is None:
                self._late_since = now
            elif now - self._late_since > STUCK:
                # Every packet of the last tenth of a second came too late: the sender's timestamps stood still in a pause.
                self._late_since = None
                self._position, self._timestamp = now - size, timestamp
                self._floor = ROOM
                self.moved += 1
                self._lay(now - size - self.start, sound)
                return
            self.late += 1
        else:
            self._late_since = None
        self._position, self._timestamp = position, timestamp
        self._lay(at, sound)

    def restart(self) -> None:
        """The stream's timestamps begin anew: place its next packet by arrival."""
        self._position = None

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
        if self._position is not None and floor < ROOM and not 0 <= floor <= SLACK:
            self._position += floor - FRAME
            self.moved += 1

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
    """Both directions of one call that may be recorded: person in prison left, contact right."""

    __slots__ = ("channels", "warrant", "written")

    def __init__(self, warrant: RecordingWarrant) -> None:
        self.warrant = warrant
        self.channels = {leg: self.channel() for leg in Leg}
        self.written = 0
        """Samples of each direction handed on."""

    def channel(self) -> TapChannel:
        return TapChannel()

    def level(self) -> None:
        for channel in self.channels.values():
            channel.level()

    def flush(self, now: int, last: bool = False) -> bytes:
        """What may be written at this position: all but the last fifth of a second, or with `last` everything up to `now`."""
        count = now - self.written - (0 if last else HELD)
        if count <= 0:
            return b""
        stereo = bytearray(2 * count)
        stereo[::2] = self.channels[Leg.CELL].take(count)
        stereo[1::2] = self.channels[Leg.OUTSIDE].take(count)
        self.written += count
        return bytes(stereo)
