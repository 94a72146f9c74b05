"""A PostgreSQL, from 15 on, by psycopg 3 on the same threads that serve SQLite. Imported only where a site's URL names one.

A writing transaction takes one advisory lock first, so that units of every node and process run one after another, as they do
behind SQLite's `BEGIN IMMEDIATE`: the audit chain has one appender, and what a unit has read is still so when it commits.
"""
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import TransactionStatus
from psycopg.types.string import StrDumperUnknown
from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from switch.store.driver import BUSY_MS, Cursor, attach
from switch.store.errors import StoreUnavailable

WRITING, MIGRATING = 0x77696E67, 0x77696E68
"""Keys of the two advisory locks ("wing")."""
BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
LOCK = f"SELECT pg_advisory_xact_lock({WRITING})"
MIGRATING_MS = 60_000
IDLE_MS = 10_000
"""A writer that says nothing for so long within a transaction is cut off by the server: it holds up every other node."""
LOST = {"connect_timeout": "3", "keepalives_idle": "5", "keepalives_interval": "2", "keepalives_count": "3",
        "tcp_user_timeout": "6000"}
"""When a server that no longer answers is given up; the site's URL may say otherwise (libpq's own words)."""
NEEDED = 150000
# Statements are planned once a session: with 1.7 million contacts the server found three of those that every call runs worth
# planning anew for each, which took longer than running them.
PLANNED_ONCE = "SET plan_cache_mode = force_generic_plan"


class PlainText(StrDumperUnknown):
    """Text as SQLite takes it. PostgreSQL has no NUL: it becomes U+FFFD, so that no string from outside blocks a record."""

    def dump(self, obj: str) -> Buffer | None:
        return obj.replace("\0", "\N{REPLACEMENT CHARACTER}").encode()


class PlainNumber(Loader):
    """Sums of big integers come as NUMERIC: an integer again, as SQLite has it; an average is a float."""

    def load(self, data: Buffer) -> int | float:
        text = bytes(data)
        return int(text) if text.lstrip(b"-").isdigit() else float(text)


class PostgresDriver:
    """psycopg without its own idea of transactions; the statements of every call are prepared on the server."""

    error: type[Exception] = psycopg.Error

    def __init__(self, raw: "psycopg.Connection[Any]", begin: str, settings: str) -> None:
        self._raw, self.begin = raw, begin
        raw.adapters.register_dumper(str, PlainText)
        raw.adapters.register_loader("numeric", PlainNumber)
        self.order(settings)

    def run(self, text: str, values: Sequence[Any]) -> Cursor:
        return self._raw.execute(text.encode(), values, prepare=True)

    def side_by_side(self) -> AbstractContextManager[object]:
        return self._raw.pipeline()

    def order(self, text: str) -> None:
        self._raw.execute(text.encode(), prepare=False)

    def running(self) -> bool:
        return self._raw.pgconn.transaction_status != TransactionStatus.IDLE

    def spoilt(self) -> bool:
        return self._raw.pgconn.transaction_status == TransactionStatus.INERROR

    def broken(self) -> bool:
        return self._raw.closed


class Postgres:
    """`switch.store.driver.Database` on a server."""

    readers = 4

    def __init__(self, url: URL) -> None:
        given = {name: value for name, value in LOST.items() if name not in url.query}
        self.url = url.set(drivername="postgresql+psycopg").update_query_dict(given)

    def writing(self, busy_ms: int = BUSY_MS) -> Engine:
        return self._engine(f"{BEGIN}; {LOCK}", 1, busy_ms)

    def apart(self) -> tuple[Engine, str]:
        return self._engine(BEGIN, 1, BUSY_MS), LOCK

    def reading(self) -> Engine:
        return self._engine("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", self.readers, BUSY_MS)

    def identity(self) -> None:
        """One address is one database, as far as we can see."""

    def forget(self) -> bool:
        """What rows were before is made free to be written over. The server's own log has it until that is recycled, and its
        archive for as long as that is kept."""
        address = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        try:
            with psycopg.connect(address, autocommit=True) as conn:
                conn.execute("VACUUM recordings, recording_parts")
        except psycopg.Error as error:
            raise StoreUnavailable(f"the database refused: {str(error).strip()}") from error
        return True

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        begin = f"{BEGIN}; SELECT pg_advisory_xact_lock({MIGRATING})"
        engine = self._engine(begin, 1, MIGRATING_MS)
        try:
            with engine.begin() as conn:
                version, encoding = conn.exec_driver_sql(
                    "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')").one()
                if version < NEEDED or encoding != "UTF8":
                    raise StoreUnavailable(f"{self.url!r}: PostgreSQL {version // 10000} in {encoding}, not 15 or newer in UTF8")
                yield conn
        except DBAPIError as error:
            raise StoreUnavailable(f"{self.url!r}: {str(error.orig).strip()}") from error
        finally:
            engine.dispose()

    def _engine(self, begin: str, size: int, busy_ms: int) -> Engine:
        settings = (
            f"{PLANNED_ONCE}; SET lock_timeout = {busy_ms};"
            f" SET idle_in_transaction_session_timeout = {max(IDLE_MS, 2 * busy_ms)};"
            " SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
        engine = create_engine(
            self.url, poolclass=QueuePool, pool_size=size, max_overflow=0, paramstyle="format", hide_parameters=True,
            connect_args={"autocommit": True},
        )
        return attach(engine, lambda raw: PostgresDriver(raw, begin, settings))
