"""Welsh values, both sides of each edge, and every language's words held to its grammar and to the English table."""
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplans.prompts import welsh
from dialplans.prompts.spoken import SPEECHES, speech
from dialplans.prompts.table import CALLED, PromptKind, load_table, shipped_languages

TODAY = date(2026, 11, 23)


def said(pieces: tuple[str, ...]) -> str:
    return " ".join(load_table("cy")[piece].say for piece in pieces)


@pytest.mark.parametrize(("value", "words"), [
    (0, "sero"), (1, "un"), (10, "deg"), (11, "un deg un"), (20, "dau ddeg"), (99, "naw deg naw"), (100, "cant"),
    (101, "cant un"), (250, "dau gant pum deg"), (999, "naw cant naw deg naw"), (1000, "mil"), (10_000, "deg mil"),
    (11_200, "un deg un mil dau gant"), (999_999, "naw cant naw deg naw mil naw cant naw deg naw"),
])
def test_numbers(value: int, words: str) -> None:
    assert said(welsh.number(value)) == words


@pytest.mark.parametrize("value", [-1, 1_000_000])
def test_what_is_no_number_to_say(value: int) -> None:
    with pytest.raises(ValueError, match="is not spoken"):
        welsh.number(value)


@pytest.mark.parametrize(("amount", "words"), [
    (-5_000, "dim ceiniog"), (0, "dim ceiniog"), (1_000, "un geiniog"), (6_000, "chwe cheiniog"), (10_000, "deg ceiniog"),
    (11_000, "un deg un o geiniogau"), (100_000, "un bunt"), (200_000, "dwy bunt"), (601_000, "chwe phunt un geiniog"),
    (1_000_000, "deg punt"), (2_175_000, "dau ddeg un o bunnoedd saith deg pump o geiniogau"),
])
def test_money(amount: int, words: str) -> None:
    assert said(welsh.money(amount)) == words


@pytest.mark.parametrize(("seconds", "words"), [
    (0, "dim eiliad"), (1, "un eiliad"), (59, "pum deg naw o eiliadau"), (60, "un funud"), (122, "dwy funud dwy eiliad"),
    (660, "un deg un o funudau"), (3600, "un awr"), (7322, "dwy awr dwy funud"),
])
def test_lengths(seconds: float, words: str) -> None:
    assert said(welsh.length(seconds)) == words


@pytest.mark.parametrize(("hour", "minute", "words"), [
    (0, 0, "deuddeg o'r gloch y bore"), (9, 30, "tri deg o funudau wedi naw y bore"), (11, 1, "un funud wedi un ar ddeg y bore"),
    (12, 0, "deuddeg o'r gloch y prynhawn"), (15, 5, "pum munud wedi tri y prynhawn"), (18, 0, "chwech o'r gloch gyda'r nos"),
])
def test_the_time_of_day(hour: int, minute: int, words: str) -> None:
    assert said(welsh.clock(datetime(2026, 11, 23, hour, minute))) == words  # noqa: DTZ001 (local, as it is spoken)


@pytest.mark.parametrize(("at", "words"), [
    (TODAY, "heddiw"), (date(2026, 11, 22), "ddoe"), (date(2026, 11, 21), "dydd Sadwrn yr unfed ar hugain o Dachwedd"),
    (date(2026, 12, 31), "dydd Iau yr unfed ar ddeg ar hugain o Ragfyr"), (date(2026, 1, 3), "dydd Sadwrn y trydydd o Ionawr"),
])
def test_days(at: date, words: str) -> None:
    assert said(welsh.day(at, TODAY)) == words


def test_a_language_without_a_grammar_borrows_the_english_order() -> None:
    assert speech("pl") is SPEECHES["en"]
    assert speech("cy") is not SPEECHES["en"]


@pytest.mark.parametrize("language", shipped_languages())
@given(amount=st.integers(0, 99_999_000), seconds=st.floats(0, 1e6),
       at=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))  # noqa: DTZ001
def test_whatever_is_said_has_its_words_in_its_own_language(language: str, amount: int, seconds: float, at: datetime) -> None:
    say, table = speech(language), load_table(language)
    today = at.date() + timedelta(days=3)
    for piece in (*say.digits(str(amount)), *say.money(amount), *say.length(seconds), *say.moment(at, today),
                  *say.day(at.date(), at.date())):
        assert table[piece].kind is PromptKind.VALUE


def test_welsh_has_all_that_the_person_hears() -> None:
    lacks = {one.id for one in load_table() if one.id not in load_table("cy")
             and one.kind not in (PromptKind.TONE, PromptKind.VALUE) and not one.id.startswith(CALLED)}
    assert lacks == set()


def test_a_refusal_in_welsh_says_what_to_do() -> None:
    for prompt in load_table("cy"):
        if prompt.kind is PromptKind.REFUSAL:
            assert any(do in prompt.say for do in ("aelod o staff", "gynnig arall", "deialwch eto")), prompt.id
