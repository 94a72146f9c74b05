"""What a switch can play: its prompts, and the sounds of bulletins that were brought to it."""
from switch.media.prompts import PromptLibrary

MOST_SOUNDS = 64
"""Bulletins in memory, a megabyte each at the most."""


class SoundShelf:
    """`embedded.engine.Prompts` and `ports.menu.Sounds` in one. Sounds are whole A-law; those kept longest go first."""

    def __init__(self, prompts: PromptLibrary) -> None:
        self._prompts = prompts
        self._sounds: dict[str, bytes] = {}

    def alaw(self, prompt_id: str, /) -> bytes:
        sound = self._sounds.get(prompt_id)
        return self._prompts.alaw(prompt_id) if sound is None else sound

    def keeps(self, sound: str) -> bool:
        return sound in self._sounds

    def keep(self, sound: str, alaw: bytes) -> None:
        self._sounds[sound] = alaw
        while len(self._sounds) > MOST_SOUNDS:
            del self._sounds[next(iter(self._sounds))]
