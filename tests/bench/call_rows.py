"""The rows about signalling: CPU of a completed call, and the post-dial delay; beside sippy's `b2bua_simple`."""
import tempfile
import time
from pathlib import Path

from tests.bench import sipp, sippy_b2bua
from tests.bench.bench_site import RunningSite, handsets
from tests.bench.machine import cpu, percentile
from tests.bench.placing import place, whole
from tests.bench.sippy_b2bua import Sippy
from tests.bench.sockets import Sockets
from tests.bench.telephones import Telephones
from tests.bench.words import Row, Size, ms, run_name, spread

PHONE_PORT = 6070
SIPPY_PORT = 6080
DIALS = 20, 50
"""Calls a second at which the post-dial delay is measured."""
WARM = 2
"""Seconds of calls before those that count."""


def cpu_per_call(site: RunningSite, size: Size) -> list[Row]:
    """All our processes, from idle to idle, over the calls that went through."""
    calls = int(size.rate * size.seconds)
    what = f"CPU per completed call, {size.rate:g} calls/s for {size.seconds:g} s"
    if not sipp.available():
        return [Row(what, "not measured: SIPp is not installed (apt-get install sip-tester)")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with sipp.SippTrunk(folder, site.trunk[1]):
            sipp.call(folder, site.sip, handsets()[0], size.rate, 60, "telephone", PHONE_PORT)
            site.settle()
            closed = _connected(site)
            roles, idle = site.parts(), cpu(site.pid)
            placed = sipp.call(folder, site.sip, handsets()[0], size.rate, calls, "telephone", PHONE_PORT)
            site.settle()
            used = cpu(site.pid) - idle
            after = site.parts()
            done = _connected(site) - closed
        if done != calls or placed.failed:
            raise RuntimeError(
                f"of {calls} calls {placed.failed} failed at the telephone and {done} are on record as connected: {placed.error}"
            )
        ours = used * 1000 / done
        parts = ", ".join(f"{role} {(one.seconds - roles[role].seconds) * 1000 / done:.2f}" for role, one in after.items())
        note = f"by process: {parts}; {done} calls, each with its CDR, posting and recording; {placed.retransmitted} repeats"
        if missing := sippy_b2bua.install():
            return [Row(what, ms(ours), missing, "", note)]
        with sipp.SippTrunk(folder, site.trunk[1]), Sippy(folder, SIPPY_PORT, site.trunk) as sippy:
            sipp.call(folder, sippy.sip, handsets()[0], size.rate, 60, "telephone-unasked", PHONE_PORT)
            idle = cpu(sippy.pid)
            placed = sipp.call(folder, sippy.sip, handsets()[0], size.rate, calls, "telephone-unasked", PHONE_PORT)
            theirs = (cpu(sippy.pid) - idle) * 1000 / placed.good
    return [Row(what, ms(ours), f"sippy b2bua_simple {ms(theirs)}", f"{ours / theirs:.2f}", note)]


def _connected(site: RunningSite) -> int:
    found = site.count("select count(*) from cdrs where outcome = 'connected' and charged > 0 and recording is not null")
    return int(str(found[0][0]))


def dial_delay(site: RunningSite, size: Size) -> list[Row]:
    rows = []
    missing = sippy_b2bua.install()
    for rate in DIALS:
        for time_ in range(size.times):
            what = f"Post-dial delay added, {rate} calls/s{run_name(time_, size)}"
            ours, busy = _dialling(site.sip, site.trunk[1], rate, size, site.pid)
            note = f"{len(ours)} calls; our processes used {busy:.0%} of a core"
            site.settle(60)
            if missing:
                rows.append(Row(what, spread(ours), missing, "", note))
                continue
            with tempfile.TemporaryDirectory() as name, Sippy(Path(name), SIPPY_PORT, site.trunk) as sippy:
                theirs, busy = _dialling(sippy.sip, site.trunk[1], rate, size, sippy.pid)
            ratio = percentile(ours, 0.99) / percentile(theirs, 0.99)
            rows.append(Row(what, spread(ours), f"sippy {spread(theirs)}", f"{ratio:.2f} (p99)", f"{note}, sippy {busy:.0%}"))
    return rows


def _dialling(target: tuple[str, int], trunk: int, rate: int, size: Size, pid: int) -> tuple[list[float], float]:
    """From the INVITE that is let in to the INVITE at the trunk; calls are put down a second after they were answered outside.
    Also the share of a core that the process and its children used meanwhile."""
    sockets = Sockets()
    phones = Telephones(sockets, target, trunk)
    every = handsets()[0]
    chosen = [every[at % len(every)] for at in range(int(rate * (size.dial_seconds + WARM)))]
    used, began = cpu(pid), time.monotonic()
    try:
        running = place(phones, sockets, chosen, rate, lambda call: sockets.after(1.0, lambda: phones.hang_up(call)))
        used, took = cpu(pid) - used, time.monotonic() - began
        sockets.run(lambda: all(one.over for one in running), 40, "the end of every call")
    finally:
        phones.close()
        sockets.close()
    return [(one.offered - one.tried) / 1e6 for one in whole(running, "offered")[rate * WARM:]], used / took
