"""What follows a commit: the worker takes outbox rows, has each done by its kind, and marks them done. Steps are idempotent.

Rows that are taken together are done side by side, so that what their steps write is committed together too; and the next look
waits until there is company again: what follows a call may wait a second for it, and a busy minute costs few commits.
"""
import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import structlog

log = structlog.get_logger("worker")

IDLE = 1.0
"""Seconds between looks at an outbox, but for one that had more than was taken."""
MOST = 64
"""Rows that are taken together."""


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
    async def take(self, most: int) -> Sequence[Row]:
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
            rows: Sequence[Row] = ()
            try:
                rows = await self._outbox.take(MOST)
                done = await asyncio.gather(*(self._one(row) for row in rows))
                if ids := tuple([row.id for row, is_done in zip(rows, done, strict=True) if is_done]):
                    await self._outbox.done(ids)
            except Exception as error:  # the store is away: the rows wait there
                log.warning("outbox.away", error=repr(error))
            if len(rows) < MOST:
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
