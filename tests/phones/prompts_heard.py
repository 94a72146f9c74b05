"""Which prompts are in what a phone heard: whole, to the last frame, since the switch sends them as they are."""
from functools import cache

import numpy as np
from numpy.typing import NDArray

from switch.media import g711
from switch.media.prompts import PromptLibrary

COMMON = ("digits-ack", "silence-1s", "ringback-uk", "soft-tone", "busy-uk", "beep", "pause")
"""Tones, which are no words."""
HELD = 1200
"""Samples, 150 ms: jitter buffer and device of a phone."""


@cache
def library(language: str = "en") -> PromptLibrary:
    """What ships."""
    return PromptLibrary.load(language)


def payload_of(name: str, law: int) -> bytes:
    """A prompt as it is sent; `cy/enter-pin` is a language's own."""
    language, _, prompt = name.rpartition("/")
    ours = library(language or "en")
    return ours.alaw(prompt) if law == g711.PCMA else ours.ulaw(prompt)


@cache
def _whole(law: int) -> dict[str, bytes]:
    ours = library()
    names = [name for name in sorted(ours._alaw) if name not in COMMON]
    return {name: ours.alaw(name) if law == g711.PCMA else ours.ulaw(name) for name in names}


def prompts_in(payload: bytes, law: int = g711.PCMA) -> set[str]:
    """Every spoken prompt that is in G.711 sound from its first octet to its last."""
    return {name for name, sound in _whole(law).items() if sound in payload}


def prompt_sound(name: str) -> NDArray[np.int16]:
    """A prompt as samples."""
    return g711.decode_alaw(library().alaw(name))


def likeness(heard: NDArray[np.int16], name: str) -> float:
    """How like a prompt the likest stretch of a recording is, 0 to 1, for phones whose sound we get second-hand: normalised
    cross-correlation over the prompt's whole length, but for what a jitter buffer still holds when a call is hung up."""
    prompt = prompt_sound(name).astype(np.float64)
    if len(prompt) > 20 * HELD:
        prompt = prompt[HELD:-HELD]
    sound = heard.astype(np.float64)
    if len(sound) < len(prompt):
        return 0.0
    size = 1 << (len(sound) + len(prompt)).bit_length()
    cross = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(prompt, size)), size)[: len(sound) - len(prompt) + 1]
    energy = np.concatenate(([0.0], np.cumsum(sound**2)))
    stretch = energy[len(prompt):] - energy[: -len(prompt)]
    power = np.sqrt(np.maximum(stretch, 1.0) * (prompt**2).sum())
    return float((cross / power).max())
