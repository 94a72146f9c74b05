"""A desk that notes the key: whatever is written for a request says, in the same transaction, by which key it was asked for."""
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from switch.core.ids import StaffId
from switch.desk.asking import Desk
from switch.ports.access import Key
from switch.ports.desk import Changes, UnitOfWork

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ByKey:
    """`UnitOfWork` that adds one audit row, `asked-by-key`, to each transaction."""

    work: UnitOfWork
    key: Key
    operation: str

    async def run(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        return await self.work.run(actor, at, self._noted(work))

    async def run_apart(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        return await self.work.run_apart(actor, at, self._noted(work))

    async def look(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        return await self.work.look(actor, at, work)

    async def look_apart(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        return await self.work.look_apart(actor, at, work)

    def _noted(self, work: Callable[[Changes], T]) -> Callable[[Changes], T]:
        def noted(changes: Changes) -> T:
            result = work(changes)
            changes.audit("asked-by-key", {"key": self.key.id, "operation": self.operation})
            return result

        return noted


def for_key(desk: Desk, key: Key, operation: str) -> Desk:
    return replace(desk, work=ByKey(desk.work, key, operation))
