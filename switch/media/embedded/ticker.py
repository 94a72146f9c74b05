"""The one 20 ms beat of all playback, and what plays to one leg. Time is an argument."""
from typing import Final

FRAME_SECONDS: Final = 0.02
FRAME: Final = 160
SILENCE: Final = b"\xd5"


class Beat:
    """When frames are due: a fixed grid of 20 ms from the start, so that a late wake-up is caught up and never adds up.

    After a stall longer than `burst` frames the grid moves: what was not sent in time is sent later, not all at once.
    """

    __slots__ = ("_burst", "_count", "_start", "skipped")

    def __init__(self, now: float, burst: int = 5) -> None:
        self._start = now
        self._count = 0
        self._burst = burst
        self.skipped = 0
        """Frames by which the grid moved in all."""

    @property
    def next_at(self) -> float:
        return self._start + self._count * FRAME_SECONDS

    def due(self, now: float) -> int:
        """Frames to send now: 0 when woken early, never more than the burst."""
        frames = int((now - self._start) / FRAME_SECONDS + 1e-6) + 1 - self._count
        if frames <= 0:
            return 0
        if frames > self._burst:
            over = frames - self._burst
            self._start += over * FRAME_SECONDS
            self.skipped += over
            frames = self._burst
        self._count += frames
        return frames


class Playback:
    """Prompts one after another as 20 ms A-law frames; with `loop_last` the last goes round until it is replaced."""

    __slots__ = ("_at", "_loop", "_sounds", "_which", "tag")

    def __init__(self, sounds: tuple[bytes, ...], tag: str = "", loop_last: bool = False) -> None:
        self._sounds = tuple(sound for sound in sounds if sound)
        self._loop = loop_last and bool(self._sounds)
        self._which = 0
        self._at = 0
        self.tag = tag

    @property
    def over(self) -> bool:
        return self._which >= len(self._sounds)

    def frame(self) -> bytes:
        """The next 160 bytes; a prompt that ends within a frame is followed at once by the next one, the last by silence."""
        out = b""
        while len(out) < FRAME and not self.over:
            sound = self._sounds[self._which]
            piece = sound[self._at : self._at + FRAME - len(out)]
            out += piece
            self._at += len(piece)
            if self._at >= len(sound):
                self._at = 0
                if not (self._loop and self._which == len(self._sounds) - 1):
                    self._which += 1
        return out + SILENCE * (FRAME - len(out))


SILENT: Final = SILENCE * FRAME
"""The frame that keeps a NAT and a far end's jitter buffer open while the gate is shut and nothing plays."""
