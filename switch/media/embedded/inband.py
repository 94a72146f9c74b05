"""DTMF tones in the sound (ITU-T Q.23, Q.24), for telephones that send no events: all streams in one numpy batch a tick.

Sought only while digits are wanted, before the legs are joined.
"""
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from switch.core.ids import Leg
from switch.media import g711

ROWS: Final = (697, 770, 852, 941)
COLUMNS: Final = (1209, 1336, 1477, 1633)
KEYS: Final = ("123A", "456B", "789C", "*0#D")
BLOCK: Final = 160
LEAST: Final = 10 ** (-36 / 20) * 32768
"""Amplitude of a tone that counts."""
PURE: Final = 0.7
"""Share of a block's energy that must be in the two tones."""
TWIST: Final = 10.0 ** (8 / 10)
NEEDED: Final = 2
"""Blocks in a row with the same key before it counts; as many without it end it."""


def _matrix() -> NDArray[np.float32]:
    """Cosine and sine of each of the eight frequencies over one block: Goertzel as a matrix product."""
    when = np.arange(BLOCK) / g711.RATE
    waves = [part(2 * np.pi * hz * when) for hz in ROWS + COLUMNS for part in (np.cos, np.sin)]
    return np.array(waves, np.float32).T


_TONES: Final = _matrix()


def keys_in(blocks: NDArray[np.float32]) -> list[str]:
    """The key that sounds in each block of shape (streams, 160), empty where none does."""
    parts = blocks @ _TONES
    power = (parts[:, 0::2] ** 2 + parts[:, 1::2] ** 2) * (2 / BLOCK)
    total = (blocks**2).sum(axis=1) + 1e-9
    row, column = power[:, :4].argmax(axis=1), power[:, 4:].argmax(axis=1)
    every = np.arange(len(blocks))
    low, high = power[every, row], power[every, 4 + column]
    least = LEAST**2 * BLOCK / 2
    sounds = (low > least) & (high > least) & (low + high > PURE * total) & (low < TWIST * high) & (high < TWIST * low)
    return [KEYS[row[i]][column[i]] if sounds[i] else "" for i in every]


class Press:
    """One stream's keys, block after block: told once, when it has sounded long enough."""

    __slots__ = ("_count", "_key", "_told")

    def __init__(self) -> None:
        self._key = ""
        self._count = 0
        self._told = ""

    def feed(self, key: str) -> str | None:
        if key == self._key:
            self._count += 1
        else:
            self._key, self._count = key, 1
        if self._count < NEEDED or key == self._told:
            return None
        self._told = key
        return key or None


class Seeker:
    """One call's two streams as they wait for the next batch."""

    __slots__ = ("_presses", "_waiting", "tell")

    def __init__(self, tell: Callable[[Leg, str], None]) -> None:
        self.tell = tell
        self._waiting = {leg: b"" for leg in Leg}
        self._presses = {leg: Press() for leg in Leg}

    def feed(self, leg: Leg, law: int, sound: bytes) -> None:
        """A payload as it came; half a second at most waits, since a late telephone sends what it owes at one go."""
        if law == g711.PCMU:
            sound = sound.translate(g711.ULAW_TO_ALAW)
        self._waiting[leg] = (self._waiting[leg] + sound)[-25 * BLOCK :]

    def take(self) -> list[tuple[Leg, bytes]]:
        """Every whole block that waits, in order."""
        out = []
        for leg, sound in self._waiting.items():
            whole = len(sound) - len(sound) % BLOCK
            if whole:
                out += [(leg, sound[at : at + BLOCK]) for at in range(0, whole, BLOCK)]
                self._waiting[leg] = sound[whole:]
        return out

    def judge(self, leg: Leg, key: str) -> None:
        digit = self._presses[leg].feed(key)
        if digit is not None:
            self.tell(leg, digit)


def seek(seekers: list[Seeker]) -> None:
    """One batch: everything that waits in every call."""
    taken = [(seeker, leg, block) for seeker in seekers for leg, block in seeker.take()]
    if not taken:
        return
    codes = np.frombuffer(b"".join(block for _, _, block in taken), np.uint8).reshape(-1, BLOCK)
    for (seeker, leg, _), key in zip(taken, keys_in(_SAMPLES[codes]), strict=True):
        seeker.judge(leg, key)


_SAMPLES: Final = g711.ALAW_VALUES.astype(np.float32)
