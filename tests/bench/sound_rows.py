"""The rows about sound: CPU of carrying and recording it, and the delay that carrying adds; beside rtpengine."""
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.bench_site import RunningSite, handsets
from tests.bench.machine import cpu, percentile
from tests.bench.placing import place, serve
from tests.bench.rtpengine import RtpEngine
from tests.bench.sockets import Sockets, Stream
from tests.bench.telephones import Telephones
from tests.bench.words import Row, Size, calls_name, ms, run_name, spread


@dataclass(frozen=True, slots=True)
class Sound:
    """What carrying calls took and did: CPU ms per call and second, packets lost, delays in ms."""

    cpu: float
    lost: int
    sent: int
    delays: list[float]


def ours_carrying(site: RunningSite, calls: int, seconds: float, delays: bool) -> Sound:
    sockets = Sockets()
    phones = Telephones(sockets, site.sip, site.trunk[1], sound=True)
    try:
        running = place(phones, sockets, handsets()[0][:calls], 20)
        serve(sockets, 3)
        found = _measure(sockets, site.pid, [(one.cell, one.outside) for one in running], seconds, delays)
        for one in running:
            phones.hang_up(one)
        sockets.run(lambda: all(one.over for one in running), 20, "the end of every call")
        if broken := [one.failed for one in running if one.failed]:
            raise RuntimeError(f"{len(broken)} calls failed: {broken[0]}")
        site.settle(40)
    finally:
        phones.close()
        sockets.close()
    return found


def rtpengine_carrying(calls: int, seconds: float, delays: bool) -> Sound:
    sockets = Sockets()
    try:
        with RtpEngine() as engine:
            pairs = []
            for at in range(calls):
                a, b = sockets.stream(), sockets.stream()
                pairs.append((a, b))
                for stream, to in zip((a, b), engine.call(f"bench-{at}", a, b), strict=True):
                    sockets.begin(stream, to)
            serve(sockets, 3)
            before = engine.recorded_bytes()
            found = _measure(sockets, engine.pid, pairs, seconds, delays)
            if engine.recorded_bytes() == before:
                raise RuntimeError("rtpengine recorded nothing")
    finally:
        sockets.close()
    return found


def _measure(sockets: Sockets, pid: int, pairs: Sequence[tuple[Stream | None, Stream | None]], seconds: float,
             delays: bool) -> Sound:
    streams = [one for pair in pairs for one in pair if one is not None]

    def counts() -> tuple[int, int]:
        """Once nothing is under way."""
        sockets.quiet = True
        serve(sockets, 0.1)
        sockets.quiet = False
        return sum(one.sent for one in streams), sum(one.received for one in streams)

    sent, received = counts()
    sockets.delays = [] if delays else None
    began, used = time.monotonic(), cpu(pid)
    serve(sockets, seconds)
    used, took = cpu(pid) - used, time.monotonic() - began
    sent_now, received_now = counts()
    sent, received = sent_now - sent, received_now - received
    found, sockets.delays = sockets.delays or [], None
    return Sound(used * 1000 / (len(pairs) * took), sent - received, sent, [one / 1e6 for one in found])


def cpu_per_call_second(site: RunningSite, size: Size) -> list[Row]:
    calls = size.media_calls
    what = f"CPU per recorded call and second, {calls} calls at once"
    ours = ours_carrying(site, calls, size.media_seconds, False)
    note = f"{ours.sent} packets sent to us, {ours.lost} lost"
    if missing := RtpEngine.missing():
        return [Row(what, ms(ours.cpu, 3), missing, "", note)]
    theirs = rtpengine_carrying(calls, size.media_seconds, False)
    note += f"; rtpengine: {theirs.lost} of {theirs.sent} lost"
    return [Row(what, ms(ours.cpu, 3), f"rtpengine, pcap {ms(theirs.cpu, 3)}", f"{ours.cpu / theirs.cpu:.2f}", note)]


def media_delay(site: RunningSite, size: Size) -> list[Row]:
    rows = []
    for calls in (1, size.delay_calls):
        for time_ in range(size.times):
            ours = ours_carrying(site, calls, size.media_seconds, True)
            what = f"Added media delay, {calls_name(calls)}{run_name(time_, size)}"
            if missing := RtpEngine.missing():
                rows.append(Row(what, spread(ours.delays, 2), missing))
                continue
            theirs = rtpengine_carrying(calls, size.media_seconds, True)
            ratio = percentile(ours.delays, 0.99) / percentile(theirs.delays, 0.99)
            note = f"{len(ours.delays)} packets, {ours.lost} lost"
            rows.append(Row(what, spread(ours.delays, 2), f"rtpengine {spread(theirs.delays, 2)}", f"{ratio:.2f} (p99)", note))
    return rows
