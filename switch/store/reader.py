"""Reads on threads of their own, each in one transaction and so of one moment, answered within a bound."""
import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from switch.store.driver import Database
from switch.store.engine import Bound
from switch.store.errors import StoreUnavailable

T = TypeVar("T")


class Reader:
    """`await run(read)`: raises StoreUnavailable (StoreGone) when the database cannot say within `patience` seconds."""

    def __init__(self, database: Database, *, patience: float = 3.0) -> None:
        self._engine, self._database, self._patience = database.reading(), database, patience
        self._pool = ThreadPoolExecutor(database.readers, thread_name_prefix="wingline-reader")
        self._own = threading.local()

    async def run(self, read: Callable[[Connection], T]) -> T:
        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.get_running_loop().run_in_executor(self._pool, self._read, read)
        except TimeoutError:
            raise StoreUnavailable(f"no answer of the database within {self._patience:g} s") from None

    def _read(self, read: Callable[[Connection], T]) -> T:
        bound: Bound | None = getattr(self._own, "bound", None)
        if bound is None:
            bound = self._own.bound = Bound(self._engine, self._database)
        try:
            with bound.transaction() as conn:
                return read(conn)
        except StoreUnavailable:
            bound.drop()
            raise
        except SQLAlchemyError as error:
            bound.drop()
            raise StoreUnavailable(f"the database did not answer: {error}") from error

    def close(self) -> None:
        self._pool.shutdown(wait=True)
        self._engine.dispose()
