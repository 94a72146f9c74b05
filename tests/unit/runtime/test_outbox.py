"""What follows a commit is done once each, in batches, and waits for a store that is away."""
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from switch.runtime import outbox as loop_module
from switch.runtime.outbox import OutboxLoop


@dataclass(frozen=True)
class Row:
    id: int
    kind: str
    subject: str
    body: str = "{}"


class Shelf:
    """An outbox in memory: what is not done comes again; `away` makes it refuse once."""

    def __init__(self, *rows: Row) -> None:
        self.rows, self.batches, self.away = list(rows), list[tuple[int, ...]](), False
        self.empty = asyncio.Event()

    async def take(self, most: int) -> Sequence[Row]:
        if self.away:
            self.away = False
            raise OSError("the database is away")
        return self.rows[:most]

    async def done(self, rows: tuple[int, ...]) -> None:
        self.batches.append(rows)
        self.rows = [row for row in self.rows if row.id not in rows]
        if not self.rows:
            self.empty.set()


async def run(shelf: Shelf, steps: dict[str, loop_module.Step]) -> None:
    task = asyncio.create_task(OutboxLoop(shelf, steps).run())
    try:
        async with asyncio.timeout(5.0):
            await shelf.empty.wait()
    finally:
        task.cancel()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_module, "IDLE", 0.01)


async def test_each_row_is_done_by_its_kind_and_marked_together() -> None:
    seen: list[str] = []

    async def step(subject: str, body: str) -> None:
        seen.append(subject + body)

    shelf = Shelf(Row(1, "sealed", "a"), Row(2, "nobody's", "b"), Row(3, "sealed", "c"))
    await run(shelf, {"sealed": step})
    assert seen == ["a{}", "c{}"]
    assert shelf.batches == [(1, 2, 3)]


async def test_a_step_that_fails_is_tried_again_and_holds_up_no_other() -> None:
    tries: list[str] = []

    async def step(subject: str, body: str) -> None:
        tries.append(subject)
        if subject == "a" and tries.count("a") < 3:
            raise OSError("not yet")

    shelf = Shelf(Row(1, "sealed", "a"), Row(2, "sealed", "b"))
    await run(shelf, {"sealed": step})
    assert tries.count("a") == 3
    assert tries.count("b") == 1


async def test_a_store_that_is_away_is_waited_for() -> None:
    shelf = Shelf(Row(1, "sealed", "a"))
    shelf.away = True

    async def step(subject: str, body: str) -> None:
        return None

    await run(shelf, {"sealed": step})
    assert shelf.batches == [(1,)]
