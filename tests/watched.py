"""The calls that watch words are measured on (`tests/sounds/watch`), and what an engine made of them: hits, misses, wrong words.

Two voices a call, A-law at 8 kHz, everything known: who says what from when to when, and which entries of the lists are in it.
What the finder finds in a transcript is held against that turn by turn; `heard.json` there is what the tests' engine once heard.
"""
import csv
import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from pathlib import Path

import numpy as np

from recordings.transcript import Channel, Transcript, Word
from recordings.watch.match import Matcher
from recordings.watch.spelling import one_spelling, tokens
from switch.media import g711
from switch.media.wav import read_wav
from switch.ports.watch import WatchKind, WatchWord

FOLDER = Path(__file__).parent / "sounds" / "watch"
HEARD = FOLDER / "heard.json"
RATE = g711.RATE
AFTER = 8_000
"""Samples of silence after the last turn."""
NEAR = 0.5
"""Seconds by which a word may be told before or after the turn that it was said in."""


@dataclass(frozen=True, slots=True)
class Turn:
    """`start` and `end` in seconds of the call; `said` are ids of entries, once for each time; `texts` are ways to write it."""

    voice: str
    accent: str
    channel: Channel
    start: float
    end: float
    texts: tuple[str, ...]
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    turns: tuple[Turn, ...]
    cuts: tuple[tuple[int, int, int], ...]
    """Of each turn: from, to in its file, and where in the call, in samples."""


@dataclass(frozen=True, slots=True)
class Score:
    """Of a turn, or of many: hits that are right, false ones, what was missed; words wrong, left out or put in, of how many."""

    right: int = 0
    false: int = 0
    missed: int = 0
    wrong: int = 0
    words: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(self.right + other.right, self.false + other.false, self.missed + other.missed, self.wrong + other.wrong,
                     self.words + other.words)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.false)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def error_rate(self) -> float:
        return self.wrong / max(1, self.words)

    def told(self) -> str:
        return f"{self.precision:.3f} | {self.recall:.3f} | {self.error_rate * 100:.1f} %"


def calls() -> list[Call]:
    told = tomllib.loads((FOLDER / "calls.toml").read_text("utf-8"))
    times = json.loads((FOLDER / "times.json").read_text("utf-8"))
    return [_call(told, times, script, number) for script in told["scripts"] for number in range(1, len(told["pairs"]) + 1)]


def _call(told: dict[str, dict[str, dict[str, object]]], times: dict[str, list[tuple[int, int, int]]], script: str, number: int
          ) -> Call:
    name, rows = f"{script}-{number}", told["scripts"][script]
    pair: list[str] = told["pairs"][number - 1]  # type: ignore[index,assignment]  # a list, as the file has it
    turns = []
    for row, (begin, end, at) in zip(rows["turns"], times[name], strict=True):  # type: ignore[call-overload]
        voice = pair[row["by"] ^ bool(rows.get("swapped"))]
        texts = (row["say"], *told["written"].get(row["say"], ()))
        channel, until = list(Channel)[row["by"]], at + end - begin
        turns.append(Turn(voice, str(told["voices"][voice]), channel, at / RATE, until / RATE, texts, tuple(row["said"])))
    return Call(name, tuple(turns), tuple(times[name]))


def entries() -> list[WatchWord]:
    """The English words of the list that ships, one number and one sum; an entry's id is its text."""
    told = tomllib.loads((FOLDER / "calls.toml").read_text("utf-8"))
    rows = csv.DictReader(files("recordings.watch").joinpath("example.csv").read_text("utf-8").splitlines())
    words = [WatchWord(row["text"], "", WatchKind.WORDS, row["text"], "en", tuple(filter(None, row["forms"].split("|"))),
                       int(row["gap"])) for row in rows if row["language"] == "en" and row["kind"] == "words"]
    number, pence = told["number"], str(told["amount"])
    return [*words, WatchWord(number, "", WatchKind.NUMBER, number), WatchWord(pence, "", WatchKind.AMOUNT, pence, least=True)]


def sound(call: Call, noise_db: float | None = None) -> bytes:
    """Interleaved stereo A-law; with noise, so many decibels under the speech of its side, the same each time."""
    told = read_wav((FOLDER / f"{call.name}.wav").read_bytes()).samples().reshape(-1)
    both = np.zeros((max(at + end - begin for begin, end, at in call.cuts) + AFTER, 2), np.float64)
    for turn, (begin, end, at) in zip(call.turns, call.cuts, strict=True):
        both[at : at + end - begin, list(Channel).index(turn.channel)] = told[begin:end]
    if noise_db is not None:
        level = np.sqrt(np.mean(told.astype(np.float64) ** 2)) / 10 ** (noise_db / 20)
        both += np.random.default_rng(len(both)).standard_normal(both.shape) * level
    return g711.encode_alaw(np.clip(np.rint(both), -32768, 32767).astype(np.int16).reshape(-1))


def as_said(call: Call) -> Transcript:
    """What a recogniser that makes no mistake would write: the words of each turn spread over its time."""
    words = []
    for turn in call.turns:
        told = turn.texts[0].split()
        step = (turn.end - turn.start) / len(told)
        words += [Word(turn.channel, turn.start + at * step, turn.start + (at + 1) * step, word) for at, word in enumerate(told)]
    return Transcript("none", "none", "en", tuple(sorted(words, key=lambda word: word.start)))


def scores(call: Call, heard: Transcript, matcher: Matcher) -> list[Score]:
    """Of each turn. What was heard outside of every turn is the nearest one's."""
    found = [Counter[str]() for _ in call.turns]
    texts: list[list[str]] = [[] for _ in call.turns]
    for hit in matcher.find(heard.words):
        found[_turn(call, hit.channel, (hit.start + hit.end) / 2)][hit.word] += 1
    for word in heard.words:
        texts[_turn(call, word.channel, (word.start + word.end) / 2)].append(word.text)
    made = []
    for turn, hits, text in zip(call.turns, found, texts, strict=True):
        said = Counter(turn.said)
        wrong, words = min(errors(one, " ".join(text)) for one in turn.texts)
        made.append(Score((said & hits).total(), (hits - said).total(), (said - hits).total(), wrong, words))
    return made


def _turn(call: Call, channel: Channel, at: float) -> int:
    def away(number: int) -> float:
        turn = call.turns[number]
        return max(turn.start - at, at - turn.end, 0.0)

    return min((number for number, turn in enumerate(call.turns) if turn.channel is channel), key=away)


def in_time(call: Call, heard: Transcript) -> bool:
    """Whether each word was told within its turn, give or take `NEAR`."""
    return all(turn.start - NEAR <= word.start and word.end <= turn.end + NEAR for word in heard.words
               for turn in [call.turns[_turn(call, word.channel, (word.start + word.end) / 2)]])


def errors(said: str, heard: str) -> tuple[int, int]:
    """Words changed, left out and put in (Levenshtein), and how many were said; case, marks and spelling make no difference."""
    told, line = _plain(said), _plain(heard)
    before = list(range(len(line) + 1))
    for at, word in enumerate(told, 1):
        now = [at]
        for other, got in enumerate(line, 1):
            now.append(min(before[other] + 1, now[-1] + 1, before[other - 1] + (word != got)))
        before = now
    return before[-1], len(told)


def _plain(text: str) -> list[str]:
    """Tokens in one spelling; figures that follow one another are one number."""
    parts = groupby(map(one_spelling, tokens(text)), key=str.isdigit)
    return [word for figures, group in parts for word in (("".join(group),) if figures else tuple(group))]


def total(scored: Iterable[Score]) -> Score:
    return sum(scored, Score())


def table(scored: Sequence[tuple[Turn, Score]]) -> list[str]:
    """Lines of a table by accent and voice, then of all."""
    lines = ["| voice | accent | watch words said | precision | recall | words wrong |", "| --- | --- | --- | --- | --- | --- |"]
    by: dict[tuple[str, str], Score] = {}
    for turn, one in scored:
        by[turn.accent, turn.voice] = by.get((turn.accent, turn.voice), Score()) + one
    for (accent, voice), one in sorted(by.items()):
        lines.append(f"| {voice} | {accent} | {one.right + one.missed} | {one.told()} |")
    all_ = total(by.values())
    return [*lines, f"| all | | {all_.right + all_.missed} | {all_.told()} |"]
