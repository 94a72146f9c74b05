"""How loud a recording is, and a copy in which both speakers are equally loud.

The measure is the integrated loudness of ITU-R BS.1770-5 (K-weighting, blocks of 400 ms that overlap by three quarters, gates at
-70 LUFS and 10 LU below the rest), taken of each channel by itself: the two of a recording are two people, not left and right of
one sound. The weight of a block is put on its spectrum, by the two filters' magnitude at each frequency.
"""
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recordings.sound import CHANNELS, RATE, decoded, encoded

TARGET: Final = -23.0
"""LUFS of each speaker in a levelled copy (EBU R 128)."""
MOST_GAIN: Final = 20.0
"""dB: the noise of a quiet line is not made a storm."""
PEAK: Final = -1.0
"""dBFS that no sample of a levelled copy is above."""
BLOCK: Final = RATE * 2 // 5
STEP: Final = BLOCK // 4
FULL: Final = 32768.0
_OFFSET: Final = -0.691
_SILENT: Final = -70.0


def _k_weight() -> NDArray[np.float64]:
    """Power gain of K-weighting at each frequency of a block's spectrum: the shelf of the head and the high-pass of BS.1770-5,
    which gives them at 48 kHz, as their analogue curves."""
    s = 1j * np.fft.rfftfreq(BLOCK, 1 / RATE)
    shelf_hz, shelf_q, high, middle = 1681.974450955533, 0.7071752369554196, 1.584864701130855, 1.258720930232562
    shelf = (high * s**2 + middle * shelf_hz / shelf_q * s + shelf_hz**2) / (s**2 + shelf_hz / shelf_q * s + shelf_hz**2)
    pass_hz, pass_q = 38.13547087602444, 0.5003270373238773
    high_pass = s**2 / (s**2 + pass_hz / pass_q * s + pass_hz**2)
    weight: NDArray[np.float64] = np.abs(shelf * high_pass) ** 2
    return weight


_WEIGHT: Final = _k_weight()


def loudness(audio: bytes) -> tuple[float, float]:
    """LUFS of the person's channel and of the contact's; minus infinity where nothing is above -70 LUFS."""
    samples = decoded(audio)
    return _integrated(samples[:, 0] / FULL), _integrated(samples[:, 1] / FULL)


def levelled(audio: bytes) -> bytes:
    """A copy with each speaker at `TARGET`, by one gain a channel from beginning to end: less where a peak would go over `PEAK`,
    at most `MOST_GAIN`, and none for a channel without sound."""
    samples = decoded(audio) / FULL
    for side in range(CHANNELS):
        found = _integrated(samples[:, side])
        if found > -math.inf:
            room = PEAK - 20 * math.log10(float(np.abs(samples[:, side]).max()))
            samples[:, side] *= 10 ** (min(TARGET - found, room, MOST_GAIN) / 20)
    return encoded(np.rint(samples * FULL).astype(np.int16))


def _integrated(channel: NDArray[np.float64]) -> float:
    powers = _block_powers(channel)
    loud = powers[_lufs(powers) > _SILENT]
    if not len(loud):
        return -math.inf
    kept = loud[_lufs(loud) > float(_lufs(np.array(loud.mean()))) - 10]
    return float(_lufs(np.array(kept.mean())))


def _block_powers(channel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weighted mean square of each block, by Parseval. A recording shorter than one is measured as one, with silence after it."""
    padded = np.pad(channel, (0, max(0, BLOCK - len(channel))))
    starts = range(0, len(padded) - BLOCK + 1, STEP)
    powers = [2 * float((np.abs(np.fft.rfft(padded[at : at + BLOCK])) ** 2 * _WEIGHT).sum()) / BLOCK**2 for at in starts]
    return np.array(powers)


def _lufs(power: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = _OFFSET + 10 * np.log10(np.maximum(power, 1e-15))
    return found
