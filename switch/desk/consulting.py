"""The door through which staff look: whatever is shown to them about somebody leaves one row, without a use case saying so.

Section 62 of the Data Protection Act 2018 asks for a log of every consultation. A look is one when its answer names people,
calls, parties or recordings; a list of fifty is one row, with the ids of all. The row is written before the answer is given: what
cannot be noted is not shown. The worker looks through no such door: what a machine reads is no consultation.
"""
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from switch.core.ids import StaffId
from switch.desk.asking import Desk
from switch.ports.calls import CallRow
from switch.ports.desk import Changes, Order, Person, Reach, UnitOfWork
from switch.ports.recordings import Recording

T = TypeVar("T")
Ids = dict[str, set[str]]
NAMED = ("person", "call", "party", "recording")
"""Fields and keys that hold the id of what somebody looks at."""
_OWN: Mapping[type, str] = {Person: "person", CallRow: "call", Recording: "recording"}
"""Records whose own id is one."""


def seen(answer: object) -> Ids:
    """The ids that an answer shows, by what they are of."""
    found: Ids = defaultdict(set)
    _gather(answer, found)
    return found


def _gather(value: Any, found: Ids) -> None:
    if is_dataclass(value) and not isinstance(value, type):
        inside = {one.name: getattr(value, one.name) for one in fields(value)}
        if kind := _OWN.get(type(value)):
            found[kind].add(inside["id"])
        if isinstance(value, Order) and value.reach is Reach.PERSON:
            found["person"].add(value.target)
        _gather(inside, found)
    elif isinstance(value, Mapping):
        for name, one in value.items():
            if name in NAMED and isinstance(one, str) and one:
                found[name].add(one)
            else:
                _gather(one, found)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for one in value:
            _gather(one, found)


@dataclass(frozen=True, slots=True)
class Consulted:
    """`UnitOfWork` that notes what was looked at."""

    work: UnitOfWork

    async def run(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        return await self.work.run(actor, at, work)

    async def run_apart(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        return await self.work.run_apart(actor, at, work)

    async def look(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        return await self._noted(actor, at, work, await self.work.look(actor, at, work))

    async def look_apart(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        return await self._noted(actor, at, work, await self.work.look_apart(actor, at, work))

    async def _noted(self, actor: StaffId, at: datetime, work: Callable[[Changes], T], answer: T) -> T:
        if found := {kind: sorted(ids) for kind, ids in seen(answer).items() if ids}:
            subject = {kind: ids[0] for kind, ids in found.items() if len(ids) == 1}
            detail = {f"{kind}s": " ".join(ids) for kind, ids in found.items() if len(ids) > 1}
            await self.work.run(actor, at, lambda changes: changes.audit("consulted", subject, {"by": _asked(work)} | detail))
        return answer


def _asked(work: Callable[..., object]) -> str:
    """The use case that looks, such as `shown.list_people`, from where its look is written."""
    where, name = getattr(work, "__module__", ""), getattr(work, "__qualname__", "")
    return f"{where.rpartition('.')[2]}.{name.partition('.')[0]}"


def consulted(desk: Desk) -> Desk:
    """The same desk, for people."""
    return replace(desk, work=Consulted(desk.work))
