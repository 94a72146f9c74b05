"""The row about answering machines: what listening costs, all streams in one batch a tick."""
import time
from pathlib import Path

from switch.core.ids import Leg
from switch.media import g711
from switch.media.embedded.machines import MachineEar, listen
from switch.media.wav import read_wav
from tests.bench.bench_site import RunningSite
from tests.bench.words import Row, Size

SOUNDS = Path(__file__).parents[1] / "sounds" / "answering"
STREAMS = (1, 100, 600)
TICKS = 250


def cost(streams: int) -> float:
    """CPU ms a tick of 20 ms, while so many are listened to and we play to each of them."""
    files = sorted(SOUNDS.glob("*/*.wav"))
    silence = g711.ALAW_SILENCE * TICKS * g711.FRAME
    sounds = [read_wav(files[at % len(files)].read_bytes()).data + silence for at in range(streams)]
    ears = [MachineEar(lambda verdict: None) for _ in sounds]
    used = 0.0
    for at in range(0, TICKS * g711.FRAME, g711.FRAME):
        began = time.process_time()
        for ear, sound in zip(ears, sounds, strict=True):
            ear.sent(sound[at : at + g711.FRAME])
            ear.hear(Leg.OUTSIDE, g711.PCMA, sound[at : at + g711.FRAME])
        listen(ears)
        used += time.process_time() - began
    return used * 1000 / TICKS


def listening(_site: RunningSite, _size: Size) -> list[Row]:
    rows = []
    for streams in STREAMS:
        tick = cost(streams)
        rows.append(Row(f"Listening for an answering machine, {streams} at once", f"{tick:.2f} ms of CPU a tick of 20 ms", "", "",
                        f"{tick * 1000 / streams:.1f} µs a stream and tick, {tick * 50 / streams:.2f} ms a stream and second"))
    return rows
