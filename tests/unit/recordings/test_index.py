"""Words as they are searched: stems, hashes without words, stretches that lose no phrase, and what is found held to the words."""
import pytest

from recordings.transcribe.index import (
    ALIKE,
    LONGEST_PHRASE,
    STRETCH,
    BadQuery,
    Hasher,
    Match,
    matches,
    read_query,
    stems,
)
from recordings.transcript import Channel, Transcript, Word

LEFT, RIGHT = Channel.LEFT, Channel.RIGHT
HASHER = Hasher(bytes(32))


def said(left: str, right: str = "", language: str = "en") -> Transcript:
    sides = ((LEFT, left), (RIGHT, right))
    words = [Word(side, at, at + 0.5, word) for side, text in sides for at, word in enumerate(text.split())]
    return Transcript("e", "m", language, tuple(words))


@pytest.mark.parametrize(("text", "language", "is_"), [
    ("Parcels, PARCEL's!", "en", ["parcel", "parcel"]),
    ("thrown over", "en", ["thrown", "over"]),
    ("it's It’s", "en", ["it", "it"]),
    ("Tŷ Cymraeg", "cy", ["ty", "cymraeg"]),
    ("23-year-old", "en", ["23", "year", "old"]),
    ("- …", "en", []),
])
def test_words_as_they_are_compared(text: str, language: str, is_: list[str]) -> None:
    assert stems(text, language) == is_


@pytest.mark.parametrize(("text", "phrases"), [
    ('parcel "over the Walls"', (("parcel",), ("over", "the", "wall"))),
    ('"drop', (("drop",),)), ("drops drop", (("drop",),)), ("it's-fine", (("it", "fine"),)),
])
def test_what_is_typed(text: str, phrases: tuple[tuple[str, ...], ...]) -> None:
    assert read_query(text, "en").phrases == phrases


@pytest.mark.parametrize(("text", "says"), [
    ("", "say what"), ('"" ?', "say what"), ('"' + "a " * (LONGEST_PHRASE + 1) + '"', "9 words"),
    ("a b c d e f g h i j k", "at most 10"),
])
def test_what_cannot_be_sought(text: str, says: str) -> None:
    with pytest.raises(BadQuery, match=says):
        read_query(text, "en")


def test_places_are_of_one_side_and_all_must_be_there() -> None:
    call = said("throw it over the wall then over the wall again", "the walls are high")
    assert matches(call, read_query('"over the wall"', "en")) == [Match(LEFT, 2, 4), Match(LEFT, 6, 8)]
    assert matches(call, read_query('"over the wall" high', "en")) == [Match(LEFT, 2, 4), Match(LEFT, 6, 8), Match(RIGHT, 3, 3)]
    assert matches(call, read_query('"over the wall" low', "en")) == []
    assert matches(call, read_query('"again the"', "en")) == [], "a phrase is not said by two"


def test_an_engines_word_that_is_two_is_one_place() -> None:
    assert matches(said("a 23-year-old man"), read_query('"year old man"', "en")) == [Match(LEFT, 1, 2)]


def test_a_hash_says_no_word_and_another_key_another_hash() -> None:
    (stretch,) = HASHER.stretches(said("parcel Parcels escape"))
    assert stretch[0] == stretch[1] != stretch[2]
    assert all(len(one) == 8 and one.isalnum() and one == one.lower() for one in stretch)
    assert Hasher(bytes([1]) * 32).stretches(said("parcel"))[0][0] != stretch[0]


def test_both_sides_are_one_stretch_and_no_phrase_is_said_by_two() -> None:
    words = said("over the wall", "throw it")
    (stretch,) = HASHER.stretches(words)
    assert stretch == (*map(HASHER.hash, ("over", "the", "wall")), "", *map(HASHER.hash, ("throw", "it")))
    assert HASHER.stretches(said("", "throw it")) == (stretch[4:],)


def test_a_long_side_is_several_stretches_and_no_phrase_falls_between() -> None:
    line = " ".join(f"w{number}" for number in range(2 * STRETCH + 50))
    first, second, third = HASHER.stretches(said(line))
    assert len(first) == STRETCH
    for at in (0, STRETCH - LONGEST_PHRASE, STRETCH - 1, STRETCH, 2 * STRETCH - LONGEST_PHRASE + 3):
        phrase = tuple(HASHER.hash(f"w{at + number}") for number in range(LONGEST_PHRASE))
        assert any(stretch[begin : begin + LONGEST_PHRASE] == phrase for stretch in (first, second, third)
                   for begin in range(len(stretch))), at


def test_a_word_said_without_end_is_in_no_stretch_too_often() -> None:
    stretches = HASHER.stretches(said("yeah " * 1000))
    assert all(len(stretch) <= ALIKE for stretch in stretches)
    assert sum(map(len, stretches)) >= 1000
    assert HASHER.stretches(said("")) == ()
