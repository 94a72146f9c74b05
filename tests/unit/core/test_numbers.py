"""One number, one value; what is not a number is refused at the edge."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.core.numbers import E164, Dialled, ShortCode, Unreadable, read_dialled, read_number

MUM = E164("447700900123")


@pytest.mark.parametrize(
    "spelling",
    [
        "07700900123", "07700 900123", "07700-900-123", "(07700) 900.123", "+447700900123", "+44 7700 900123",
        "+44 (0)7700 900123", "00447700900123", "0044 7700 900 123", "447700900123", "44 7700 900123", "  07700900123 ",
    ],
)  # fmt: skip
def test_every_spelling_of_a_number_is_one_number(spelling: str) -> None:
    assert read_number(spelling) == MUM


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "+", "mum", "07700900abc", "07700900123,5", "07700900123;5", "07700900123p5", "07700900123x5", "*6707700900123",
        "07700900123#", "++447700900123", "+44+7700900123", "7700900123", "077009001234", "44", "12345", "9" * 41, "(", "()",
        "07700٩00123", "０７７００９００１２３", "+999123456789", "+1", "+4412", "00" + "4" * 20,
        "sip:07700900123", "07700900123 ext 5",
    ],
)  # fmt: skip
def test_what_is_not_a_number_is_refused(text: str) -> None:
    found = read_number(text)
    assert isinstance(found, Unreadable)
    assert found.why


@pytest.mark.parametrize("text", [
    "*#21#", "**21*07700900123#", "##002#", "*67", "#31#07700900123", "*", "#", "* # 2 1 #", "*21*01632960001#", "14107700900123",
    "141 01632 960001", "147007700900123", "1471 0033199001234", "1470118500", "141116123",
])
def test_a_code_of_the_network_is_told_apart(text: str) -> None:
    for read in (read_number(text), read_dialled(text)):
        assert isinstance(read, Unreadable)
        assert read.code
        assert "call-return or diversion code" in read.why


@pytest.mark.parametrize("text", [
    "07700900123#", "07700900123*21#", "+14107700900123", "1417700900123", "148007700900123", "1469", "1480", "1570", "1572",
    "14712", "+1471", "*x", "*#21#p", "141abc", "+*21#", "1410",
])
def test_its_neighbours_are_only_unreadable(text: str) -> None:
    read = read_number(text)
    assert isinstance(read, Unreadable)
    assert not read.code


@pytest.mark.parametrize("code", ["999", "112", "18000", "116123", "101", "123"])
def test_short_codes_are_of_their_country(code: str) -> None:
    assert read_number(code) == ShortCode("GB", code)
    assert isinstance(read_number("+" + code), Unreadable)


def test_a_number_abroad_is_whole() -> None:
    assert read_number("+1 202 555 0123") == E164("12025550123")
    assert read_number("0033 1 99 00 12 34") == E164("33199001234")


@pytest.mark.parametrize("prefix", ["18001", "18002"])
def test_relay_uk_stands_before_a_full_number(prefix: str) -> None:
    assert read_dialled(f"{prefix} 07700 900123") == Dialled(MUM, prefix)
    assert read_dialled(prefix + "07700900123") == Dialled(MUM, prefix)
    assert isinstance(read_dialled(prefix + "12"), Unreadable)


def test_dialled_without_a_prefix() -> None:
    assert read_dialled("116123") == Dialled(ShortCode("GB", "116123"))
    assert isinstance(read_dialled("nobody"), Unreadable)
    assert str(MUM) == "+447700900123"
    assert str(ShortCode("GB", "999")) == "999"


@given(st.text(max_size=45))
def test_reading_never_raises_and_never_invents_digits(text: str) -> None:
    found = read_dialled(text)
    if isinstance(found, Dialled) and isinstance(found.number, E164):
        dialled = "".join(c for c in text if c in "0123456789")
        assert found.number.digits[-7:] == dialled[-7:]
