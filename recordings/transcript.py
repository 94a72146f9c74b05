"""What an engine heard in a recording: words with their channel and times, and the JSON that is kept of them.

The part `transcript` of a recording is one JSON object in UTF-8, encrypted under the recording's own key:
`{"version", "engine", "model", "language", "seconds", "words": [{"channel", "start", "end", "text", "confidence"}]}`.
It is a lead to the place in the audio, and never evidence: what was said is what is heard there.
"""
import json
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Any, Final

VERSION: Final = 1
KIND: Final = "transcript"
"""The recording part that it is kept as."""


class Channel(StrEnum):
    LEFT = "left"
    """The person in prison."""
    RIGHT = "right"
    """Whoever they talk with."""

    @property
    def side(self) -> str:
        """As staff are told it."""
        return "person" if self is Channel.LEFT else "contact"


class TranscriptProblem(ValueError):
    """These bytes are no transcript; the text says where."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word as the engine wrote it. `start` and `end` in seconds from the recording's beginning; confidence from 0 to 1."""

    channel: Channel
    start: float
    end: float
    text: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Turn:
    """Words that one side said without a long pause, for people to read."""

    channel: Channel
    words: tuple[Word, ...]

    @property
    def start(self) -> float:
        return self.words[0].start

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Transcript:
    """What one engine heard with one model; words by start. `seconds` is the length of the audio that it was given."""

    engine: str
    model: str
    language: str
    words: tuple[Word, ...]
    seconds: float = 0.0

    def channel(self, channel: Channel) -> tuple[Word, ...]:
        return tuple(word for word in self.words if word.channel is channel)

    def turns(self, pause: float = 1.0) -> list[Turn]:
        """In the order in which they began; a turn ends where its own side is silent for `pause` seconds."""
        found, held = list[Turn](), dict[Channel, list[Word]]()
        for word in self.words:
            mine = held.setdefault(word.channel, [])
            if mine and word.start - mine[-1].end > pause:
                found.append(Turn(word.channel, tuple(mine)))
                mine.clear()
            mine.append(word)
        found += [Turn(channel, tuple(words)) for channel, words in held.items()]
        return sorted(found, key=lambda turn: (turn.start, turn.channel.value))

    def to_json(self) -> bytes:
        """Times to the millisecond, confidence to three places: the same transcript is always the same bytes."""
        said = {"version": VERSION, "engine": self.engine, "model": self.model, "language": self.language,
                "seconds": round(self.seconds, 3), "words": [_row(word) for word in self.words]}
        return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Transcript":
        """Raises `TranscriptProblem`."""
        try:
            said = json.loads(data)
        except ValueError as error:
            raise TranscriptProblem(f"a transcript is JSON: {error}") from None
        if not isinstance(said, dict) or said.get("version") != VERSION:
            raise TranscriptProblem(f"this is no transcript of version {VERSION}")
        words = said.get("words")
        if not isinstance(words, list):
            raise TranscriptProblem("a transcript has a list of words")
        return cls(_text(said, "engine"), _text(said, "model"), _text(said, "language"),
                   tuple(_word(word, at) for at, word in enumerate(words)), _number(said, "seconds", 0.0))


@dataclass(frozen=True, slots=True)
class Heard:
    """What an ear understood: final words, or those so far of an utterance that goes on, which may still change and stand until
    the next of that side. To whoever listens it goes as JSON, `{"final", "words"}`, words as in a transcript."""

    words: tuple[Word, ...]
    final: bool = True

    def to_json(self) -> bytes:
        said = {"final": self.final, "words": [_row(word) for word in self.words]}
        return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Heard":
        """Raises `TranscriptProblem`."""
        try:
            said = json.loads(data)
            return cls(tuple(_word(word, at) for at, word in enumerate(said["words"])), bool(said["final"]))
        except TranscriptProblem:
            raise
        except (ValueError, KeyError, TypeError) as error:
            raise TranscriptProblem(f"these are no words of a call: {error}") from None


def in_order(words: list[Word]) -> tuple[Word, ...]:
    """Words of both channels by their start, the left first where both begin at once."""
    return tuple(sorted(words, key=lambda word: (word.start, word.channel.value, word.end)))


def _row(word: Word) -> dict[str, str | float]:
    return {"channel": word.channel.value, "start": round(word.start, 3), "end": round(word.end, 3), "text": word.text,
            "confidence": round(word.confidence, 3)}


def _word(said: Any, at: int) -> Word:
    try:
        word = Word(Channel(said["channel"]), _number(said, "start"), _number(said, "end"), _text(said, "text"),
                    _number(said, "confidence", 1.0))
    except (KeyError, TypeError, ValueError) as error:
        raise TranscriptProblem(f"word {at} of a transcript: {error}") from None
    if word.end < word.start or word.start < 0:
        raise TranscriptProblem(f"word {at} of a transcript ends before it begins")
    return word


def _text(said: dict[str, Any], name: str) -> str:
    found = said.get(name)
    if not isinstance(found, str):
        raise TranscriptProblem(f"{name} of a transcript is text")
    return found


def _number(said: dict[str, Any], name: str, default: float | None = None) -> float:
    found = said.get(name, default)
    if isinstance(found, bool) or not isinstance(found, int | float) or not isfinite(found):
        raise TranscriptProblem(f"{name} of a transcript is a number")
    return float(found)
