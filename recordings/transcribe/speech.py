"""Where somebody speaks: one channel cut into stretches of speech, for engines that take an utterance at a time.

Each stretch has a little of the silence around it. One that goes on for too long is cut at its quietest moment near the end, so
that no word waits for the talker to stop; nothing that is speech is ever left out. By webrtcvad (the detector of WebRTC), whose
own rate is the telephone's.
"""
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module

import numpy as np

from switch.media.g711 import ALAW_VALUES, FRAME, RATE

Detector = Callable[[bytes], bool]
"""Whether 20 ms of 16-bit samples at 8 kHz, 320 octets, are speech."""
MARGIN = 15
"""Frames of 20 ms kept before the first and after the last that is speech."""
LOOK_BACK = 50
"""Frames, one second, in which the quietest is sought when a stretch has to be cut."""
TENDER = 2
"""How readily the detector says speech, 0 to 3; at 2 all of the talk of the test calls was kept."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Octets of speech, and where they begin, in seconds of the channel."""

    start: float
    alaw: bytes


@dataclass(slots=True)
class Cutter:
    """Fed A-law in order, gives stretches: each ends after `pause` seconds without speech, and has `longest` seconds at most."""

    speech: Detector
    pause: float
    longest: float
    _odd: bytes = b""
    _at: int = 0
    """Frames seen."""
    _held: list[bytes] = field(default_factory=list)
    _first: int = 0
    """Number of the first frame held."""
    _last_speech: int | None = None
    """Of the frame that was the last speech, while a stretch goes on."""

    def feed(self, alaw: bytes) -> Iterator[Stretch]:
        data = self._odd + alaw
        whole = len(data) // FRAME * FRAME
        self._odd = data[whole:]
        for at in range(0, whole, FRAME):
            yield from self._frame(data[at : at + FRAME])

    def so_far(self) -> Stretch | None:
        """The stretch that goes on, as it is by now; None while nobody speaks."""
        if self._last_speech is None:
            return None
        return Stretch(self._first * FRAME / RATE, b"".join(self._held))

    def end(self) -> Iterator[Stretch]:
        if self._odd:
            yield from self._frame(self._odd.ljust(FRAME, b"\xd5"))
            self._odd = b""
        if self._last_speech is not None:
            yield self._cut(len(self._held))

    def _frame(self, frame: bytes) -> Iterator[Stretch]:
        if self.speech(ALAW_VALUES[np.frombuffer(frame, np.uint8)].tobytes()):
            self._last_speech = self._at
        self._held.append(frame)
        self._at += 1
        if self._last_speech is None:
            if len(self._held) > MARGIN:
                del self._held[0]
                self._first += 1
        elif (self._at - 1 - self._last_speech) * FRAME >= self.pause * RATE:
            yield self._cut(min(len(self._held), self._last_speech - self._first + 1 + MARGIN))
            self._last_speech = None
        elif len(self._held) * FRAME >= self.longest * RATE:
            yield self._cut(self._quietest())

    def _cut(self, frames: int) -> Stretch:
        found = Stretch(self._first * FRAME / RATE, b"".join(self._held[:frames]))
        del self._held[:frames]
        self._first += frames
        if self._last_speech is None or self._last_speech < self._first:
            del self._held[:-MARGIN]
            self._first = self._at - len(self._held)
        return found

    def _quietest(self) -> int:
        """After how many of the held frames to cut."""
        back = min(LOOK_BACK, len(self._held) // 2)
        loud = [int(np.abs(ALAW_VALUES[np.frombuffer(frame, np.uint8)].astype(np.int32)).sum()) for frame in self._held[-back:]]
        return len(self._held) - back + int(np.argmin(loud)) + 1


def detector() -> Detector:
    """A new one: it remembers what it heard. ImportError where the extra `transcribe` is not installed."""
    vad = import_module("webrtcvad").Vad(TENDER)
    return lambda samples: bool(vad.is_speech(samples, RATE))
