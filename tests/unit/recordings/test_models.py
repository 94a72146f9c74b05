"""Models as folders: added only if they are what was listed and load, and never used once a file is another."""
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recordings.transcribe import models
from recordings.transcribe.engine import EngineProblem
from switch.cli import app
from tests.ready import write_example


def a_copy(tiny_en: Path, to: Path) -> Path:
    """tiny.en with a model.bin of a few bytes: everything of a model but that it loads."""
    to.mkdir()
    for file in tiny_en.iterdir():
        if file.is_file():
            (to / file.name).write_bytes(file.read_bytes() if file.name != "model.bin" else b"not weights")
    return to


def test_the_model_of_the_tests_is_the_one_that_was_measured(tiny_en: Path) -> None:
    digest = models.hashes(tiny_en)["model.bin"]
    assert models.KNOWN[digest] == "Systran/faster-whisper-tiny.en"


@pytest.mark.timeout(300)  # it loads four times
def test_a_site_adds_its_model_and_one_changed_byte_keeps_it_from_being_used(tiny_en: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    write_example(site)

    def wingline(*args: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["models", *args, "--dir", str(site)])
        return done.exit_code, done.output

    assert wingline("check") == (0, "no model is configured (transcription.model): nothing is transcribed, and calls go on\n")
    code, said = wingline("add", "tiny.en", str(tiny_en))
    assert code == 0, said
    assert "tiny.en  whisper  7" in said
    assert "Systran/faster-whisper-tiny.en" in said
    assert 'engine = "whisper", model = "tiny.en"' in said
    assert wingline("add", "tiny.en", str(tiny_en))[0] == 1, "a name is used once"
    doctor = CliRunner().invoke(app, ["doctor", "--dir", str(site)])
    assert (doctor.exit_code, "no model is configured" in doctor.output) == (0, True)
    file = site / "wingline.toml"
    file.write_text(file.read_text("utf-8") + '\n[transcription]\nengine = "whisper"\nmodel = "tiny.en"\n', "utf-8")
    assert "in use: as it was added, and loads" in wingline("check")[1]
    done = CliRunner().invoke(app, ["doctor", "--dir", str(site), "--json"])
    assert done.exit_code == 0, done.output
    able = json.loads(done.stdout)
    assert able["hours_a_day"] == pytest.approx(24 * able["hours_per_core_hour"], rel=0.05)
    assert able["tiers"] == [{"tier": None, "hours": 520.0, "done": min(520.0, able["hours_a_day"])}]
    right = file.read_text("utf-8")
    file.write_text(right.replace('engine = "whisper"', 'engine = "vosk"'), "utf-8")
    assert "transcription.engine is vosk, and tiny.en is a model of whisper" in wingline("check")[1]
    file.write_text(right, "utf-8")
    config = site / "models" / "tiny.en" / "config.json"
    config.write_text(config.read_text("utf-8") + " ", "utf-8")
    code, said = wingline("check")
    assert (code, "config.json is another file" in said) == (1, True)
    doctor = CliRunner().invoke(app, ["doctor", "--dir", str(site)])
    assert (doctor.exit_code, "config.json is another file; nothing is transcribed" in doctor.output) == (1, True)
    with pytest.raises(EngineProblem, match=r"config\.json is another file"):
        models.open_model("whisper", site / "models", "tiny.en", "en")


def test_what_does_not_load_is_not_added(tiny_en: Path, tmp_path: Path) -> None:
    broken = a_copy(tiny_en, tmp_path / "broken")
    with pytest.raises(EngineProblem, match="was not added: faster-whisper does not load"):
        models.add(tmp_path / "models", "broken", broken, "en")
    assert list((tmp_path / "models").iterdir()) == []


def test_a_list_of_hashes_is_held_to_before_anything_is_copied(tiny_en: Path, tmp_path: Path) -> None:
    source = a_copy(tiny_en, tmp_path / "other")
    sums = tmp_path / "sums"
    listed = models.hashes(source)
    listed["model.bin"] = "0" * 64
    listed["gone.txt"] = listed.pop("tokenizer.json")
    sums.write_text("".join(f"{digest} *./{name}\n" for name, digest in listed.items()))
    with pytest.raises(EngineProblem) as refused:
        models.add(tmp_path / "models", "x", source, "en", sums)
    assert [words in str(refused.value) for words in (
        "gone.txt is missing", "tokenizer.json is not in the list", "model.bin is another file")] == [True] * 3
    assert not (tmp_path / "models").exists()
    sums.write_text("nonsense\n")
    with pytest.raises(EngineProblem, match="line 1"):
        models.add(tmp_path / "models", "x", source, "en", sums)


def test_vosk_without_chance_is_a_copy_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "source"
    (source / "am").mkdir(parents=True)
    (source / "am" / "final.mdl").write_bytes(b"m")
    monkeypatch.setattr(models, "loads", lambda *_: None)  # it is the copy that is looked at
    with pytest.raises(EngineProblem, match="no mfcc"):
        models.add(tmp_path / "models", "ko", source, "ko", repeatable=True)
    (source / "conf").mkdir()
    (source / "conf" / "mfcc.conf").write_text("--sample-frequency=16000\n")
    made = models.add(tmp_path / "models", "ko", source, "ko", repeatable=True)
    assert (made.engine, made.problems) == ("vosk", ())
    assert (tmp_path / "models" / "ko" / "conf" / "mfcc.conf").read_text() == "--sample-frequency=16000\n--dither=0\n"
    assert (source / "conf" / "mfcc.conf").read_text() == "--sample-frequency=16000\n"
    assert models.changed(tmp_path / "models" / "ko") == []


@pytest.mark.parametrize(("engine", "name", "says"), [
    ("vosk", "", "no model is configured"), ("vosk", "none", "there is no model none"), ("vosk", "bare", "no SHA256SUMS"),
])
def test_no_model_is_a_sentence(engine: str, name: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    with pytest.raises(EngineProblem, match=says):
        models.open_model(engine, tmp_path, name, "en")


@pytest.mark.parametrize(("name", "says"), [("../up", "no name"), ("ok", "neither vosk")])
def test_what_is_no_model_is_told(name: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(EngineProblem, match=says):
        models.add(tmp_path / "models", name, tmp_path, "en")


def test_the_engine_must_be_the_folders_own(tiny_en: Path, korean: Path) -> None:
    with pytest.raises(EngineProblem, match="is a model of whisper, and the engine is vosk"):
        models.load("vosk", tiny_en)
    with pytest.raises(EngineProblem, match="knows English alone"):
        models.load("whisper", tiny_en, "tiny.en", "cy")
    assert models.engine_of(korean) == "vosk"
    with pytest.raises(EngineProblem, match="is no plain file"):
        models.hashes(korean)  # links may lead anywhere
