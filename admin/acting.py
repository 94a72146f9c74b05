"""A desk for one request: what else is done in each of its transactions, such as to note by which key it was asked for."""
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, TypeVar

from switch.core.ids import StaffId
from switch.desk.asking import Desk, Refused
from switch.ports.access import Key
from switch.ports.desk import Changes, UnitOfWork

T = TypeVar("T")


class Within(Protocol):
    """Something that is committed with the use case, or not at all."""

    def before(self, changes: Changes) -> None:
        """Ahead of the work. What it raises undoes everything."""

    def after(self, changes: Changes, result: object) -> None:
        """With what the work gave."""


@dataclass(frozen=True, slots=True)
class Note:
    """An audit row, `asked-by-key`. `detail` holds ids alone."""

    key: Key
    operation: str
    detail: Mapping[str, str] = field(default_factory=dict)

    def before(self, changes: Changes) -> None:
        pass

    def after(self, changes: Changes, result: object) -> None:
        changes.audit("asked-by-key", {"key": self.key.id, "operation": self.operation}, self.detail)


class NoLonger(Exception):
    """What waited for a second member of staff was done or over meanwhile; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """A proposal waits no longer once its use case was done; one that was refused may be confirmed again."""

    proposal: str

    def before(self, changes: Changes) -> None:
        if changes.proposal(self.proposal) is None:
            raise NoLonger

    def after(self, changes: Changes, result: object) -> None:
        if not isinstance(result, Refused):
            changes.finish_proposal(self.proposal)


@dataclass(frozen=True, slots=True)
class ForRequest:
    """`UnitOfWork` with the parts of one request in each transaction."""

    work: UnitOfWork
    parts: tuple[Within, ...]

    async def run(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        return await self.work.run(actor, at, self._whole(work))

    async def run_apart(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        return await self.work.run_apart(actor, at, self._whole(work))

    async def look(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        return await self.work.look(actor, at, work)

    async def look_apart(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        return await self.work.look_apart(actor, at, work)

    def _whole(self, work: Callable[[Changes], T]) -> Callable[[Changes], T]:
        def whole(changes: Changes) -> T:
            for part in self.parts:
                part.before(changes)
            result = work(changes)
            for part in self.parts:
                part.after(changes, result)
            return result

        return whole


def for_request(desk: Desk, *parts: Within) -> Desk:
    return replace(desk, work=ForRequest(desk.work, parts))
