"""`ports.media.MediaEngine` in this process."""
import asyncio
import secrets
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from switch.core.grants import ListenTicket, RecordingWarrant
from switch.core.ids import CallId, Leg
from switch.media import g711
from switch.media.embedded.call import CallMedia, LegMedia
from switch.media.embedded.inband import Seeker, seek
from switch.media.embedded.machines import MachineEar, listen
from switch.media.embedded.port_pool import PortPair, PortPool
from switch.media.embedded.rtcp_leg import RtcpLeg
from switch.media.embedded.rtp_leg import RtpLeg
from switch.media.embedded.settings import EmbeddedSettings, Side
from switch.media.embedded.tap import TapWriter
from switch.media.embedded.ticker import Beat, Playback
from switch.ports.media import Capability, Hear, MediaEvent, MediaRefused, MediaReport, SealedRecording, TapRunning, TapStopped
from switch.ports.spool import Spool
from switch.sip.sdp import TELEPHONE_EVENT, AudioDescription, SdpError, build_audio, parse_audio

WANTED = ((g711.PCMA, "PCMA"), (g711.PCMU, "PCMU"))
"""Laws in the order in which we take them."""
FLUSH_TICKS = 35
"""Each tap is handed to the spool once in so many ticks, calls taking turns: 0.7 s, so that with what a tap holds back for order
no more than the last second is ever lost."""
LISTEN_TICKS = 5
"""Answering machines are listened for once in so many ticks: nobody is told sooner than two seconds after a beep."""
LEAST = 0.001
"""uvloop's clock has whole milliseconds: less than one would come back at once, and spin."""
WATCH_TICKS = 50
"""Each call is looked at once in so many ticks: silence, the tap's clock, RTCP."""
SWEEP_TICKS = 10
OURS = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}


Turns = tuple[dict[CallId, CallMedia], ...]


class Prompts(Protocol):
    """Where prompts come from: whole sounds in A-law by id, KeyError for an unknown one."""

    def alaw(self, prompt_id: str, /) -> bytes: ...


class EmbeddedEngine:
    """Carries calls on datagram endpoints of the running loop. One timer beats every 20 ms while any call is open."""

    def __init__(self, settings: EmbeddedSettings, prompts: Prompts, spool: Spool, cname: str = "media",
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._prompts = prompts
        self._spool = spool
        self._cname = cname
        self._clock = clock
        self._pool = PortPool(settings.ports, settings.quiet_after, settings.drain_limit)
        self._calls: dict[CallId, CallMedia] = {}
        self._beating: dict[CallId, CallMedia] = {}
        """Calls to which a frame is due each tick: the gate is shut, or something plays."""
        self._listening: dict[CallId, CallMedia] = {}
        """Calls whose outside leg is listened to for an answering machine."""
        self._heard: dict[CallId, CallMedia] = {}
        """Calls that somebody of staff listens to."""
        self._watched: Turns = tuple({} for _ in range(WATCH_TICKS))
        self._flushed: Turns = tuple({} for _ in range(FLUSH_TICKS))
        """Every call by the tick that is its turn."""
        self._beat: Beat | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ticks = 0
        self._opened = 0

    @property
    def capabilities(self) -> frozenset[Capability]:
        if self._settings.inband_digits:
            return frozenset(Capability)
        return frozenset(Capability) - {Capability.INBAND_DIGITS}

    @property
    def open_calls(self) -> int:
        return len(self._calls)

    @property
    def tapped(self) -> frozenset[CallId]:
        return frozenset(call for call, media in self._calls.items() if media.tapped)

    # --- the protocol

    async def open(self, call: CallId, tell: Callable[[MediaEvent], None]) -> None:
        """As the port says. ValueError for an id that is open; OSError when every RTP port is in use or drains."""
        if call in self._calls:
            raise ValueError(f"call {call} is open already")
        self._opened += 1
        media = CallMedia(call, tell, self._opened, self._beating)
        self._calls[call] = media
        if self._settings.inband_digits:
            media.seeker = Seeker(media.tone_digit)
        pairs: list[PortPair] = []
        try:
            for leg in Leg:
                rtp = self._leg(leg, media)
                control = RtcpLeg(rtp, self._cname, self._clock)
                pair = await self._pool.bind(self._side(leg).bind, rtp, lambda control=control: control)  # type: ignore[misc]  # a default argument binds it now
                pairs.append(pair)
                media.legs[leg] = LegMedia(rtp, control, pair, session=secrets.randbits(31))
            if self._calls.get(call) is not media:
                raise KeyError(f"call {call} was closed while it opened")
        except BaseException:
            if self._calls.get(call) is media:
                del self._calls[call]
            for pair in pairs:
                self._pool.free(pair, self._clock())
            raise
        finally:
            self._wind()
        for turns in (self._watched, self._flushed):
            turns[media.number % len(turns)][call] = media
        media.join()

    async def settle(self, call: CallId, warrant: RecordingWarrant | None) -> None:
        media = self._calls[call]
        if media.settled:
            raise PermissionError(f"call {call}: whether it may be recorded has been said once, for ever")
        if warrant is not None and warrant.call != call:
            raise PermissionError(f"call {call}: the warrant is for call {warrant.call}")
        media.settled, media.warrant = True, warrant

    async def accept(self, call: CallId, leg: Leg, offer: bytes, peer: str = "") -> bytes:
        media = self._calls[call]
        theirs = self._read(leg, offer)
        if peer and not theirs.held and theirs.address != peer:
            raise MediaRefused(f"media at {theirs.address} for a call from {peer}")
        laws = self._laws(theirs)[:1]
        events = frozenset() if theirs.telephone_event is None else frozenset({theirs.telephone_event})
        self._describe(media, leg, theirs, laws, events)
        return self._ours(media, leg, laws, theirs.telephone_event, OURS[theirs.direction])

    async def offer(self, call: CallId, leg: Leg) -> bytes:
        media = self._calls[call]
        if not media.settled:
            raise PermissionError(f"call {call}: not said yet whether it may be recorded")
        return self._ours(media, leg, tuple(law for law, _ in WANTED), TELEPHONE_EVENT, "sendrecv")

    async def answered(self, call: CallId, leg: Leg, sdp: bytes) -> None:
        media = self._calls[call]
        theirs = self._read(leg, sdp)
        events = frozenset() if theirs.telephone_event is None else frozenset({TELEPHONE_EVENT, theirs.telephone_event})
        self._describe(media, leg, theirs, self._laws(theirs), events)

    async def gate(self, call: CallId, open: bool) -> None:
        media = self._calls[call]
        media.open = open
        for leg in Leg:
            if open:
                media.expect(leg, self._clock())
        media.join()

    async def play(self, call: CallId, leg: Leg, prompts: tuple[str, ...], tag: str = "", loop_last: bool = False) -> None:
        media = self._calls[call]
        playback = Playback(tuple(self._prompts.alaw(prompt) for prompt in prompts), tag, loop_last)
        media.expect(leg, self._clock())
        media.play(leg, playback)

    async def stop(self, call: CallId, leg: Leg) -> None:
        self._calls[call].play(leg, None)

    async def record(self, call: CallId, warrant: RecordingWarrant) -> None:
        media = self._calls[call]
        if not media.settled or media.warrant is None or media.warrant != warrant:
            raise PermissionError(f"call {call} was not settled with this warrant: it is not recorded")
        self._start_tap(media, media.warrant)

    async def seek_machine(self, call: CallId, warrant: RecordingWarrant | None) -> None:
        media = self._calls[call]
        if warrant is None:
            media.ear = None
            self._listening.pop(call, None)
        elif not media.settled or media.warrant is None or media.warrant != warrant:
            raise PermissionError(f"call {call} was not settled with this warrant: its sound is not looked at")
        elif media.ear is None:
            media.ear = MachineEar(media.machine)
            self._listening[call] = media
        media.join()

    async def listen(self, call: CallId, ticket: ListenTicket, at: datetime, hear: Hear) -> None:
        media = self._calls[call]
        if not media.settled or media.warrant is None:
            raise PermissionError(f"call {call} was not settled with a warrant: nobody hears it")
        if ticket.call != call:
            raise PermissionError(f"call {call}: the ticket is for call {ticket.call}")
        media.listeners.admit(ticket, at, self._clock(), hear)
        self._heard[call] = media

    async def close(self, call: CallId) -> MediaReport:
        media = self._calls.get(call)
        if media is None or len(media.legs) < len(Leg):
            self._calls.pop(call, None)
            return MediaReport()
        now = self._clock()
        media.flush(now, last=True)
        tell, media.closed = media.tell, True
        media.join()
        legs = {leg: media.report(leg) for leg in media.legs}
        for leg_media in media.legs.values():
            leg_media.rtcp.report(bye=True)
            leg_media.rtcp.dest = None
            leg_media.rtp.shut()
            self._free(leg_media.pair, now)
        del self._calls[call]
        for turns in (self._watched, self._flushed):
            del turns[media.number % len(turns)][call]
        self._beating.pop(call, None)
        self._listening.pop(call, None)
        self._heard.pop(call, None)
        recording: SealedRecording | None = None
        if media.file is not None:
            try:
                recording = await media.file.seal()
            except OSError as error:
                if not media.tap_stopped:
                    tell(TapStopped(f"the recording could not be sealed: {error}"))
        return MediaReport(legs, recording)

    async def aclose(self) -> None:
        """Close every call and every port now: the process ends."""
        for call in list(self._calls):
            await self.close(call)
        self._pool.close()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # --- parts that the protocol's methods share

    def _side(self, leg: Leg) -> Side:
        return self._settings.cell if leg is Leg.CELL else self._settings.outside

    def _read(self, leg: Leg, sdp: bytes) -> AudioDescription:
        theirs = parse_audio(sdp)
        if isinstance(theirs, SdpError):
            raise MediaRefused(theirs.reason)
        if theirs.port == 0:
            raise MediaRefused("the audio stream is switched off")
        if not theirs.held and not self._side(leg).takes(theirs.address):
            raise MediaRefused(f"media at {theirs.address} is not in this side's networks")
        return theirs

    def _laws(self, theirs: AudioDescription) -> tuple[int, ...]:
        laws = tuple(law for law, name in WANTED if (law, name) in theirs.codecs)
        if not laws:
            names = ", ".join(name for _, name in theirs.codecs) or "none at 8000 Hz"
            raise MediaRefused(f"no common codec: theirs are {names}, ours PCMA and PCMU")
        return laws

    def _describe(self, media: CallMedia, leg: Leg, theirs: AudioDescription, laws: tuple[int, ...],
                  events: frozenset[int]) -> None:
        mine = media.legs[leg]
        mine.rtp.describe(theirs.address, theirs.port, laws, events, sends=not theirs.held,
                          lock_after=self._settings.lock_after)
        mine.rtcp.dest = (theirs.address, theirs.rtcp_port)
        media.join()

    def _ours(self, media: CallMedia, leg: Leg, laws: tuple[int, ...], event: int | None, direction: str) -> bytes:
        mine = media.legs[leg]
        mine.version += 1
        return build_audio(self._side(leg).told, mine.pair.port, session=mine.session, version=mine.version,
                           payload_types=laws, telephone_event=event, direction=direction)

    def _start_tap(self, media: CallMedia, warrant: RecordingWarrant) -> None:
        if media.tap is not None:
            return
        media.tap = self._tap(warrant)
        for leg, leg_media in media.legs.items():
            leg_media.rtp.tap = media.tap.channels[leg]
        media.file = self._spool.open(warrant, lambda: media.event(TapRunning()), media.stopped)

    def _leg(self, leg: Leg, media: CallMedia) -> RtpLeg:
        return RtpLeg(leg, media, ssrc=secrets.randbits(32), sequence=secrets.randbits(15), timestamp=secrets.randbits(32),
                      clock=self._clock)

    def _tap(self, warrant: RecordingWarrant) -> TapWriter:
        return TapWriter(warrant, self._clock())

    def _free(self, pair: PortPair, now: float) -> None:
        self._pool.free(pair, now)

    # --- the beat

    def _wind(self) -> None:
        if self._timer is None:
            now = self._clock()
            self._beat = Beat(now)
            self._timer = asyncio.get_running_loop().call_later(0, self._tick)

    def _tick(self) -> None:
        beat, now = self._beat, self._clock()
        assert beat is not None
        if not self._calls and not self._pool.draining:
            self._timer = None
            return
        try:
            for _ in range(beat.due(now)):
                self._ticks += 1
                self._each_tick(now)
        finally:  # whatever one call's listener raises, the beat of all the others goes on
            self._timer = asyncio.get_running_loop().call_later(max(LEAST, beat.next_at - self._clock()), self._tick)

    def _each_tick(self, now: float) -> None:
        seekers = []
        for media in list(self._beating.values()):
            for leg in Leg:
                media.frame(leg, now)
            if media.seeker is not None and not media.open:
                seekers.append(media.seeker)
        if seekers:
            seek(seekers)
        if self._listening and self._ticks % LISTEN_TICKS == 0:
            listen([media.ear for media in self._listening.values() if media.ear is not None])
            for call in [call for call, media in self._listening.items() if media.ear is None]:
                del self._listening[call]
        for call, media in list(self._heard.items()):
            media.listeners.tick(media.tap, now)
            if not media.listeners:
                del self._heard[call]
        for media in list(self._flushed[self._ticks % FLUSH_TICKS].values()):
            media.flush(now)
        for media in list(self._watched[self._ticks % WATCH_TICKS].values()):
            media.watch(now, self._settings.silent_after, self._settings.rtcp_every)
        if self._ticks % SWEEP_TICKS == 0:
            self._pool.sweep(now)
