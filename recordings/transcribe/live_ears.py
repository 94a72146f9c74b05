"""Both sides of one call that runs, on the recording's clock: pure but for the engine, and driven by sound alone.

An engine that says an utterance once, when it is over, is asked for what it has in the middle of one too, so that no word waits
longer than `LOOK_EVERY` for the talker to stop; what stands at the edge of such a look may be half a word, and is left for the
next.
"""
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from recordings.transcribe.engine import CHUNK, Ear, Transcriber
from recordings.transcript import Channel, Heard
from switch.media.g711 import RATE

LOOK_EVERY = 1.2
"""Seconds of sound between two looks at an utterance that goes on; the two sides have theirs by turns."""
MOST_GAP = 30 * RATE
"""Samples that may be missing in the middle; after more of them it begins anew."""
SILENCE = b"\xd5"


@dataclass(slots=True)
class LiveEars:
    """Its first sound may be from anywhere in the recording; the times of the words are the recording's."""

    engine: Transcriber
    _ears: dict[Channel, Ear] = field(default_factory=dict)
    _began: int = 0
    """The sample of the recording that the ears count from."""
    _next: int = 0
    _looked: dict[Channel, float] = field(default_factory=dict)
    """By side: the sample at which it was last looked at."""

    def feed(self, position: int, stereo: bytes, current: bool = True) -> Iterator[Heard]:
        """Sound from that sample on: what was lost before it is silence, what was heard before is not heard again. `current`:
        nothing waits behind it, so that there is time to look."""
        if not self._ears or position - self._next > MOST_GAP:
            yield from self.end()
            self._began = self._next = position
            self._looked = {Channel.LEFT: position, Channel.RIGHT: position - LOOK_EVERY / 2 * RATE}
            self._ears = {channel: self.engine.ear(channel, live=True) for channel in Channel}
        lost = position - self._next
        data = SILENCE * 2 * lost + stereo if lost >= 0 else stereo[-2 * lost :]
        self._next += len(data) // 2
        for at, channel in enumerate(Channel):
            one = data[at::2]
            for start in range(0, len(one), CHUNK):
                yield from self._placed(self._ears[channel].feed(one[start : start + CHUNK]))
            if current and self._next - self._looked[channel] >= LOOK_EVERY * RATE:
                self._looked[channel] = self._next
                yield from self._placed(self._ears[channel].look())

    def end(self) -> Iterator[Heard]:
        """What was still held back."""
        ears, self._ears = self._ears, {}
        for ear in ears.values():
            yield from self._placed(ear.end())

    def _placed(self, said: list[Heard]) -> Iterator[Heard]:
        later = self._began / RATE
        for one in said:
            yield replace(one, words=tuple(replace(word, start=word.start + later, end=word.end + later) for word in one.words))
