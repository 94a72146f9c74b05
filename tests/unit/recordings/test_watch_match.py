"""Watch words against transcripts: what is found, where, how surely, and what is left alone."""
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.transcript import Channel, Word
from recordings.watch.match import AROUND, LONGEST_PAUSE, Matcher, bank_digits, context, is_number, spellings
from recordings.watch.rank import PATIENCE, score, usefulness
from switch.ports.leads import LeadKind
from switch.ports.watch import WatchKind, WatchWord
from tests.unit.recordings.talk import A_WORD, entry, talk

NUMBER, AMOUNT = WatchKind.NUMBER, WatchKind.AMOUNT


@pytest.mark.parametrize(("one", "said", "where"), [
    # words, their inflections, and what only looks like them
    (entry("parcel"), "is the parcel there", [2]), (entry("parcel"), "two Parcels, then", [1]), (entry("parcel"), "a parse", []),
    (entry("knife"), "knives out", [0]), (entry("drone"), "the drones' noise", [1]), (entry("gun"), "he has begun", []),
    (entry("colour"), "what color is it", [1]), (entry("kill"), "I'll kill him, kill", [1, 3]), (entry("mum"), "ask mom", [1]),
    # phrases
    (entry("throw it over"), "he threw it over the wall", [1]), (entry("throw it over"), "throw over it", []),
    (entry("throw over", gap=1), "throw it over", [0]), (entry("throw over", gap=1), "throw it all over", []),
    (entry("throw over", gap=2), "throw it all over", [0]), (entry("drop off"), "the drop-off", [1]),
    (entry("sim card"), "a simcard mate", [1]), (entry("sim card"), "sim cards", [0]),
    (entry("pick up"), "pick (2.9) up", [0]), (entry("pick up"), "pick (3.1) up", []),
    (entry("go go"), "go go go go go", [0, 2]),
    # given forms, and other languages
    (entry("phone", forms=("dog and bone", "burner")), "the dog and bone, the burners, a burner", [1, 5, 7]),
    (entry("посылка", language="ru", forms=("посылки",)), "где посылки а посылка", [1, 3]),
    (entry("посылка", language="ru"), "посылки", []), (entry("pres", language="cy"), "ei phres hi, y bres", [1, 4]),
    (entry("cyllell boced", language="cy"), "gyllell boced", [0]), (entry("gun", language="fr"), "guns", []),
    # numbers
    (entry("+447700900123", NUMBER), "ring oh seven seven double-oh nine hundred one two three", [1]),
    (entry("+447700900123", NUMBER), "+44 7700 900123", [0]), (entry("+447700900123", NUMBER), "00447700900123", [0]),
    (entry("+447700900123", NUMBER), "it ends seven double-oh nine double-oh one two three", [2]),
    (entry("+447700900123", NUMBER), "nine double-oh one two three", []),
    (entry("+447700900123", NUMBER), "01632 900123", []), (entry("+447700900123", NUMBER), "07700 900124", []),
    (entry("+33123456789", NUMBER), "0033 1 23 45 67 89", [0]), (entry("+33123456789", NUMBER), "33 1 23 45 67 89", [0]),
    (entry("116123", NUMBER), "one one six one two three", [0]), (entry("116123", NUMBER), "0116123", []),
    # sums
    (entry("50000", AMOUNT), "five hundred quid", [0]), (entry("50000", AMOUNT), "six hundred quid", []),
    (entry("50000", AMOUNT, least=True), "six hundred quid", [0]), (entry("50000", AMOUNT, least=True), "499.99 pounds", []),
    (entry("50000", AMOUNT), "£500", [0]), (entry("50000", AMOUNT), "pum cant o bunnoedd", [0]),
    (entry("250000", AMOUNT), "two and a half grand", [0]), (entry("50000", AMOUNT), "half a grand", [0]),
    (entry("60000", AMOUNT), "five hundred (3.1) six hundred quid", [2]),
    (entry("+447700900123", NUMBER), "the other one (3.1) 07700900123", [3]),
    (entry("+447700900123", NUMBER), "07700 (3.1) 900123", []),
    # nothing to look for
    (entry("…"), "anything", []),
])
def test_what_is_found_begins_here(one: WatchWord, said: str, where: list[int]) -> None:
    words = talk(said)
    hits = Matcher([one]).find(words)
    assert [words.index(hit.said[0]) for hit in hits] == where
    for hit in hits:
        assert (hit.start, hit.end) == (hit.said[0].start, hit.said[-1].end)


@pytest.mark.parametrize(("said", "number", "it_is"), [
    ("7009001", "+447700900123", False), ("0900123", "+447700900123", True), ("900123", "+447700900123", False),
    ("07700900123", "+447700900123", True), ("1107700900123", "+447700900123", True), ("07700900122", "+447700900123", False),
    ("447700900123", "+447700900123", True), ("101", "101", True), ("1010", "101", False), ("3456789", "+33123456789", True),
])
def test_when_digits_are_a_number(said: str, number: str, it_is: bool) -> None:
    assert is_number(said, spellings(number)) is it_is


def test_channels_are_never_joined() -> None:
    halves = [*talk("throw it"), *talk("over", Channel.RIGHT, start=0.6)]
    assert Matcher([entry("throw it over")]).find(halves) == []
    both = Matcher([entry("parcel")]).find([*talk("parcel", Channel.RIGHT), *talk("parcel", start=0.1)])
    assert [(hit.channel, hit.start) for hit in both] == [(Channel.RIGHT, 0.0), (Channel.LEFT, 0.1)]


def test_a_hit_is_as_sure_as_its_least_sure_word() -> None:
    words = [replace(word, confidence=sure) for word, sure in zip(talk("throw it over"), (0.9, 0.5, 0.8), strict=True)]
    (hit,) = Matcher([entry("throw it over", weight=40)]).find(words)
    assert (hit.confidence, hit.score) == (0.5, pytest.approx(0.2))
    (hit,) = Matcher([entry("throw it over", weight=40, false=90)]).find(words)
    assert hit.score == pytest.approx(0.2 * 10 / 100)


def test_context_is_what_both_said_around_it() -> None:
    words = [*talk("early", start=0.0), *talk("near", Channel.RIGHT, start=20 - AROUND - A_WORD), *talk("it", start=20),
             *talk("after", start=20 + A_WORD + AROUND), *talk("late", start=21 + AROUND)]
    assert [word.text for word in context(reversed(words), 20, 20 + A_WORD)] == ["near", "it", "after"]


@pytest.mark.parametrize(("useful", "false", "kept"), [
    (0, 0, 1.0), (1, 1, 1.0), (100, 0, 1.0), (50, 50, 1.0), (50, 51, 110 / 111), (0, 1, 10 / 11), (0, PATIENCE * 2, 0.5),
    (0, 990, 0.01), (10, 90, 30 / 110),
])
def test_what_is_mostly_false_counts_for_less(useful: int, false: int, kept: float) -> None:
    assert usefulness(useful, false) == pytest.approx(kept)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 100), st.floats(0, 1))
def test_rank_moves_with_each_decision_and_never_to_nothing(useful: int, false: int, weight: int, confidence: float) -> None:
    now = usefulness(useful, false)
    assert 0 < usefulness(useful, false + 1) <= now <= usefulness(useful + 1, false) <= 1
    assert (now < 1) == (false > useful), "lowered when, and only when, it is mostly false"
    assert 0 <= score(weight, confidence, useful, false) <= 1


_LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=8)
_OTHER = st.text("0123456789", min_size=1, max_size=3)
"""Figures, which are no form of any word."""


@given(st.lists(_LETTERS, min_size=1, max_size=3), st.lists(_OTHER, max_size=5), st.lists(_OTHER, max_size=5),
       st.sampled_from(Channel), st.floats(0, 1))
def test_what_is_said_is_found_where_it_was_said(phrase: list[str], before: list[str], after: list[str], channel: Channel,
                                                 sure: float) -> None:
    words = talk(" ".join([*before, *phrase, *after]), channel, 5.0, sure)
    (first, *_) = hits = Matcher([entry(" ".join(phrase))]).find(words)
    assert len(hits) == 1 or len(set(phrase)) < len(phrase)
    assert first.said == tuple(words[len(before) : len(before) + len(phrase)])
    assert (first.channel, first.confidence) == (channel, sure)


_VOCABULARY = ["parcel", "throw", "it", "over", "oh", "seven", "double", "nine", "hundred", "quid", "simcard", "(4)", "x"]
_ENTRIES = [entry("parcel"), entry("throw over", gap=2), entry("it"), entry("70000", AMOUNT, least=True), entry("sim card")]


@given(st.lists(st.sampled_from(_VOCABULARY), max_size=25), st.lists(st.sampled_from(_VOCABULARY), max_size=25),
       st.sets(st.integers(0, len(_ENTRIES) - 1)))
def test_neither_other_entries_nor_the_other_channel_change_a_hit(left: list[str], right: list[str], some: set[int]) -> None:
    one, other = talk(" ".join(left)), talk(" ".join(right), Channel.RIGHT)
    whole = Matcher(_ENTRIES).find([*one, *other])
    assert whole == sorted(whole, key=lambda hit: hit.start)
    assert [hit for hit in whole if hit.channel is Channel.LEFT] == Matcher(_ENTRIES).find(one)
    chosen = [_ENTRIES[at] for at in sorted(some)]
    assert [hit for hit in whole if hit.word in {one.id for one in chosen}] == Matcher(chosen).find([*one, *other])
    taken: set[tuple[str, Word]] = set()
    for hit in whole:
        mine = {(hit.word, word) for word in hit.said}
        assert not mine & taken, "of one entry no two hits share a word"
        taken |= mine
        assert all(later.start - earlier.end <= LONGEST_PAUSE for earlier, later in pairwise(hit.said))


@pytest.mark.parametrize(("text", "kind", "digits"), [
    ("four one double one then double one double one double one double one double one double one", "card", 16),
    ("four one double one then double one double one double one double one double one one two", "", 0),
    ("one two three four five six and eleven twenty two double three forty four", "account", 14),
    ("twelve thirty four fifty six (4.0) eleven twenty two thirty three forty four", "", 0),
    ("double oh double four seven seven double oh nine double oh one two three", "", 0),
    ("oh seven seven double oh nine hundred one two three", "", 0),
    ("un dau tri pedwar pump chwech saith wyth naw un dau tri pedwar pump", "account", 14),
], ids=["a card", "no check digit", "an account", "a pause between", "a number from abroad", "a number", "in Welsh"])
def test_digits_that_are_read_out_are_told_by_how_many(text: str, kind: str, digits: int) -> None:
    words = [*talk(text, Channel.RIGHT, 10.0, 0.7), *talk("nine nine", Channel.LEFT, 10.0)]
    found = bank_digits(words)
    if not kind:
        assert found == []
        return
    (one,) = found
    assert (one.kind, one.channel, one.start, one.confidence) == (LeadKind.DIGITS, Channel.RIGHT, 10.0, 0.7)
    assert one.evidence == {"kind": kind, "digits": digits, "how": "spoken"}, "and none of the digits"
