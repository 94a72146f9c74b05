"""Is it a machine that answered? One stream's sound, 20 ms at a time, to one verdict at most. Pure: no clock, no loop.

A record beep tells a machine: one steady tone after speech, and then quiet; a person goes on, or presses again, or has said hello
only. All else is a person, or unknown, which is the same: a machine missed costs one call, a person taken for one is hung up on.
The length of a greeting tells nothing: families speak as long (docs/decisions, 5).

What we play to the far side comes back as an echo; a frame that could be that is taken for quiet.
"""
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from switch.media import g711

FRAME_SECONDS: Final = 0.02
LOWEST, HIGHEST = 400.0, 2500.0
"""Hz of a record beep."""
PURE: Final = 0.9
"""Share of a frame's energy within 100 Hz of its strongest pitch."""
STEADY: Final = 15.0
"""Hz by which the frames of one tone may differ."""
EVEN: Final = 4.0
"""dB by which they may."""
SHORTEST, LONGEST = 4, 78
"""Whole frames of a beep: 100 ms has four, 1500 ms up to 75."""
FAINTEST: Final = -38.0
"""dBFS below which nothing is a beep."""
BESIDE: Final = 10.0
"""dB by which a beep may be fainter than the speech before it."""
SPEECH_BEFORE: Final = 25
"""Frames of voice that a greeting has before its beep: half a second."""
AT_MOST_AGO: Final = 125
"""Frames between the end of the speech and the beep."""
QUIET_AFTER: Final = 100
"""Frames of quiet that must follow a beep: a tone that comes again is somebody's hold, oven or second line."""
EDGE: Final = 3
"""Frames after a tone that may look like voice: its own end, a click."""
ECHO: Final = 15.0
"""An echo is at least so many dB below what we sent."""
ECHO_LASTS: Final = 15
"""Frames for which what we sent may come back."""
QUIET_BELOW: Final = -45.0
"""dBFS that is quiet whatever went before."""
BELOW_SPEECH: Final = 14.0
"""dB below speech at which the room counts as quiet."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A machine. `at` is seconds of sound from the answer to the verdict, `hertz` the pitch of its beep."""

    at: float
    hertz: float


_WINDOW: Final = np.hanning(g711.FRAME).astype(np.float32)
_BINS: Final = np.fft.rfftfreq(g711.FRAME, 1 / g711.RATE).astype(np.float32)
_STEP: Final = np.float32(g711.RATE / g711.FRAME)
_SCALE: Final = np.float32(32768.0)


def measure(blocks: NDArray[np.float32]) -> list[tuple[float, float]]:
    """(dBFS, Hz of the one tone that the frame is or 0) of each 20 ms of int16-scale samples, shape (streams, 160)."""
    levels = loudness(blocks)
    found = np.zeros(len(blocks), np.float32)
    loud = np.flatnonzero(levels > FAINTEST)
    if len(loud):
        spectrum = np.abs(np.fft.rfft(blocks[loud] * _WINDOW, axis=1)) ** 2
        total = spectrum.sum(axis=1) + 1e-6
        peak = np.clip(spectrum.argmax(axis=1), 2, spectrum.shape[1] - 3)
        near = peak[:, None] + np.arange(-2, 3)
        around = np.take_along_axis(spectrum, near, axis=1)
        share = around.sum(axis=1) / total
        below, at, above = np.sqrt(around[:, 1]), np.sqrt(around[:, 2]) + 1e-6, np.sqrt(around[:, 3])
        beside = np.maximum(below, above) / at  # a Hann window's main lobe says how far between two bins the pitch lies
        hertz = _BINS[peak] + _STEP * np.sign(above - below) * (2 * beside - 1) / (1 + beside)
        is_tone = (share > PURE) & (hertz >= LOWEST) & (hertz <= HIGHEST)
        found[loud] = np.where(is_tone, hertz, 0.0)
    return list(zip(levels.tolist(), found.tolist(), strict=True))


def loudness(blocks: NDArray[np.float32]) -> NDArray[np.float32]:
    """dBFS of each 20 ms of int16-scale samples, shape (streams, 160)."""
    power = (blocks * blocks).mean(axis=1)
    found: NDArray[np.float32] = 10 * np.log10(power / (_SCALE * _SCALE) + 1e-10)
    return found


class Listener:
    """One answered call's far side, frame after frame. `feed` gives the verdict when there is one, and once only."""

    __slots__ = ("_after", "_ago", "_beep", "_echo", "_frames", "_loudness", "_quiet", "_spoken", "_tone", "verdict")

    def __init__(self) -> None:
        self.verdict: Verdict | None = None
        self._frames = 0
        self._spoken = 0
        """Frames of voice so far, or since a tone that was no beep."""
        self._loudness = -30.0
        """dBFS of the speech, as a running mean."""
        self._ago = 0
        """Frames since there was voice."""
        self._tone: list[tuple[float, float]] = []
        """Hz and dBFS of the frames of a tone that goes on."""
        self._beep = 0.0
        """Hz of the tone that may have been the beep, until something speaks against it."""
        self._quiet = 0
        """Frames of quiet since."""
        self._after = 0
        """Frames of voice since."""
        self._echo: list[float] = [-100.0] * ECHO_LASTS

    def feed(self, level: float, hertz: float, sent: float = -100.0) -> Verdict | None:
        """One frame: its dBFS, the Hz of its tone or 0, and the dBFS of what we sent meanwhile."""
        if self.verdict is not None:
            return None
        self._frames += 1
        self._echo[self._frames % ECHO_LASTS] = sent
        if level < max(self._echo) - ECHO:
            level, hertz = -100.0, 0.0
        if hertz:
            self._tonal(level, hertz)
        else:
            self.verdict = self._plain(level)
        return self.verdict

    def _tonal(self, level: float, hertz: float) -> None:
        if self._tone and (abs(hertz - self._tone[0][0]) > STEADY or abs(level - self._tone[0][1]) > EVEN):
            self._tone_ended()
        if len(self._tone) <= LONGEST:
            self._tone.append((hertz, level))
        if len(self._tone) > 1 and self._beep:  # one odd frame is the edge of a tone; two are another tone: neither is a beep
            self._beep, self._spoken = 0.0, 0

    def _plain(self, level: float) -> Verdict | None:
        if self._tone:
            self._tone_ended()
        voice = level > max(QUIET_BELOW, self._loudness - BELOW_SPEECH)
        if not voice:
            self._ago += 1
            self._quiet += 1
            if not self._beep or self._quiet < QUIET_AFTER:
                return None
            return Verdict(round(self._frames * FRAME_SECONDS, 2), round(self._beep, 1))
        self._after += 1
        if self._after > EDGE:
            self._beep = 0.0
        self._spoken += 1
        self._ago = 0
        self._loudness += (level - self._loudness) * (0.2 if level > self._loudness else 0.02)
        return None

    def _tone_ended(self) -> None:
        """What went on as one tone is over: a beep, perhaps, or a vowel, or another key."""
        frames, (hertz, level) = len(self._tone), self._tone[len(self._tone) // 2]
        self._tone.clear()
        if frames < SHORTEST:
            return
        greeted = self._spoken >= SPEECH_BEFORE and self._ago <= AT_MOST_AGO
        fits = frames <= LONGEST and level > self._loudness - BESIDE
        self._beep = hertz if greeted and fits else 0.0
        self._quiet = self._after = 0
