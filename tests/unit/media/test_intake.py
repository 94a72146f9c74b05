"""The spool on a real disk: what is there when it says so, what is left when the disk refuses, what a crash leaves."""
import asyncio
import errno
import hashlib
import os
import signal
import struct
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recordings.intake import BYTES_A_SECOND, HEADER_BYTES, QUEUE_BYTES, Intake, TapeFile, recover, wav_header
from switch.core.grants import Privacy, RecordingWarrant
from switch.core.ids import CallId
from switch.media.wav import read_wav

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


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
        made.append(Intake(tmp_path, wall=lambda: NOON, **settings))  # type: ignore[arg-type]  # passed on as given
        return made[-1]

    yield make
    for one in made:
        one.close()


async def test_a_sealed_recording_is_a_whole_wav(spools: Callable[..., Intake], tmp_path: Path) -> None:
    told = Told()
    file = told.open(spools())
    await asyncio.wait_for(told.running.wait(), 3)
    path = tmp_path / "2026/05/04/call-1.wav"
    assert path.read_bytes() == wav_header(0)
    assert path.stat().st_mode & 0o777 == 0o600
    sound = bytes(range(256)) * 125
    for at in range(0, len(sound), 1000):
        file.write(sound[at : at + 1000])
    sealed = await file.seal()
    raw = path.read_bytes()
    assert raw == wav_header(len(sound)) + sound
    assert (sealed.id, sealed.path, sealed.seconds) == ("call-1", str(path), 2.0)
    assert sealed.sha256 == hashlib.sha256(raw).hexdigest()
    wav = read_wav(raw)
    assert (wav.coding, wav.channels, wav.rate, wav.data) == (6, 2, 8000, sound)
    assert told.stopped == []


async def test_bytes_are_on_the_disk_within_the_second(spools: Callable[..., Intake], tmp_path: Path) -> None:
    told = Told()
    file = told.open(spools())
    file.write(b"\xd5" * 8000)
    await asyncio.sleep(0.5)
    assert (tmp_path / "2026/05/04/call-1.wav").stat().st_size == HEADER_BYTES + 8000


async def test_a_recording_is_never_written_over(spools: Callable[..., Intake], tmp_path: Path) -> None:
    path = tmp_path / "2026/05/04/call-1.wav"
    path.parent.mkdir(parents=True)
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


@pytest.mark.parametrize("call", ["../../etc/passwd", "", ".hidden", "a/b", "a\0b", "x" * 200])
async def test_an_id_that_could_leave_the_folder_is_refused(spools: Callable[..., Intake], tmp_path: Path, call: str) -> None:
    with pytest.raises(ValueError, match="cannot name a file"):
        Told().open(spools(), call)
    assert os.listdir(tmp_path) == []


async def test_a_full_disk_is_told_once_and_keeps_what_is_there(spools: Callable[..., Intake], tmp_path: Path) -> None:
    room = 20_000

    def write(fd: int, data: bytes) -> int:
        left = room - os.fstat(fd).st_size
        if left <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.write(fd, data[:left])

    told, other = Told(), Told()
    spool = spools(write=write)
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
    kept = read_wav((tmp_path / "2026/05/04/call-1.wav").read_bytes())
    assert kept.data == b"\x2a" * (room - HEADER_BYTES)
    assert (await second.seal()).seconds == 3000 / BYTES_A_SECOND
    assert other.stopped == []


async def test_a_full_disk_at_the_start_is_never_running(spools: Callable[..., Intake]) -> None:
    def write(fd: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    told = Told()
    told.open(spools(write=write))
    await told.until_stopped()
    await asyncio.sleep(0.1)
    assert not told.running.is_set()


async def test_a_disk_that_hangs_stops_the_tap_and_not_the_loop(spools: Callable[..., Intake]) -> None:
    """The queue of one tap holds eight seconds; what comes then is told as stopped, and no write waits."""
    release = time.monotonic() + 1.5

    def write(fd: int, data: bytes) -> int:
        if len(data) > HEADER_BYTES:
            time.sleep(max(0.0, release - time.monotonic()))
        return os.write(fd, data)

    told = Told()
    file = told.open(spools(write=write))
    await asyncio.wait_for(told.running.wait(), 3)
    file.write(b"\xd5" * 1000)
    await asyncio.sleep(0.2)
    began = time.monotonic()
    for _ in range(QUEUE_BYTES // 8000 + 2):
        file.write(b"\xd5" * 8000)
    assert time.monotonic() - began < 0.1
    await told.until_stopped()
    assert "too slow" in told.stopped[0]
    with pytest.raises(OSError, match="too slow"):
        await file.seal()
    assert len(told.stopped) == 1


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


def test_recover_mends_what_a_crash_left(tmp_path: Path) -> None:
    day = tmp_path / "2026/05/04"
    day.mkdir(parents=True)
    whole, torn, short, empty = (day / f"{name}.wav" for name in ("whole", "torn", "short", "empty"))
    whole.write_bytes(wav_header(400) + b"\x01" * 400)
    torn.write_bytes(wav_header(0) + b"\x02" * 301)
    short.write_bytes(wav_header(9000) + b"\x03" * 200)
    empty.write_bytes(b"RI")
    assert recover(tmp_path) == sorted([torn, short, empty])
    assert torn.read_bytes() == wav_header(300) + b"\x02" * 300
    assert short.read_bytes() == wav_header(200) + b"\x03" * 200
    assert empty.read_bytes() == wav_header(0)
    assert whole.read_bytes() == wav_header(400) + b"\x01" * 400
    assert recover(tmp_path) == []


def test_the_header_says_what_the_file_is() -> None:
    header = wav_header(32000)
    assert len(header) == HEADER_BYTES
    assert struct.unpack_from("<HHIIHH", header, 20) == (6, 2, 8000, 16000, 2, 8)
    assert struct.unpack_from("<I", header, 4)[0] == HEADER_BYTES - 8 + 32000
    assert struct.unpack_from("<I", header, 46)[0] == 16000


PROGRAM = textwrap.dedent("""
    import asyncio, sys, resource, signal
    from pathlib import Path
    from recordings.intake import Intake
    from switch.core.grants import Privacy, RecordingWarrant
    from switch.core.ids import CallId

    async def main(root, limit):
        if limit:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        spool = Intake(Path(root))
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
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path), "5000"], capture_output=True, text=True, timeout=30)
    assert "stopped" in done.stdout, done.stdout + done.stderr
    assert "File too large" in done.stdout
    [path] = tmp_path.rglob("*.wav")
    wav = read_wav(path.read_bytes())
    assert path.stat().st_size == 5000
    assert len(wav.data) == 5000 - HEADER_BYTES


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
    [path] = tmp_path.rglob("*.wav")
    assert recover(tmp_path) == [path]
    data = read_wav(path.read_bytes()).data
    assert len(data) >= (number - 9) * 1600
    assert data == b"".join(bytes([n]) * 1600 for n in range(60))[: len(data)]
