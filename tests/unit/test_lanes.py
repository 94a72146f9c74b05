"""The lanes of `pytest -n`: every test once, what lives in real time by its own workers, and nobody waits for ever."""
import random
from types import SimpleNamespace
from typing import Any

import pytest

from tests.lanes import Lanes, is_live

NAMES = [f"tests/{folder}/test_{file}.py::test_{at}" for folder, files, count in (
    ("contracts", 1, 9), ("faults", 5, 3), ("unit", 6, 20), ("wire", 7, 2)) for file in range(files) for at in range(count)]


class Worker:
    """As xdist's: it runs a test once it knows of the next, or that there is none."""

    def __init__(self, number: int) -> None:
        self.gateway, self.queue, self.ran, self.shutting_down = SimpleNamespace(id=f"gw{number}"), [], [], False

    def send_runtest_some(self, indices: list[int]) -> None:
        self.queue += indices

    def shutdown(self) -> None:
        self.shutting_down = True

    @property
    def can_run(self) -> bool:
        return len(self.queue) > (0 if self.shutting_down else 1)


def lanes(count: int, names: list[str]) -> tuple[Lanes, list[Worker]]:
    config: Any = SimpleNamespace(getoption=lambda _: None, getvalue=lambda _: [f"{count}*popen"], option=None, hook=None)
    made, workers = Lanes.__new__(Lanes), [Worker(number) for number in range(count)]
    made.numnodes, made.node2collection, made.node2pending, made.pending, made.collection = count, {}, {}, [], None
    made.config, made.log = config, lambda *_: None  # type: ignore[assignment]  # nobody reads it
    for one in workers:
        made.add_node(one)  # type: ignore[arg-type]  # as one of xdist's
        made.add_node_collection(one, names)  # type: ignore[arg-type]
    made.schedule()
    return made, workers


@pytest.mark.parametrize("names", [NAMES, NAMES[:3], NAMES[-3:], [name for name in NAMES if "unit" in name], []],
                         ids=["all", "few", "fewer", "computing", "none"])
@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_each_runs_once_and_all_workers_end(count: int, names: list[str]) -> None:
    made, workers = lanes(count, names)
    chance = random.Random(count)
    while ready := [one for one in workers if one.can_run]:
        one = chance.choice(ready)
        at = one.queue.pop(0)
        one.ran.append(names[at])
        made.mark_test_complete(one, at)  # type: ignore[arg-type]
    assert sorted(name for one in workers for name in one.ran) == sorted(names)
    assert made.tests_finished
    assert all(one.shutting_down for one in workers)
    living = workers[: max(1, count * 2 // 3)]
    assert not any(map(is_live, (name for one in workers if one not in living for name in one.ran)))
    for one in living:
        kinds = [is_live(name) for name in one.ran]
        assert kinds == sorted(kinds, reverse=True), "it stood back, and then lived again"


def test_what_a_dead_worker_had_is_run_by_others() -> None:
    made, workers = lanes(3, NAMES)
    dead, *others = workers
    lost = made.remove_node(dead)  # type: ignore[arg-type]
    assert lost == NAMES[0], "it died of this one"
    ran = []
    while ready := [one for one in others if one.can_run]:
        at = ready[0].queue.pop(0)
        ran.append(NAMES[at])
        made.mark_test_complete(ready[0], at)  # type: ignore[arg-type]
    assert sorted([lost, *ran]) == sorted(NAMES)
