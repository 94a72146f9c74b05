"""The site's database as the roles use it: one writer, a few readers, opened and closed together."""
import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from switch.ports.audit import KeyWrap
from switch.store.audit import LATE_LOCK
from switch.store.beside import KEYS, NoKeys
from switch.store.driver import BUSY_MS
from switch.store.engine import Bound, database_at
from switch.store.errors import StoreBusy, StoreUnavailable
from switch.store.reader import Reader
from switch.store.writer import BATCH, Unit, Writer, first_line

T = TypeVar("T")
NO_KEYS = NoKeys()


class Store:
    """Opens nothing until it is first used; `patience` and `reading` are seconds that a change and a read may take.
    `upgrade(url)` has made the tables; a file that is missing is StoreGone. `keys` is the site's master key: without it nothing
    is done that has a reason or a second name to keep (WordsLocked)."""

    def __init__(self, url: str, *, busy_ms: int = BUSY_MS, patience: float = 6.0, batch: int = BATCH,
                 gather: float = 0.002, reading: float = 3.0, keys: KeyWrap = NO_KEYS) -> None:
        self.database, self._keys = database_at(url), keys
        self._writer = Writer(self.database, batch=batch, gather=gather, patience=patience, busy_ms=busy_ms)
        self._reader = Reader(self.database, patience=reading)

    async def write(self, unit: Unit[T]) -> T:
        """One unit of work, committed when this returns. Raises what the unit raised, or StoreUnavailable in bounded time."""
        return await self._writer.run(self._with_keys(unit))

    async def write_apart(self, unit: Unit[T]) -> T:
        """One unit that takes long, such as a load of a whole prison, in a transaction that holds up no other where the database
        can do so. It reads what is committed while it runs; StoreBusy where somebody changed the same rows meanwhile. It is
        told how it ended, however long it took."""
        engine, lock = self.database.apart()
        return await asyncio.to_thread(lambda: self._apart(unit, engine, lock))

    async def read_apart(self, read: Callable[[Connection], T]) -> T:
        """One read of one moment that takes long, on a connection of its own; no other read waits for it."""
        return await asyncio.to_thread(lambda: self._apart(read, self.database.reading(), ""))

    def _apart(self, unit: Unit[T], engine: Engine, lock: str) -> T:
        bound = Bound(engine, self.database)
        try:
            with bound.transaction() as conn:
                if lock:
                    conn.info[LATE_LOCK] = lock
                return self._with_keys(unit)(conn)
        except IntegrityError as error:
            raise StoreBusy("somebody changed the same rows meanwhile; nothing was written, try again") from error
        except DBAPIError as error:
            raise StoreUnavailable(f"the database refused: {first_line(error)}") from error
        finally:
            bound.drop()
            engine.dispose()

    async def read(self, read: Callable[[Connection], T]) -> T:
        """One read of one moment. StoreUnavailable in bounded time."""
        return await self._reader.run(self._with_keys(read))

    def _with_keys(self, unit: Callable[[Connection], T]) -> Callable[[Connection], T]:
        """A unit that may keep and read the words beside the audit."""
        def run(conn: Connection) -> T:
            conn.info[KEYS] = self._keys
            return unit(conn)
        return run

    async def forget(self) -> bool:
        """As `Database.forget`. StoreUnavailable."""
        return await asyncio.to_thread(self.database.forget)

    async def close(self) -> None:
        await self._writer.close()
        self._reader.close()
