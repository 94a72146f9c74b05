"""Telephone sound as engines take it: A-law at 8 kHz to samples at 16 kHz, piece by piece.

Models are made for 16 kHz, and one fed 8 kHz refuses or hears nothing right. How well the samples between are made up changes
nothing that was measured, so they are the mean of their neighbours.
"""
import numpy as np
from numpy.typing import NDArray

from switch.media.g711 import ALAW_VALUES

RATE = 16_000
Floats = NDArray[np.float32]


class Doubler:
    """A-law of one channel to twice as many samples, joined without a seam from piece to piece."""

    def __init__(self) -> None:
        self._last = 0

    def samples(self, alaw: bytes) -> NDArray[np.int16]:
        told = ALAW_VALUES[np.frombuffer(alaw, np.uint8)]
        if not len(told):
            return told
        before = np.concatenate(([self._last], told[:-1].astype(np.int32)))
        self._last = int(told[-1])
        out = np.empty(2 * len(told), np.int16)
        out[0::2] = (before + told) >> 1
        out[1::2] = told
        return out


def floats(alaw: bytes) -> Floats:
    """A whole piece as floats from -1 to 1 at 16 kHz."""
    return Doubler().samples(alaw).astype(np.float32) / np.float32(32768)
