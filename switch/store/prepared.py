"""Core statements compiled once and run straight on the driver: the few that every call runs.

Between two calls a processor forgets SQLAlchemy's execution path, and finding it again costs more than the statement: on SQLite
an open and a close together took 2.9 ms of CPU through it, 1.6 ms so.
"""
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.sql.elements import ClauseElement

from switch.store.driver import Cursor, Driver, refused

T = TypeVar("T")
Later = Callable[[], T]
"""What a statement said, once it is asked for: the statement itself is on its way already."""
Values = Mapping[str, Any]
Ready = tuple[str, str, tuple[tuple[str, Any], ...]]


class Prepared:
    """One statement. Values go in by name and as the driver takes them; rows come out as tuples of what the driver has (a boolean
    of SQLite is 0 or 1). `columns` names what an INSERT or UPDATE sets. Raises as SQLAlchemy does: IntegrityError and others."""

    def __init__(self, statement: ClauseElement, columns: Iterable[str] | None = None) -> None:
        self._statement, self._columns = statement, list(columns) if columns is not None else None
        self._ready: Ready | None = None

    def run(self, conn: Connection, values: Values) -> Cursor:
        ready = self._ready
        if ready is None or ready[0] != conn.dialect.name:
            ready = self._compile(conn)
        _, text, slots = ready
        given = tuple([values.get(name, fixed) for name, fixed in slots])
        driver: Driver | None = conn.info.get("driver")
        if driver is None or not driver.running():
            return cast(Cursor, conn.exec_driver_sql(text, given))
        try:
            return driver.run(text, given)
        except driver.error as error:
            raise refused(conn, error, text) from error

    def _compile(self, conn: Connection) -> Ready:
        """For engines of `Database`, whose statements take their values by position."""
        compiled = self._statement.compile(dialect=conn.dialect, column_keys=self._columns)
        names: list[str] = compiled.positiontup  # type: ignore[attr-defined]  # its SQL subclass has it
        ready = self._ready = conn.dialect.name, str(compiled), tuple((name, compiled.params[name]) for name in names)
        return ready


@contextmanager
def side_by_side(conn: Connection) -> Iterator[None]:
    """Statements run within go out side by side, one way to the server and back for all of them. None may need another's answer
    before it is sent. Raises as `Prepared` does."""
    driver: Driver | None = conn.info.get("driver")
    if driver is None or not driver.running():
        yield
        return
    try:
        with driver.side_by_side():
            yield
    except driver.error as error:
        raise refused(conn, error, "statements sent together") from error
