"""One call's media: two legs, the gate between them, what plays, and the tap."""
from collections.abc import Callable
from dataclasses import dataclass, field

from switch.core.grants import RecordingWarrant
from switch.core.ids import CallId, Leg
from switch.media.answering import Verdict
from switch.media.embedded.inband import Seeker
from switch.media.embedded.listening import Listeners
from switch.media.embedded.machines import MachineEar
from switch.media.embedded.port_pool import PortPair
from switch.media.embedded.rtcp_leg import RtcpLeg
from switch.media.embedded.rtp_leg import LAWS, NOWHERE, RtpLeg
from switch.media.embedded.tap import TapWriter
from switch.media.embedded.ticker import SILENT, Playback
from switch.ports.media import Digit, FirstPacket, LegReport, LegSilent, MachineHeard, MediaEvent, PlayEnded, TapStopped
from switch.ports.spool import SpoolFile

DOUBLE = 0.25
"""Seconds in which the same digit as event and as tone is one press."""


@dataclass(slots=True)
class LegMedia:
    """One leg: its sockets, its packets, its reports and the SDP we gave."""

    rtp: RtpLeg
    rtcp: RtcpLeg
    pair: PortPair
    expected_since: float = NOWHERE
    """From when on this leg ought to send: something was played to it, or the gate opened."""
    silent_told: bool = False
    event_at: float = NOWHERE
    tone: tuple[str, float] = ("", NOWHERE)
    fresh: bool = True
    session: int = 0
    version: int = 0


@dataclass(slots=True)
class CallMedia:
    """A call as the engine keeps it. `warrant` is what `settle` was told; without one no tap can be made."""

    id: CallId
    tell: Callable[[MediaEvent], None]
    number: int
    """Calls take turns at the beat by it."""
    beating: dict[CallId, "CallMedia"]
    """Where this call stands while a frame is due on it every 20 ms."""
    legs: dict[Leg, LegMedia] = field(default_factory=dict)
    settled: bool = False
    warrant: RecordingWarrant | None = None
    open: bool = False
    closed: bool = False
    tap: TapWriter | None = None
    file: SpoolFile | None = None
    tap_stopped: bool = False
    seeker: Seeker | None = None
    ear: MachineEar | None = None
    """Who listens for an answering machine; never there without a warrant."""
    listeners: Listeners = field(default_factory=Listeners)
    reported_at: float = 0.0

    @property
    def tapped(self) -> bool:
        """Whether anything but the other leg gets sound of this call, by what is attached and not by what was allowed."""
        return (self.tap is not None or self.file is not None or self.ear is not None or len(self.listeners) > 0
                or any(one.rtp.tap is not None or one.rtp.ear is not None for one in self.legs.values()))

    def other(self, leg: Leg) -> LegMedia:
        return self.legs[Leg.OUTSIDE if leg is Leg.CELL else Leg.CELL]

    def event(self, event: MediaEvent) -> None:
        if not self.closed:
            self.tell(event)

    # --- what a leg tells (LegWatch)

    def first_packet(self, leg: Leg) -> None:
        self.event(FirstPacket(leg))

    def digit(self, leg: Leg, digit: str) -> None:
        media = self.legs[leg]
        now = media.rtp.clock()
        media.event_at = now
        tone, at = media.tone
        if tone == digit and now - at < DOUBLE:
            media.tone = ("", NOWHERE)
            return
        self.event(Digit(leg, digit))

    def tone_digit(self, leg: Leg, digit: str) -> None:
        """A digit found in the sound: told unless this leg has ever sent events, which are surer."""
        media = self.legs[leg]
        if media.event_at == NOWHERE:
            media.tone = (digit, media.rtp.clock())
            self.event(Digit(leg, digit))

    def machine(self, verdict: Verdict) -> None:
        """Told once; nothing is listened for any more."""
        self.ear = None
        self.join()
        self.event(MachineHeard(Leg.OUTSIDE, f"a beep of {verdict.hertz:.0f} Hz, {verdict.at:.1f} s after the answer"))

    # --- the gate

    def join(self) -> None:
        """Say anew who hears whom: both while the gate is open, except a leg that something plays to."""
        for leg, media in self.legs.items():
            speaker = self.other(leg).rtp
            hears = self.open and not self.closed and media.rtp.playing is None
            speaker.speak_to(media.rtp if hears else None)
            seeks = self.seeker is not None and not self.open and not self.closed
            media.rtp.inband = self.seeker.feed if seeks and self.seeker is not None else None
        for leg, media in self.legs.items():
            listens = self.ear is not None and not self.closed and (leg is Leg.OUTSIDE or media.rtp.to is not None)
            media.rtp.ear = self.ear.hear if listens and self.ear is not None else None
        if not self.closed and (not self.open or any(media.rtp.playing is not None for media in self.legs.values())):
            self.beating[self.id] = self
        else:
            self.beating.pop(self.id, None)

    def expect(self, leg: Leg, now: float) -> None:
        if self.legs[leg].expected_since == NOWHERE:
            self.legs[leg].expected_since = now

    # --- the beat

    def play(self, leg: Leg, playback: Playback | None) -> None:
        media = self.legs[leg]
        media.rtp.playing = playback
        media.fresh = True
        self.join()

    def frame(self, leg: Leg, now: float) -> None:
        """Send the 20 ms that are due on a leg: of the prompt, or silence while the gate is shut."""
        media = self.legs[leg]
        playback = media.rtp.playing
        if playback is None:
            if not self.open:
                media.rtp.send_frame(SILENT, now)
            return
        if not playback.over:
            frame = playback.frame()
            media.rtp.send_frame(frame, now, marker=media.fresh)
            if self.ear is not None and leg is Leg.OUTSIDE:
                self.ear.sent(frame)
            media.fresh = False
        if playback.over:
            media.rtp.playing = None
            self.join()
            self.event(PlayEnded(leg, playback.tag))

    # --- the tap

    def flush(self, now: float, last: bool = False) -> None:
        if self.tap is not None and self.file is not None:
            stereo = self.tap.flush(now, last)
            if stereo:
                self.file.write(stereo)

    def stopped(self, why: str) -> None:
        self.tap_stopped = True
        self.event(TapStopped(why))

    # --- watching

    def watch(self, now: float, silent_after: float, rtcp_every: float) -> None:
        """Once a second: who is silent, whose clock drifts, and RTCP when it is due."""
        self.check_silence(now, silent_after)
        if self.tap is not None:
            self.tap.level()
        if now - self.reported_at >= rtcp_every - 0.1:
            self.reported_at = now
            for media in self.legs.values():
                media.rtcp.report()

    def check_silence(self, now: float, limit: float) -> None:
        for leg, media in self.legs.items():
            if media.expected_since == NOWHERE:
                continue
            since = max(media.rtp.heard_at, media.expected_since)
            if now - since < limit:
                media.silent_told = False
            elif not media.silent_told:
                media.silent_told = True
                self.event(LegSilent(leg, self._silence(leg, media, now, since)))

    def _silence(self, leg: Leg, media: LegMedia, now: float, since: float) -> str:
        side = "the telephone in the cell" if leg is Leg.CELL else "the side outside"
        latch = media.rtp.latch
        where = latch.source or (latch.host, latch.port) if latch is not None else ("an address not known yet", 0)
        heard = f"after {media.rtp.count.received} packets" if media.rtp.heard_at != NOWHERE else "nor ever before"
        control = f"its last RTCP came {now - media.rtcp.heard_at:.0f} s ago" if media.rtcp.heard_at >= 0 else "no RTCP either"
        return (f"{side} ({where[0]}:{where[1]}) has sent no RTP for {now - since:.1f} s, {heard}; {control}; "
                f"{media.rtp.stray} packets came from elsewhere")

    def report(self, leg: Leg) -> LegReport:
        media = self.legs[leg]
        rtp, latch = media.rtp, media.rtp.latch
        source = latch.source if latch is not None else None
        return LegReport(
            source=f"{source[0]}:{source[1]}" if source else "", codec=LAWS[rtp.law] if rtp.laws else "",
            received=rtp.count.received, sent=rtp.sent, lost=rtp.count.lost, jitter_ms=round(rtp.count.jitter / 8, 3),
            stray=rtp.stray)
