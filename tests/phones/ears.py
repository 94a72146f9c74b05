"""Ears: which tones are in a piece of sound, and how loud, by FFT."""
import numpy as np
from numpy.typing import NDArray

RATE = 8000
FULL = 32768.0
WINDOW = 0.1
"""Seconds: the shortest sound in which a tone is looked for, and the length of each look."""


def spectrum(samples: NDArray[np.int16]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Frequencies in Hz and the level of each in dBFS of a sine, Hann-windowed."""
    count = len(samples)
    window = np.hanning(count)
    size = np.abs(np.fft.rfft(samples * window)) / (window.sum() / 2) / FULL
    return np.fft.rfftfreq(count, 1 / RATE), 20 * np.log10(size + 1e-9)


def level_of(samples: NDArray[np.int16], hz: float, spread: float = 15.0) -> float:
    """The loudest this tone gets in any tenth of a second, dBFS; -180 when there is less than that of sound."""
    step = int(RATE * WINDOW)
    loudest = -180.0
    for at in range(0, len(samples) - step + 1, step // 2):
        piece = samples[at : at + step]
        if not piece.any():
            continue
        where, levels = spectrum(piece)
        near = levels[np.abs(where - hz) <= spread]
        loudest = max(loudest, float(near.max()))
    return loudest


def tones_in(samples: NDArray[np.int16], least: float = -40.0) -> set[int]:
    """Every tone that stands out in any tenth of a second, to the nearest 10 Hz."""
    step = int(RATE * WINDOW)
    found: set[int] = set()
    for at in range(0, len(samples) - step + 1, step // 2):
        piece = samples[at : at + step]
        if not piece.any():
            continue
        where, levels = spectrum(piece)
        for i in range(2, len(levels) - 2):
            if levels[i] > least and levels[i] == levels[i - 2 : i + 3].max():
                found.add(round(where[i] / 10) * 10)
    return found


def share_with(samples: NDArray[np.int16], hz: float, least: float = -40.0) -> float:
    """The share of 20 ms frames in which the tone sounds: how whole a stream of it is."""
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160).astype(np.float64) / FULL
    when = np.arange(160) / RATE
    size = np.hypot(frames @ np.cos(2 * np.pi * hz * when), frames @ np.sin(2 * np.pi * hz * when)) / 80
    return float((20 * np.log10(size + 1e-9) > least).mean()) if len(frames) else 0.0


def level_beside(samples: NDArray[np.int16], hz: float, main: float) -> float:
    """The loudest that `hz` gets in any 20 ms, beside or in place of the tone `main`, dBFS; both are multiples of 50 Hz.

    In 20 ms such tones are at right angles, so that one has nothing of the other, unless it begins, ends or jumps just then. A
    phone that a busy machine makes late leaves holes, and their edges have a little of every pitch: they are not looked at."""
    whole, other = _frames(samples, main), _frames(samples, hz)
    if not len(whole):
        return -180.0
    full = max(float(whole.max()), 1e-3)
    steady = other[(whole > 0.995 * full) | (whole < 0.005 * full)]
    return float(20 * np.log10(steady.max(initial=0.0) + 1e-9))


def _frames(samples: NDArray[np.int16], hz: float) -> NDArray[np.float64]:
    """The size of a tone in the 20 ms from each sample on, 1 is full scale."""
    turned = samples / FULL * np.exp(-2j * np.pi * hz * np.arange(len(samples)) / RATE)
    sums = np.concatenate([[0], np.cumsum(turned)])
    return np.abs(sums[160:] - sums[:-160]) / 80
