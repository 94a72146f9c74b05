"""Ears that know what they hear: the switch passes A-law on and sends its prompts as they are, so a frame of 20 ms has a name.

`Sounds` holds every frame that a line of a phone's people or a prompt of the switch is made of. An `Ear` names the frames that
one phone hears, in order; a loud frame of no known sound is `STRANGE`, so that nothing passes unnoticed.
"""
import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from switch.media import g711

FRAME = g711.FRAME
STRANGE = "a sound that nobody here makes"
CLEAR = 5
"""Frames of a sound after which an ear is sure of it: a tenth of a second."""
WHOLE = 0.8
"""The share of a prompt's own frames that is all of it: a busy machine may lose a packet."""
SNIPPET = 4 * FRAME
_LOUDNESS = bytes((code ^ 0x55) & 0x7F for code in range(256))
"""The size of each A-law code, 0 to 127, logarithmic: 16 more is twice as loud."""
_LOUD = 24 * FRAME


def is_loud(sound: bytes) -> bool:
    """Whether there is anything to hear in A-law sound: more than about -38 dBFS."""
    return sum(sound.translate(_LOUDNESS)) > _LOUD * len(sound) // FRAME


@dataclass(frozen=True, slots=True)
class Heard:
    """One sound in one ear: the places of its first and last frame, counted from the ear's first, and how many came."""

    first: int
    last: int
    frames: int


class Sounds:
    """Everything that may be heard, by name. A frame that two sounds share names neither, nor is it strange."""

    def __init__(self, speech: Mapping[str, bytes], prompts: Mapping[str, bytes]) -> None:
        self.speech = frozenset(speech)
        """The lines that people say."""
        sounds = {**speech, **prompts}
        self._sounds = {name: sound + g711.ALAW_SILENCE * (-len(sound) % FRAME) for name, sound in sounds.items()}
        self.names: dict[bytes, str] = {}
        for name, sound in self._sounds.items():
            for frame in _frames(sound):
                if is_loud(frame):
                    self.names[frame] = name if self.names.get(frame, name) == name else ""
        self.sizes = {
            name: sum(self.names.get(frame) == name for frame in _frames(sound)) for name, sound in self._sounds.items()
        }
        """How many frames of each sound are told from every other."""

    def __getitem__(self, name: str) -> bytes:
        return self._sounds[name]

    def is_whole(self, name: str, heard: Heard) -> bool:
        return heard.frames >= WHOLE * self.sizes[name]

    def is_in(self, name: str, channel: bytes) -> bool:
        """Whether a recorded channel, which keeps no frames apart, has at least three pieces of 80 ms of this sound."""
        sound = self._sounds[name]
        pieces = (sound[at : at + SNIPPET] for at in range(0, len(sound) - SNIPPET, SNIPPET))
        return sum(piece in channel for piece in pieces if is_loud(piece)) >= 3


def _frames(sound: bytes) -> list[bytes]:
    return [sound[at : at + FRAME] for at in range(0, len(sound), FRAME)]


class Ear:
    """What one phone has heard so far."""

    def __init__(self, sounds: Sounds) -> None:
        self._names = sounds.names
        self._frames = 0
        self.heard: dict[str, Heard] = {}
        self._waiting: list[tuple[str, asyncio.Future[None]]] = []

    def take(self, frame: bytes) -> None:
        """The sound of one packet."""
        self._frames += 1
        name = self._names.get(frame)
        if name is None:
            name = STRANGE if is_loud(frame) else ""
        if not name:
            return
        before = self.heard.get(name)
        now = Heard(before.first, self._frames, before.frames + 1) if before else Heard(self._frames, self._frames, 1)
        self.heard[name] = now
        if now.frames == CLEAR:
            for wanted, waiter in self._waiting:
                if wanted == name and not waiter.done():
                    waiter.set_result(None)

    async def hears(self, name: str) -> None:
        """Returns once a sound has clearly been heard."""
        if name not in self.heard or self.heard[name].frames < CLEAR:
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append((name, waiter))
            await waiter
