"""Core statements compiled once and, on SQLite, run straight on the driver: the few that every call runs.

Between two calls a processor forgets SQLAlchemy's execution path, and finding it again costs more than the statement: on this
path an open and a close together took 2.9 ms of CPU through it, 1.6 ms so. Any other database goes through the connection.
"""
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ClauseElement

Values = Mapping[str, Any]


class Cursor(Protocol):
    """What a driver's cursor and SQLAlchemy's result have in common."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> Any: ...


class Prepared:
    """One statement. Values go in by name and as the driver takes them; rows come out as tuples of what the driver has (a boolean
    of SQLite is 0 or 1). `columns` names what an INSERT or UPDATE sets. Raises as SQLAlchemy does: IntegrityError and others."""

    def __init__(self, statement: ClauseElement, columns: Iterable[str] | None = None) -> None:
        self._statement, self._columns = statement, list(columns) if columns is not None else None
        self._ready: tuple[str, str, tuple[tuple[str, Any], ...]] | None = None

    def run(self, conn: Connection, values: Values) -> Cursor:
        dialect, text, slots = self._ready or self._compile(conn)
        if dialect != conn.dialect.name:
            dialect, text, slots = self._compile(conn)
        given = tuple([values.get(name, fixed) for name, fixed in slots])
        raw: sqlite3.Connection | None = conn.info.get("raw")
        if raw is None or not raw.in_transaction:
            return cast(Cursor, conn.exec_driver_sql(text, given))
        try:
            return raw.execute(text, given)
        except sqlite3.Error as error:
            raise refused(error, text) from error

    def _compile(self, conn: Connection) -> tuple[str, str, tuple[tuple[str, Any], ...]]:
        compiled = self._statement.compile(dialect=conn.dialect, column_keys=self._columns)
        names: list[str] = compiled.positiontup  # type: ignore[attr-defined]  # its SQL subclass has it
        self._ready = conn.dialect.name, str(compiled), tuple((name, compiled.params[name]) for name in names)
        return self._ready


def refused(error: sqlite3.Error, statement: str) -> Exception:
    """The driver's error as the one of SQLAlchemy's that the rest of the store knows."""
    told = DBAPIError.instance(statement, None, error, sqlite3.Error, hide_parameters=True)
    return told if isinstance(told, Exception) else error
