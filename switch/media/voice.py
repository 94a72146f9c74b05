"""`switch.ports.menu.Voice`: recordings made a telephone's, and words spoken by hibari where the extra `speech` is installed."""
import asyncio
import importlib
from functools import cache
from typing import Any

import numpy as np

from switch.media import g711
from switch.media.prompts import LONGEST_RECORDING, heard_recording
from switch.media.voice_band import SilentError, voice_band
from switch.media.wav import WavError, read_wav

RATE = 24000
"""Samples a second of the speech engine."""


class TelephoneVoice:
    """Both work in a thread: a minute of speech takes a second or two."""

    async def recorded(self, wav: bytes) -> bytes:
        return await asyncio.to_thread(_recorded, wav)

    async def spoken(self, text: str) -> bytes:
        return await asyncio.to_thread(_spoken, text)


def _recorded(wav: bytes) -> bytes:
    try:
        return g711.encode_alaw(heard_recording(read_wav(wav)))
    except (WavError, SilentError) as error:
        raise ValueError(f"the recording {error}") from error


def _spoken(text: str) -> bytes:
    sound = np.asarray(_engine()(text, seed=0), np.float64)
    if len(sound) > LONGEST_RECORDING * RATE:
        raise ValueError(f"it takes {len(sound) / RATE:.0f} s to say; {LONGEST_RECORDING} s is the most")
    try:
        return g711.encode_alaw(voice_band(sound, RATE))
    except SilentError as error:
        raise ValueError("there is nothing in it to say") from error


@cache
def _engine() -> Any:
    """Its own voice alone, which is in its package: any other would be fetched from outside."""
    try:
        return importlib.import_module("hibari").Hibari()
    except ImportError:
        raise ValueError(
            "no voice is installed to speak a text: give a recording, or install the extra (pip install 'wingline[speech]')"
        ) from None
