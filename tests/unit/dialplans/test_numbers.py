"""The number table: each range, its neighbours, and what it must agree with libphonenumber on."""
import pytest
from phonenumbers import PhoneNumberType as Kind
from phonenumbers import example_number_for_type, format_number, number_type, parse, region_code_for_number
from phonenumbers.phonenumberutil import PhoneNumberFormat

from dialplans.numbers.table import CLASSES, NumberTableError, classify, load_table, parse_table
from switch.core.numbers import E164, ShortCode, Unreadable, read_number


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("07700 900123", "mobile"), ("01632 960001", "geographic"), ("020 7946 0001", "geographic"),
        ("0113 496 0001", "geographic"), ("0118 496 0001", "geographic"), ("0131 496 0001", "geographic"),
        ("028 9649 6001", "geographic"), ("0303 9990001", "corporate-uk"), ("0345 9990001", "corporate-uk"),
        ("0808 157 0001", "freephone"), ("0800 555111", "freephone"), ("0500 123456", "freephone"),
        ("0845 999 0001", "special"), ("0871 999 0001", "special"), ("0909 879 0001", "premium"),
        ("0700 999 0001", "personal"), ("070 1234 5678", "personal"), ("055 9999 0001", "voip"), ("056 9999 0001", "voip"),
        ("07640 999001", "pager"), ("04000 999001", "unassigned"), ("06000 999001", "unassigned"), ("0600 9990001", "unassigned"),
        ("01534 999001", "crown"), ("01481 999001", "crown"), ("01624 999001", "crown"), ("07797 999001", "crown"),
        ("07700 300001", "crown"), ("07911 123456", "crown"), ("07911 223456", "mobile"), ("07624 999001", "crown"),
        ("07924 999001", "crown"), ("07923 999001", "mobile"), ("07829 999001", "crown"), ("07828 999001", "mobile"),
        ("+33 1 99 00 12 34", "international"), ("+1 202 555 0123", "international"), ("+353 20 910 1234", "international"),
        ("+870 773 999001", "satellite"), ("+8816 9990 0001", "satellite"), ("+882 16 99900001", "satellite"),
        ("999", "emergency"), ("112", "emergency"), ("18000", "emergency"), ("18001", "relay"), ("18002", "relay"),
        ("101", "short"), ("105", "short"), ("111", "short"), ("119", "short"), ("123", "short"), ("116123", "short"),
        ("116000", "short"), ("118500", "directory"), ("141", "return-codes"), ("150", "short"),
    ],
)  # fmt: skip
def test_each_range(text: str, name: str) -> None:
    number = read_number(text)
    assert not isinstance(number, Unreadable), number
    kind = classify(number)
    assert kind is not None
    assert kind.name == name
    assert kind.dated.year >= 2026
    assert kind.source


@pytest.mark.parametrize(("code", "name"), [
    ("141", "return-codes"), ("140", "short"), ("142", "short"), ("146", "short"), ("147", "return-codes"), ("148", "short"),
    *((f"147{digit}", "return-codes") for digit in range(10)), ("1571", "return-codes"),
])
def test_return_codes_are_a_class_and_their_neighbours_are_not(code: str, name: str) -> None:
    assert read_number(code) == ShortCode("GB", code)
    kind = classify(ShortCode("GB", code))
    assert kind is not None
    assert kind.name == name


def test_what_has_no_entry_has_no_class() -> None:
    assert classify(ShortCode("GB", "20")) is None
    assert classify(ShortCode("FR", "17")) is None
    assert load_table().classify(E164("999123456789")) is not None  # every country is abroad


def test_every_class_of_the_vocabulary_is_in_the_table() -> None:
    table = load_table()
    assert {entry.name for place in (table.prefixes, table.codes, table.stems) for entry in place.values()} == CLASSES


def test_no_mobile_of_the_crown_dependencies_is_taken_for_a_british_one() -> None:
    for prefix in range(70000, 80000):
        digits = f"44{prefix}12345"
        kind = classify(E164(digits))
        assert kind is not None
        abroad = region_code_for_number(parse("+" + digits)) in ("JE", "GG", "IM")
        if abroad and number_type(parse("+" + digits)) is Kind.MOBILE:
            assert kind.name == "crown", digits


@pytest.mark.parametrize(
    ("of", "name"),
    [
        (Kind.FIXED_LINE, "geographic"), (Kind.MOBILE, "mobile"), (Kind.TOLL_FREE, "freephone"), (Kind.PREMIUM_RATE, "premium"),
        (Kind.SHARED_COST, "special"), (Kind.PERSONAL_NUMBER, "personal"), (Kind.VOIP, "voip"), (Kind.PAGER, "pager"),
        (Kind.UAN, "voip"),
    ],
)
def test_libphonenumbers_own_example_of_each_kind(of: int, name: str) -> None:
    number = example_number_for_type("GB", of)
    if number is None:  # libphonenumber puts 084 and 087 under premium rate
        assert of == Kind.SHARED_COST
        return
    kind = classify(E164(format_number(number, PhoneNumberFormat.E164)[1:]))
    assert kind is not None
    assert kind.name == name


GOOD = 'country = "GB"\ndated = 2026-01-01\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "`country` and `dated`"),
        ('country = "GB"\ndated = "yesterday"\n', "`country` and `dated`"),
        (GOOD + '[[class]]\nname = "mobil"\ndated = 2026-01-01\nsource = "x"\n', "'mobil' is not a class"),
        (GOOD + '[[class]]\nname = "mobile"\nsource = "x"\n', "needs `dated`"),
        (GOOD + '[[class]]\nname = "mobile"\ndated = 2026-01-01\n', "and `source`"),
        (GOOD + '[[class]]\nname = "mobile"\ndated = 2026-01-01\nsource = "x"\nprefixes = ["447"]\n', "not a plus and digits"),
        (GOOD + '[[class]]\nname = "mobile"\ndated = 2026-01-01\nsource = "x"\nprefixes = ["+44x"]\n', "not a plus and digits"),
        (GOOD + '[[class]]\nname = "mobile"\ndated = 2026-01-01\nsource = "x"\nprefixes = ["+1", "+1"]\n', "stands twice"),
        (GOOD + '[[class]]\nname = "short"\ndated = 2026-01-01\nsource = "x"\nshort = ["1*", "1*"]\n', "stands twice"),
        (GOOD + '[[class]]\nname = "short"\ndated = 2026-01-01\nsource = "x"\nshort = ["*"]\n', "is not digits"),
    ],
)
def test_a_faulty_table_says_all_its_faults(text: str, says: str) -> None:
    with pytest.raises(NumberTableError) as caught:
        parse_table(text)
    assert says in "; ".join(caught.value.problems)
