"""The rows about ends that have a time: the limit of a call, and an order of staff."""
import statistics
import time

from switch.media.prompts import PromptLibrary
from switch.runtime.control import ask
from tests.bench.bench_site import LIMIT, RunningSite, handsets
from tests.bench.placing import place, serve, whole
from tests.bench.sockets import Sockets
from tests.bench.telephones import Telephones
from tests.bench.words import Row, Size, run_name, spread


def cuts(site: RunningSite, size: Size) -> list[Row]:
    rows = []
    beep = PromptLibrary.load("en").alaw("beep")[:160]
    for time_ in range(size.times):
        late = _limits(site, size, beep)
        missed = [abs(one) for one in late]
        note = f"{len(late)} calls of {LIMIT} s; from {min(late):+.1f} to {max(late):+.1f} ms, mean {statistics.mean(late):+.1f}"
        rows.append(Row(f"Cut at the limit, miss{run_name(time_, size)}", spread(missed), note=note))
    for time_ in range(size.times):
        took = _staff_cuts(site, size)
        what = f"Staff cut, order to BYE at the telephone{run_name(time_, size)}"
        rows.append(Row(what, spread(took), note=f"{len(took)} calls"))
    return rows


def _limits(site: RunningSite, size: Size, beep: bytes) -> list[float]:
    """Milliseconds from the limit to the BYE at the telephone; talk begins with the beep's first frame there."""
    sockets = Sockets()
    phones = Telephones(sockets, site.sip, site.trunk[1], sound=True, beep=beep)
    try:
        running = place(phones, sockets, handsets()[1][:size.cuts], 12)
        sockets.run(lambda: all(one.over for one in running), 30, "the cut of every call")
        site.settle()
    finally:
        phones.close()
        sockets.close()
    return [(one.cell_bye - one.beeped) / 1e6 - LIMIT * 1000 for one in whole(running, "beeped", "cell_bye")]


def _staff_cuts(site: RunningSite, size: Size) -> list[float]:
    sockets = Sockets()
    phones = Telephones(sockets, site.sip, site.trunk[1])
    took = []
    try:
        running = place(phones, sockets, handsets()[0][:size.cuts], 20)
        serve(sockets, 1.5)
        by_phone = {one["phone"]: one["id"] for one in ask(site.settings.control_socket, {"do": "calls"})["calls"]}
        for one in running:
            began = time.time_ns()
            ask(site.settings.control_socket,
                {"do": "cut", "call": by_phone[one.handset.user], "staff": "bench", "reason": "measured"})
            sockets.run(lambda one=one: one.over, 5, "the cut of a call")  # type: ignore[misc]  # a default argument binds it now
            took.append((one.cell_bye - began) / 1e6)
            serve(sockets, 0.02)
        site.settle()
    finally:
        phones.close()
        sockets.close()
    return took
