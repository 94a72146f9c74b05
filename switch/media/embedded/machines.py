"""Answering machines in the sound of many calls: all that waits in one numpy batch a tick (`switch.media.answering` decides)."""
from collections.abc import Callable
from typing import Final

import numpy as np

from switch.core.ids import Leg
from switch.media import g711
from switch.media.answering import Listener, Verdict, measure

MOST: Final = 5 * g711.FRAME
"""Octets that wait: a tenth of a second."""
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

    def judge(self, heard: list[tuple[float, float]], sent: list[tuple[float, float]]) -> None:
        loudest = max((level for level, _ in sent), default=NOTHING)
        for level, hertz in heard:
            verdict = self._listener.feed(level, hertz, loudest)
            if verdict is not None:
                self.tell(verdict)


def _frames(sound: bytes) -> tuple[list[bytes], bytes]:
    whole = len(sound) - len(sound) % g711.FRAME
    return [sound[at : at + g711.FRAME] for at in range(0, whole, g711.FRAME)], sound[whole:]


def listen(ears: list[MachineEar]) -> None:
    """One batch: everything that waits at every ear."""
    taken = [(ear, *ear.take()) for ear in ears]
    blocks = [block for _, heard, sent in taken for block in (*heard, *sent)]
    if not blocks:
        return
    codes = np.frombuffer(b"".join(blocks), np.uint8).reshape(-1, g711.FRAME)
    found, at = measure(_SAMPLES[codes]), 0
    for ear, heard, sent in taken:
        if heard:
            middle = at + len(heard)
            ear.judge(found[at:middle], found[middle : middle + len(sent)])
            at = middle + len(sent)


_SAMPLES: Final = g711.ALAW_VALUES.astype(np.float32)
