"""The site's database as the roles use it: one writer, a few readers, opened and closed together."""
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from switch.store.engine import BUSY_MS, database_path, reading_engine, writing_engine
from switch.store.reader import Reader
from switch.store.writer import Unit, Writer

T = TypeVar("T")


class Store:
    """Opens nothing until it is first used. `upgrade(url)` has made the file; one that is missing is StoreGone."""

    def __init__(self, url: str, *, busy_ms: int = BUSY_MS, patience: float = 6.0, batch: int = 64,
                 gather: float = 0.002) -> None:
        self.path = database_path(url)
        self._writer = Writer(writing_engine(self.path, busy_ms), self.path, batch=batch, gather=gather, patience=patience)
        reading = reading_engine(self.path)
        self._reader = Reader(reading, self.path)

    async def write(self, unit: Unit[T]) -> T:
        """One unit of work, committed when this returns. Raises what the unit raised, or StoreUnavailable in bounded time."""
        return await self._writer.run(unit)

    async def read(self, read: Callable[[Connection], T]) -> T:
        """One read of one moment. StoreUnavailable in bounded time."""
        return await self._reader.run(read)

    async def close(self) -> None:
        await self._writer.close()
        self._reader.close()
