"""Engines on the site's SQLite file: one that writes, one that reads. WAL, `synchronous=FULL`, foreign keys on.

The synchronous driver on threads of our own (`writer`, `reader`): aiosqlite hops threads once per statement, this once per
batch. A unit of work is a plain function of a Core `Connection`, so that an asyncpg engine can run the same ones with
`AsyncConnection.run_sync`.
"""
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from sqlite3 import Error as SqliteError
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import QueuePool

from switch.store.errors import StoreGone, StoreUnavailable
from switch.store.prepared import refused

BUSY_MS = 5000


def database_path(url: str) -> Path:
    """The file behind `sqlite:///…` (any driver). StoreUnavailable for another database or none on disk."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise StoreUnavailable(f"{parsed.render_as_string()}: this version keeps its truth in an SQLite file")
    return Path(parsed.database)


def connect(path: Path, begin: str, size: int, busy_ms: int = BUSY_MS) -> Engine:
    """An engine whose transactions start with `begin`. The file must exist: `migrate.upgrade` makes it."""
    engine = create_engine(
        f"sqlite+pysqlite:///file:{path}?mode=rw&uri=true", poolclass=QueuePool, pool_size=size, max_overflow=0,
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": busy_ms / 1000, "cached_statements": 256},
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: SqliteConnection, record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={busy_ms}", "foreign_keys=ON",
                       "recursive_triggers=ON"):  # without it INSERT OR REPLACE deletes past the delete triggers
            raw.execute(f"PRAGMA {pragma}")
        record.info["raw"], record.info["begin"] = raw, begin

    @event.listens_for(engine, "begin")
    def start(conn: Connection) -> None:
        raw: SqliteConnection = conn.info["raw"]
        if not raw.in_transaction:  # `Bound.transaction` was here first
            conn.info.pop("audit_head", None)
            by_hand(raw, begin)

    return engine


def writing_engine(path: Path, busy_ms: int = BUSY_MS) -> Engine:
    """One connection; every transaction takes the write lock at once, so that none fails half way with SQLITE_BUSY."""
    return connect(path, "BEGIN IMMEDIATE", 1, busy_ms)


def reading_engine(path: Path, size: int = 2) -> Engine:
    """Snapshot reads that the writer never holds up."""
    return connect(path, "BEGIN", size)


def by_hand(raw: SqliteConnection, statement: str) -> None:
    """A statement without values on the driver, with SQLAlchemy's errors."""
    try:
        raw.execute(statement)
    except SqliteError as error:
        raise refused(error, statement) from error


def file_identity(path: Path) -> tuple[int, int]:
    """Which file stands at this path. A removed database file would go on being written by whoever has it open, into nothing:
    compare before a commit. StoreGone when there is none."""
    try:
        found = os.stat(path)
    except OSError as error:
        raise StoreGone(f"{path}: {error.strerror}") from error
    return found.st_dev, found.st_ino


@dataclass(slots=True)
class Bound:
    """A connection, and the very file that it was opened on. One thread's own."""

    engine: Engine
    path: Path
    conn: Connection | None = None
    _file: tuple[int, int] | None = None

    def get(self) -> Connection:
        """The connection, opened where there is none. StoreGone when the file is not the one that it belongs to."""
        file = file_identity(self.path)
        if self.conn is None:
            self.conn, self._file = self.engine.connect(), file
        self.check(file)
        return self.conn

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction, begun and ended on the driver itself; statements through SQLAlchemy join it."""
        conn = self.get()
        raw: SqliteConnection = conn.info["raw"]
        conn.info.pop("audit_head", None)
        by_hand(raw, conn.info["begin"])
        try:
            yield conn
            self.check()  # a commit into a removed file would be no commit
            if conn.in_transaction():
                conn.commit()
            else:
                by_hand(raw, "COMMIT")
        except BaseException:
            if conn.in_transaction():
                conn.rollback()
            elif raw.in_transaction:
                by_hand(raw, "ROLLBACK")
            raise

    def check(self, file: tuple[int, int] | None = None) -> None:
        if (file or file_identity(self.path)) != self._file:
            raise StoreGone(f"{self.path}: replaced by another file")

    def drop(self) -> None:
        """Close for good: the next `get` opens whatever file then stands there."""
        conn, self.conn = self.conn, None
        if conn is not None:
            conn.invalidate()
            conn.close()
