"""The spool on a real disk: what is there when it says so, what is left when the disk refuses, what a crash leaves."""
import asyncio
import errno
import hashlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recordings.disk import Disk
from recordings.intake import QUEUE_BYTES, Intake, TapeFile
from recordings.keys import FileMaster
from recordings.spool import BYTES_A_SECOND, HEADER, read_head
from switch.core.grants import Privacy, RecordingWarrant
from switch.core.ids import CallId
from tests.vaults import MASTER, spooled

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HALF = 4 + 8_000 + 16
"""Bytes of a frame of half a second."""


class Told:
    """What the spool told about one file."""

    def __init__(self) -> None:
        self.running = asyncio.Event()
        self.stopped: list[str] = []
        self._stopping = asyncio.Event()

    def open(self, spool: Intake, call: str = "call-1") -> TapeFile:
        return spool.open(RecordingWarrant(CallId(call), Privacy.MONITORED), self.running.set, self._stop)

    def _stop(self, why: str) -> None:
        self.stopped.append(why)
        self._stopping.set()

    async def until_stopped(self) -> None:
        await asyncio.wait_for(self._stopping.wait(), 3)


@pytest.fixture
def spools(tmp_path: Path) -> Iterator[Callable[..., Intake]]:
    made: list[Intake] = []

    def make(**settings: object) -> Intake:
        made.append(Intake(tmp_path, **{"master": MASTER, "wall": lambda: NOON, **settings}))  # type: ignore[arg-type]  # passed on as given
        return made[-1]

    yield make
    for one in made:
        one.close()


async def test_a_closed_spool_has_all_that_was_said(spools: Callable[..., Intake], tmp_path: Path) -> None:
    told = Told()
    file = told.open(spools())
    await asyncio.wait_for(told.running.wait(), 3)
    path = tmp_path / "call-1.spool"
    assert path.stat().st_size == HEADER
    assert path.stat().st_mode & 0o777 == 0o600
    sound = bytes(range(256)) * 125
    for at in range(0, len(sound), 1000):
        file.write(sound[at : at + 1000])
    sealed = await file.seal()
    assert spooled(path) == sound
    assert (sealed.id, sealed.path, sealed.seconds) == ("call-1", str(path), 2.0)
    assert sealed.sha256 == hashlib.sha256(sound).hexdigest()
    with path.open("rb") as source:
        assert read_head(source).began == NOON
    assert told.stopped == []


async def test_bytes_are_on_the_disk_within_the_second(spools: Callable[..., Intake], tmp_path: Path) -> None:
    told = Told()
    file = told.open(spools())
    await asyncio.wait_for(told.running.wait(), 3)
    for _ in range(3):
        file.write(b"\xd5" * 4000)
    await asyncio.sleep(0.5)
    assert spooled(tmp_path / "call-1.spool") == b"\xd5" * 12_000


async def test_each_frame_is_flushed_before_the_next_is_written(spools: Callable[..., Intake]) -> None:
    """While the disk takes its time, what comes is gathered into frames of a second at most."""
    done: list[tuple[str, int]] = []

    class Slow(Disk):
        def write(self, fd: int, data: bytes) -> int:
            done.append(("write", len(data)))
            return super().write(fd, data)

        def flush(self, fd: int) -> None:
            time.sleep(0.1)
            super().flush(fd)
            done.append(("flush", fd))

    told = Told()
    file = told.open(spools(disk=Slow()))
    await asyncio.wait_for(told.running.wait(), 3)
    for _ in range(12):
        file.write(b"\xd5" * 8000)
        await asyncio.sleep(0.01)
    assert (await file.seal()).seconds == 6.0
    assert [what for what, _ in done] == ["write", "flush"] * (len(done) // 2)
    sizes = [size for what, size in done[2:] if what == "write"]
    assert set(sizes) <= {HALF, HALF + 8_000}
    assert HALF + 8_000 in sizes


async def test_a_spool_is_never_written_over(spools: Callable[..., Intake], tmp_path: Path) -> None:
    path = tmp_path / "call-1.spool"
    path.write_bytes(b"evidence")
    told = Told()
    file = told.open(spools())
    await told.until_stopped()
    file.write(b"\xd5" * 100)
    with pytest.raises(FileExistsError):
        await file.seal()
    assert path.read_bytes() == b"evidence"
    assert not told.running.is_set()
    assert len(told.stopped) == 1


async def test_without_a_master_key_nothing_is_written_until_there_is_one(spools: Callable[..., Intake], tmp_path: Path) -> None:
    spool, told, later = spools(master=None), Told(), Told()
    assert spool.room_seconds() == 0.0
    file = told.open(spool)
    await told.until_stopped()
    assert told.stopped == ["the master key of the recordings is not there"]
    with pytest.raises(OSError, match="master key"):
        await file.seal()
    assert os.listdir(tmp_path) == []
    assert spool.salvage(CallId("call-1")) is None
    spool.master = MASTER
    assert spool.room_seconds() > 0
    file = later.open(spool)
    file.write(b"\xd5" * 100)
    assert (await file.seal()).seconds == 100 / BYTES_A_SECOND


@pytest.mark.parametrize("call", ["../../etc/passwd", "", ".hidden", "a/b", "a\0b", "x" * 200])
async def test_an_id_that_could_leave_the_folder_is_refused(spools: Callable[..., Intake], tmp_path: Path, call: str) -> None:
    with pytest.raises(ValueError, match="cannot name a file"):
        Told().open(spools(), call)
    assert os.listdir(tmp_path) == []


class Cramped(Disk):
    """A disk on which no file may have more than `room` bytes."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, fd: int, data: bytes) -> int:
        left = self.room - os.fstat(fd).st_size
        if left <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(fd, data[:left])


async def test_a_full_disk_is_told_once_and_keeps_what_is_there(spools: Callable[..., Intake], tmp_path: Path) -> None:
    told, other = Told(), Told()
    spool = spools(disk=Cramped(20_000))
    file, second = told.open(spool), other.open(spool, "call-2")
    second.write(b"\x11" * 3000)
    for _ in range(5):
        file.write(b"\x2a" * 8000)
        await asyncio.sleep(0.15)
    await told.until_stopped()
    assert len(told.stopped) == 1
    assert "No space left" in told.stopped[0]
    with pytest.raises(OSError, match="No space left"):
        await file.seal()
    assert spooled(tmp_path / "call-1.spool") == b"\x2a" * 16_000, "all but the frame that did not fit"
    assert (await second.seal()).seconds == 3000 / BYTES_A_SECOND
    assert other.stopped == []


async def test_a_disk_that_is_full_at_the_start_never_runs(spools: Callable[..., Intake], tmp_path: Path) -> None:
    told = Told()
    told.open(spools(disk=Cramped(100)))
    await told.until_stopped()
    await asyncio.sleep(0.1)
    assert not told.running.is_set()
    assert os.listdir(tmp_path) == []


async def test_a_disk_that_hangs_stops_the_tap_and_not_the_loop(spools: Callable[..., Intake]) -> None:
    """The queue of one tap holds eight seconds; what comes then is told as stopped, and no write waits."""
    release = threading.Event()

    class Hanging(Disk):
        def write(self, fd: int, data: bytes) -> int:
            if len(data) > HEADER:
                release.wait(5)
            return super().write(fd, data)

    told = Told()
    file = told.open(spools(disk=Hanging()))
    await asyncio.wait_for(told.running.wait(), 3)
    file.write(b"\xd5" * 8000)
    await asyncio.sleep(0.2)
    began = time.monotonic()
    for _ in range(QUEUE_BYTES // 8000 + 2):
        file.write(b"\xd5" * 8000)
    assert time.monotonic() - began < 0.1
    await told.until_stopped()
    release.set()
    assert "too slow" in told.stopped[0]
    with pytest.raises(OSError, match="too slow"):
        await file.seal()
    assert len(told.stopped) == 1


async def test_six_hundred_calls_at_once_lose_nothing(spools: Callable[..., Intake], tmp_path: Path) -> None:
    spool, told = spools(), [Told() for _ in range(600)]
    files = [one.open(spool, f"call-{at}") for at, one in enumerate(told)]
    for part in range(3):
        for at, file in enumerate(files):
            file.write(bytes([at % 251, part]) * 4000)
        await asyncio.sleep(0.1)
    sealed = await asyncio.gather(*(file.seal() for file in files))
    assert {one.seconds for one in sealed} == {1.5}
    assert not any(one.stopped for one in told)
    for at in (0, 299, 599):
        assert spooled(tmp_path / f"call-{at}.spool") == b"".join(bytes([at % 251, part]) * 4000 for part in range(3))


async def test_sealing_twice_and_after_the_spool_closed(spools: Callable[..., Intake]) -> None:
    spool = spools()
    told = Told()
    file = told.open(spool)
    file.write(b"\xd5" * 1600)
    first = await file.seal()
    assert await file.seal() == first
    other = told.open(spool, "call-2")
    other.write(b"\xd5" * 3200)
    await asyncio.to_thread(spool.close)
    assert (await other.seal()).seconds == 0.2
    with pytest.raises(OSError, match="closed"):
        told.open(spool, "call-3")


def test_room_is_what_every_line_could_record(spools: Callable[..., Intake], tmp_path: Path) -> None:
    free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    assert spools(lines=10).room_seconds() == pytest.approx(free / 160_000, rel=0.05)


def test_what_a_crash_left_is_salvaged(spools: Callable[..., Intake], tmp_path: Path) -> None:
    sound = os.urandom(24_000)

    async def talk() -> None:
        spool = Intake(tmp_path, MASTER)
        file = Told().open(spool)
        file.write(sound)
        await file.seal()
        spool.close()

    asyncio.run(talk())
    path = tmp_path / "call-1.spool"
    path.write_bytes(path.read_bytes()[:-1])
    found = spools().salvage(CallId("call-1"))
    assert found is not None
    assert (found.id, found.path, found.seconds) == ("call-1", str(path), 1.0)
    assert found.sha256 == hashlib.sha256(sound[:16_000]).hexdigest()
    assert spools().salvage(CallId("call-2")) is None
    assert spools(master=FileMaster(b"x" * 32)).salvage(CallId("call-1")) is None, "left for who has the right key"
    path.write_bytes(path.read_bytes()[:HEADER])
    assert spools().salvage(CallId("call-1")) is None, "nothing was recorded"


PROGRAM = textwrap.dedent("""
    import asyncio, sys, resource, signal
    from pathlib import Path
    from recordings.intake import Intake
    from tests.vaults import MASTER
    from switch.core.grants import Privacy, RecordingWarrant
    from switch.core.ids import CallId

    async def main(root, limit):
        if limit:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        spool = Intake(Path(root), MASTER)
        stopped = []
        warrant = RecordingWarrant(CallId("killed"), Privacy.MONITORED)
        file = spool.open(warrant, lambda: print("running", flush=True), stopped.append)
        for number in range(60):
            file.write(bytes([number]) * 1600)
            print("wrote", number, flush=True)
            await asyncio.sleep(0.1)
            if stopped:
                print("stopped", stopped, flush=True)
                break
        spool.close()

    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
""")


def test_a_real_limit_of_the_file_system_stops_the_tap(tmp_path: Path) -> None:
    """The kernel itself refuses to let the file grow (RLIMIT_FSIZE): told once, all that fits is kept and can be read."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path), "10000"], capture_output=True, text=True, timeout=30)
    assert "stopped" in done.stdout, done.stdout + done.stderr
    assert "File too large" in done.stdout
    [path] = tmp_path.iterdir()
    assert path.stat().st_size == 10_000
    assert len(spooled(path)) == 8000


def test_after_kill_9_all_but_the_last_second_is_there(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path), "0"], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        number = -1
        for line in child.stdout:
            if line.startswith("wrote"):
                number = int(line.split()[1])
            if number == 20:
                break
        child.send_signal(signal.SIGKILL)
    [path] = tmp_path.iterdir()
    data = spooled(path)
    assert len(data) >= (number - 9) * 1600
    assert data == b"".join(bytes([n]) * 1600 for n in range(60))[: len(data)]
