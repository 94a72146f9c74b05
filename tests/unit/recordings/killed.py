"""A program that records a call and seals it, once for each place at which it is killed.

Each run is a fork in a folder of its own, which it leaves as kill -9 leaves it; it says how many bytes of audio were on the disk.
"""
import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path

from recordings.disk import Disk
from recordings.intake import Intake
from recordings.objects import Objects, folder_objects
from switch.core.grants import Privacy, RecordingWarrant
from switch.core.ids import CallId
from switch.store.database import Store
from switch.store.recordings import KeepRecording
from tests.unit.store.site import AT, make_site
from tests.vaults import MASTER, close_recorded, make_vault, voices

CALL = "c1"
PIECES = 5
AUDIO = voices(PIECES / 2)
POINTS = (
    "header half written", "header written", "running", "frame 0 half written", "frame 0 written", "frame 0 flushed",
    "frame 2 half written", "frame 2 written", "frame 2 flushed", "spool closed", "record closed", "spool read", "audio put",
    "peaks put", "before the commit", "after the commit", "key destroyed", "spool removed",
)


class Killer:
    """Kills this process where it is told to."""

    def __init__(self, folder: Path, point: str) -> None:
        self._point, self._said = point, os.open(folder / "flushed", os.O_WRONLY | os.O_CREAT)

    def at(self, point: str) -> None:
        if point == self._point:
            os.kill(os.getpid(), signal.SIGKILL)

    def flushed(self, size: int) -> None:
        os.pwrite(self._said, f"{size:08d}".encode(), 0)


class KillDisk(Disk):
    def __init__(self, killer: Killer) -> None:
        self._killer, self._frames, self._size = killer, -1, 0

    def write(self, fd: int, data: bytes) -> int:
        what = "header" if self._frames < 0 else f"frame {self._frames}"
        half = super().write(fd, data[: len(data) // 2])
        self._killer.at(f"{what} half written")
        whole = half + super().write(fd, data[half:])
        self._killer.at(f"{what} written")
        self._size = whole - 20
        return whole

    def flush(self, fd: int) -> None:
        super().flush(fd)
        if self._frames >= 0:
            self._killer.flushed(8_000 * self._frames + self._size)
            self._killer.at(f"frame {self._frames} flushed")
        self._frames += 1

    def overwrite(self, path: Path, data: bytes) -> None:
        self._killer.at("after the commit")
        super().overwrite(path, data)
        self._killer.at("key destroyed")

    def remove(self, path: Path) -> None:
        super().remove(path)
        self._killer.at("spool removed")


class KillObjects(Objects):
    killer: Killer

    def _write(self, folder: Path, name: str, data: bytes) -> None:
        kind = name.rsplit("/", 1)[1].split("-")[0]
        if kind == "audio":
            self.killer.at("spool read")
        super()._write(folder, name, data)
        self.killer.at(f"{kind} put")


class KillStore(Store):
    killer: Killer

    async def write(self, unit):  # type: ignore[no-untyped-def]  # as the store's
        if isinstance(unit, KeepRecording):
            self.killer.at("before the commit")
        return await super().write(unit)


async def record(folder: Path, point: str) -> None:
    """One call, from the tap to the vault."""
    killer = Killer(folder, point)
    disk, spools = KillDisk(killer), folder / "spool"
    intake = Intake(spools, MASTER, 4, lambda: AT, disk)
    running = asyncio.Event()
    file = intake.open(RecordingWarrant(CallId(CALL), Privacy.MONITORED), running.set, print)
    await running.wait()
    killer.at("running")
    for at in range(PIECES):
        file.write(AUDIO[at * 8_000 : (at + 1) * 8_000])
        await asyncio.sleep(0.05)
    await file.seal()
    killer.at("spool closed")
    store = KillStore(f"sqlite:///{folder}/site.db")
    store.killer = killer
    await close_recorded(store, CALL, AUDIO)
    killer.at("record closed")
    plain = folder_objects(folder / "vault")
    objects = KillObjects(plain._store, plain._folder)
    objects.killer = killer
    await make_vault(store, spools, objects=objects, disk=disk).seal(CALL)


async def _template(folder: Path) -> None:
    await (await make_site(folder)).close()


def main(root: Path) -> None:
    """Fork for each point; what was not killed there is told, and is the end."""
    template = root / "template"
    template.mkdir()
    if (child := os.fork()) == 0:
        asyncio.run(_template(template))
        os._exit(0)
    os.waitpid(child, 0)
    for point in POINTS:
        folder = root / point.replace(" ", "-")
        shutil.copytree(template, folder)
        if (child := os.fork()) == 0:
            asyncio.run(record(folder, point))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            sys.exit(f"{point} was never reached")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
