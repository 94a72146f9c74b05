"""Numbers as they are spoken, in English and in Welsh: runs of digits, and sums of money.

"oh seven seven double-oh nine hundred one two three" is the run 07700900123; "two and a half grand" is the sum of 2,500 pounds.
What a recogniser wrote in figures ("07700", "£2,500") is read too. Nothing is guessed: a word that sounds like a digit ("for",
"to") is none.
"""
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

_ENGLISH = {"zero": 0, "oh": 0, "o": 0, "nought": 0, "naught": 0, "nil": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5,
            "six": 6, "seven": 7, "eight": 8, "nine": 9, "niner": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
            "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19}
_ENGLISH_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
                 "ninety": 90}
_WELSH = {"sero": 0, "dim": 0, "un": 1, "dau": 2, "ddau": 2, "dwy": 2, "ddwy": 2, "tri": 3, "dri": 3, "thri": 3, "tair": 3,
          "dair": 3, "thair": 3, "pedwar": 4, "bedwar": 4, "phedwar": 4, "pedair": 4, "bedair": 4, "phedair": 4, "pump": 5,
          "bump": 5, "phump": 5, "pum": 5, "bum": 5, "phum": 5, "chwech": 6, "chwe": 6, "saith": 7, "wyth": 8, "naw": 9}
_WELSH_TEN = frozenset({"deg", "ddeg", "neg"})
_WELSH_HUNDRED = frozenset({"cant", "gant", "chant", "can", "gan", "chan"})
_TWICE = {"double": 2, "triple": 3, "treble": 3, "dwbl": 2, "dwbwl": 2, "ddwbl": 2, "trebl": 3}
_Reader = Callable[[Sequence[str], int], tuple[str, int]]
"""From a token on: the digits that are said as one piece, and in how many tokens; none where there is no digit."""
_FILLERS = frozenset({"and", "a", "um", "uh", "er", "erm", "then", "so", "its", "thats", "yeah", "okay", "dash", "ac"})
MOST_FILLERS = 2
"""So many words that say nothing may stand between two digits of one run."""
LEAST_RUN = 3


@dataclass(frozen=True, slots=True)
class Run:
    """Digits in a row; `first` and `last` are the tokens that they were said in."""

    digits: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount of money in pence, and the tokens that it was said in."""

    pence: int
    first: int
    last: int


def runs(tokens: Sequence[str]) -> list[Run]:
    """Every run of three digits or more, in order; English and Welsh are read apart, since one word may be in both."""
    found = [*_runs(tokens, _english), *_runs(tokens, _welsh)]
    kept = [run for run in found if not any(_within(run, other) for other in found)]
    return sorted(dict.fromkeys(kept), key=lambda run: (run.first, run.last))


def _within(run: Run, other: Run) -> bool:
    """Whether the other says all that this one says, and more."""
    return run != other and other.first <= run.first and run.last <= other.last and len(run.digits) < len(other.digits)


def _runs(tokens: Sequence[str], read: _Reader) -> Iterator[Run]:
    at = 0
    while at < len(tokens):
        digits, first, last = "", at, at
        while at < len(tokens) and at - last <= MOST_FILLERS + 1:
            piece, took = read(tokens, at)
            if took:
                digits, last, at = digits + piece, at + took - 1, at + took
            elif digits and tokens[at] in _FILLERS:
                at += 1
            else:
                break
        if len(digits) >= LEAST_RUN:
            yield Run(digits, first, last)
        at = max(last, first) + 1


def _english(tokens: Sequence[str], at: int) -> tuple[str, int]:
    word = tokens[at]
    if _figures(word):
        return word, 1
    if word in _TWICE and at + 1 < len(tokens):
        once, took = _english(tokens, at + 1)
        return (once[:1] * _TWICE[word] + once[1:], took + 1) if once else ("", 0)
    if word in _ENGLISH_TENS:
        unit = _ENGLISH.get(tokens[at + 1], 0) if at + 1 < len(tokens) else 0
        return (str(_ENGLISH_TENS[word] + unit), 2) if 0 < unit < 10 else (str(_ENGLISH_TENS[word]), 1)
    if word in _ENGLISH:
        many = _ENGLISH[word]
        hundred = at + 1 < len(tokens) and tokens[at + 1] in ("hundred", "thousand") and 0 < many < 10
        return (f"{many}{'00' if tokens[at + 1] == 'hundred' else '000'}", 2) if hundred else (str(many), 1)
    return "", 0


def _welsh(tokens: Sequence[str], at: int) -> tuple[str, int]:
    word = tokens[at]
    if _figures(word):
        return word, 1
    if word in _TWICE and at + 1 < len(tokens):
        once, took = _welsh(tokens, at + 1)
        return (once[:1] * _TWICE[word] + once[1:], took + 1) if once else ("", 0)
    if word in _WELSH_TEN:
        return "10", 1
    if word not in _WELSH:
        return "", 0
    many = _WELSH[word]
    after = tokens[at + 1] if at + 1 < len(tokens) else ""
    if many and after in _WELSH_TEN:
        unit = _WELSH.get(tokens[at + 2], 0) if at + 2 < len(tokens) else 0
        return (str(many * 10 + unit), 3) if unit else (str(many * 10), 2)
    if many and after in _WELSH_HUNDRED:
        return f"{many}00", 2
    return str(many), 1


def _figures(word: str) -> bool:
    return word.isascii() and word.isdigit()


_POUNDS = frozenset({"pound", "pounds", "quid", "gbp", "squid", "punt", "bunt", "phunt", "bunnoedd", "bunnau", "punnoedd"})
_GRAND = frozenset({"grand", "k"})
_SLANG = {"tenner": 1000, "tenners": 1000, "fiver": 500, "fivers": 500, "pony": 2500, "ponies": 2500, "monkey": 50_000,
          "monkeys": 50_000}
_BIG = {"hundred": 100, "thousand": 1000, "mil": 1000, "fil": 1000, **dict.fromkeys(_WELSH_HUNDRED, 100)}
_SMALL: Mapping[str, int] = {**{name: many for name, many in _WELSH.items() if many}, **_ENGLISH, **_ENGLISH_TENS,
                             "couple": 2, "dozen": 12}
MOST_FIGURES = 12
"""More are figures that were run together, and no sum."""
_JOINS = frozenset({"and", "a", "ac", "of"})


def sums(tokens: Sequence[str]) -> list[Sum]:
    """Every sum of money, in order: a number before pounds, quid or grand, a tenner, or what the recogniser wrote with a £ (read
    `£` as a token before the figures)."""
    found, at = [], 0
    while at < len(tokens):
        one = _sum(tokens, at)
        if one is not None:
            found.append(one)
            at = one.last + 1
        else:
            at += 1
    return found


def _sum(tokens: Sequence[str], at: int) -> Sum | None:
    written = tokens[at] == "£"
    many, took = _number(tokens, at + written)
    if not took and tokens[at] == "a":
        many, took = 1, 1
    after = at + written + took
    unit = tokens[after] if after < len(tokens) else ""
    if not took:
        return None
    if unit == "of" and after + 1 < len(tokens):
        after, unit = after + 1, tokens[after + 1]
    if unit in _GRAND:
        return Sum(round(many * 100_000), at, after)
    if unit in _POUNDS:
        return Sum(round(many * 100), at, after)
    if written:
        return Sum(round(many * 100), at, at + took)
    return Sum(round(many * _SLANG[unit]), at, after) if unit in _SLANG else None


def _number(tokens: Sequence[str], at: int) -> tuple[float, int]:
    """A number as it is counted, and how many tokens it took; (0, 0) where there is none."""
    if tuple(tokens[at : at + 2]) == ("half", "a"):
        return 0.5, 2
    total = part = unit = 0.0
    room = float("inf")
    """What is added next is smaller than what was said last: "fifty five" is one number, "five fifty" are two."""
    here = at
    while here < len(tokens):
        word = tokens[here]
        value = float(word) if _counted(word) else _SMALL.get(word)
        if value is not None:
            if value >= room:
                break
            unit, room = unit + value, 10 if word in _ENGLISH_TENS else 0
        elif word in _WELSH_TEN:
            unit, room = (unit or 1) * 10, 10
        elif _BIG.get(word) == 100:
            part, unit, room = part + (unit or 1) * 100, 0, 100
        elif word in _BIG:
            total, part, unit, room = total + ((part + unit) or 1) * 1000, 0, 0, 1000
        elif here > at and tuple(tokens[here : here + 3]) == ("and", "a", "half"):
            return total + part + unit + 0.5, here + 3 - at
        elif not (word in _JOINS and _goes_on(tokens, here + 1) and (here > at or word == "a")):
            break
        here += 1
    return total + part + unit, here - at


def _counted(word: str) -> bool:
    return word.isascii() and word.replace(".", "", 1).isdigit() and len(word) <= MOST_FIGURES


def _goes_on(tokens: Sequence[str], at: int) -> bool:
    after = tokens[at] if at < len(tokens) else ""
    return after in _SMALL or after in _BIG or after in _WELSH_TEN
