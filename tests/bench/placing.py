"""Calls placed at a steady rate and served until something is so."""
import time
from collections.abc import Callable, Sequence

from tests.bench.bench_site import Handset
from tests.bench.sockets import Sockets
from tests.bench.telephones import BenchCall, Telephones


def place(phones: Telephones, sockets: Sockets, chosen: Sequence[Handset], rate: float,
           on_offered: Callable[[BenchCall], None] | None = None) -> list[BenchCall]:
    """Calls at a steady rate, until each reached the outside and was answered."""
    running: list[BenchCall] = []
    told: set[int] = set()

    def next_call() -> None:
        running.append(phones.call(chosen[len(running)]))
        if len(running) < len(chosen):
            sockets.after(began + len(running) / rate - time.monotonic(), next_call)

    def through() -> bool:
        if on_offered is not None:
            for one in running:
                if one.offered and one.answered and id(one) not in told:
                    told.add(id(one))
                    on_offered(one)
        return len(running) == len(chosen) and all((one.offered and one.answered) or one.over for one in running)

    began = time.monotonic()
    sockets.after(0, next_call)
    sockets.run(through, len(chosen) / rate + 20, "an answer to every call")
    return running


def serve(sockets: Sockets, seconds: float) -> None:
    until = time.monotonic() + seconds
    sockets.run(lambda: time.monotonic() >= until, seconds + 5, "the end of the measurement")


def whole(running: Sequence[BenchCall], *stamps: str) -> list[BenchCall]:
    """All of them, if each has what is measured."""
    short = [one for one in running if one.failed or not all(getattr(one, stamp) for stamp in stamps)]
    if short:
        why = short[0].failed or "an event is missing"
        raise RuntimeError(f"{len(short)} of {len(running)} calls did not go as measured: {why}")
    return list(running)
