"""One heap of deadlines for everything that waits. Entries that no longer count are dropped when they reach the top."""
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Protocol


class Sleeper(Protocol):
    """Whatever has timers: `timers` maps a timer's name to its time, `scheduled` belongs to the heap."""

    scheduled: float | None

    @property
    def timers(self) -> dict[str, float]: ...

    def ring(self, name: str, now: float) -> None: ...


class Alarms:
    """The earliest timer of each sleeper. Costs O(log n) a change; a walk only when most entries are dead."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Sleeper]] = []
        self._order = count()
        self._waiting = 0

    def refresh(self, sleeper: Sleeper) -> None:
        """Take note that the sleeper's timers changed."""
        when = min(sleeper.timers.values()) if sleeper.timers else None
        if when == sleeper.scheduled:
            return
        self._waiting += (when is not None) - (sleeper.scheduled is not None)
        sleeper.scheduled = when
        if when is not None:
            heappush(self._heap, (when, next(self._order), sleeper))
        if len(self._heap) > 2 * self._waiting + 64:  # long timers of calls that ended would keep them in memory
            self._heap = [entry for entry in self._heap if entry[2].scheduled == entry[0]]
            heapify(self._heap)

    def deadline(self) -> float | None:
        """The time at which `wake` has something to do."""
        heap = self._heap
        while heap and heap[0][2].scheduled != heap[0][0]:
            heappop(heap)
        return heap[0][0] if heap else None

    def wake(self, now: float) -> None:
        """Ring every timer that is due, earliest first."""
        while (when := self.deadline()) is not None and when <= now:
            sleeper = heappop(self._heap)[2]
            sleeper.scheduled = None
            self._waiting -= 1
            name = min(sleeper.timers, key=sleeper.timers.__getitem__)
            del sleeper.timers[name]
            sleeper.ring(name, now)
            self.refresh(sleeper)

    def __len__(self) -> int:
        """How many sleepers wait."""
        return self._waiting
