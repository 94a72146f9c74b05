"""What is recorded, and what must not be. Each check takes any engine's maker."""
import asyncio
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from switch.core.ids import Leg
from switch.ports.media import MediaEvent, PlayEnded, TapRunning, TapStopped
from tests.contracts.studio import CELL_HZ, OUTSIDE_HZ, Maker, Studio, studio, warrant_for
from tests.phones.ears import level_of, share_with, tones_in
from tests.phones.rtp_phone import RtpPhone, Weather
from tests.vaults import spooled


async def _recorded(call: Studio) -> float:
    """Start the recorder and wait until it runs; the moment it was asked for."""
    began = time.monotonic()
    await call.engine.record(call.call, warrant_for(call.call))
    await call.until(TapRunning)
    return began


def _sounding(channel: NDArray[np.int16], hz: float) -> list[bool]:
    """For each tenth of a second, whether the tone sounds."""
    return [level_of(channel[at : at + 800], hz) > -30 for at in range(0, len(channel) - 799, 800)]


async def each_channel_has_one_voice(maker: Maker) -> None:
    """Person in prison left, contact right, nothing of the other, of prompts, or of the time before the recorder."""
    async with maker() as rig, studio(rig) as call:
        await call.connect(warrant_for("call-1"))
        await asyncio.sleep(0.3)
        call.cell.hz, call.outside.hz = CELL_HZ + 260, OUTSIDE_HZ + 350
        await asyncio.sleep(0.15)
        began = await _recorded(call)
        await call.engine.gate(call.call, True)
        await asyncio.sleep(0.4)
        await call.engine.play(call.call, Leg.CELL, ("low",), tag="warning")
        await call.until(PlayEnded)
        await asyncio.sleep(0.4)
        talked = time.monotonic() - began
        report = await call.close()
        left, right = call.channels()
        assert tones_in(left) == {700}, "left must have the person in prison and nobody else"
        assert tones_in(right) == {1600}, "right must have the contact and nobody else"
        assert share_with(left[800:-800], 700) > 0.85
        assert share_with(right[800:-800], 1600) > 0.85, "a warning to one leg tore a hole into what the other said"
        assert abs(level_of(left, 700) + 12) < 1
        assert report.recording is not None
        assert abs(report.recording.seconds - talked) < 0.06
        assert abs(len(left) / 8000 - talked) < 0.06


async def a_recording_is_as_long_as_the_talk(maker: Maker) -> None:
    """Under loss, jitter, reordering and a clock that runs slow the file's clock is the call's clock."""
    cell = RtpPhone(CELL_HZ, weather=Weather(loss=0.1, jitter=0.03, swap=0.05))
    outside = RtpPhone(OUTSIDE_HZ, weather=Weather(loss=0.1, jitter=0.06, rate=0.98))
    async with maker() as rig, studio(rig, cell, outside) as call:
        await call.connect(warrant_for("call-1"))
        await asyncio.sleep(0.1)
        began = await _recorded(call)
        await call.engine.gate(call.call, True)
        await asyncio.sleep(3.0)
        talked = time.monotonic() - began
        report = await call.close()
        left, right = call.channels()
        assert abs(len(left) / 8000 - talked) < 0.06, f"{len(left) / 8000:.3f} s recorded of {talked:.3f} s"
        for channel, hz in ((left, CELL_HZ), (right, OUTSIDE_HZ)):
            assert tones_in(channel[2400:4800]) >= {round(hz / 10) * 10}
            silent = float((np.abs(channel[1600:-2400].astype(int)) <= 8).mean())
            assert 0.03 < silent < 0.22, f"{silent:.2f} is silence: lost packets alone must be, late ones lie in their place"
        assert report.legs[Leg.CELL].lost > 3
        assert report.legs[Leg.CELL].jitter_ms > 1


async def a_gap_stays_silence(maker: Maker) -> None:
    """A side that sends nothing for half a second is silent for half a second in its place, and nothing moves up."""
    async with maker() as rig, studio(rig) as call:
        await call.connect(warrant_for("call-1"))
        await asyncio.sleep(0.1)
        began = await _recorded(call)
        await call.engine.gate(call.call, True)
        spans = []
        for silent in (False, True, False):
            call.cell.silent = silent
            spans.append(time.monotonic() - began)
            await asyncio.sleep(0.6)
        talked = time.monotonic() - began
        await call.close()
        left, right = call.channels()
        assert abs(len(left) / 8000 - talked) < 0.06, f"{len(left) / 8000:.3f} s recorded of {talked:.3f} s"
        gap = left[int((spans[1] + 0.06) * 8000) : int((spans[2] - 0.06) * 8000)]
        assert not (np.abs(gap.astype(int)) > 100).any(), "the gap was closed or filled"
        assert share_with(left[800 : int((spans[1] - 0.06) * 8000)], CELL_HZ) > 0.85
        assert share_with(left[int((spans[2] + 0.06) * 8000) : -480], CELL_HZ) > 0.85
        assert all(_sounding(right, OUTSIDE_HZ)[1:-1])


async def no_tap_without_its_warrant(maker: Maker) -> None:
    """No recording before `settle`, of a call settled without a warrant, or by another call's; and nothing on the disk."""
    async with maker(calls=2) as rig, studio(rig) as call:
        await call.connect(settle=False)
        with pytest.raises(PermissionError):
            await call.engine.record(call.call, warrant_for("call-1"))
        await call.engine.settle(call.call, None)
        for _ in range(2):
            with pytest.raises(PermissionError):
                await call.engine.settle(call.call, warrant_for("call-1"))
            with pytest.raises(PermissionError):
                await call.engine.record(call.call, warrant_for("call-1"))
        call.outside.aim(await call.engine.offer(call.call, Leg.OUTSIDE))
        await call.engine.answered(call.call, Leg.OUTSIDE, call.outside.sdp())
        await call.engine.gate(call.call, True)
        with pytest.raises(PermissionError):
            await call.engine.record(call.call, warrant_for("call-1"))
        cell, _ = await call.hear(0.3)
        assert tones_in(cell) == {1250}
        assert (await call.close()).recording is None
        assert call.of(TapRunning) == []
        assert list(rig.recordings.iterdir()) == []
        async with studio(rig, call="call-2") as other:
            await other.engine.open(other.call, other.tell)
            with pytest.raises(PermissionError):
                await other.engine.settle(other.call, warrant_for("call-1"))


async def no_offer_before_it_is_settled(maker: Maker) -> None:
    """Nobody outside is offered media before it was said whether the call may be tapped; it is said once."""
    async with maker() as rig, studio(rig) as call:
        await call.engine.open(call.call, call.tell)
        with pytest.raises(PermissionError):
            await call.engine.offer(call.call, Leg.OUTSIDE)
        await call.engine.settle(call.call, warrant_for("call-1"))
        with pytest.raises(PermissionError):
            await call.engine.settle(call.call, warrant_for("call-1"))
        assert b"m=audio" in await call.engine.offer(call.call, Leg.OUTSIDE)


async def running_means_on_the_disk(maker: Maker) -> None:
    """At the moment TapRunning is told the file is there, and can be read as a recording."""
    async with maker() as rig, studio(rig) as call:
        found: list[list[Path]] = []

        def look(event: MediaEvent) -> None:
            if isinstance(event, TapRunning):
                found.append([path for path in rig.recordings.iterdir() if spooled(path) == b""])

        call.when_told = look
        await call.connect(warrant_for("call-1"))
        await _recorded(call)
        assert [len(paths) for paths in found] == [1], "the recorder was said to run, and there is no file"
        for _ in range(100):  # ten times the bound, for a crowded machine
            await asyncio.sleep(0.13)
            if (size := found[0][0].stat().st_size) > 0.3 * 16000:
                return
        raise AssertionError(f"after 13 s only {size} bytes are on the disk")
        assert call.of(TapStopped) == []


TAP = (
    each_channel_has_one_voice, a_recording_is_as_long_as_the_talk, a_gap_stays_silence, no_tap_without_its_warrant,
    no_offer_before_it_is_settled, running_means_on_the_disk,
)
