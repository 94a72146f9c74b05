"""The heap of deadlines."""
from switch.sip.alarms import Alarms


class Sleeper:
    def __init__(self, **timers: float) -> None:
        self.timers = dict(timers)
        self.scheduled: float | None = None
        self.rang: list[tuple[str, float]] = []

    def ring(self, name: str, now: float) -> None:
        self.rang.append((name, now))


def test_the_earliest_timer_of_all_is_the_deadline() -> None:
    alarms, one, two = Alarms(), Sleeper(a=5.0, b=3.0), Sleeper(c=4.0)
    alarms.refresh(one)
    alarms.refresh(two)
    assert alarms.deadline() == 3.0
    alarms.wake(2.9)
    assert one.rang == []
    alarms.wake(4.0)
    assert (one.rang, two.rang) == ([("b", 4.0)], [("c", 4.0)])
    assert (alarms.deadline(), len(alarms)) == (5.0, 1)
    one.timers.clear()
    alarms.refresh(one)
    alarms.refresh(one)
    assert (alarms.deadline(), len(alarms)) == (None, 0)


def test_a_timer_that_rings_may_set_itself_again() -> None:
    class Again(Sleeper):
        def ring(self, name: str, now: float) -> None:
            super().ring(name, now)
            self.timers[name] = now + 1.0

    alarms, sleeper = Alarms(), Again(a=1.0)
    alarms.refresh(sleeper)
    for now in (1.0, 2.5, 3.0, 3.5):
        alarms.wake(now)
    assert sleeper.rang == [("a", 1.0), ("a", 2.5), ("a", 3.5)]


def test_dead_entries_do_not_stay() -> None:
    alarms, keeper = Alarms(), Sleeper(k=1e9)
    alarms.refresh(keeper)
    for n in range(10_000):
        sleeper = Sleeper(t=1000.0 + n)
        alarms.refresh(sleeper)
        sleeper.timers.clear()
        alarms.refresh(sleeper)
    assert len(alarms) == 1
    assert len(alarms._heap) < 100
    assert alarms.deadline() == 1e9
