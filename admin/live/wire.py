"""What one listener is sent: sound and words, each in a queue that loses its oldest. Whoever hears slowly holds up nobody."""
import asyncio
import json
import struct
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

HEADER: Final = struct.Struct("<IBBHd")
"""Before each frame: its number, channels, flags (0), samples a channel, and when it came here (Unix milliseconds)."""
CHANNELS: Final = 2
SAMPLES: Final = 160
WAITING: Final = 25
"""Frames, half a second: older ones are lost, and the page sees by the numbers that they were."""
MOST_WORDS: Final = 500


class Sends(Protocol):
    """The part of a WebSocket that is used."""

    async def send_bytes(self, data: bytes) -> None: ...

    async def send_text(self, data: str) -> None: ...


@dataclass(slots=True)
class Wire:
    """`run` is its one task, and ends after `close`, when what was to be said is said. No method else waits."""

    number: int = 0
    _frames: deque[bytes] = field(default_factory=lambda: deque(maxlen=WAITING))
    _words: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_WORDS))
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _closed: bool = False

    def frame(self, sound: bytes, milliseconds: float) -> None:
        """20 ms of interleaved A-law."""
        if not self._closed:
            self._frames.append(HEADER.pack(self.number & 0xFFFFFFFF, CHANNELS, 0, SAMPLES, milliseconds) + sound)
            self.number += 1
            self._wake.set()

    def say(self, what: dict[str, Any]) -> None:
        if not self._closed:
            self._words.append(json.dumps(what, ensure_ascii=False, separators=(",", ":")))
            self._wake.set()

    def close(self, why: str, text: str) -> None:
        """No more: sound that still waits is not sent."""
        self._frames.clear()
        self.say({"ended": why, "text": text})
        self._closed = True
        self._wake.set()

    async def run(self, socket: Sends) -> None:
        while True:
            while self._words or self._frames:
                if self._words:
                    await socket.send_text(self._words.popleft())
                else:
                    await socket.send_bytes(self._frames.popleft())
            if self._closed:
                return
            await self._wake.wait()
            self._wake.clear()
