"""Answering machines in the sound of many calls: all that waits in one numpy batch (`switch.media.answering` decides)."""
from collections.abc import Callable
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from switch.core.ids import Leg
from switch.media import g711
from switch.media.answering import Listener, Verdict, loudness, measure

MOST: Final = 10 * g711.FRAME
"""Octets that may wait for a batch: a fifth of a second."""
NOTHING: Final = -100.0


class MachineEar:
    """One call's outside leg as it waits for the next batch: what came from it, and what we sent there, which may echo."""

    __slots__ = ("_heard", "_listener", "_sent", "tell")

    def __init__(self, tell: Callable[[Verdict], None]) -> None:
        self.tell = tell
        self._listener = Listener()
        self._heard = b""
        self._sent = b""

    def hear(self, leg: Leg, law: int, sound: bytes) -> None:
        """A payload from either leg, as it came: the cell's is what we send on to the outside."""
        if law == g711.PCMU:
            sound = sound.translate(g711.ULAW_TO_ALAW)
        if leg is Leg.OUTSIDE:
            self._heard = (self._heard + sound)[-MOST:]
        else:
            self.sent(sound)

    def sent(self, alaw: bytes) -> None:
        self._sent = (self._sent + alaw)[-MOST:]

    def take(self) -> tuple[list[bytes], list[bytes]]:
        """Every whole frame that waits: heard, and sent."""
        if len(self._heard) < g711.FRAME:
            return [], []
        heard, self._heard = _frames(self._heard)
        sent, self._sent = _frames(self._sent)
        return heard, sent

    def judge(self, heard: list[tuple[float, float]], sent: list[float]) -> None:
        loudest = max(sent, default=NOTHING)
        for level, hertz in heard:
            verdict = self._listener.feed(level, hertz, loudest)
            if verdict is not None:
                self.tell(verdict)


def _frames(sound: bytes) -> tuple[list[bytes], bytes]:
    whole = len(sound) - len(sound) % g711.FRAME
    return [sound[at : at + g711.FRAME] for at in range(0, whole, g711.FRAME)], sound[whole:]


def listen(ears: list[MachineEar]) -> None:
    """One batch: everything that waits at every ear. Of what we sent only the loudness matters."""
    taken = [(ear, *ear.take()) for ear in ears]
    if not any(heard for _, heard, _ in taken):
        return
    found = iter(measure(_samples([block for _, heard, _ in taken for block in heard])))
    echoes = iter(loudness(_samples([block for _, _, sent in taken for block in sent])).tolist())
    for ear, heard, sent in taken:
        ear.judge(list(islice(found, len(heard))), list(islice(echoes, len(sent))))


def _samples(blocks: list[bytes]) -> NDArray[np.float32]:
    return _SAMPLES[np.frombuffer(b"".join(blocks), np.uint8).reshape(-1, g711.FRAME)]


_SAMPLES: Final = g711.ALAW_VALUES.astype(np.float32)
