"""A media engine: whatever carries the sound of a call. Only data crosses, so that an engine may be a process of its own.

One contract suite (`tests/contracts`) holds for every engine.
"""
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from switch.core.grants import ListenTicket, RecordingWarrant
from switch.core.ids import CallId, Leg, RecordingId


class Capability(StrEnum):
    """What an engine can do; compared with what the plans need at start, and a mismatch refuses to boot."""

    GATE = "gate"
    PROMPTS = "prompts"
    DIGITS = "digits"
    INBAND_DIGITS = "inband-digits"
    RECORD = "record"
    TRANSCODE = "transcode"
    LISTEN = "listen"
    ANSWERING = "answering"
    """Tells an answering machine by its sound."""


Hear = Callable[[int, bytes], None]
"""Is given 20 ms of a call: at which sample of its recording they begin, and what they are."""


class MediaRefused(Exception):
    """The other side's SDP cannot be served; the text says why, for the log and a 488."""


@dataclass(frozen=True, slots=True)
class Digit:
    leg: Leg
    digit: str


@dataclass(frozen=True, slots=True)
class PlayEnded:
    leg: Leg
    tag: str


@dataclass(frozen=True, slots=True)
class FirstPacket:
    leg: Leg


@dataclass(frozen=True, slots=True)
class LegSilent:
    """No packet from this leg for the engine's silence limit; `text` says from where, and since when."""

    leg: Leg
    text: str


@dataclass(frozen=True, slots=True)
class TapRunning:
    """The recorder has written to its disk."""


@dataclass(frozen=True, slots=True)
class TapStopped:
    why: str


@dataclass(frozen=True, slots=True)
class MachineHeard:
    """What answered on this leg sounds like a machine; told once. `why` says by what and when, for the record."""

    leg: Leg
    why: str


MediaEvent = Digit | PlayEnded | FirstPacket | LegSilent | TapRunning | TapStopped | MachineHeard


@dataclass(frozen=True, slots=True)
class LegReport:
    """What one leg's stream was like, for the CDR: packets, loss, jitter in ms (RFC 3550 §6.4.1)."""

    source: str = ""
    codec: str = ""
    received: int = 0
    sent: int = 0
    lost: int = 0
    jitter_ms: float = 0.0
    stray: int = 0
    """Packets from addresses other than the latched one: refused."""


@dataclass(frozen=True, slots=True)
class SealedRecording:
    """A closed recording as the spool left it."""

    id: RecordingId
    path: str
    seconds: float
    sha256: str


@dataclass(frozen=True, slots=True)
class MediaReport:
    legs: dict[Leg, LegReport] = field(default_factory=dict)
    recording: SealedRecording | None = None


class MediaEngine(Protocol):
    """Carries calls by our ids; mints none. Methods raise KeyError for a call that is not open, `close` excepted."""

    @property
    def capabilities(self) -> frozenset[Capability]: ...

    @property
    def tapped(self) -> frozenset[CallId]:
        """Calls that anything listens to now: a tap, a recording's file, whatever hears more than the other leg."""

    async def open(self, call: CallId, tell: Callable[[MediaEvent], None]) -> None:
        """Reserve ports for both legs, gate shut, untappable. `tell` is called on the loop. OSError when every port is in use,
        ValueError for an id that is open."""

    async def settle(self, call: CallId, warrant: RecordingWarrant | None) -> None:
        """Say once, before the outside leg is offered, whether this call may be tapped. None is for ever: a privileged call
        stays untappable whatever comes after. PermissionError for a second time or a warrant of another call."""

    async def accept(self, call: CallId, leg: Leg, offer: bytes, peer: str = "") -> bytes:
        """The other side's SDP offer in, our answer out. Raises MediaRefused. With `peer`, the address that signalled, media at
        any other address is refused: a telephone in a cell never names an address of its own choosing."""

    async def offer(self, call: CallId, leg: Leg) -> bytes:
        """Our SDP offer for a leg that we dial: PCMA before PCMU. PermissionError before `settle`."""

    async def answered(self, call: CallId, leg: Leg, sdp: bytes) -> None:
        """The other side's answer to our offer. Raises MediaRefused."""

    async def gate(self, call: CallId, open: bool) -> None:
        """Whether each leg hears the other. Shut until told, early media included."""

    async def play(
        self, call: CallId, leg: Leg, prompts: tuple[str, ...], tag: str = "", loop_last: bool = False
    ) -> None:
        """Play to one leg, replacing what plays there, over the other party if the gate is open; PlayEnded(leg, tag) when
        the last has been sent whole. KeyError for an unknown prompt."""

    async def stop(self, call: CallId, leg: Leg) -> None:
        """Fall silent on one leg; no PlayEnded."""

    async def record(self, call: CallId, warrant: RecordingWarrant) -> None:
        """Start the tap of both directions; TapRunning when its file is on the disk. PermissionError unless
        `settle` was given this very warrant."""

    async def listen(self, call: CallId, ticket: ListenTicket, at: datetime, hear: Hear) -> None:
        """Hand on what is recorded of the call from now on, 20 ms at a time: 320 bytes of interleaved stereo A-law, the person in
        prison left, the contact right; on the loop, a fifth of a second behind, silence included. It ends by itself with the
        ticket (`at` is the wall clock's now), and with the call. Another ticket for the same key goes on without a gap, to this
        `hear`. Neither side hears anything of it. PermissionError for a call that was not settled with a warrant, and for a
        ticket of another call, one that was used already, one that is over or to come."""

    async def seek_machine(self, call: CallId, warrant: RecordingWarrant | None) -> None:
        """Listen on the outside leg for an answering machine, from its next packet on, until MachineHeard or None is given here.
        PermissionError unless `settle` was given this very warrant: a privileged call's sound is never looked at."""

    async def close(self, call: CallId) -> MediaReport:
        """Stop everything, seal the recording, drain the ports (bound until quiet). Idempotent: an unknown call is an empty
        report."""
