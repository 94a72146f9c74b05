"""The site's database as the roles use it: one writer, a few readers, opened and closed together."""
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from switch.store.driver import BUSY_MS
from switch.store.engine import database_at
from switch.store.reader import Reader
from switch.store.writer import Unit, Writer

T = TypeVar("T")


class Store:
    """Opens nothing until it is first used. `upgrade(url)` has made the tables; a file that is missing is StoreGone."""

    def __init__(self, url: str, *, busy_ms: int = BUSY_MS, patience: float = 6.0, batch: int = 64,
                 gather: float = 0.002) -> None:
        self.database = database_at(url)
        self._writer = Writer(self.database, batch=batch, gather=gather, patience=patience, busy_ms=busy_ms)
        self._reader = Reader(self.database)

    async def write(self, unit: Unit[T]) -> T:
        """One unit of work, committed when this returns. Raises what the unit raised, or StoreUnavailable in bounded time."""
        return await self._writer.run(unit)

    async def read(self, read: Callable[[Connection], T]) -> T:
        """One read of one moment. StoreUnavailable in bounded time."""
        return await self._reader.run(read)

    async def close(self) -> None:
        await self._writer.close()
        self._reader.close()
