"""The site's SQLite file: WAL, `synchronous=FULL`, foreign keys on; the synchronous driver on threads of our own.

aiosqlite hops threads once per statement, this once per batch.
"""
import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from switch.store.driver import BUSY_MS, attach
from switch.store.errors import StoreGone, StoreUnavailable

FORGET_PATIENCE = 0.2
"""Seconds to wait for readers of the write-ahead log: writers wait meanwhile."""


class SqliteDriver:
    """`sqlite3` without its own idea of transactions."""

    error: type[Exception] = sqlite3.Error

    def __init__(self, raw: sqlite3.Connection, begin: str, busy_ms: int) -> None:
        self._raw, self.begin = raw, begin
        self.run = raw.execute
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={busy_ms}", "foreign_keys=ON",
                       "secure_delete=ON",  # an erased key is no longer in the file
                       "recursive_triggers=ON"):  # without it INSERT OR REPLACE deletes past the delete triggers
            raw.execute(f"PRAGMA {pragma}")

    def side_by_side(self) -> AbstractContextManager[object]:
        return nullcontext()

    def order(self, text: str) -> None:
        self._raw.execute(text)

    def running(self) -> bool:
        return self._raw.in_transaction

    def spoilt(self) -> bool:
        return False

    def broken(self) -> bool:
        return False


class SqliteFile:
    """`switch.store.driver.Database` in one file. The file must exist for all but `migrating`."""

    readers = 2

    def __init__(self, path: Path) -> None:
        self.path = path

    def writing(self, busy_ms: int = BUSY_MS) -> Engine:
        """Every transaction takes the write lock at once, so that none fails half way with SQLITE_BUSY."""
        return self._engine("BEGIN IMMEDIATE", 1, busy_ms)

    def apart(self) -> tuple[Engine, str]:
        """A file has one writer: everybody else who writes waits for this one."""
        return self.writing(), ""

    def reading(self) -> Engine:
        return self._engine("BEGIN", self.readers, BUSY_MS)

    def identity(self) -> tuple[int, int]:
        """Device and inode. A removed file would go on being written by whoever has it open, into nothing."""
        try:
            found = os.stat(self.path)
        except OSError as error:
            raise StoreGone(f"{self.path}: {error.strerror}") from error
        return found.st_dev, found.st_ino

    def forget(self) -> bool:
        """Rows are overwritten as they go (`secure_delete`); what they were is in the write-ahead log until that is emptied."""
        try:
            with closing(sqlite3.connect(f"file:{self.path}?mode=rw", uri=True, timeout=FORGET_PATIENCE)) as conn:
                busy, _, _ = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            raise StoreUnavailable(f"the database refused: {error}") from error
        return not busy

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(f"sqlite+pysqlite:///{self.path}")
        event.listen(engine, "connect", _by_hand)
        event.listen(engine, "begin", lambda conn: conn.exec_driver_sql("BEGIN"))  # who finds nothing to do waits for no writer
        try:
            with engine.begin() as conn:
                yield conn
        finally:
            engine.dispose()

    def _engine(self, begin: str, size: int, busy_ms: int) -> Engine:
        engine = create_engine(
            f"sqlite+pysqlite:///file:{self.path}?mode=rw&uri=true", poolclass=QueuePool, pool_size=size, max_overflow=0,
            connect_args={"isolation_level": None, "check_same_thread": False, "timeout": busy_ms / 1000,
                          "cached_statements": 256},
        )
        return attach(engine, lambda raw: SqliteDriver(raw, begin, busy_ms))


def _by_hand(raw: sqlite3.Connection, _record: object) -> None:
    """The driver's own idea of a transaction leaves what makes a table out of it: a migration that fails would be half done."""
    raw.isolation_level = None
    raw.execute("PRAGMA foreign_keys=OFF")  # batch mode rebuilds tables
    raw.execute("PRAGMA secure_delete=ON")
