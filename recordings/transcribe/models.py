"""Models of engines as folders: what is in them, whether it is still what was added, and one opened. Nothing is ever downloaded.

`<models>/<name>/` holds a model's files and `SHA256SUMS` (as `sha256sum` writes it), made when it was added. A model with a file
that changed, is missing or was not there is not loaded: it would write other words than those it was tried with.
"""
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from recordings.transcribe.engine import EngineProblem, Transcriber

SUMS: Final = "SHA256SUMS"
LOADING: Final = 120.0
"""Seconds that a model may take to load when it is tried."""
KNOWN: Final[Mapping[str, str]] = {
    "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a": "Systran/faster-whisper-tiny.en",
    "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9": "Systran/faster-whisper-base",
}
"""What was measured for docs/recordings.md, by the SHA-256 of its model.bin."""
_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TRY = "import sys; from recordings.transcribe.models import load, try_out; try_out(load(*sys.argv[1:]))"


@dataclass(frozen=True, slots=True)
class ModelState:
    """One model of a site. `problems` are sentences; none, and it may be loaded. `known` is whose it is, where that is known."""

    name: str
    engine: str
    octets: int
    known: str
    problems: tuple[str, ...]


def engine_of(folder: Path) -> str | None:
    """Which engine a folder is a model of, by the files that it holds; None for neither."""
    if (folder / "model.bin").is_file():
        return "whisper"
    if (folder / "am").is_dir() or (folder / "final.mdl").is_file():
        return "vosk"
    return None


def load(engine: str, folder: str | Path, name: str = "", language: str = "en", threads: int | str = 1) -> Transcriber:
    """An engine with this model, unchecked; its library is imported here and nowhere else. Blocking; EngineProblem."""
    path = Path(folder)
    if not path.is_dir():
        raise EngineProblem(f"there is no model at {path}")
    found = engine_of(path)
    if found != engine:
        raise EngineProblem(f"{path} is {f'a model of {found}' if found else 'no model'}, and the engine is {engine}")
    if engine == "vosk":
        from recordings.transcribe.vosk_engine import Vosk

        return Vosk(path, name or path.name, language)
    from recordings.transcribe.whisper_engine import Whisper

    return Whisper(path, name or path.name, language, int(threads))


def open_model(engine: str, models: Path, name: str, language: str, threads: int = 1) -> Transcriber:
    """The site's model, checked against its hashes first. Blocking, for seconds; EngineProblem, which says what to do."""
    if not name:
        raise EngineProblem("no model is configured, so nothing is transcribed: `wingline models add`, then transcription.model")
    folder = models / name
    if not folder.is_dir():
        raise EngineProblem(f"there is no model {name} in {models}: `wingline models add {name} FOLDER` puts it there")
    if problems := changed(folder):
        raise EngineProblem(f"model {name} is not as it was added: " + "; ".join(problems))
    return load(engine, folder, name, language, threads)


def try_out(engine: Transcriber) -> None:
    """Has it hear a second of silence on one channel. Raises whatever the engine raises."""
    from recordings.transcript import Channel

    ear = engine.ear(Channel.LEFT)
    ear.feed(b"\xd5" * 8000)
    ear.end()


def loads(engine: str, folder: Path, language: str) -> str | None:
    """Why a model cannot be loaded, tried in a process of its own: engines end theirs on a file that is broken. Blocking."""
    try:
        done = subprocess.run([sys.executable, "-c", _TRY, engine, str(folder), folder.name, language], capture_output=True,
                              text=True, timeout=LOADING, check=False)
    except subprocess.TimeoutExpired:
        return f"it did not load within {LOADING:.0f} seconds"
    if done.returncode == 0:
        return None
    last = done.stderr.strip().splitlines()[-1:]
    if done.returncode < 0:
        return f"{engine} died of it (signal {-done.returncode})"
    return last[0].partition("EngineProblem: ")[2] or last[0] if last else f"{engine} ended with {done.returncode}"


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below, by its path. Blocking. EngineProblem for what is neither file nor folder, a link too."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise EngineProblem(f"{name} in {folder} is no plain file")
        if path.is_file() and name != SUMS:
            with path.open("rb") as file:
                found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def read_sums(text: str) -> dict[str, str]:
    """Lines of `sha256sum`. EngineProblem with the line that is none."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        if not (fits := _LINE.fullmatch(line)):
            raise EngineProblem(f"line {number} of the hashes is not as `sha256sum` writes it")
        found[fits[2].removeprefix("./")] = fits[1]
    return found


def changed(folder: Path) -> list[str]:
    """What is not as `SHA256SUMS` in it says, in sentences. Blocking."""
    try:
        wanted = read_sums((folder / SUMS).read_text("utf-8"))
        return _compared(wanted, hashes(folder))
    except FileNotFoundError:
        return [f"it has no {SUMS}: `wingline models add` makes one"]
    except (OSError, UnicodeDecodeError, EngineProblem) as error:
        return [str(error)]


def check(models: Path, name: str, language: str) -> ModelState:
    """One model looked through and loaded. Blocking, for seconds."""
    folder = models / name
    engine = engine_of(folder) or ""
    problems = [f"there is no model {name} in {models}"] if not folder.is_dir() else changed(folder)
    if not problems and not engine:
        problems = ["it is a model of neither vosk nor whisper"]
    if not problems and (why := loads(engine, folder, language)):
        problems = [why]
    octets = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return ModelState(name, engine, octets, _known(folder), tuple(problems))


def add(models: Path, name: str, source: Path, language: str, sums: Path | None = None, repeatable: bool = False) -> ModelState:
    """A copy of a folder as a model of the site: only if every file is as `sums` lists it, where a list is given, and it loads.
    `repeatable`: vosk writes the same words for the same sound every time. Blocking. EngineProblem, and then nothing is there."""
    if not _NAME.fullmatch(name):
        raise EngineProblem(f"{name!r} is no name of a model: letters, digits, dots and hyphens, at most 64")
    engine = engine_of(source)
    if engine is None:
        raise EngineProblem(f"{source} is a model of neither vosk (am/ or final.mdl) nor whisper (model.bin)")
    if (models / name).exists():
        raise EngineProblem(f"there is a model {name} already: give this one another name")
    if sums is not None and (problems := _compared(read_sums(sums.read_text("utf-8")), hashes(source))):
        raise EngineProblem(f"{source} is not what {sums} lists: " + "; ".join(problems))
    part = models / f".{name}.part"
    shutil.rmtree(part, ignore_errors=True)
    try:
        shutil.copytree(source, part)
        (part / SUMS).unlink(missing_ok=True)
        if repeatable:
            _without_dither(part)
        (part / SUMS).write_text("".join(f"{digest}  {file}\n" for file, digest in hashes(part).items()), "utf-8")
        if why := loads(engine, part, language):
            raise EngineProblem(f"{source} was not added: {why}")
        part.rename(models / name)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return ModelState(name, engine, sum(path.stat().st_size for path in (models / name).rglob("*") if path.is_file()),
                      _known(models / name), ())


def added(models: Path) -> list[str]:
    """Names of the site's models."""
    return sorted(path.name for path in models.glob("*") if path.is_dir() and not path.name.startswith("."))


def _without_dither(folder: Path) -> None:
    """Kaldi adds a little chance to the sound, and so writes other words each time."""
    conf = next((path for path in (folder / "conf" / "mfcc.conf", folder / "mfcc.conf") if path.is_file()), None)
    if conf is None:
        raise EngineProblem(f"{folder} has no mfcc.conf, so that it cannot be made to write the same words every time")
    conf.write_text(conf.read_text("utf-8").rstrip("\n") + "\n--dither=0\n", "utf-8")


def _compared(wanted: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    missing = [f"{name} is missing" for name in sorted(wanted.keys() - there.keys())]
    new = [f"{name} is not in the list" for name in sorted(there.keys() - wanted.keys())]
    other = [f"{name} is another file" for name in sorted(wanted.keys() & there.keys()) if wanted[name] != there[name]]
    return missing + other + new


def _known(folder: Path) -> str:
    try:
        return KNOWN.get(read_sums((folder / SUMS).read_text("utf-8")).get("model.bin", ""), "")
    except (OSError, UnicodeDecodeError, EngineProblem):
        return ""
