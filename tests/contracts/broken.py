"""Engines that are each broken in one way that would harm somebody; the contract must catch every one."""
from dataclasses import replace
from datetime import datetime, timedelta

from switch.core.grants import ListenTicket, RecordingWarrant
from switch.core.ids import CallId, Leg
from switch.media.embedded.call import CallMedia
from switch.media.embedded.engine import EmbeddedEngine
from switch.media.embedded.events import EventDigits
from switch.media.embedded.machines import MachineEar
from switch.media.embedded.port_pool import PortPair
from switch.media.embedded.rtp_leg import RtpLeg
from switch.media.embedded.tap import FRAME, RATE, TapChannel, TapWriter
from switch.ports.media import Hear, TapRunning


class NoGate(EmbeddedEngine):
    """Joins the legs as soon as both have media."""

    async def answered(self, call: CallId, leg: Leg, sdp: bytes) -> None:
        await super().answered(call, leg, sdp)
        await super().gate(call, True)


class FreedPort(EmbeddedEngine):
    """Gives a port to the next call the moment the last one ends."""

    def _free(self, pair: PortPair, now: float) -> None:
        pair.close()
        self._pool._free.appendleft(pair.port)


class _Closed(TapChannel):
    __slots__ = ("_end",)

    def __init__(self, began: float) -> None:
        super().__init__(began)
        self._end = 0

    def place(self, timestamp: int, sound: bytes, now: int, fresh: int = 0) -> None:
        self._end = max(self._end, self.start)
        super().restart()
        super().place(timestamp, sound, self._end + FRAME, fresh)
        self._end += FRAME


class _ClosedWriter(TapWriter):
    def channel(self) -> TapChannel:
        return _Closed(self.began)

    def flush(self, clock: float, last: bool = False) -> bytes:
        """Writes what came, and not the time that passed."""
        have = max(channel._end for channel in self.channels.values() if isinstance(channel, _Closed))
        return super().flush(min(clock, self.began + have / RATE), last=True)


class ClosedGap(EmbeddedEngine):
    """Writes packets one after another as they come, so that a recording loses its silences."""

    def _tap(self, warrant: RecordingWarrant) -> TapWriter:
        return _ClosedWriter(warrant, self._clock())


class TapWithoutWarrant(EmbeddedEngine):
    """Records whatever it is asked to."""

    async def record(self, call: CallId, warrant: RecordingWarrant) -> None:
        self._start_tap(self._calls[call], warrant)


class _EndOnly(EventDigits):
    def feed(self, payload: bytes, timestamp: int) -> str | None:
        ended = len(payload) >= 4 and payload[1] & 0x80
        return super().feed(payload, timestamp) if ended else None


class LostDigit(EmbeddedEngine):
    """Tells a digit at its end packet, and so loses it when that is lost."""

    def _leg(self, leg: Leg, media: CallMedia) -> RtpLeg:
        made = super()._leg(leg, media)
        made.new_digits = _EndOnly
        made.digits = _EndOnly()
        return made


class EarlyRunning(EmbeddedEngine):
    """Says that the recorder runs because it was told to start."""

    async def record(self, call: CallId, warrant: RecordingWarrant) -> None:
        self._calls[call].event(TapRunning())
        await super().record(call, warrant)


class NosyEar(EmbeddedEngine):
    """Looks for a machine in whatever call it is asked to, privileged ones too."""

    async def seek_machine(self, call: CallId, warrant: RecordingWarrant | None) -> None:
        media = self._calls[call]
        media.ear = MachineEar(media.machine)
        self._listening[call] = media
        media.join()


class OpenEar(EmbeddedEngine):
    """Lets whoever has a ticket listen to whatever call."""

    async def listen(self, call: CallId, ticket: ListenTicket, at: datetime, hear: Hear) -> None:
        media = self._calls[call]
        media.listeners.admit(ticket, at, self._clock(), hear)
        self._heard[call] = media


class EndlessTicket(EmbeddedEngine):
    """Lets everybody listen to the end of the call."""

    async def listen(self, call: CallId, ticket: ListenTicket, at: datetime, hear: Hear) -> None:
        longest = replace(ticket, not_before=at, expires=at + timedelta(seconds=35))
        await super().listen(call, longest, at, hear)
