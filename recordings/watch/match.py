"""Watch words found in a transcript: every hit with its moment, channel, confidence, score, and the words around it."""
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from recordings.transcript import Channel, Word
from recordings.watch.english import inflections
from recordings.watch.rank import score
from recordings.watch.said import runs, sums
from recordings.watch.sound import Finding, money_like
from recordings.watch.spelling import one_spelling, tokens
from recordings.watch.welsh import mutations
from switch.ports.leads import LeadKind
from switch.ports.watch import WatchKind, WatchWord

LONGEST_PAUSE = 3.0
"""Seconds of silence that part a phrase: what comes after is another."""
LEAST_SHARED = 7
"""So many digits from the end of a telephone number are the number; fewer are anybody's."""
AROUND = 8.0
"""Seconds before and after a hit whose words are its context."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry heard once. `start` and `end` in seconds of the recording; `confidence` that of the least sure of its words."""

    word: str
    """The id of the entry."""
    channel: Channel
    start: float
    end: float
    confidence: float
    score: float
    said: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class _Spoken:
    """One channel as tokens; `of[i]` is the word that token i is a part of."""

    words: tuple[Word, ...]
    tokens: tuple[str, ...]
    keys: tuple[str, ...]
    of: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A phrase as sets of keys, one for each of its words."""

    entry: WatchWord
    slots: tuple[frozenset[str], ...]


class Matcher:
    """Made once from the words in use; finds them in any number of transcripts."""

    def __init__(self, entries: Iterable[WatchWord]) -> None:
        self._numbers: list[tuple[WatchWord, tuple[str, ...]]] = []
        self._amounts: list[tuple[WatchWord, int]] = []
        self._by_first: dict[str, list[_Pattern]] = {}
        for entry in entries:
            if entry.kind is WatchKind.NUMBER:
                self._numbers.append((entry, spellings(entry.text)))
            elif entry.kind is WatchKind.AMOUNT:
                self._amounts.append((entry, int(entry.text)))
            else:
                for pattern in _patterns(entry):
                    for key in pattern.slots[0]:
                        self._by_first.setdefault(key, []).append(pattern)

    def find(self, words: Iterable[Word]) -> list[Hit]:
        """Every hit in the order of time; of one entry, no two that share a word. What one channel says is never joined to what
        the other does."""
        both = sorted(words, key=lambda word: word.start)
        hits = [hit for channel in Channel for hit in self._in(_spoken([word for word in both if word.channel is channel]))]
        return sorted(hits, key=lambda hit: (hit.start, hit.channel, hit.word))

    def _in(self, spoken: _Spoken) -> Iterator[Hit]:
        found: list[tuple[WatchWord, int, int]] = []
        for at, key in enumerate(spoken.keys):
            for pattern in self._by_first.get(key, ()):
                last = _follow(spoken, pattern, at)
                if last is not None:
                    found.append((pattern.entry, at, last))
        for begin, end in _breaths(spoken) if self._numbers or self._amounts else ():
            part = spoken.tokens[begin:end]
            found += [(entry, begin + run.first, begin + run.last) for run in runs(part) for entry, dialled in self._numbers
                      if is_number(run.digits, dialled)]
            found += [(entry, begin + one.first, begin + one.last) for one in sums(part) for entry, pence in self._amounts
                      if one.pence == pence or (entry.least and one.pence > pence)]
        yield from _hits(spoken, found)


def bank_digits(words: Iterable[Word]) -> list[Finding]:
    """Digits that were read out, as many as a card has (with its check digit) or a sort code with an account, in the order of
    time; how many is told, and none of them. A number as it is dialled abroad, 00 first, is neither."""
    both, found = sorted(words, key=lambda word: word.start), list[Finding]()
    for channel in Channel:
        spoken = _spoken([word for word in both if word.channel is channel])
        for begin, end in _breaths(spoken):
            for run in runs(spoken.tokens[begin:end]):
                if not run.digits.startswith("00") and (kind := money_like(run.digits)):
                    said = spoken.words[spoken.of[begin + run.first] : spoken.of[begin + run.last] + 1]
                    sure = min(word.confidence for word in said)
                    about: dict[str, str | int] = {"kind": kind, "digits": len(run.digits), "how": "spoken"}
                    found.append(Finding(LeadKind.DIGITS, channel, said[0].start, max(word.end for word in said), sure, about))
    return sorted(found, key=lambda one: (one.start, one.channel))


def context(words: Iterable[Word], start: float, end: float) -> tuple[Word, ...]:
    """What both channels said around a moment, in the order of time."""
    near = [word for word in words if word.end >= start - AROUND and word.start <= end + AROUND]
    return tuple(sorted(near, key=lambda word: word.start))


def spellings(number: str) -> tuple[str, ...]:
    """The digits of `+447700900123` as they are dialled at home, first, and from abroad; a short code is dialled in one way."""
    if not number.startswith("+"):
        return (number,)
    digits = number.removeprefix("+")
    return (f"0{digits.removeprefix('44')}", f"00{digits}", digits) if digits.startswith("44") else (digits, f"00{digits}")


def is_number(said: str, spellings: tuple[str, ...]) -> bool:
    """Whether digits that were said are a number: the whole of it among them, or nothing but its end, seven digits or more."""
    home = spellings[0]
    if len(home) < LEAST_SHARED:
        return said == home
    return any(digits in said for digits in spellings) or (len(said) >= LEAST_SHARED and home.endswith(said))


def _patterns(entry: WatchWord) -> Iterator[_Pattern]:
    for text in (entry.text, *entry.forms):
        said = tokens(text)
        if not said:
            continue
        yield _Pattern(entry, tuple(_keys(token, entry.language) for token in said))
        if len(said) == 2:  # one word in the recogniser's spelling: simcard
            yield _Pattern(entry, (_keys("".join(said), entry.language),))


def _keys(token: str, language: str) -> frozenset[str]:
    if language == "en":
        return frozenset(map(one_spelling, inflections(token)))
    if language == "cy":
        return frozenset(map(one_spelling, mutations(token)))
    return frozenset((one_spelling(token),))


def _follow(spoken: _Spoken, pattern: _Pattern, at: int) -> int | None:
    """The last token of the phrase that begins at this one; None where its words do not follow."""
    for slot in pattern.slots[1:]:
        reach = range(at + 1, min(at + 2 + pattern.entry.gap, len(spoken.keys)))
        after = next((next_ for next_ in reach if spoken.keys[next_] in slot), None)
        if after is None or _pause(spoken, at, after) > LONGEST_PAUSE:
            return None
        at = after
    return at


def _breaths(spoken: _Spoken) -> list[tuple[int, int]]:
    """The tokens between two pauses that part a phrase: first, and one past the last."""
    parted = [at for at in range(1, len(spoken.tokens)) if _pause(spoken, at - 1, at) > LONGEST_PAUSE]
    return list(pairwise([0, *parted, len(spoken.tokens)]))


def _pause(spoken: _Spoken, one: int, other: int) -> float:
    between = range(spoken.of[one], spoken.of[other])
    return max((spoken.words[at + 1].start - spoken.words[at].end for at in between), default=0.0)


def _spoken(words: Sequence[Word]) -> _Spoken:
    said = [(token, at) for at, word in enumerate(words) for token in tokens(word.text)]
    return _Spoken(tuple(words), tuple(token for token, _ in said), tuple(one_spelling(token) for token, _ in said),
                   tuple(at for _, at in said))


def _hits(spoken: _Spoken, found: Iterable[tuple[WatchWord, int, int]]) -> Iterator[Hit]:
    """The first of those of one entry that share a word; the longer one where two begin together."""
    free: dict[str, int] = {}
    for entry, first, last in sorted(found, key=lambda one: (one[1], -one[2])):
        begin, end = spoken.of[first], spoken.of[last]
        if begin < free.get(entry.id, 0):
            continue
        free[entry.id] = end + 1
        said = spoken.words[begin : end + 1]
        confidence = min(word.confidence for word in said)
        yield Hit(entry.id, said[0].channel, said[0].start, max(word.end for word in said), confidence,
                  score(entry.weight, confidence, entry.useful, entry.false), said)
