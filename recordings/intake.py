"""The spool on this machine's disk: `ports.spool.Spool` with one writer thread for every tap, and nothing waited for on the loop.

A recording is `<root>/YYYY/MM/DD/<call id>.wav`, stereo A-law at 8 kHz, mode 0600, never written over. Its header is right after
every few seconds and at the end; after a crash `recover` makes it right.
"""
import asyncio
import hashlib
import os
import re
import shutil
import struct
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from switch.core.grants import RecordingWarrant
from switch.core.ids import RecordingId
from switch.ports.media import SealedRecording

BYTES_A_SECOND: Final = 16_000
HEADER_BYTES: Final = 58
QUEUE_BYTES: Final = 8 * BYTES_A_SECOND
"""What one tap may have waiting for the disk: eight seconds."""
WAKE: Final = 0.1
PATCH_EVERY: Final = 5 * BYTES_A_SECOND
SYNC_EVERY: Final = 5.0
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


def wav_header(data_bytes: int) -> bytes:
    """RIFF header of a stereo A-law file (format 6, with the `fact` chunk that a coding other than PCM needs)."""
    return (struct.pack("<4sI4s", b"RIFF", HEADER_BYTES - 8 + data_bytes, b"WAVE")
            + struct.pack("<4sIHHIIHHH", b"fmt ", 18, 6, 2, 8000, BYTES_A_SECOND, 2, 8, 0)
            + struct.pack("<4sII", b"fact", 4, data_bytes // 2) + struct.pack("<4sI", b"data", data_bytes))


def recover(root: Path) -> list[Path]:
    """Make right the headers of recordings that a crash left open; the files that needed it. A torn last sample is cut off."""
    mended = []
    for path in sorted(root.glob("*/*/*/*.wav")):
        with path.open("r+b") as file:
            size = os.fstat(file.fileno()).st_size
            data = max(0, size - HEADER_BYTES) // 2 * 2
            wanted = wav_header(data)
            if file.read(HEADER_BYTES) != wanted or size != HEADER_BYTES + data:
                file.seek(0)
                file.write(wanted)
                file.truncate(HEADER_BYTES + data)
                file.flush()
                os.fsync(file.fileno())
                mended.append(path)
    return mended


@dataclass(slots=True)
class _Tape:
    """One file as the writer thread keeps it. What waits and how it ends is shared with the loop, under the lock."""

    path: Path
    loop: asyncio.AbstractEventLoop
    running: Callable[[], None]
    stopped: Callable[[str], None]
    waiting: deque[bytes] = field(default_factory=deque)
    waiting_bytes: int = 0
    begun: bool = False
    ending: bool = False
    done: asyncio.Future[None] | None = None
    failed: OSError | None = None
    told: bool = False
    fd: int = -1
    written: int = 0
    patched: int = 0
    synced: int = 0
    held: threading.Lock = field(default_factory=threading.Lock)
    """Held while the file is synced or closed, so that neither thread meets a descriptor that is gone."""


class TapeFile:
    """`ports.spool.SpoolFile`: what a tap holds of one file."""

    __slots__ = ("_intake", "_tape")

    def __init__(self, intake: "Intake", tape: _Tape) -> None:
        self._intake = intake
        self._tape = tape

    def write(self, frames: bytes) -> None:
        """As the port says; bytes after a failure are dropped."""
        self._intake._take(self._tape, frames)

    async def seal(self) -> SealedRecording:
        """As the port says: OSError with what went wrong, now or earlier."""
        tape = self._tape
        await self._intake._end(tape)
        if tape.failed is not None:
            raise tape.failed
        digest = await asyncio.to_thread(_sha256, tape.path)
        return SealedRecording(RecordingId(tape.path.stem), str(tape.path), tape.written / BYTES_A_SECOND, digest)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Intake:
    """The spool. `lines` is how many calls may be recorded at once; `write` is `os.write`, or what a test puts in its place.

    Start with the process, `close` at its end. All disk work is on the writer thread; syncing of running files is on another,
    so that a slow disk delays nobody's writing.
    """

    def __init__(self, root: Path, lines: int = 600, wall: Callable[[], datetime] = lambda: datetime.now(UTC),
                 write: Callable[[int, bytes], int] = os.write) -> None:
        self._root = root
        self._lines = max(1, lines)
        self._wall = wall
        self._write = write
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._tapes: list[_Tape] = []
        self._due: dict[int, _Tape] = {}
        """Tapes that have something for the writer, by identity."""
        self._closing = threading.Event()
        root.mkdir(parents=True, exist_ok=True)
        self._threads = [threading.Thread(target=self._write_all, name="spool-writer", daemon=True),
                         threading.Thread(target=self._sync_all, name="spool-sync", daemon=True)]
        for thread in self._threads:
            thread.start()

    # --- on the loop

    def open(self, warrant: RecordingWarrant, on_running: Callable[[], None], on_stopped: Callable[[str], None]) -> TapeFile:
        """As the port says. ValueError for a call id that cannot name a file, OSError once the spool is closed."""
        if self._closing.is_set():
            raise OSError("the spool is closed")
        if not _NAME.fullmatch(warrant.call):
            raise ValueError(f"call id {warrant.call!r} cannot name a file")
        path = self._root / self._wall().strftime("%Y/%m/%d") / f"{warrant.call}.wav"
        tape = _Tape(path, asyncio.get_running_loop(), on_running, on_stopped)
        with self._lock:
            self._tapes.append(tape)
            self._due[id(tape)] = tape
        self._wake.set()
        return TapeFile(self, tape)

    @property
    def running(self) -> frozenset[str]:
        with self._lock:
            return frozenset(tape.path.stem for tape in self._tapes)

    def room_seconds(self) -> float:
        """Seconds for which every line could still record: free space over the rate of all lines; 0 if the disk is not there."""
        try:
            free = shutil.disk_usage(self._root).free
        except OSError:
            return 0.0
        return free / (BYTES_A_SECOND * self._lines)

    def close(self) -> None:
        """Write what waits, close every file, stop the threads."""
        self._closing.set()
        self._wake.set()
        for thread in self._threads:
            thread.join(10)

    def _take(self, tape: _Tape, frames: bytes) -> None:
        with self._lock:
            if tape.failed is not None or tape.ending:
                return
            if tape.waiting_bytes + len(frames) > QUEUE_BYTES:
                tape.failed = OSError(f"the disk is too slow: {tape.waiting_bytes} bytes wait")
            else:
                tape.waiting.append(frames)
                tape.waiting_bytes += len(frames)
                self._due[id(tape)] = tape
        if tape.failed is not None:
            self._tell_stopped(tape)

    async def _end(self, tape: _Tape) -> None:
        with self._lock:
            if tape not in self._tapes:
                return
            if tape.done is None:
                tape.done = tape.loop.create_future()
                tape.ending = True
                self._due[id(tape)] = tape
        self._wake.set()
        await asyncio.shield(tape.done)

    def _tell_stopped(self, tape: _Tape) -> None:
        with self._lock:
            if tape.told:
                return
            tape.told = True
        self._on_loop(tape, tape.stopped, str(tape.failed))

    def _on_loop(self, tape: _Tape, call: Callable[..., None], *args: object) -> None:
        try:
            tape.loop.call_soon_threadsafe(call, *args)
        except RuntimeError:
            """The loop is closed: nobody is left to be told."""

    # --- on the writer thread

    def _write_all(self) -> None:
        while True:
            self._wake.wait(WAKE if self._tapes else None)
            self._wake.clear()
            with self._lock:
                tapes = list(self._due.values())
                self._due.clear()
            self._begin([tape for tape in tapes if not tape.begun])
            for tape in tapes:
                self._serve(tape)
            if self._closing.is_set():
                for tape in list(self._tapes):
                    self._serve(tape)
                    self._shut(tape)
                return

    def _serve(self, tape: _Tape) -> None:
        with self._lock:
            ending = tape.ending
            frames = b"".join(tape.waiting)
            tape.waiting.clear()
            tape.waiting_bytes = 0
        try:
            if frames and tape.fd >= 0 and tape.failed is None:
                self._all(tape, frames)
                tape.written += len(frames)
                if tape.written - tape.patched >= PATCH_EVERY:
                    self._patch(tape)
        except OSError as error:
            self._fail(tape, error)
        if ending:
            self._shut(tape)

    def _begin(self, tapes: list[_Tape]) -> None:
        """Make the files of new taps, header and name on the disk, and only then say that they run."""
        folders = set()
        for tape in tapes:
            tape.begun = True
            try:
                tape.path.parent.mkdir(parents=True, exist_ok=True)
                tape.fd = os.open(tape.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                self._all(tape, wav_header(0))
                os.fsync(tape.fd)
                folders.add(tape.path.parent)
            except OSError as error:
                self._fail(tape, error)
        for folder in folders:
            try:
                _sync_folder(folder)
            except OSError as error:
                for tape in tapes:
                    if tape.path.parent == folder:
                        self._fail(tape, error)
        for tape in tapes:
            if tape.failed is None:
                self._on_loop(tape, tape.running)

    def _all(self, tape: _Tape, data: bytes) -> None:
        while data:
            data = data[self._write(tape.fd, data) :]

    def _patch(self, tape: _Tape) -> None:
        os.pwrite(tape.fd, wav_header(tape.written), 0)
        tape.patched = tape.written

    def _fail(self, tape: _Tape, error: OSError) -> None:
        with self._lock:
            tape.failed = tape.failed or error
        self._tell_stopped(tape)

    def _shut(self, tape: _Tape) -> None:
        """Make the header right, sync, close; whatever the disk refuses, the file stays."""
        if tape.fd >= 0:
            try:
                if tape.failed is not None:
                    tape.written = max(0, os.fstat(tape.fd).st_size - HEADER_BYTES) // 2 * 2
                self._patch(tape)
                os.fsync(tape.fd)
            except OSError as error:
                self._fail(tape, error)
            with tape.held:
                os.close(tape.fd)
                tape.fd = -1
        with self._lock:
            if tape in self._tapes:
                self._tapes.remove(tape)
            done = tape.done
        if done is not None:
            self._on_loop(tape, _finish, done)

    # --- on the sync thread

    def _sync_all(self) -> None:
        while not self._closing.wait(SYNC_EVERY):
            with self._lock:
                tapes = list(self._tapes)
            for tape in tapes:
                with tape.held:
                    if tape.fd >= 0 and tape.synced != tape.written:
                        tape.synced = tape.written
                        try:
                            os.fdatasync(tape.fd)
                        except OSError as error:
                            self._fail(tape, error)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _finish(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)
