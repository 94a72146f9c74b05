"""faster-whisper (CTranslate2): better English for more work. It says each utterance once, when it is over; what there is so far
costs as much again, and is had by a look.

Its traps, each of them met: its own filter of silence drops telephone speech, so it is off and speech is found by webrtcvad;
`hotwords` and prompts put the words of the list into people's mouths, so neither is ever given; it takes samples, never a path;
whatever the length, half a minute is worked through, so that stretches are long where nobody waits.
"""
from importlib import import_module
from pathlib import Path
from typing import Any

from recordings.transcribe.engine import EngineProblem
from recordings.transcribe.sound import floats
from recordings.transcribe.speech import Cutter, Stretch, detector
from recordings.transcript import Channel, Heard, Word

LIVE = (0.6, 5.0)
"""Seconds of silence that end a stretch, and the longest stretch, where somebody waits for the words;"""
BATCH = (2.0, 28.0)
"""and where nobody does: half a minute is the window of the model."""
LIVE_BEAM, BATCH_BEAM = 1, 5
EDGE = 0.2
"""Seconds before the end of what there is so far: a word that reaches into them may be half a word."""


class WhisperEar:
    """`Ear` that has each stretch of speech worked through as it ends."""

    def __init__(self, model: Any, language: str, channel: Channel, live: bool) -> None:
        self._model, self._language, self._channel = model, language, channel
        self._beam = LIVE_BEAM if live else BATCH_BEAM
        self._cutter = Cutter(detector(), *(LIVE if live else BATCH))

    def feed(self, alaw: bytes) -> list[Heard]:
        return [heard for stretch in self._cutter.feed(alaw) if (heard := self._said(stretch)).words]

    def look(self) -> list[Heard]:
        stretch = self._cutter.so_far()
        if stretch is None:
            return []
        edge = stretch.start + len(stretch.alaw) / 8000 - EDGE
        words = tuple(word for word in self._said(stretch).words if word.end <= edge)
        return [Heard(words, final=False)] if words else []

    def end(self) -> list[Heard]:
        return [heard for stretch in self._cutter.end() if (heard := self._said(stretch)).words]

    def _said(self, stretch: Stretch) -> Heard:
        segments, _ = self._model.transcribe(
            floats(stretch.alaw), language=self._language, beam_size=self._beam, temperature=0.0, vad_filter=False,
            word_timestamps=True, condition_on_previous_text=False, hotwords=None, initial_prompt=None)
        end = stretch.start + len(stretch.alaw) / 8000
        return Heard(tuple(
            Word(self._channel, min(end, stretch.start + float(word.start)), min(end, stretch.start + float(word.end)),
                 word.word.strip(), min(1.0, max(0.0, float(word.probability))))
            for segment in segments for word in segment.words or () if word.word.strip()))


class Whisper:
    """`Transcriber` over one CTranslate2 folder, in int8 on the processor. `threads` ears may work at once."""

    engine = "whisper"
    partials = False

    def __init__(self, folder: Path, model: str, language: str, threads: int = 1) -> None:
        """Blocking, for a second. EngineProblem."""
        if not (folder / "model.bin").is_file():
            raise EngineProblem(f"{folder} is no model of faster-whisper: it has no model.bin")
        try:
            library: Any = import_module("faster_whisper")
            import_module("webrtcvad")
        except ImportError as error:
            raise EngineProblem(f"{error.name} is not installed: pip install 'wingline[transcribe]'") from None
        try:
            self._model = library.WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1,
                                               num_workers=threads, local_files_only=True)
        except Exception as error:  # RuntimeError, ValueError and those of its parts
            raise EngineProblem(f"faster-whisper does not load {folder}: {error}") from None
        if language != "en" and not self._model.model.is_multilingual:
            raise EngineProblem(f"{folder} knows English alone, and transcription.language is {language}")
        self.model, self.language = model, language

    def ear(self, channel: Channel, live: bool = False) -> WhisperEar:
        return WhisperEar(self._model, self.language, channel, live)
