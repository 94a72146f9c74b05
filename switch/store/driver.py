"""What the store needs of a database beneath SQLAlchemy, and nothing of it is SQLite's or PostgreSQL's own.

Transactions, savepoints and the statements of every call run on the driver itself; everything else goes through a Core
`Connection`, which joins the transaction that it finds.
"""
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError

BUSY_MS = 5000
"""How long a transaction waits for a lock that somebody else holds."""


class Cursor(Protocol):
    """What a driver's cursor and SQLAlchemy's result have in common."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> Any: ...


class Driver(Protocol):
    """One connection of a database's own driver; `conn.info["driver"]`."""

    begin: str
    error: type[Exception]

    def run(self, text: str, values: Sequence[Any]) -> Cursor:
        """A statement with its values, in the driver's own spelling."""
    def side_by_side(self) -> AbstractContextManager[object]:
        """Statements within are sent without waiting for the answers of those before, where the database can do so; each answer
        is waited for when its rows are asked for."""
    def order(self, text: str) -> None:
        """A statement without values, or several where the database takes them."""
    def running(self) -> bool:
        """Whether a transaction is open."""
    def spoilt(self) -> bool:
        """Whether the open transaction can only be rolled back, although a commit would not say so."""
    def broken(self) -> bool:
        """Whether the connection is known to be lost."""


class Database(Protocol):
    """Where a site keeps its truth. Engines are made anew by each call; nothing is opened before they are used."""

    readers: int
    """Reads that may run side by side."""

    def writing(self, busy_ms: int) -> Engine:
        """One connection, whose transactions are alone: nobody else writes between their begin and their end."""
    def apart(self) -> tuple[Engine, str]:
        """For one long transaction that nobody should wait for: it begins without the lock of writers, and takes it by the
        statement beside the engine when it appends to the audit, near its end. No statement where nothing is written without."""
    def reading(self) -> Engine:
        """Transactions of one moment, which no writer holds up."""
    def identity(self) -> object:
        """Which database stands there now; compared before a commit. StoreGone when there is none."""
    def forget(self) -> bool:
        """What was changed or deleted and is committed leaves the database's files too, as far as it can see to that; False where
        somebody reads what was before, and it has to be asked again. Blocking; StoreUnavailable."""
    def migrating(self) -> AbstractContextManager[Connection]:
        """A transaction for changing the tables, alone; the database is made where it can be. StoreUnavailable."""


def attach(engine: Engine, make: Callable[[Any], Driver]) -> Engine:
    """Give every connection of an engine its driver. `make` is handed the raw connection once, when it was opened."""

    @event.listens_for(engine, "connect")
    def opened(raw: Any, record: Any) -> None:
        record.info["driver"] = make(raw)

    @event.listens_for(engine, "begin")
    def begun(conn: Connection) -> None:
        driver: Driver = conn.info["driver"]
        if not driver.running():  # `Bound.transaction` was here first
            conn.info.pop("audit_head", None)
            by_hand(conn, driver.begin)

    return engine


def by_hand(conn: Connection, statement: str) -> None:
    """A statement without values on the driver, with SQLAlchemy's errors."""
    driver: Driver = conn.info["driver"]
    try:
        driver.order(statement)
    except driver.error as error:
        raise refused(conn, error, statement) from error


def refused(conn: Connection, error: Exception, statement: str) -> Exception:
    """The driver's error as the one of SQLAlchemy's that the rest of the store knows."""
    dbapi = conn.dialect.loaded_dbapi.Error
    told = DBAPIError.instance(statement, None, error, dbapi, hide_parameters=True, dialect=conn.dialect)
    return told if isinstance(told, Exception) else error
