"""Power cuts: the write log of spool and seal, cut after every word of it, what was not flushed dropped or half there."""
import asyncio
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from recordings import objects as objects_module
from recordings.disk import Disk
from recordings.intake import Intake
from recordings.objects import folder_objects
from recordings.spool import BadSpool, read_spool, spool_of
from switch.core.grants import Privacy, RecordingWarrant
from switch.core.ids import CallId
from switch.store.database import Store
from tests.unit.store.site import AT, make_site
from tests.vaults import MASTER, close_recorded, make_vault, voices

CALL = "c1"
AUDIO = voices(2.0)
HALF = 8_000


@dataclass(frozen=True, slots=True)
class Word:
    """One thing that was asked of the disk. `what` is create, write, over, flush, sync, remove or commit."""

    what: str
    path: Path
    data: Any = b""


@dataclass
class LogDisk(Disk):
    """A disk that writes down what it was asked."""

    log: list[Word] = field(default_factory=list)
    open: dict[int, Path] = field(default_factory=dict)

    def create(self, path: Path) -> int:
        fd = super().create(path)
        self.open[fd] = path
        self.log.append(Word("create", path))
        return fd

    def write(self, fd: int, data: bytes) -> int:
        done = super().write(fd, data)
        self.log.append(Word("write", self.open[fd], bytes(data[:done])))
        return done

    def flush(self, fd: int) -> None:
        super().flush(fd)
        self.log.append(Word("flush", self.open[fd]))

    def overwrite(self, path: Path, data: bytes) -> None:
        super().overwrite(path, data)
        self.log += [Word("over", path, data), Word("flush", path)]

    def sync(self, path: Path) -> None:
        super().sync(path)
        self.log.append(Word("sync", path))

    def remove(self, path: Path) -> None:
        super().remove(path)
        self.log.append(Word("remove", path))


class LogStore(Store):
    """A database whose every commit is kept whole: what SQLite flushed (synchronous=FULL)."""

    disk: LogDisk
    folder: Path

    async def write(self, unit):  # type: ignore[no-untyped-def]  # as the store's
        done = await super().write(unit)
        files = {path.name: path.read_bytes() for path in self.folder.glob("site.db*")}
        self.disk.log.append(Word("commit", self.folder, files))
        return done


async def recorded(folder: Path) -> LogDisk:
    """One call from the tap to the vault; what it asked of the disk."""
    await (await make_site(folder)).close()
    disk = LogDisk()
    intake = Intake(folder / "spool", MASTER, 4, lambda: AT, disk)
    running = asyncio.Event()
    file = intake.open(RecordingWarrant(CallId(CALL), Privacy.MONITORED), running.set, print)
    await running.wait()
    for at in range(0, len(AUDIO), HALF):
        file.write(AUDIO[at : at + HALF])
        await asyncio.sleep(0.1)
    await file.seal()
    intake.close()
    store = LogStore(f"sqlite:///{folder}/site.db", patience=60, reading=60)
    store.disk, store.folder = disk, folder
    await store.write(lambda conn: None)
    await close_recorded(store, CALL, AUDIO)
    await make_vault(store, folder / "spool", objects=folder_objects(folder / "vault", disk), disk=disk).seal(CALL)
    await store.close()
    return disk


def after(log: list[Word], root: Path, to: Path, torn: bool) -> int:
    """Write to `to` what a disk has of `root` whose power went after these words: what was flushed, names that their folder was
    synced with; with `torn` also every name, and half of what was not flushed. How many bytes of audio were flushed."""
    kept: dict[Path, bytes] = {}
    loose: dict[Path, bytes] = {}
    names: set[Path] = set()
    named: set[Path] = set()
    database: dict[str, bytes] = {}
    for word in log:
        path = word.path
        match word.what:
            case "create":
                kept[path], loose[path] = b"", b""
                names.add(path)
            case "write":
                loose[path] += word.data
            case "over":
                loose[path] = word.data + loose[path][len(word.data):]
            case "flush":
                kept[path] = loose[path]
            case "sync" if path in loose:
                kept[path] = loose[path]
            case "sync":
                beneath = {one for one in names | named if path in one.parents and (one.parent == path or path.name != "spool")}
                named = (named - beneath) | (names & beneath)
            case "remove":
                names.discard(path)
            case "commit":
                database = word.data
    for path in named | (names if torn else set()):
        new = to / path.relative_to(root)
        new.parent.mkdir(parents=True, exist_ok=True)
        left = loose[path][len(kept[path]):]
        new.write_bytes(kept[path] + (left[: len(left) // 2] if torn else b""))
    for name, data in database.items():
        (to / name).write_bytes(data)
    spool = spool_of(root / "spool", CALL)
    return sum(len(word.data) - 20 for at, word in enumerate(log) if word.what == "write" and word.path == spool and at > 0
               and len(word.data) != 1024 and any(later.what == "flush" and later.path == spool for later in log[at:]))


async def heard(folder: Path) -> bytes:
    """What can be heard of the call once the power is back: by switch and worker, as they start."""
    spools = folder / "spool"
    spools.mkdir(exist_ok=True)
    if not (folder / "site.db").exists():  # the record was not closed yet: the journal's part
        try:
            return read_spool(spool_of(spools, CALL), MASTER)
        except (FileNotFoundError, BadSpool):
            return b""
    store = Store(f"sqlite:///{folder}/site.db", patience=60, reading=60)
    try:
        vault = make_vault(store, spools, objects=folder_objects(folder / "vault"))
        if await vault.recording(CALL) is None and not spool_of(spools, CALL).exists():
            return b""
        try:
            await vault.seal(CALL)
        except Exception as error:  # before its record is closed
            if "is not closed" not in str(error):
                raise
            return read_spool(spool_of(spools, CALL), MASTER)
        assert await vault.verify(CALL) == []
        return await vault.read(CALL, 0, await vault.size(CALL))
    finally:
        await store.close()


async def losses(tmp_path: Path) -> list[str]:
    """Every place at which a power cut loses what was flushed."""
    root = tmp_path / "site"
    root.mkdir()
    log = (await recorded(root)).log
    found = []
    for cut in range(len(log) + 1):
        for torn in (False, True):
            to = tmp_path / f"{cut}-{torn}"
            to.mkdir()
            flushed = after(log[:cut], root, to, torn)
            try:
                sound = await heard(to)
            except Exception as error:
                found.append(f"{cut} {torn}: {error!r}")
                continue
            if len(sound) < flushed or sound != AUDIO[: len(sound)]:
                found.append(f"{cut} {torn} ({log[cut - 1].what} {log[cut - 1].path.name}): {len(sound)} of {flushed}")
            shutil.rmtree(to)
    return found


async def test_what_was_flushed_is_heard_wherever_the_power_goes(tmp_path: Path) -> None:
    assert await losses(tmp_path) == []


async def test_the_replay_would_find_an_object_whose_name_is_not_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proof that cannot fail is none: without that sync the spool's key goes before the sound is safe."""
    monkeypatch.setattr(objects_module, "sync_up", lambda disk, files, top: None)
    assert await losses(tmp_path) != []
