"""The one writer: a thread that gathers units of work into one transaction (group commit) and tells each how it went.

Up to 64 units, or what comes within 2 ms, share a commit and its fsync; each has a savepoint, so that one that fails leaves the
others alone. A unit is a plain function of a Core connection; it may run only once, and its answer is given after the commit.
"""
import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from switch.store.audit import forget_head
from switch.store.driver import BUSY_MS, Database, Driver, by_hand
from switch.store.engine import Bound
from switch.store.errors import StoreBusy, StoreError, StoreUnavailable

T = TypeVar("T")
Unit = Callable[[Connection], T]
BATCH = 64
"""Units of work that may share a transaction."""
log = logging.getLogger("wingline.store")


@dataclass(slots=True, eq=False)
class _Job:
    unit: Unit[Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    given_up: bool = False
    result: Any = None
    error: Exception | None = None

    def tell(self) -> None:
        """On the loop."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Writer:
    """`await run(unit)`: raises what the unit raised, or StoreUnavailable (StoreGone, StoreBusy) within `patience` seconds."""

    def __init__(
        self, database: Database, *, batch: int = BATCH, gather: float = 0.002, limit: int = 2048, patience: float = 6.0,
        busy_ms: int = BUSY_MS,
    ) -> None:
        self._engine = database.writing(busy_ms)
        self._bound = Bound(self._engine, database)
        self._batch, self._gather, self._patience = batch, gather, patience
        self._limit = limit
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="wingline-writer", daemon=True)
        self._thread.start()

    async def run(self, unit: Unit[T]) -> T:
        loop = asyncio.get_running_loop()
        job = _Job(unit, loop, loop.create_future())
        if self._jobs.qsize() >= self._limit:
            raise StoreBusy("too many changes wait for the database")
        self._jobs.put(job)
        timer = loop.call_later(self._patience, self._give_up, job)
        try:
            result: T = await job.future
            return result
        finally:
            timer.cancel()

    async def close(self) -> None:
        """Finish what is queued, then stop."""
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _give_up(self, job: _Job) -> None:
        """A unit that has not begun is never run; one that runs may yet commit, which its idempotence must bear."""
        job.given_up = True
        if not job.future.done():
            job.future.set_exception(StoreUnavailable(f"no answer of the database within {self._patience:g} s"))

    def _work(self) -> None:
        stopping = False
        while not stopping:
            first = self._jobs.get()
            if first is None:
                break
            jobs = [first]
            if self._jobs.empty():  # else the commit before took so long that company is here already
                time.sleep(self._gather)
            while len(jobs) < self._batch and not self._jobs.empty():
                job = self._jobs.get()
                if job is None:
                    stopping = True
                    break
                jobs.append(job)
            self._commit([job for job in jobs if not job.given_up])
        self._bound.drop()
        self._engine.dispose()

    def _commit(self, jobs: list[_Job]) -> None:
        if not jobs:
            return
        try:
            self._transaction(jobs)
        except Exception as error:
            told = _as_store_error(error)
            if isinstance(told, StoreUnavailable):
                log.warning("%d units of work undone: %s", len(jobs), told)
                self._bound.drop()
            for job in jobs:
                job.error = job.error or told
        loops: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
        for job in jobs:
            loops.setdefault(job.loop, []).append(job)
        for loop, told_here in loops.items():
            try:
                loop.call_soon_threadsafe(_tell, told_here)
            except RuntimeError:
                pass  # the loop is closed: nobody is left to be told

    def _transaction(self, jobs: list[_Job]) -> None:
        with self._bound.transaction() as conn:
            driver: Driver = conn.info["driver"]
            if len(jobs) == 1:
                jobs[0].result = jobs[0].unit(conn)
                return
            for job in jobs:
                if job.given_up:
                    continue
                by_hand(conn, "SAVEPOINT unit")
                try:
                    job.result = job.unit(conn)
                    by_hand(conn, "RELEASE unit")  # refused where the unit went on after a statement that was
                except Exception as error:
                    if driver.broken() or (isinstance(error, OperationalError) and driver.spoilt()):
                        raise  # a session, a lock or a disk that this one did not have is not there for the others either
                    forget_head(conn)
                    by_hand(conn, "ROLLBACK TO unit")  # fails for the batch if the database gave up the whole
                    by_hand(conn, "RELEASE unit")
                    job.error = _as_store_error(error)


def _as_store_error(error: Exception) -> Exception:
    """A fault of the database is one word for everybody; what the unit itself raises, or broke a constraint with, stays."""
    if isinstance(error, StoreError | IntegrityError) or not isinstance(error, DBAPIError):
        return error
    told = StoreUnavailable(f"the database refused: {first_line(error)}")
    told.__cause__ = error
    return told


def first_line(error: DBAPIError) -> str:
    """What went wrong without the rows that it went wrong with: those are no matter for a log."""
    return (str(error.orig).strip().splitlines() or [type(error.orig).__name__])[0]


def _tell(jobs: list[_Job]) -> None:
    for job in jobs:
        job.tell()
