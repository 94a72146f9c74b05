"""What a switch can play: its prompts, and the sounds of bulletins that were brought to it."""
from switch.media.languages import Languages

MOST_BYTES = 64_000_000
"""Of sounds in memory: some two hours of bulletins and names."""


class SoundShelf:
    """`embedded.engine.Prompts` and `ports.menu.Sounds` in one. Sounds are whole A-law; those kept longest go first."""

    def __init__(self, prompts: Languages, most: int = MOST_BYTES) -> None:
        self._prompts, self._most = prompts, most
        self._sounds: dict[str, bytes] = {}
        self._held = 0

    def alaw(self, prompt_id: str, /) -> bytes:
        sound = self._sounds.get(prompt_id.rpartition("/")[2])
        return self._prompts.alaw(prompt_id) if sound is None else sound

    def keeps(self, sound: str) -> bool:
        return sound in self._sounds

    def keep(self, sound: str, alaw: bytes) -> None:
        self._held += len(alaw) - len(self._sounds.pop(sound, b""))
        self._sounds[sound] = alaw
        while self._held > self._most and len(self._sounds) > 1:
            self._held -= len(self._sounds.pop(next(iter(self._sounds))))
