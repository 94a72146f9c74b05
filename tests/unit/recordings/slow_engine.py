"""An engine for tests: it says a word a second of sound, named by the second, at whatever pace a test wants."""
import threading
import time

from recordings.transcribe.engine import EngineProblem
from recordings.transcript import Channel, Heard, Word


class SlowEar:
    def __init__(self, engine: "SlowEngine", channel: Channel) -> None:
        self._engine, self._channel, self._octets, self._said = engine, channel, 0, 0

    def feed(self, alaw: bytes) -> list[Heard]:
        if self._engine.fail:
            raise EngineProblem(self._engine.fail)
        self._octets += len(alaw)
        found = []
        while (self._said + 1) * 8000 <= self._octets:
            time.sleep(self._engine.pace)
            second = self._said
            found.append(Word(self._channel, second, second + 0.5, f"{self._channel}{second}", 0.9))
            self._said += 1
        return [Heard((word,)) for word in found]

    def look(self) -> list[Heard]:
        return []

    def end(self) -> list[Heard]:
        return []


class SlowEngine:
    """`pace`: seconds of work for a second of sound of one side; `fail`: what it refuses with, while that is said."""

    engine, model, language, partials = "slow", "none", "en", False

    def __init__(self, pace: float = 0.0, fail: str = "") -> None:
        self.pace, self.fail = pace, fail
        self.ears = 0
        self._lock = threading.Lock()

    def ear(self, channel: Channel, live: bool = False) -> SlowEar:
        with self._lock:
            self.ears += 1
        return SlowEar(self, channel)
