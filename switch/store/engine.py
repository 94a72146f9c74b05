"""Which database a URL names, and one thread's own connection to it."""
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from switch.store.driver import Database, Driver, by_hand
from switch.store.errors import StoreError, StoreGone, StoreUnavailable
from switch.store.sqlite import SqliteFile


def database_at(url: str) -> Database:
    """`sqlite:///PATH` or `postgresql://…` (any driver named is ours). StoreUnavailable for anything else."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreUnavailable("the store's address is no URL") from error
    match parsed.get_backend_name():
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return SqliteFile(Path(parsed.database))
        case "postgresql":
            try:
                from switch.store.postgres import Postgres
            except ImportError as error:
                raise StoreUnavailable("PostgreSQL needs psycopg: pip install 'wingline[postgres]'") from error
            return Postgres(parsed)
    raise StoreUnavailable(f"{parsed!r}: the truth is kept in an SQLite file or a PostgreSQL")


@dataclass(slots=True)
class Bound:
    """A connection, and the very database that it was opened on. One thread's own."""

    engine: Engine
    database: Database
    conn: Connection | None = None
    _opened_on: object = None

    def get(self) -> Connection:
        """The connection, opened where there is none. StoreGone when what stands there is not what it belongs to."""
        identity = self.database.identity()
        if self.conn is None:
            self.conn, self._opened_on = self.engine.connect(), identity
        self.check(identity)
        return self.conn

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction, begun and ended on the driver itself; statements through SQLAlchemy join it."""
        conn = self._begun()
        driver: Driver = conn.info["driver"]
        try:
            yield conn
            if driver.spoilt():  # its COMMIT would be a rollback that says nothing
                raise StoreError("a statement was refused, and the work went on as if it were not")
            self.check(self.database.identity())  # a commit into a removed file would be no commit
            if conn.in_transaction():
                conn.commit()
            else:
                by_hand(conn, "COMMIT")
        except BaseException as error:
            if driver.broken():  # whatever else went wrong because of it; and SQLAlchemy would not open it again by itself
                self.drop()
                raise StoreUnavailable("the session of the database was lost") from error
            if conn.in_transaction():
                conn.rollback()
            elif driver.running():
                by_hand(conn, "ROLLBACK")
            raise

    def _begun(self) -> Connection:
        """A connection that was lost while nobody used it is opened once more: nothing has been asked of it yet."""
        conn = self.get()
        driver: Driver = conn.info["driver"]
        conn.info.pop("audit_head", None)
        try:
            by_hand(conn, driver.begin)
        except DBAPIError:
            if not driver.broken():
                raise
            self.drop()
            conn = self.get()
            by_hand(conn, driver.begin)
        return conn

    def check(self, identity: object) -> None:
        if identity != self._opened_on:
            raise StoreGone("the database was replaced by another")

    def drop(self) -> None:
        """Close for good: the next `get` opens whatever then stands there."""
        conn, self.conn = self.conn, None
        if conn is not None:
            conn.invalidate()
            conn.close()
