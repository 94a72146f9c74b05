"""Numbers, money, lengths and moments as they are said, both sides of each edge; and every piece of them has its words."""
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplans.prompts import english as spoken
from dialplans.prompts.table import PromptKind, load_table

TODAY = date(2026, 11, 23)


def said(pieces: tuple[str, ...]) -> str:
    """The words, from the table itself."""
    return " ".join(load_table()[piece].say for piece in pieces)


@pytest.mark.parametrize(("value", "words"), [
    (0, "zero"), (1, "one"), (19, "nineteen"), (20, "twenty"), (21, "twenty one"), (30, "thirty"), (99, "ninety nine"),
    (100, "one hundred"), (101, "one hundred and one"), (999, "nine hundred and ninety nine"), (1000, "one thousand"),
    (1001, "one thousand and one"), (1100, "one thousand one hundred"), (21_000, "twenty one thousand"),
    (999_999, "nine hundred and ninety nine thousand nine hundred and ninety nine"),
])
def test_numbers(value: int, words: str) -> None:
    assert said(spoken.number(value)) == words


@pytest.mark.parametrize("value", [-1, 1_000_000])
def test_what_is_no_number_to_say(value: int) -> None:
    with pytest.raises(ValueError, match="is not spoken"):
        spoken.number(value)


@pytest.mark.parametrize(("amount", "words"), [
    (-5_000, "zero pence"), (0, "zero pence"), (999, "zero pence"), (1_000, "one penny"), (1_999, "one penny"),
    (2_000, "two pence"), (99_000, "ninety nine pence"), (100_000, "one pound"), (101_000, "one pound and one penny"),
    (2_175_000, "twenty one pounds and seventy five pence"), (5_000_000, "fifty pounds"),
])
def test_money_to_the_whole_penny_below(amount: int, words: str) -> None:
    assert said(spoken.money(amount)) == words


@pytest.mark.parametrize(("seconds", "words"), [
    (-1, "zero seconds"), (0.9, "zero seconds"), (1, "one second"), (59, "fifty nine seconds"), (60, "one minute"),
    (61, "one minute one second"), (3599, "fifty nine minutes fifty nine seconds"), (3600, "one hour"),
    (7322, "two hours two minutes"),
])
def test_lengths(seconds: float, words: str) -> None:
    assert said(spoken.length(seconds)) == words


@pytest.mark.parametrize(("hour", "minute", "words"), [
    (0, 0, "twelve o'clock in the morning"), (0, 5, "twelve oh five in the morning"), (9, 30, "nine thirty in the morning"),
    (11, 59, "eleven fifty nine in the morning"), (12, 0, "twelve o'clock in the afternoon"),
    (15, 9, "three oh nine in the afternoon"),
    (17, 59, "five fifty nine in the afternoon"), (18, 0, "six o'clock in the evening"), (23, 10, "eleven ten in the evening"),
])
def test_the_time_of_day(hour: int, minute: int, words: str) -> None:
    assert said(spoken.clock(datetime(2026, 11, 23, hour, minute))) == words  # noqa: DTZ001 (local, as it is spoken)


@pytest.mark.parametrize(("at", "words"), [
    (TODAY, "today"), (date(2026, 11, 22), "yesterday"), (date(2026, 11, 21), "Saturday twenty first November"),
    (date(2026, 11, 20), "Friday twentieth November"), (date(2026, 11, 30), "Monday thirtieth November"),
    (date(2026, 12, 31), "Thursday thirty first December"), (date(2026, 1, 3), "Saturday third January"),
])
def test_days(at: date, words: str) -> None:
    assert said(spoken.day(at, TODAY)) == words


def test_digits_one_by_one() -> None:
    assert said(spoken.digits("+44 0123")) == "four four zero one two three"


@given(st.integers(0, 999_999), st.floats(0, 1e6), st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))  # noqa: DTZ001
def test_whatever_is_said_has_its_words(value: int, seconds: float, at: datetime) -> None:
    table = load_table()
    today = at.date() + timedelta(days=3)
    for piece in spoken.number(value) + spoken.money(value * 7) + spoken.length(seconds) + spoken.moment(at, today):
        assert table[piece].kind is PromptKind.VALUE
