"""A studio voice made into a telephone's: one channel, 8 kHz, 300-3400 Hz, trimmed, at one loudness.

Used once per prompt, when it is rendered or imported; nothing here runs while a call does.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from switch.media import g711

Floats = NDArray[np.float64]

LOW: Final = 300.0
HIGH: Final = 3400.0
"""Hz: the telephone band, ITU-T G.712."""
SPEECH_LEVEL: Final = -18.0
"""dBFS, RMS over the frames with speech in them."""
_PEAK = 0.89
_HOP = 80
_KEEP_BEFORE, _KEEP_AFTER = 2, 6
_SILENT = 1e-4


class SilentError(ValueError):
    """Sound with nothing in it to hear."""


def voice_band(sound: Floats, rate: int) -> g711.Samples:
    """One channel in -1..1 at any rate of 8 kHz and up, as 8 kHz int16 for the telephone; SilentError if it is silent."""
    return normalised(trimmed(band_limited(sound, rate)))


def band_limited(sound: Floats, rate: int) -> Floats:
    """The sound at 8 kHz with the telephone band only: zero phase, edges of 100 Hz (200 above)."""
    if rate < g711.RATE:
        raise ValueError(f"{rate} Hz is less than the {g711.RATE} Hz of a telephone")
    wanted = -(-len(sound) * g711.RATE // rate)
    # Whole blocks of 1/100 s keep both lengths whole at every common rate; the spare time keeps the ends apart.
    blocks = -(-wanted // _HOP) + 10
    frames = -(-blocks * rate // 100)
    spectrum = np.fft.rfft(sound, frames)
    hertz = np.arange(len(spectrum), dtype=np.float64) * (rate / frames)
    gain = _edge(hertz, LOW - 100.0, LOW) * (1.0 - _edge(hertz, HIGH, HIGH + 200.0))
    out = blocks * _HOP
    low = (spectrum * gain)[: out // 2 + 1]
    return np.asarray(np.fft.irfft(low, out)[:wanted] * (out / frames), np.float64)


def _edge(hertz: Floats, start: float, stop: float) -> Floats:
    """0 below start, 1 above stop, half a cosine between."""
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.clip((hertz - start) / (stop - start), 0.0, 1.0)), np.float64)


def trimmed(sound: Floats) -> Floats:
    """The sound without silence at its ends, but 20 ms before and 60 ms after, faded over 10 ms."""
    level = _levels(sound)
    loud = np.flatnonzero(level > max(_SILENT, 0.03 * float(np.quantile(level, 0.95)))) if len(level) else level
    if not len(loud):
        raise SilentError("there is nothing to hear in it")
    first, last = max(0, int(loud[0]) - _KEEP_BEFORE), int(loud[-1]) + 1 + _KEEP_AFTER
    kept = sound[first * _HOP : last * _HOP].copy()
    ramp = np.linspace(0.0, 1.0, min(_HOP, len(kept)))
    kept[: len(ramp)] *= ramp
    kept[len(kept) - len(ramp) :] *= ramp[::-1]
    return kept


def normalised(sound: Floats) -> g711.Samples:
    """The sound at the speech level of every prompt, lower if its peaks would clip."""
    level = _levels(sound)
    speech = level[level > 0.1 * level.max()]
    now = float(np.sqrt(np.mean(speech**2)))
    gain = min(10 ** (SPEECH_LEVEL / 20) / now, _PEAK / float(np.abs(sound).max()))
    return np.asarray(np.rint(sound * gain * 32767.0), np.int16)


def _levels(sound: Floats) -> Floats:
    """RMS of each 10 ms."""
    whole = sound[: len(sound) - len(sound) % _HOP].reshape(-1, _HOP)
    return np.asarray(np.sqrt(np.mean(whole**2, axis=1)), np.float64)
