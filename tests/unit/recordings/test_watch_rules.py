"""The rules that make forms of a word and read what is spoken: spelling, English, Welsh, numbers and sums."""
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recordings.watch.english import inflections
from recordings.watch.said import Run, runs, sums
from recordings.watch.spelling import one_spelling, tokens
from recordings.watch.welsh import mutations


@pytest.mark.parametrize(("text", "found"), [
    ("Don't", ["dont"]), ("drop-off", ["drop", "off"]), ("Pâté, ŵyl!", ["pate", "wyl"]), ("2,500", ["2500"]),
    ("1,23", ["1", "23"]), ("£2.50", ["£", "2.50"]), ("£5k", ["£", "5", "k"]), ("ПОСЫЛКА", ["посылка"]), ("…", []),
    ("ﬁne", ["fine"]), ("7.305", ["7", "305"]),
])
def test_text_becomes_tokens(text: str, found: list[str]) -> None:
    assert tokens(text) == found


@pytest.mark.parametrize(("british", "american"), [
    ("colour", "color"), ("neighbours", "neighbors"), ("organised", "organized"), ("organisation", "organization"),
    ("analyse", "analyze"), ("centre", "center"), ("travelling", "traveling"), ("licence", "license"), ("catalogue", "catalog"),
    ("grey", "gray"), ("gaol", "jail"), ("mum", "mom"), ("programme", "program"),
])
def test_both_spellings_are_one(british: str, american: str) -> None:
    assert one_spelling(british) == one_spelling(american)


@pytest.mark.parametrize(("one", "other"), [
    ("four", "for"), ("hour", "or"), ("size", "sis"), ("selling", "seling"), ("tre", "ter"),
])
def test_short_words_keep_their_spelling(one: str, other: str) -> None:
    assert one_spelling(one) == one
    assert one_spelling(one) != one_spelling(other)


@pytest.mark.parametrize(("word", "forms"), [
    ("parcel", {"parcel", "parcels", "parceled", "parceling", "parcelled", "parcelling"}),
    ("rob", {"rob", "robs", "robbed", "robbing", "robed", "robing"}),
    ("knife", {"knife", "knifes", "knives", "knifed", "knifing"}),
    ("escape", {"escape", "escapes", "escaped", "escaping"}),
    ("stash", {"stash", "stashes", "stashs", "stashed", "stashing"}),
    ("bury", {"bury", "buries", "buried", "burying"}),
    ("pay", {"pay", "pays", "paid", "payed", "paying"}),
    ("throw", {"throw", "throws", "threw", "thrown", "throwed", "throwing"}),
    ("it", {"it"}), ("посылка", {"посылка"}), ("07700", {"07700"}),
    ("need", {"need", "needs", "needed", "needing"}),
    ("quit", {"quit", "quits", "quited", "quiting", "quitted", "quitting"}),
])
def test_a_word_is_inflected(word: str, forms: set[str]) -> None:
    assert inflections(word) == forms


@pytest.mark.parametrize(("word", "forms"), [
    ("pres", {"pres", "bres", "mhres", "phres"}), ("tocyn", {"tocyn", "docyn", "nhocyn", "thocyn"}),
    ("cyllell", {"cyllell", "gyllell", "nghyllell", "chyllell"}),
    ("bara", {"bara", "fara", "mara"}),
    ("dwr", {"dwr", "ddwr", "nwr"}), ("gwn", {"gwn", "wn", "ngwn"}), ("mam", {"mam", "fam"}), ("llaw", {"llaw", "law"}),
    ("rhaff", {"rhaff", "raff"}), ("chwech", {"chwech"}), ("ffon", {"ffon"}), ("thema", {"thema"}),
    ("arian", {"arian", "harian"}), ("sim", {"sim"}), ("g", {"g", "ng"}), ("", {""}),
])
def test_a_welsh_word_mutates(word: str, forms: set[str]) -> None:
    assert mutations(word) == forms


@pytest.mark.parametrize(("said", "digits"), [
    ("oh seven seven double-oh nine hundred one two three", ["07700900123"]),
    ("it's 07700 900 123 yeah", ["07700900123"]),
    ("oh double seven um double oh nine oh oh one two three", ["07700900123"]),
    ("sero saith saith dwbl sero naw sero sero un dau tri", ["07700900123"]),
    ("treble nine", ["999"]), ("seventy seven twenty one", ["7721"]), ("nineteen eighty four", ["1984"]),
    ("two thousand one", ["20001"]), ("un deg un dau ddeg tri", ["1123"]), ("deg naw cant", ["10900"]),
    ("twenty oh one", ["2001"]), ("double nothing", []), ("double", []), ("dwbl", []), ("dwbl bara", []),
    ("one two", []), ("one and um then so two three", []), ("one and um two three", ["123"]), ("for to ate", []),
    ("one two three elephant four five six", ["123", "456"]), ("zero hundred one two", []), ("dwbl saith saith", ["777"]),
])
def test_digits_are_read_as_they_are_spoken(said: str, digits: list[str]) -> None:
    assert [run.digits for run in runs(tokens(said))] == digits


def test_a_run_says_where_it_was() -> None:
    assert runs(tokens("ring oh seven seven, alright")) == [Run("077", 1, 3)]


@pytest.mark.parametrize(("said", "pounds"), [
    ("five hundred quid", [500]), ("two and a half grand", [2500]), ("a grand", [1000]), ("£2,500 mate", [2500]),
    ("£2.50", [2.5]), ("half a grand", [500]), ("a couple of hundred pounds", [200]), ("pum cant o bunnoedd", [500]),
    ("fifteen hundred pounds", [1500]), ("a hundred and fifty quid", [150]), ("£5k", [5000]), ("£5 grand", [5000]),
    ("a monkey", [500]), ("two fivers", [10]),
    ("two thousand three hundred and forty five pounds", [2345]), ("cant ac un deg tri punt", [113]), ("mil o bunnau", [1000]),
    ("twenty five twenty pounds", [20]), ("one two three pounds", [3]), ("fifty fifty", []), ("a", []), ("a pound of", [1]),
    ("thousand", []), ("five hundred of", []), ("£ sign", []), ("£", []), ("a and pounds", []), ("1234567890123 pounds", []),
    ("give me fifty quid and a tenner", [50, 10]), ("five and", []), ("deg punt", [10]), ("a five hundred pounds", [500]),
    ("five of those", []), ("loads of quid", []), ("and two quid", [2]),
])
def test_sums_are_read_as_they_are_spoken(said: str, pounds: list[float]) -> None:
    assert [one.pence / 100 for one in sums(tokens(said))] == pounds


_DIGIT = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 3), st.booleans()), min_size=3, max_size=12), st.data())
def test_whatever_is_dictated_is_read_back(dictated: list[tuple[int, int, bool]], data: st.DataObject) -> None:
    said, digits = [], ""
    for digit, many, filler in dictated:
        name = "oh" if digit == 0 and data.draw(st.booleans()) else _DIGIT[digit]
        said += [{1: "", 2: "double ", 3: "treble "}[many] + name, *(["um"] if filler else [])]
        digits += str(digit) * many
    assert [run.digits for run in runs(tokens(" ".join(said)))] == [digits]


@given(st.lists(st.sampled_from(["one", "oh", "ten", "twenty", "double", "hundred", "a", "and", "grand", "pounds", "£", "2.50",
                                 "9" * 20, "half", "of", "deg", "cant", "mil", "un", "couple", "x"]), max_size=30))
def test_no_words_upset_the_reading(words: list[str]) -> None:
    for run in runs(words):
        assert 0 <= run.first <= run.last < len(words)
        assert len(run.digits) >= 3
    ends = -1
    for one in sums(words):
        assert ends < one.first <= one.last < len(words), "sums share no word"
        assert one.pence >= 0
        ends = one.last


@given(st.text(max_size=40))
@example("\N{MATHEMATICAL BOLD CAPITAL ALPHA}")
def test_tokens_of_anything_are_stable(text: str) -> None:
    found = tokens(text)
    assert tokens(" ".join(found)) == found
    assert [one_spelling(one_spelling(token)) for token in found] == [one_spelling(token) for token in found]
