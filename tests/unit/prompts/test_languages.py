"""Several languages at once: which can be chosen, what is played where one lacks something, and how a site brings its own."""
import hashlib
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from dialplans.prompts.table import (
    PromptTableError,
    check_prompts,
    load_manifest,
    load_table,
    parse_words,
    shipped_audio,
    shipped_languages,
    wording,
)
from switch.cli import app
from switch.media import g711
from switch.media.languages import Languages, import_language
from switch.media.prompts import PromptAudioError, PromptLibrary
from switch.media.sounds import SoundShelf
from tests.unit.prompts.test_library import _tone, _write

ENGLISH, WELSH = PromptLibrary.load(), PromptLibrary.load("cy")


@pytest.mark.parametrize("language", shipped_languages())
def test_every_shipped_language_is_complete_and_fresh(language: str) -> None:
    hashes = {name: hashlib.sha256(raw).hexdigest() for name, raw in shipped_audio(language).items()}
    assert check_prompts(load_table(language), load_manifest(language), hashes) == []
    assert PromptLibrary.load(language).missing == ()


def test_each_language_speaks_its_own_prompts_and_english_what_it_lacks() -> None:
    found = Languages.load()
    assert (found.names, found.missing) == (("en", "cy"), {})
    assert found.alaw("enter-pin") == ENGLISH.alaw("enter-pin")
    assert found.alaw("cy/enter-pin") == WELSH.alaw("enter-pin") != ENGLISH.alaw("enter-pin")
    assert found.alaw("cy/beep") == ENGLISH.alaw("beep"), "a tone is of no language"
    assert found.alaw("cy/announce-stop") == ENGLISH.alaw("announce-stop")
    assert found.alaw("cy/warn-45") == WELSH.alaw("warn-generic")
    assert found.alaw("xx/enter-pin") == ENGLISH.alaw("enter-pin")
    with pytest.raises(KeyError, match="no prompt 'hello'"):
        found.alaw("cy/hello")


def test_a_site_of_another_language() -> None:
    found = Languages.load("cy")
    assert found.names == ("cy", "en")
    assert found.alaw("enter-pin") == WELSH.alaw("enter-pin")
    assert found.alaw("en/enter-pin") == ENGLISH.alaw("enter-pin")
    nobody = Languages.load("pl")
    assert nobody.alaw("enter-pin") == ENGLISH.alaw("enter-pin")
    assert len(nobody.missing["pl"]) == len(wording("pl"))


def recordings(folder: Path, *prompts: str) -> Path:
    folder.mkdir(exist_ok=True)
    for at, prompt in enumerate(prompts):
        _write(folder / f"{prompt}.wav", _tone(500 + 100 * at, 0.5, 8000), 8000)
    return folder


def test_a_language_that_a_site_brings_as_a_folder(tmp_path: Path) -> None:
    source, own = recordings(tmp_path / "in", "menu-language-name", "enter-pin"), tmp_path / "own"
    taken, missing = import_language(source, own / "pl", "pl", "Ola")
    assert taken == ["enter-pin", "menu-language-name"]
    assert set(missing) == {one.id for one in wording("pl")} - set(taken)
    assert "menu-welcome" in missing
    assert "beep" not in missing
    found = Languages.load("en", own)
    assert found.names == ("en", "cy", "pl")
    assert found.missing == {"pl": tuple(missing)}
    assert found.alaw("pl/enter-pin") not in (ENGLISH.alaw("enter-pin"), WELSH.alaw("enter-pin"))
    assert found.alaw("pl/menu-welcome") == ENGLISH.alaw("menu-welcome")


def test_a_language_that_cannot_say_its_name_cannot_be_chosen(tmp_path: Path) -> None:
    import_language(recordings(tmp_path / "in", "enter-pin"), tmp_path / "own" / "pl", "pl", "Ola")
    assert Languages.load("en", tmp_path / "own").names == ("en", "cy")


def test_a_folder_with_a_file_that_is_no_prompt_is_refused_whole(tmp_path: Path) -> None:
    source = recordings(tmp_path / "in", "enter-pin", "misspelt", "beep")
    with pytest.raises(PromptAudioError) as caught:
        import_language(source, tmp_path / "own", "pl", "Ola")
    assert str(caught.value) == "'beep' is a tone, which is computed and not recorded; no prompt is called 'misspelt'"
    assert not (tmp_path / "own").exists()
    (tmp_path / "empty").mkdir()
    with pytest.raises(PromptAudioError, match="there is no recording"):
        import_language(tmp_path / "empty", tmp_path / "own", "pl", "Ola")


def test_the_command_line_takes_a_language_and_tells_what_it_lacks(tmp_path: Path) -> None:
    def wingline(*args: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["prompts", *args, "--dir", str(tmp_path)])
        return done.exit_code, done.output

    assert wingline("check") == (0, "".join(
        f"{name}: all {len(wording(name))} prompts are there and say what the table says\n" for name in ("en", "cy")))
    source = recordings(tmp_path / "in", "menu-language-name")
    code, text = wingline("import", str(source), "--language", "pl", "--voice", "Ola")
    assert code == 0
    assert "enter-pin: has no recording, and is said in English\n" in text
    assert f"pl: 1 recordings taken, {len(wording('pl')) - 1} missing" in text
    code, text = wingline("check", "--language", "pl")
    assert code == 1
    assert "pl: enter-pin: has no audio file\n" in text
    assert "menu-language-name" not in text
    assert wingline("check", "--language", "../x")[0] == 2
    one = source / "menu-language-name.wav"
    assert wingline("import", str(one), "menu-welcome", "--language", "pl", "--voice", "Ola")[0] == 0
    assert (tmp_path / "prompts" / "pl" / "menu-welcome.wav").exists()


@pytest.mark.parametrize(("text", "says"), [
    ('no-such = "Na."', "no-such: is no prompt of the 'en' table"), ('beep = "Bip."', "beep: is a tone"),
    ("enter-pin = 3", "enter-pin: must be the words to say"), ('enter-pin = " "', "enter-pin: must be the words to say"),
])
def test_a_faulty_translation_says_where(text: str, says: str) -> None:
    with pytest.raises(PromptTableError, match=says):
        parse_words(load_table(), "cy", text)
    with pytest.raises(PromptTableError, match="stands in two files"):
        parse_words(load_table(), "cy", 'enter-pin = "PIN."', 'enter-pin = "PIN."')


def test_sounds_have_a_bound_by_size_and_are_of_no_language() -> None:
    shelf = SoundShelf(Languages.load(), most=10)
    for number in range(4):
        shelf.keep(f"b{number}", b"xxxx")
    assert [shelf.keeps(f"b{number}") for number in range(4)] == [False, False, True, True]
    shelf.keep("b3", b"yyyy")
    assert shelf.alaw("cy/b3") == shelf.alaw("b3") == b"yyyy"
    shelf.keep("long", b"z" * 20)
    assert shelf.alaw("long") == b"z" * 20, "what was just brought is always there to be played"
    assert shelf.alaw("cy/enter-pin") == WELSH.alaw("enter-pin")


def test_welsh_is_as_loud_as_english() -> None:
    for prompt in load_table("cy"):
        sound = g711.decode_alaw(WELSH.alaw(prompt.id)) / 32768.0
        frames = np.sqrt(np.mean(sound[: len(sound) // 80 * 80].reshape(-1, 80) ** 2, axis=1))
        loud = frames[frames > 0.1 * frames.max()]
        assert -21.0 < 20 * np.log10(np.sqrt(np.mean(loud**2))) < -17.0, prompt.id
