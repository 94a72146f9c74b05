"""The studio in which engines are tried: tone prompts, a rig around one engine, and a call between two phones."""
import asyncio
import random
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from switch.core.grants import Privacy, RecordingWarrant
from switch.core.ids import CallId, Leg
from switch.media import g711
from switch.ports.media import MediaEngine, MediaEvent, MediaReport
from tests.phones.rtp_phone import RtpPhone, tone
from tests.vaults import spooled

CELL_HZ, OUTSIDE_HZ = 440, 1250
PROMPTS = {"low": (600, 0.4), "high": (900, 0.3), "hum": (2000, 0.1)}
"""Prompt id: its tone in Hz and its seconds."""


class TonePrompts:
    """A prompt library whose every prompt is a tone of its own."""

    def __init__(self) -> None:
        self._sounds = {name: g711.encode_alaw(tone(hz, 0, int(seconds * 8000))) for name, (hz, seconds) in PROMPTS.items()}

    def alaw(self, prompt_id: str) -> bytes:
        return self._sounds[prompt_id]

    def seconds(self, prompt_id: str) -> float:
        return PROMPTS[prompt_id][1]


@dataclass(slots=True)
class Rig:
    """One engine, ready, and where its recordings land."""

    engine: MediaEngine
    recordings: Path


Maker = Callable[..., AbstractAsyncContextManager[Rig]]
"""`maker(calls=..., silent_after=...)`: a rig with ports for so many calls at once."""
Check = Callable[[Maker], Awaitable[None]]


def free_ports(count: int) -> tuple[int, int]:
    """First and last of `count` UDP ports in a row that nobody has bound, below the ephemeral ones; the first is even."""
    for _ in range(200):
        first = random.randrange(16000, 32000 - count, 2)
        held = []
        try:
            for port in range(first, first + count):
                one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                held.append(one)
                one.bind(("127.0.0.1", port))
        except OSError:
            continue
        else:
            return first, first + count - 1
        finally:
            for one in held:
                one.close()
    raise OSError("no free ports in a row")


def warrant_for(call: str) -> RecordingWarrant:
    return RecordingWarrant(CallId(call), Privacy.MONITORED)


@dataclass(eq=False)
class Studio:
    """One call: a phone in the cell at 440 Hz, one outside at 1250 Hz, and all that the engine told."""

    engine: MediaEngine
    recordings: Path
    cell: RtpPhone
    outside: RtpPhone
    call: CallId = CallId("call-1")
    told: list[tuple[float, MediaEvent]] = field(default_factory=list)
    when_told: Callable[[MediaEvent], None] = lambda event: None
    report: MediaReport | None = None

    def tell(self, event: MediaEvent) -> None:
        self.told.append((time.monotonic(), event))
        self.when_told(event)

    @property
    def events(self) -> list[MediaEvent]:
        return [event for _, event in self.told]

    def of(self, kind: type) -> list[MediaEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, kind: type, count: int = 1, seconds: float = 3.0) -> None:
        """Wait until so many events of a kind were told; AssertionError with everything told when they were not."""
        end = time.monotonic() + seconds
        while len(self.of(kind)) < count:
            assert time.monotonic() < end, f"{count} {kind.__name__} awaited, told: {self.events}"
            await asyncio.sleep(0.005)

    async def connect(self, warrant: RecordingWarrant | None = None, settle: bool = True, start: bool = True) -> None:
        """As a call goes: open, accept the cell, settle, offer and answer outside; both phones speak."""
        await self.engine.open(self.call, self.tell)
        self.cell.aim(await self.engine.accept(self.call, Leg.CELL, self.cell.sdp()))
        if settle:
            await self.engine.settle(self.call, warrant)
            self.outside.aim(await self.engine.offer(self.call, Leg.OUTSIDE))
            await self.engine.answered(self.call, Leg.OUTSIDE, self.outside.sdp())
        if start:
            self.cell.start()
            self.outside.start()

    async def hear(self, seconds: float, settle: float = 0.06) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """What the cell and the outside hear in the next so many seconds, after what is on its way has landed."""
        await asyncio.sleep(settle)
        since = time.monotonic()
        await asyncio.sleep(seconds)
        return self.cell.ear(since), self.outside.ear(since)

    async def close(self) -> MediaReport:
        self.report = await self.engine.close(self.call)
        return self.report

    def channels(self) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """The sealed recording: left and right."""
        assert self.report is not None
        assert self.report.recording is not None, "there is no sealed recording"
        samples = g711.decode_alaw(spooled(Path(self.report.recording.path))).reshape(-1, 2)
        return samples[:, 0], samples[:, 1]


@asynccontextmanager
async def studio(rig: Rig, cell: RtpPhone | None = None, outside: RtpPhone | None = None,
                 call: str = "call-1") -> AsyncIterator[Studio]:
    """Two open phones and a call that is not begun; all of it is closed at the end."""
    near = await (cell or RtpPhone(CELL_HZ)).open()
    far = await (outside or RtpPhone(OUTSIDE_HZ)).open()
    made = Studio(rig.engine, rig.recordings, near, far, CallId(call))
    try:
        yield made
    finally:
        await rig.engine.close(made.call)
        await near.close()
        await far.close()
