"""What follows a commit: the worker takes outbox rows, has each done by its kind, and marks it done. Steps are idempotent."""
import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import structlog

log = structlog.get_logger("worker")

IDLE = 1.0
"""Seconds between looks at an outbox that had nothing."""


class Row(Protocol):
    """One thing to do; `body` is JSON."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def body(self) -> str: ...


class Outbox(Protocol):
    async def take(self) -> Sequence[Row]:
        """The oldest waiting rows, leased to us for a while."""

    async def done(self, rows: tuple[int, ...]) -> None: ...


Step = Callable[[str, str], Awaitable[None]]
"""Does one row, by its subject and body; raises when it has to be tried again."""


class OutboxLoop:
    """Carries the outbox on for ever. A row of an unknown kind is done: nothing on this node follows from it."""

    def __init__(self, outbox: Outbox, steps: Mapping[str, Step]) -> None:
        self._outbox, self._steps = outbox, steps

    async def run(self) -> None:
        while True:
            try:
                rows = await self._outbox.take()
                if done := tuple([row.id for row in rows if await self._one(row)]):
                    await self._outbox.done(done)
            except Exception as error:  # the store is away: the rows wait there
                log.warning("outbox.away", error=repr(error))
                rows = ()
            if not rows:
                await asyncio.sleep(IDLE)

    async def _one(self, row: Row) -> bool:
        """Whether the row is done; one that is not is left to its lease, and then taken again."""
        try:
            if step := self._steps.get(row.kind):
                await step(row.subject, row.body)
        except Exception as error:
            log.warning("outbox.step", kind=row.kind, subject=row.subject, error=repr(error))
            return False
        return True
