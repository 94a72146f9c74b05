"""vosk (Kaldi): the default engine. It tells what it has so far while somebody speaks.

Its traps, each of them met: a model is opened by its path alone (by name or language it goes online and ends the process); sound
is doubled to 16 kHz; a recogniser is one channel's and one thread's; what fails does so with no reason but on standard error.
"""
import json
from importlib import import_module
from pathlib import Path
from typing import Any

from recordings.transcribe.engine import EngineProblem
from recordings.transcribe.sound import RATE, Doubler
from recordings.transcript import Channel, Heard, Word

FORCED = 5.0
"""Seconds after which a live utterance that goes on is said as it is."""


class VoskEar:
    """`Ear` over one recogniser."""

    def __init__(self, recogniser: Any, channel: Channel, live: bool) -> None:
        self._recogniser, self._channel, self._live = recogniser, channel, live
        self._doubler = Doubler()
        self._fed = 0
        self._so_far = ""

    def feed(self, alaw: bytes) -> list[Heard]:
        ended = self._recogniser.AcceptWaveform(self._doubler.samples(alaw).tobytes())  # it takes bytes and nothing like them
        self._fed += len(alaw)
        if ended:
            return self._over(self._recogniser.Result())
        if not self._live:
            return []
        words = self._words(json.loads(self._recogniser.PartialResult()).get("partial_result", []))
        if words and self._fed / 8000 - words[0].start >= FORCED:
            return self._over(self._recogniser.Result())
        so_far = " ".join(word.text for word in words)
        if so_far == self._so_far:
            return []
        self._so_far = so_far
        return [Heard(words, final=False)]

    def look(self) -> list[Heard]:
        return []  # it tells so far whatever it is fed

    def end(self) -> list[Heard]:
        return self._over(self._recogniser.FinalResult())

    def _over(self, said: str) -> list[Heard]:
        self._so_far = ""
        words = self._words(json.loads(said).get("result", []))
        return [Heard(words)] if words else []

    def _words(self, result: list[dict[str, Any]]) -> tuple[Word, ...]:
        return tuple(Word(self._channel, float(one["start"]), float(one["end"]), one["word"], min(1.0, float(one["conf"])))
                     for one in result if one["word"] != "[unk]")


class Vosk:
    """`Transcriber` over one model in a folder. The model is large, and shared by every ear."""

    engine = "vosk"
    partials = True

    def __init__(self, folder: Path, model: str, language: str) -> None:
        """Blocking, for seconds. EngineProblem."""
        if not (folder / "am").is_dir() and not (folder / "final.mdl").is_file():
            raise EngineProblem(f"{folder} is no model of vosk: it has neither am/ nor final.mdl")
        try:
            self._vosk: Any = import_module("vosk")
        except ImportError:
            raise EngineProblem("vosk is not installed: pip install 'wingline[transcribe]'") from None
        self._vosk.SetLogLevel(-1)
        try:
            self._model = self._vosk.Model(model_path=str(folder))
        except Exception as error:  # vosk has no exception of its own
            raise EngineProblem(f"vosk does not load {folder}: {error}") from None
        self.model, self.language = model, language

    def ear(self, channel: Channel, live: bool = False) -> VoskEar:
        recogniser = self._vosk.KaldiRecognizer(self._model, RATE)
        recogniser.SetWords(True)
        if live:
            recogniser.SetPartialWords(True)
        return VoskEar(recogniser, channel, live)
