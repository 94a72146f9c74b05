"""Transcripts for tests, from words as somebody would write them down."""
from recordings.transcript import Channel, Word
from switch.ports.watch import WatchKind, WatchWord

A_WORD = 0.3
"""Seconds that each takes, with no pause after it."""


def talk(text: str, channel: Channel = Channel.LEFT, start: float = 0.0, confidence: float = 1.0) -> list[Word]:
    """One word after the other; a number in brackets is a pause of so many seconds."""
    words: list[Word] = []
    for part in text.split():
        if part.startswith("("):
            start += float(part[1:-1])
            continue
        words.append(Word(channel, start, start + A_WORD, part, confidence))
        start += A_WORD
    return words


def entry(text: str, kind: WatchKind = WatchKind.WORDS, **more: object) -> WatchWord:
    return WatchWord(str(more.pop("id", text)), "list", kind, text, **more)  # type: ignore[arg-type]  # as each test needs
