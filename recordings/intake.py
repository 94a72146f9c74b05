"""The spool on this machine's disk: `ports.spool.Spool` with a few writer threads for all taps, none of them waited for.

A live recording is `<folder>/<call>.spool` (`recordings.spool` says in what form): each frame of it is encrypted, written and
flushed to the disk before the next is begun, so that neither a crash nor a power cut takes more than the last second.
"""
import asyncio
import hashlib
import logging
import os
import re
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from recordings.disk import DISK, Disk
from recordings.keys import KeyProblem, MasterKey
from recordings.spool import BYTES_A_SECOND, BadSpool, FrameCipher, new_head, salvage, spool_of, write_all
from switch.core.grants import RecordingWarrant
from switch.core.ids import CallId, RecordingId
from switch.ports.media import SealedRecording

log = logging.getLogger("wingline.recordings")

QUEUE_BYTES: Final = 8 * BYTES_A_SECOND
"""What one tap may have waiting for the disk: eight seconds."""
DUE: Final = BYTES_A_SECOND // 2
"""What makes a frame due: half a second, less than a tap hands over at once; a disk that is slow is given up to a second."""
WRITERS: Final = 8
"""Threads that write: a disk takes flushes that come together at the cost of one."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


@dataclass(slots=True, eq=False)
class _Tape:
    """One file. What waits and how it ends is shared with the loop, under the lock; the rest belongs to the writer that has it in
    hand, which is never more than one."""

    call: str
    path: Path
    loop: asyncio.AbstractEventLoop
    running: Callable[[], None]
    stopped: Callable[[str], None]
    waiting: bytearray = field(default_factory=bytearray)
    queued: bool = False
    """Due at a writer, or in its hands."""
    ending: bool = False
    done: asyncio.Future[None] | None = None
    failed: Exception | None = None
    told: bool = False
    cipher: FrameCipher | None = None
    """None until the header is on the disk."""
    fd: int = -1
    written: int = 0
    """Bytes of audio that are on the disk."""
    digest: Any = field(default_factory=hashlib.sha256)


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
        return SealedRecording(RecordingId(tape.call), str(tape.path), tape.written / BYTES_A_SECOND, tape.digest.hexdigest())


class Intake:
    """The spool. `lines` is how many calls may be recorded at once; `master` wraps the keys of spools, and while there is none no
    call is recorded: nothing may be written that everybody can read.

    Start with the process, `close` at its end.
    """

    def __init__(self, folder: Path, master: MasterKey | None = None, lines: int = 600,
                 wall: Callable[[], datetime] = lambda: datetime.now(UTC), disk: Disk = DISK) -> None:
        self.master = master
        """May be set as soon as it is found."""
        self._folder, self._lines, self._wall, self._disk = folder, max(1, lines), wall, disk
        self._lock = threading.Lock()
        self._due: SimpleQueue[_Tape | None] = SimpleQueue()
        self._tapes: set[_Tape] = set()
        self._closing = False
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._threads = [threading.Thread(target=self._write_all, name=f"spool-{at}", daemon=True) for at in range(WRITERS)]
        for thread in self._threads:
            thread.start()

    # --- on the loop

    def open(self, warrant: RecordingWarrant, on_running: Callable[[], None], on_stopped: Callable[[str], None]) -> TapeFile:
        """As the port says. ValueError for a call id that cannot name a file, OSError once the spool is closed."""
        if self._closing:
            raise OSError("the spool is closed")
        if not _NAME.fullmatch(warrant.call):
            raise ValueError(f"call id {warrant.call!r} cannot name a file")
        tape = _Tape(warrant.call, spool_of(self._folder, warrant.call), asyncio.get_running_loop(), on_running, on_stopped)
        with self._lock:
            self._tapes.add(tape)
            self._queue(tape)
        return TapeFile(self, tape)

    @property
    def running(self) -> frozenset[str]:
        with self._lock:
            return frozenset(tape.call for tape in self._tapes)

    def room_seconds(self) -> float:
        """Seconds for which every line could still record: free space over the rate of all lines; 0 where the disk or the master
        key is not there."""
        if self.master is None:
            return 0.0
        try:
            free = shutil.disk_usage(self._folder).free
        except OSError:
            return 0.0
        return free / (BYTES_A_SECOND * self._lines)

    def salvage(self, call: CallId) -> SealedRecording | None:
        """What a tap of an earlier run left of a call that nobody closed; None where there is nothing, or nothing that can be
        read now: then the spool stays, and the worker takes it in once it can be. Blocking."""
        spool = spool_of(self._folder, call)
        try:
            found = None if self.master is None else salvage(self._folder, call, self.master)
        except (BadSpool, KeyProblem, OSError) as error:
            log.error("%s is left as it is: %s", spool.name, error)
            return None
        return SealedRecording(RecordingId(call), str(spool), *found) if found else None

    def close(self) -> None:
        """Write what waits, close every file, stop the threads."""
        with self._lock:
            self._closing = True
            for tape in self._tapes:
                tape.ending = True
                self._queue(tape)
        for _ in self._threads:
            self._due.put(None)
        for thread in self._threads:
            thread.join(10)

    def _take(self, tape: _Tape, frames: bytes) -> None:
        with self._lock:
            if tape.failed is not None or tape.ending:
                return
            if len(tape.waiting) + len(frames) > QUEUE_BYTES:
                tape.failed = OSError(f"the disk is too slow: {len(tape.waiting)} bytes wait")
            else:
                tape.waiting += frames
                if len(tape.waiting) >= DUE:
                    self._queue(tape)
        if tape.failed is not None:
            self._tell_stopped(tape)

    async def _end(self, tape: _Tape) -> None:
        with self._lock:
            if tape not in self._tapes:
                return
            if tape.done is None:
                tape.done = tape.loop.create_future()
                tape.ending = True
                self._queue(tape)
        await asyncio.shield(tape.done)

    def _queue(self, tape: _Tape) -> None:
        """Under the lock."""
        if not tape.queued:
            tape.queued = True
            self._due.put(tape)

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

    # --- on a writer thread, each tape with one at a time

    def _write_all(self) -> None:
        while (tape := self._due.get()) is not None:
            while self._in_hand(tape):
                pass

    def _in_hand(self, tape: _Tape) -> bool:
        """One step with a tape; whether it stays in hand. One that ends does, so that nothing of it waits behind the others."""
        try:
            if tape.cipher is None and tape.failed is None:
                self._begin(tape)
            self._serve(tape)
        except (OSError, KeyProblem) as error:
            self._fail(tape, error)
        with self._lock:
            if tape.ending:
                if tape.waiting and tape.failed is None:
                    return True
                self._tapes.discard(tape)
            else:
                tape.queued = False
                if len(tape.waiting) >= DUE and tape.failed is None:
                    self._queue(tape)
                return False
        if tape.fd >= 0:
            os.close(tape.fd)
            tape.fd = -1
        if tape.done is not None:
            self._on_loop(tape, _finish, tape.done)
        return False

    def _begin(self, tape: _Tape) -> None:
        """Make the file, header and name on the disk, and only then say that it runs."""
        if self.master is None:
            raise OSError("the master key of the recordings is not there")
        head, cipher = new_head(tape.call, self._wall(), self.master)
        tape.fd = self._disk.create(tape.path)
        try:
            write_all(self._disk, tape.fd, head)
            self._disk.flush(tape.fd)
            self._disk.sync(self._folder)
        except OSError:
            self._disk.remove(tape.path)  # there is nothing in it
            raise
        tape.cipher = cipher
        self._on_loop(tape, tape.running)

    def _serve(self, tape: _Tape) -> None:
        """One frame: what waits, up to a second of it."""
        with self._lock:
            if tape.failed is not None or not (tape.ending or len(tape.waiting) >= DUE):
                return
            audio = bytes(tape.waiting[:BYTES_A_SECOND])
            del tape.waiting[:BYTES_A_SECOND]
        if audio and tape.cipher is not None:
            write_all(self._disk, tape.fd, tape.cipher.frame(audio))
            self._disk.flush(tape.fd)
            tape.digest.update(audio)
            tape.written += len(audio)

    def _fail(self, tape: _Tape, error: Exception) -> None:
        with self._lock:
            tape.failed = tape.failed or (error if isinstance(error, OSError) else OSError(str(error)))
            tape.waiting.clear()
        self._tell_stopped(tape)


def _finish(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)
