"""Answering machines: told once, by leave of the warrant alone, and never sought where there is none."""
import asyncio

import numpy as np
import pytest

from switch.core.ids import Leg
from switch.media import g711
from switch.ports.media import MachineHeard
from tests.contracts.studio import Maker, studio, warrant_for
from tests.phones.rtp_phone import RtpPhone, tone

LASTS = 6.0
"""Seconds after which the greeting has been told, if anybody listens."""


def greeting() -> bytes:
    """Two seconds like speech, a gap, a beep of 1000 Hz, quiet; A-law."""
    at = np.arange(16000) / 8000
    voice = sum(np.sin(2 * np.pi * 130 * n * at) / n for n in range(2, 20)) * 3000 * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * at))
    beep = tone(1000, 0, 3200).astype(np.float64)
    whole = np.concatenate([voice, np.zeros(3200), beep, np.zeros(16000)])
    return g711.encode_alaw(np.asarray(np.clip(whole, -32768, 32767), np.int16))


async def a_machine_is_told_once(maker: Maker) -> None:
    """A greeting with its beep is MachineHeard on the outside leg, once, while the gate is shut."""
    outside = RtpPhone(1250, says=greeting())
    async with maker() as rig, studio(rig, outside=outside) as call:
        warrant = warrant_for(call.call)
        await call.connect(warrant)
        await call.engine.seek_machine(call.call, warrant)
        await call.until(MachineHeard, seconds=8)
        call.outside.says = greeting()
        await asyncio.sleep(LASTS)
        told = call.of(MachineHeard)
        assert len(told) == 1
        assert isinstance(told[0], MachineHeard)
        assert told[0].leg is Leg.OUTSIDE
        assert "beep" in told[0].why


async def a_machine_is_not_told_unasked(maker: Maker) -> None:
    """Nobody asked, or asked and took it back: nothing is told."""
    outside = RtpPhone(1250, says=greeting())
    async with maker() as rig, studio(rig, outside=outside) as call:
        warrant = warrant_for(call.call)
        await call.connect(warrant)
        await call.engine.seek_machine(call.call, warrant)
        await call.engine.seek_machine(call.call, None)
        await asyncio.sleep(LASTS)
        assert call.of(MachineHeard) == []


async def a_privileged_call_is_not_listened_to(maker: Maker) -> None:
    """Without the warrant that `settle` was given, asking is refused and the sound is looked at by nobody."""
    outside = RtpPhone(1250, says=greeting())
    async with maker() as rig, studio(rig, outside=outside) as call:
        await call.connect(None)
        with pytest.raises(PermissionError):
            await call.engine.seek_machine(call.call, warrant_for(call.call))
        await asyncio.sleep(LASTS)
        assert call.of(MachineHeard) == []


MACHINES = (a_machine_is_told_once, a_machine_is_not_told_unasked, a_privileged_call_is_not_listened_to)
