"""What an engine of speech recognition is to us: an ear for each channel, fed A-law in order, that says words with their times.

Everything here blocks and belongs on a worker thread; an ear is made, fed and ended on one and the same thread. An engine may be
shared by threads.
"""
from collections.abc import Iterable
from typing import Protocol

from recordings.transcript import Channel, Heard, Transcript, Word, in_order

CHUNK = 2000
"""Octets of one channel, a quarter of a second, that an ear is given at once."""


class EngineProblem(Exception):
    """An engine, or the model that it needs, is not there or does not load; the text says what to do."""


class Ear(Protocol):
    """One channel of one call. Times are from its first octet on."""

    def feed(self, alaw: bytes) -> list[Heard]:
        """The next octets, in order; gaps are fed as silence. What was understood since."""

    def look(self) -> list[Heard]:
        """Of a live ear: what there is so far of an utterance that goes on, where `feed` says it only once it is over."""

    def end(self) -> list[Heard]:
        """What was still held back. Nothing may be fed after it."""


class Transcriber(Protocol):
    """An engine with its model loaded."""

    @property
    def engine(self) -> str: ...

    @property
    def model(self) -> str:
        """Name of the model, as staff gave it."""

    @property
    def language(self) -> str: ...

    @property
    def partials(self) -> bool:
        """Whether a live ear tells what it has so far; else it says each utterance once, when it is over."""

    def ear(self, channel: Channel, live: bool = False) -> Ear:
        """`live`: words within seconds of being said, at more cost; else whatever order of work is cheapest."""


def transcribe(engine: Transcriber, audio: Iterable[bytes]) -> Transcript:
    """A whole recording, given as pieces of interleaved stereo A-law (the person in prison left). Blocking, for long."""
    ears = {channel: engine.ear(channel) for channel in Channel}
    words, octets, odd = list[Word](), 0, b""
    for piece in audio:
        data = odd + piece
        odd = data[len(data) // 2 * 2 :]
        octets += len(data) - len(odd)
        for at, channel in enumerate(Channel):
            one = data[at : len(data) - len(odd) : 2]
            for start in range(0, len(one), CHUNK):
                words += _finals(ears[channel].feed(one[start : start + CHUNK]))
    for ear in ears.values():
        words += _finals(ear.end())
    return Transcript(engine.engine, engine.model, engine.language, in_order(words), octets / 16_000)


def _finals(heard: list[Heard]) -> list[Word]:
    return [word for one in heard if one.final for word in one.words]
