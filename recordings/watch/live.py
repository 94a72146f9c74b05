"""Watch words in a call that runs: each utterance looked at as it comes, with what was said just before it. Pure.

What an engine has so far is looked at as well as what it says in the end, so that a word is told before the talker stops; the
same entry on the same side within `SAME` seconds is told once.
"""
from collections.abc import Sequence
from dataclasses import dataclass, field

from recordings.transcript import Heard, Word
from recordings.watch.match import Hit, Matcher
from switch.ports.watch import WatchWord

KEPT = 30.0
"""Seconds of words that are kept: as long as a phrase with its gaps, or a number said slowly, can take."""
SAME = 2.0
"""Seconds within which one entry on one channel is one hit, whether it was heard live or later."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """Hits that nobody was told of, and the words among which they are."""

    hits: tuple[Hit, ...]
    words: tuple[Word, ...]


@dataclass(slots=True)
class LiveWatch:
    """One call. `use` says what is looked for from now on."""

    _matcher: Matcher = field(default_factory=lambda: Matcher(()))
    _entries: tuple[WatchWord, ...] = ()
    _kept: list[Word] = field(default_factory=list)
    _told: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    """By entry and channel: where hits began that were told."""

    def use(self, entries: Sequence[WatchWord]) -> None:
        if tuple(entries) != self._entries:
            self._entries = tuple(entries)
            self._matcher = Matcher(entries)

    def hear(self, heard: Heard) -> Noticed | None:
        """What of it, and of what was said just before it, is a hit that was not told yet."""
        words = (*self._kept, *heard.words)
        if heard.final and heard.words:
            newest = max(word.end for word in heard.words)
            self._kept = [word for word in words if word.end > newest - KEPT]
        fresh = tuple(hit for hit in self._matcher.find(words) if not self._was_told(hit))
        return Noticed(fresh, words) if fresh else None

    def told(self, noticed: Noticed) -> None:
        """Staff know of these: they are not noticed again."""
        for hit in noticed.hits:
            self._told.setdefault((hit.word, hit.channel), []).append(hit.start)

    def _was_told(self, hit: Hit) -> bool:
        return any(abs(start - hit.start) < SAME for start in self._told.get((hit.word, hit.channel), ()))
