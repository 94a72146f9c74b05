"""Watch words at the desk, on both databases: lists, words, their CSV, and what is no watch word."""
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path

import pytest
import pytest_asyncio

from recordings.watch.match import Matcher
from switch.desk import watch_words
from switch.ports.watch import WatchKind, WatchWord
from tests.unit.desk.office import AT, MOOR, OFFICER, Office, good, make_office, why
from tests.unit.recordings.talk import talk

WORDS, NUMBER, AMOUNT = WatchKind
EXAMPLE = files("recordings.watch").joinpath("example.csv").read_text("utf-8")


@pytest_asyncio.fixture
async def office(tmp_path: Path, url: str) -> AsyncIterator[Office]:
    made = await make_office(tmp_path, url)
    yield made
    assert await made.whole(), "the audit chain"
    made.mint.hasher.close()
    await made.site.close()


async def words(office: Office, establishment: str | None = None) -> list[WatchWord]:
    return [word for one in await watch_words.lists(office.desk, OFFICER, AT, establishment) for word in one.words]


async def test_lists_hold_for_one_establishment_or_for_all(office: Office) -> None:
    before = await office.audited()
    everywhere = good(await watch_words.add_list(office.desk, OFFICER, AT, " drugs "))
    here = good(await watch_words.add_list(office.desk, OFFICER, AT, "drugs", MOOR))
    assert everywhere.subject == "drugs"
    assert why(await watch_words.add_list(office.desk, OFFICER, AT, "Drugs", MOOR)) == ["taken"]
    spice = good(await watch_words.add_word(office.desk, OFFICER, AT, here.id, WORDS, " spice ", forms=["mamba "], gap=1,
                                            weight=70))
    assert (spice.text, spice.forms, spice.gap, spice.weight) == ("spice", ("mamba",), 1, 70)
    number = good(await watch_words.add_word(office.desk, OFFICER, AT, everywhere.id, NUMBER, "07700 900 123"))
    least = good(await watch_words.add_word(office.desk, OFFICER, AT, everywhere.id, AMOUNT, "five hundred quid",
                                            least=True))
    assert (number.text, least.text, least.least) == ("+447700900123", "50000", True)
    assert await words(office) == [number, least, spice]
    assert await words(office, MOOR) == [number, least, spice]
    assert await words(office, "fen") == [number, least]
    assert why(await watch_words.add_word(office.desk, OFFICER, AT, here.id, WORDS, "Spice")) == ["taken"]
    assert why(await watch_words.add_word(office.desk, OFFICER, AT, "watch-0", WORDS, "spice")) == ["unknown-list"]
    assert good(await watch_words.end_word(office.desk, OFFICER, AT, number.id)) == number
    assert why(await watch_words.end_word(office.desk, OFFICER, AT, number.id)) == ["unknown-word"]
    assert good(await watch_words.end_list(office.desk, OFFICER, AT, here.id)) == 1
    assert why(await watch_words.end_list(office.desk, OFFICER, AT, here.id)) == ["unknown-list"]
    assert await words(office) == [least]
    rows = (await office.audit())[before:]
    assert [action for action, *_ in rows] == [
        "watch-list-added", "watch-list-added", "watch-list-added-refused", "watch-word-added", "watch-word-added",
        "watch-word-added", "watch-word-added-refused", "watch-word-added-refused", "watch-word-ended",
        "watch-word-ended-refused",
        "watch-list-ended", "watch-list-ended-refused"]
    assert not any(text in str(rows) for text in ("spice", "mamba", "447700900123", "50000")), "words are not in the audit"


@pytest.mark.parametrize(("kind", "text", "more", "codes"), [
    (WORDS, "", {}, ["bad-text"]), (WORDS, "x" * 201, {}, ["bad-text"]), (WORDS, "=1+1", {}, ["bad-text"]),
    (WORDS, "a|b", {}, ["bad-text"]), (WORDS, "…", {}, ["bad-text"]), (WORDS, "a\tb", {}, ["bad-text"]),
    (WORDS, "spice", {"forms": ["x"] * 51}, ["bad-forms"]), (WORDS, "spice", {"forms": [" "]}, ["bad-text"]),
    (WORDS, "spice", {"language": "EN", "gap": 11, "weight": 0, "least": True},
     ["bad-language", "bad-gap", "bad-weight", "bad-least"]),
    (WORDS, "spice", {"language": "english", "gap": -1, "weight": 101}, ["bad-language", "bad-gap", "bad-weight"]),
    (NUMBER, "CALLME", {}, ["bad-telephone"]), (NUMBER, "07700900123", {"forms": ["x"]}, ["bad-forms"]),
    (AMOUNT, "lots", {}, ["bad-amount"]), (AMOUNT, "5 pounds 6 pounds", {}, ["bad-amount"]),
])
async def test_what_is_no_watch_word(office: Office, kind: WatchKind, text: str, more: dict[str, object],
                                     codes: list[str]) -> None:
    made = good(await watch_words.add_list(office.desk, OFFICER, AT, "drugs"))
    answer = await watch_words.add_word(office.desk, OFFICER, AT, made.id, kind, text, **more)  # type: ignore[arg-type]  # as given
    assert why(answer) == codes
    assert await words(office) == []


@pytest.mark.parametrize(("subject", "place", "code"), [
    (" ", None, "bad-text"), ("x" * 61, None, "bad-text"), ("drugs", "no/where", "bad-place"),
    ("drugs", "nowhere", "unknown-establishment"),
])
async def test_what_is_no_list(office: Office, subject: str, place: str | None, code: str) -> None:
    assert why(await watch_words.add_list(office.desk, OFFICER, AT, subject, place)) == [code]


async def test_the_example_loads_comes_out_as_it_went_in_and_finds_what_it_should(office: Office) -> None:
    tried = good(await watch_words.load(office.desk, OFFICER, AT, EXAMPLE, dry_run=True))
    assert (tried.words, tried.dry_run, await words(office)) == (EXAMPLE.count("\n") - 1, True, [])
    done = good(await watch_words.load(office.desk, OFFICER, AT, EXAMPLE))
    assert (done.words, done.new_lists) == (tried.words, tried.new_lists)
    assert done.new_lists[:2] == ("drugs", "packages")
    out = good(await watch_words.export(office.desk, OFFICER, AT))
    refused = await watch_words.load(office.desk, OFFICER, AT, out)
    assert set(why(refused)) == {"taken"}, "all of it is there already"
    assert len(why(refused)) == tried.words
    for one in await watch_words.lists(office.desk, OFFICER, AT):
        good(await watch_words.end_list(office.desk, OFFICER, AT, one.list.id))
    assert good(await watch_words.load(office.desk, OFFICER, AT, out)).words == tried.words, "what comes out can be put in again"
    entries = await words(office)
    said = "he threw the packages over, mae'r gyllell gyda fi, bring it all in, seven hundred quid, где наркота"
    found = {one.text for one in entries for hit in Matcher(entries).find(talk(said)) if hit.word == one.id}
    assert found == {"throw over", "parcel", "cyllell", "bring it in", "50000", "наркотики"}


async def test_one_bad_row_and_nothing_is_loaded(office: Office) -> None:
    table = ("subject,kind,text,establishment,gap,weight,least\ndrugs,words,spice,,,,\ndrugs,words,SPICE,,,,\n"
             "drugs,words,spice,moor,,,\ndrugs,words,spice,nowhere,,,\n,words,x,,,,\ndrugs,verbs,x,,1000,x,maybe\n"
             "drugs,amount,lots,,,,\n")
    before = await office.audited()
    for dry_run in (True, False):
        answer = await watch_words.load(office.desk, OFFICER, AT, table, dry_run)
        assert why(answer) == ["taken", "unknown-establishment", "bad-text", "bad-gap", "bad-weight", "bad-kind", "bad-yes-no",
                               "bad-amount"]
        assert "line 3: it is on line 2 already" in str(answer)
        assert await watch_words.lists(office.desk, OFFICER, AT) == []
    assert [action for action, *_ in (await office.audit())[before:]] == ["watch-words-loaded-refused"]
    assert why(await watch_words.load(office.desk, OFFICER, AT, "subject,kind,text\n")) == ["empty"]
    assert why(await watch_words.load(office.desk, type(OFFICER)(" "), AT, table)) == ["no-actor"]
