"""The node's own journal: a file that knows of every call, flushed by a thread of its own, many records to one flush.

A call is in it before it is dialled; what SQL has for certain is left out again when the file is rewritten, so its size is
bounded by what is open or unsettled. Survives kill -9 to the last line, and a power cut to the last flush.
"""
import asyncio
import collections
import fcntl
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from switch.core.ids import CallId
from switch.core.node_orders import NodeOrder
from switch.ports.records import ClosedCall
from switch.store.errors import JournalFailed
from switch.store.journal_state import Record, closed_call, fold, line, node_order
from switch.store.stamps import stamp

log = logging.getLogger("wingline.journal")
QUEUE = 8192
"""Records that may wait for a slow disk before the next is refused."""


def lock_of(path: Path) -> Path:
    """The file whose lock a journal's process has for as long as it lives."""
    return path.with_name(path.name + ".lock")


@dataclass(slots=True, eq=False)
class _Entry:
    record: Record
    loop: asyncio.AbstractEventLoop | None = None
    done: asyncio.Future[None] | None = None


class Journal:
    """One process's journal. Raises JournalFailed when the file cannot be read or written, or another process has it."""

    def __init__(
        self, path: Path, *, monotonic: Callable[[], float] = time.monotonic, limit_bytes: int = 8 << 20, patience: float = 5.0,
    ) -> None:
        self.path, self._monotonic, self._limit, self._patience = path, monotonic, limit_bytes, patience
        self._entries: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._noted: collections.deque[Record] = collections.deque()
        self._guard = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(lock_of(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._state = fold(path.read_bytes() if path.exists() else b"")
            self._state.crash()
            self._file, self._size = -1, 0
            self._rewrite()
        except BlockingIOError as error:
            raise JournalFailed(f"{path}: another switch runs on this journal") from error
        except OSError as error:
            raise JournalFailed(f"{path}: {error.strerror}") from error
        if self._state.damaged:
            log.error("%s: %d damaged lines skipped", path, self._state.damaged)
        self._thread = threading.Thread(target=self._work, name="wingline-journal", daemon=True)
        self._thread.start()

    @property
    def damaged(self) -> int:
        """Lines that were neither whole nor the torn last one when the file was read."""
        return self._state.damaged

    def up(self) -> float:
        """This journal's monotonic seconds."""
        return self._monotonic()

    async def write(self, record: Record) -> None:
        """Flushed to the disk when this returns. Raises JournalFailed, within the patience at the latest."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._put(_Entry(record, loop, done))
        try:
            async with asyncio.timeout(self._patience):
                await done
        except TimeoutError:
            raise JournalFailed(f"{self.path}: not flushed within {self._patience:g} s") from None

    def note(self, record: Record) -> None:
        """In the file with the next record that is written, or the next beat: no thread is woken for it."""
        self._noted.append(record)
        if record["k"] in ("settled", "void"):  # so it is at once, whenever the line gets there
            with self._guard:
                self._state.apply(record)

    def talking(self, call: CallId) -> None:
        self.note({"k": "talking", "id": call, "up": self.up()})

    def beat(self, at: datetime) -> None:
        """Every call that talks still talks: a crash charges to here."""
        self._put(_Entry({"k": "beat", "at": stamp(at), "up": self.up()}))

    def settled(self, id: str) -> None:
        """SQL has it."""
        self.note({"k": "settled", "id": id})

    def unsettled(self) -> list[ClosedCall]:
        """Closed calls that SQL may not have."""
        with self._guard:
            records = list(self._state.closed.values())
        return [closed_call(record) for record in records]

    def stops(self) -> list[Record]:
        with self._guard:
            return list(self._state.stops.values())

    def wrong_numbers(self) -> list[Record]:
        with self._guard:
            return list(self._state.wrong.values())

    def alarms(self) -> list[Record]:
        with self._guard:
            return list(self._state.alarms.values())

    def orders(self) -> list[NodeOrder]:
        """Those of staff that the node took while SQL was away."""
        with self._guard:
            return [node_order(record) for record in self._state.orders.values()]

    def pending(self) -> bool:
        """Whether anything waits for `settle`."""
        state = self._state
        return bool(state.closed or state.stops or state.wrong or state.alarms or state.orders)

    def open_calls(self) -> frozenset[CallId]:
        """Calls that run now."""
        with self._guard:
            return frozenset(CallId(id) for id in self._state.open)

    def knows(self, call: CallId) -> bool:
        return call in self._state.open or call in self._state.closed

    async def close(self) -> None:
        """Write what is queued, flush, let another process have it."""
        self._entries.put(None)
        await asyncio.to_thread(self._thread.join)
        os.close(self._file)
        os.close(self._lock)

    def _put(self, entry: _Entry) -> None:
        if self._entries.qsize() >= QUEUE:
            raise JournalFailed(f"{self.path}: the disk does not keep up")
        self._entries.put(entry)

    def _work(self) -> None:
        stopping = False
        while not stopping:
            taken = [self._entries.get()]
            while not self._entries.empty():
                taken.append(self._entries.get())
            stopping = None in taken
            noted = [self._noted.popleft() for _ in range(len(self._noted))]
            entries = [*map(_Entry, noted), *(entry for entry in taken if entry)]
            error: JournalFailed | None = None
            try:
                self._append(entries)
            except OSError as failure:
                error = JournalFailed(f"{self.path}: {failure.strerror}")
                log.error("journal: %s", error)
            self._answer(entries, error)

    def _append(self, entries: list[_Entry]) -> None:
        data = b"".join(line(entry.record) for entry in entries)
        if self._file < 0:
            self._rewrite()
        try:
            _write_all(self._file, data)
        except OSError:
            self._abandon()
            raise
        self._size += len(data)
        with self._guard:
            for entry in entries:
                self._state.apply(entry.record)
        if any(entry.done or entry.record["k"] == "beat" for entry in entries):
            os.fdatasync(self._file)
        if self._size > self._limit:
            self._rewrite()

    def _abandon(self) -> None:
        """Half a line may stand at the end: cut it off, or start a new file with the next record."""
        try:
            os.ftruncate(self._file, self._size)
        except OSError:
            os.close(self._file)
            self._file = -1

    def _rewrite(self) -> None:
        """The shortest file of the same meaning in place of the old one, whole or not at all."""
        fresh = self.path.with_name(self.path.name + ".new")
        with self._guard:
            records = self._state.lines()
        data = b"".join(line(record) for record in records)
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            _write_all(file, data)
            os.fsync(file)
            os.replace(fresh, self.path)
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError:
            os.close(file)
            raise
        if self._file >= 0:
            os.close(self._file)
        self._file, self._size = file, len(data)
        self._limit = max(self._limit, 2 * self._size)

    def _answer(self, entries: list[_Entry], error: JournalFailed | None) -> None:
        waiting = [entry for entry in entries if entry.loop and entry.done]
        for loop in {entry.loop for entry in waiting if entry.loop}:
            try:
                loop.call_soon_threadsafe(_tell, [entry.done for entry in waiting if entry.loop is loop and entry.done], error)
            except RuntimeError:
                pass  # the loop is closed: nobody is left to be told


def _tell(futures: list[asyncio.Future[None]], error: JournalFailed | None) -> None:
    for future in futures:
        if future.done():
            continue
        if error:
            future.set_exception(error)
        else:
            future.set_result(None)


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view):]
