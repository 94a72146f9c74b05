"""The live board as one console has it: read once, however many browsers watch. May be lost, and is then read anew."""
import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

Row = Mapping[str, Any]
GATHER: Final = 0.1
"""Seconds that changes wait for company before a browser is told: with the board's own as long, well within half a second."""


@dataclass(eq=False, slots=True)
class Watcher:
    """One browser's part: which calls changed since it asked last. It grows no longer than the board is."""

    calls: set[str] = field(default_factory=set)
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def changed(self, seconds: float) -> set[str]:
        """The calls that changed, once there are any, and gathered a little; none after so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self.wake.wait()
        except TimeoutError:
            return set()
        await asyncio.sleep(GATHER)
        self.wake.clear()
        found, self.calls = self.calls, set()
        return found


@dataclass(slots=True)
class Feed:
    """Implements `switch.live.reading.Follower`. `there`: the board is being read; until then nothing is known of any call."""

    rows: dict[str, Row] = field(default_factory=dict)
    """By call."""
    nodes: Mapping[str, float] = field(default_factory=dict)
    """Each switch that was ever heard of, and when last (Unix seconds)."""
    there: bool = False
    _watchers: set[Watcher] = field(default_factory=set)

    @contextmanager
    def watch(self) -> Iterator[Watcher]:
        made = Watcher()
        self._watchers.add(made)
        try:
            yield made
        finally:
            self._watchers.discard(made)

    def whole(self, rows: Sequence[Row], nodes: Mapping[str, float]) -> None:
        self.nodes = nodes
        self._set({row["id"]: row for row in rows}, self.rows.keys())
        if not self.there:
            self.there = True
            self._tell(())

    def node(self, node: str, rows: Sequence[Row]) -> None:
        self._set({row["id"]: row for row in rows}, [call for call, row in self.rows.items() if row["node"] == node])

    def put(self, row: Row) -> None:
        self._set({row["id"]: row}, ())

    def drop(self, call: str) -> None:
        self._set({}, [call])

    def away(self) -> None:
        self.there = False
        self._tell(())

    def _set(self, rows: dict[str, Row], before: Any) -> None:
        gone = [call for call in before if call not in rows]
        changed = [call for call, row in rows.items() if self.rows.get(call) != row]
        changed += [call for call in gone if self.rows.pop(call, None) is not None]
        self.rows.update(rows)
        if changed:
            self._tell(changed)

    def _tell(self, calls: Sequence[str]) -> None:
        for one in self._watchers:
            one.calls.update(calls)
            one.wake.set()
