"""Words as they are searched: stems, hashed under a key that the database does not have, in the order in which they were said.

Whoever has the database alone sees which hashes stand where, and no word: without the key no dictionary can be tried on them.
They do see that two places have the same stem; docs/recordings.md says what that tells. A hash is the first 40 bits of an HMAC by
SHA-256, in base32: two stems in some hundred thousand may share one, and every hit is held against the words before it is shown.
"""
import hmac
import re
import unicodedata
from base64 import b32encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import snowballstemmer  # type: ignore[import-untyped]  # it has no types

from recordings.transcript import Channel, Transcript, Word
from switch.ports.transcripts import Phrase

LONGEST_PHRASE = 9
MOST_PHRASES = 10
STRETCH = 4000
"""Words in one stretch at most, and"""
ALIKE = 250
"""of one word: PostgreSQL keeps 256 places of a word in a text, and forgets the others in silence."""
OVERLAP = LONGEST_PHRASE - 1
"""Words that the next stretch begins with anew, so that no phrase falls between two."""
STEMMERS = {"en": "english", "de": "german", "es": "spanish", "fr": "french", "it": "italian", "nl": "dutch", "pt": "portuguese",
            "ro": "romanian", "ru": "russian", "tr": "turkish", "ar": "arabic", "hi": "hindi", "lt": "lithuanian"}
"""Languages whose words are cut to their stems; in any other a word is itself."""
_WORD = re.compile(r"\w+(?:'\w+)*")
_SOUGHT = re.compile(r'"([^"]*)"|([^\s"]+)')


class BadQuery(ValueError):
    """What was typed cannot be sought; the text says why."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is sought: phrases of stems, each of which must be there; a phrase's words follow one another on one side."""

    phrases: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Words of a transcript that a phrase fits, by their places on their side: [first, last]."""

    channel: Channel
    first: int
    last: int


def stems(text: str, language: str) -> list[str]:
    """The words of a text as they are compared: small letters, no marks over them, cut to the stem."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    bare = "".join(one for one in plain if not unicodedata.combining(one))
    return [_stem(word, language) for word in _WORD.findall(bare)]


@lru_cache(maxsize=100_000)
def _stem(word: str, language: str) -> str:
    name = STEMMERS.get(language)
    return str(_stemmer(name).stemWord(word)) if name else word


@lru_cache
def _stemmer(name: str) -> Any:
    return snowballstemmer.stemmer(name)


def read_query(text: str, language: str) -> Query:
    """Words, and "phrases in quotes". BadQuery."""
    found = list[tuple[str, ...]]()
    for quoted, bare in _SOUGHT.findall(text):
        parts = stems(quoted or bare, language)
        if len(parts) > LONGEST_PHRASE:
            raise BadQuery(f"a phrase has {LONGEST_PHRASE} words at most; this one has {len(parts)}")
        if parts:
            found.append(tuple(parts))
    if not found:
        raise BadQuery('say what is sought: words, or a "phrase in quotes"')
    if len(found) > MOST_PHRASES:
        raise BadQuery(f"at most {MOST_PHRASES} words or phrases are sought at once")
    return Query(tuple(dict.fromkeys(found)))


def matches(transcript: Transcript, query: Query) -> list[Match]:
    """Every place where a phrase of the query was said, in the order of the transcript's sides; empty unless each of them was."""
    found, fitted = list[Match](), set[tuple[str, ...]]()
    for channel in Channel:
        told = _told(transcript.channel(channel), transcript.language)
        line = [stem for stem, _ in told]
        for phrase in query.phrases:
            for at in range(len(line) - len(phrase) + 1):
                if tuple(line[at : at + len(phrase)]) == phrase:
                    found.append(Match(channel, told[at][1], told[at + len(phrase) - 1][1]))
                    fitted.add(phrase)
    if len(fitted) < len(query.phrases):
        return []
    return sorted(set(found), key=lambda one: (one.channel.value, one.first, one.last))


def _told(words: Sequence[Word], language: str) -> list[tuple[str, int]]:
    """Stems, each with the place of the word that it is of: an engine's word may be two, and a sign none."""
    return [(stem, at) for at, word in enumerate(words) for stem in stems(word.text, language)]


class Hasher:
    """Stems to hashes, under one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[str, str] = {}

    def hash(self, stem: str) -> str:
        if stem not in self._known:
            if len(self._known) >= 200_000:
                self._known.clear()
            digest = hmac.digest(self._key, stem.encode(), "sha256")
            self._known[stem] = b32encode(digest[:5]).decode().lower()
        return self._known[stem]

    def phrases(self, query: Query) -> tuple[Phrase, ...]:
        return tuple(tuple(map(self.hash, phrase)) for phrase in query.phrases)

    def stretches(self, transcript: Transcript) -> tuple[Phrase, ...]:
        """What the index keeps of a transcript: one side after the other, an empty word between them, so that no phrase is said
        by two; a long call in several stretches that overlap."""
        sides = ([self.hash(stem) for stem, _ in _told(transcript.channel(channel), transcript.language)] for channel in Channel)
        left, right = sides
        return tuple(_cut([*left, "", *right] if left and right else left or right))


def _cut(line: list[str]) -> list[Phrase]:
    found, begin = list[Phrase](), 0
    seen = Counter[str]()
    for at, one in enumerate(line):
        if at - begin >= STRETCH or seen[one] >= ALIKE:
            found.append(tuple(line[begin:at]))
            begin = max(begin + 1, at - OVERLAP)
            seen = Counter(line[begin:at])
        seen[one] += 1
    return [*found, tuple(line[begin:])] if line else []
