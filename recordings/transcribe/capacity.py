"""What a machine can transcribe: measured with the model that it has, on speech of the telephone, each time anew."""
import time
from dataclasses import dataclass

from recordings.transcribe.engine import Transcriber, transcribe


@dataclass(frozen=True, slots=True)
class Measured:
    """So many seconds of a call took so many of a processor."""

    audio: float
    processor: float

    @property
    def hours_per_core_hour(self) -> float:
        return self.audio / self.processor

    def hours_a_day(self, at_once: int) -> float:
        """Of calls, with so many processors that do nothing else."""
        return 24 * at_once * self.hours_per_core_hour


def measure(engine: Transcriber, audio: bytes) -> Measured:
    """One run over interleaved stereo A-law. Blocking, for seconds; nothing else may work in this process meanwhile."""
    began = time.process_time()
    made = transcribe(engine, [audio])
    return Measured(made.seconds, max(time.process_time() - began, 1e-6))
