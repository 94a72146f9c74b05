"""What pages load of others is as the manifests say, and what the console says is said in both languages."""
import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from admin.pages.assets import VENDOR, asset
from admin.pages.looks import environment
from admin.pages.serve import WORDS
from admin.pages.words import catalogue, language_of, speaker

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "tests/browser/vendor"
TEMPLATES = ROOT / "admin/templates"
SAID = re.compile(r"""\bt\("((?:[^"\\]|\\.)+)"|\bt\('((?:[^'\\]|\\.)+)'""")
BASE = ("base.html", "macros.html", "home.html", "entry/sign_in.html", "entry/confirm.html", "entry/account.html")
"""What everybody sees; their sentences must be in Welsh as well."""


@pytest.mark.parametrize("folder", [VENDOR, TESTS], ids=["console", "tests"])
def test_every_file_of_others_is_in_the_manifest_with_its_hash(folder: Path) -> None:
    rows = json.loads((folder / "manifest.json").read_text("utf-8"))
    there = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()} - {"manifest.json"}
    assert there == {row["path"] for row in rows}
    for row in rows:
        content = (folder / row["path"]).read_bytes()
        assert base64.b64encode(hashlib.sha384(content).digest()).decode() == row["sha384"], row["path"]
        assert len(content) == row["bytes"]
        assert row["version"] in (ROOT / "THIRD_PARTY.md").read_text("utf-8") or " and " in row["version"], row["package"]
    folders = {row["path"].partition("/")[0] for row in rows}
    assert folders == {row["path"].partition("/")[0] for row in rows if row["path"].endswith("LICENSE")}, "a licence each"


def test_nothing_claims_to_be_of_the_government() -> None:
    for file in (ROOT / "admin/static").rglob("*"):
        if file.is_file() and file.name != "LICENSE":
            text = file.read_bytes()
            for mark in (b"GDS Transport", b"govuk-crest.", b"crown.png", b"GOV.UK logo"):
                assert mark not in text, (file, mark)
    for file in TEMPLATES.rglob("*.html"):
        assert "GOV.UK" not in file.read_text("utf-8"), file


def test_a_file_has_another_address_when_it_changes() -> None:
    assert asset("htmx.min.js").startswith("/static/vendor/htmx-2.0.11/")
    assert re.fullmatch(r"/static/console\.js\?[0-9a-f]{12}", asset("console.js"))
    with pytest.raises(KeyError):
        asset("nothing.js")


def test_no_template_asks_for_what_the_policy_forbids() -> None:
    for file in TEMPLATES.rglob("*.html"):
        text = file.read_text("utf-8")
        found = re.findall(r"<script(?![^>]*\bsrc=)|\bon[a-z]+=\"|\bstyle=\"|hx-on|javascript:|\bjs:|https?://", text)
        assert not found, (file, found)


def test_every_template_is_well_formed() -> None:
    made = environment()
    names = [name for name in made.list_templates() if name.endswith(".html")]
    assert len(names) == len(list(TEMPLATES.rglob("*.html")))
    for name in names:
        made.get_template(name)


def test_what_everybody_sees_is_said_in_welsh() -> None:
    known = catalogue("cy")
    said = {one or other for name in BASE for one, other in SAID.findall((TEMPLATES / name).read_text("utf-8"))}
    assert len(said) > 30
    assert not said - set(known), "say these in admin/pages/words.cy.toml"
    assert not {text for pair in WORDS.values() for text in pair} - set(known)
    for english, welsh in known.items():
        assert set(re.findall(r"{\w*}", english)) == set(re.findall(r"{\w*}", welsh)), english


def test_a_sentence_that_nobody_translated_stays_english() -> None:
    assert speaker("cy")("No such sentence {n}", n=3) == "No such sentence 3"
    assert language_of("", "fr, cy;q=0.5") == "cy"
    assert language_of("xx", "") == "en"
