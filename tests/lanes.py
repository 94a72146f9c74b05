"""Two lanes for `pytest -n`: tests that live in real time, with phones and processes of their own, and tests that only compute.

The first wait most of their time, and what they see is late when somebody else has the processor. So two workers in three take
them, a file at a time, and the others compute meanwhile, with less right to the processor. A worker that has nothing left to
live through computes too.
"""
import os

import pytest
from xdist.scheduler import LoadScheduling
from xdist.workermanage import WorkerController

LIVE = ("tests/wire/", "tests/faults/", "tests/contracts/", "tests/browser/")
PIECE = 8
"""Tests that only compute, handed out at once."""
NICE = 5


def is_live(nodeid: str) -> bool:
    return nodeid.startswith(LIVE)


def stand_back(nodeid: str) -> None:
    """Before a test that only computes, in a worker: from here on whatever lives in real time goes first."""
    if "PYTEST_XDIST_WORKER" in os.environ and not is_live(nodeid) and os.getpriority(os.PRIO_PROCESS, 0) < NICE:
        os.setpriority(os.PRIO_PROCESS, 0, NICE)


class Lanes(LoadScheduling):
    """`pending` has what lives first, so many as `_live` says; then what computes."""

    _live = 0

    def schedule(self) -> None:
        if self.collection is None:
            if not self._check_nodes_have_same_collection():
                return
            self.collection = names = next(iter(self.node2collection.values()))
            self.pending[:] = sorted(range(len(names)), key=lambda at: not is_live(names[at]))
            self._live = sum(map(is_live, names))
        for node in self.nodes:
            self.check_schedule(node)

    def check_schedule(self, node: WorkerController, duration: float = 0) -> None:
        """A worker begins a test when it knows of another, or that there is none."""
        while not node.shutting_down and len(self.node2pending[node]) < 2:
            begin, end = self._piece(node)
            if begin == end:
                node.shutdown()
                return
            piece = self.pending[begin:end]
            del self.pending[begin:end]
            self._live -= max(0, min(end, self._live) - begin)
            self.node2pending[node].extend(piece)
            node.send_runtest_some(piece)

    def _piece(self, node: WorkerController) -> tuple[int, int]:
        """What this worker takes next, as a slice of `pending`; nothing when nothing is left for it."""
        if not self._live or not self._lives(node):
            return self._live, min(self._live + PIECE, len(self.pending))
        begin, end = 0, self._live
        if self._number(node) % 2:  # from the back, so that each folder's site runs in one worker, and not in all
            last = self._file(end - 1)
            begin = end - next((count for count in range(1, end) if self._file(end - 1 - count) != last), end)
        else:
            end = next((count for count in range(1, end) if self._file(count) != self._file(0)), end)
        return begin, end

    def _file(self, at: int) -> str:
        assert self.collection is not None
        return self.collection[self.pending[at]].partition("::")[0]

    def _lives(self, node: WorkerController) -> bool:
        """Two workers in three; any, when none of those is left."""
        living = [one for one in self.nodes if self._number(one) < max(1, self.numnodes * 2 // 3) and not one.shutting_down]
        return node in living or not living

    @staticmethod
    def _number(node: WorkerController) -> int:
        return int(node.gateway.id.removeprefix("gw"))


def make_scheduler(config: pytest.Config, log: object) -> Lanes | None:
    """With `--dist load`, which is what `-n` means by itself; xdist's own where another is asked for."""
    return Lanes(config, log) if config.getvalue("dist") == "load" else None  # type: ignore[arg-type]  # xdist's own Producer
