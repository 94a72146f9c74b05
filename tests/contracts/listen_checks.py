"""Live listening: both voices and nothing before or after the ticket, nothing on the call itself, never without a warrant."""
import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from switch.core.grants import ListenTicket
from switch.core.ids import CallId, StaffId
from switch.media import g711
from switch.ports.media import TapRunning
from tests.contracts.studio import CELL_HZ, OUTSIDE_HZ, Maker, Studio, studio, warrant_for
from tests.phones.ears import share_with, tones_in

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def ticket(call: str = "call-1", nonce: str = "n1", seconds: float = 30.0, key: bytes = bytes(32)) -> ListenTicket:
    """As one that came from the desk, and was checked."""
    return ListenTicket(CallId(call), StaffId("listener"), "a1", nonce, NOON - timedelta(seconds=1),
                        NOON + timedelta(seconds=seconds), key)


@dataclass
class Ear:
    frames: list[bytes] = field(default_factory=list)
    places: list[int] = field(default_factory=list)

    def hear(self, position: int, frame: bytes) -> None:
        self.places.append(position)
        self.frames.append(frame)

    def channels(self) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        sound = b"".join(self.frames)
        return g711.decode_alaw(sound[::2]), g711.decode_alaw(sound[1::2])


async def _a_second(call: Studio, ear: Ear) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """What the two on the call hear in a second, and the ear with them; one in which no phone spoke late, as a busy machine makes
    them: what comes later than a tap waits for is rightly not heard."""
    for _ in range(20):
        call.cell.late = call.outside.late = 0.0
        await asyncio.sleep(0.25)  # what is heard now was spoken before
        ear.frames.clear()
        ear.places.clear()
        heard = await call.hear(1.0, settle=0.0)
        if max(call.cell.late, call.outside.late) < 0.1:
            return heard
    raise AssertionError("in no second of twenty did the phones speak in time")


async def _talks(call: Studio) -> None:
    await call.connect(warrant_for(call.call))
    await call.engine.record(call.call, warrant_for(call.call))
    await call.until(TapRunning)
    await call.engine.gate(call.call, True)


async def both_voices_are_heard_apart(maker: Maker) -> None:
    """The person in prison left, the contact right, 20 ms at a time, as they come; the two on the call hear what they did."""
    async with maker() as rig, studio(rig) as call:
        await _talks(call)
        await asyncio.sleep(0.3)
        ear = Ear()
        await call.engine.listen(call.call, ticket(), NOON, ear.hear)
        cell, outside = await _a_second(call, ear)
        count = len(ear.frames)
        assert 45 <= count <= 60, f"{count} frames in a second"
        assert {len(frame) for frame in ear.frames} == {320}
        first = ear.places[0]
        assert 800 <= first < 400_000, "where it begins is not told by the recording's clock"
        assert ear.places == [first + 160 * number for number in range(count)]
        left, right = ear.channels()
        assert tones_in(left) == {CELL_HZ}, "left must have the person in prison and nobody else"
        assert tones_in(right) == {OUTSIDE_HZ}, "right must have the contact and nobody else"
        assert share_with(left, CELL_HZ) > 0.9
        assert share_with(right, OUTSIDE_HZ) > 0.9, "there are holes in what is heard"
        assert tones_in(cell) == {OUTSIDE_HZ}
        assert tones_in(outside) == {CELL_HZ}


async def it_ends_with_the_ticket_and_goes_on_with_the_next(maker: Maker) -> None:
    """It stops by itself; another ticket of the same key goes on, one of another key is another listener."""
    async with maker() as rig, studio(rig) as call:
        await _talks(call)
        ear, other = Ear(), Ear()
        await call.engine.listen(call.call, ticket(seconds=0.3), NOON, ear.hear)
        await asyncio.sleep(0.2)
        await call.engine.listen(call.call, ticket(nonce="n2", seconds=0.4), NOON, ear.hear)
        await call.engine.listen(call.call, ticket(nonce="n3", seconds=0.9, key=bytes(31) + b"\1"), NOON, other.hear)
        await asyncio.sleep(0.7)
        count = len(ear.frames)
        assert 20 <= count <= 33, f"{count} frames in 0.6 s: the ticket's end was not kept, or the first one's was"
        assert len(other.frames) > 25
        await asyncio.sleep(0.4)
        assert len(ear.frames) == count, "heard on after the ticket was over"
        before = len(other.frames)
        await asyncio.sleep(0.2)
        assert len(other.frames) == before
        assert call.call in call.engine.tapped


async def no_ticket_opens_what_it_is_not_for(maker: Maker) -> None:
    """Of another call, used already, over, to come: refused, and nothing is heard."""
    async with maker() as rig, studio(rig) as call:
        await _talks(call)
        ear = Ear()
        late, early = NOON + timedelta(seconds=30), NOON - timedelta(seconds=1, microseconds=1)
        for wrong, at in ((ticket("call-2"), NOON), (ticket(), late), (ticket(), early)):
            with pytest.raises(PermissionError):
                await call.engine.listen(call.call, wrong, at, ear.hear)
        with pytest.raises(KeyError):
            await call.engine.listen(CallId("call-2"), ticket("call-2"), NOON, ear.hear)
        await call.engine.listen(call.call, ticket(seconds=0.1), NOON, lambda position, frame: None)
        with pytest.raises(PermissionError):
            await call.engine.listen(call.call, ticket(), NOON, ear.hear)
        await asyncio.sleep(0.3)
        assert ear.frames == []


async def a_privileged_call_is_heard_by_nobody(maker: Maker) -> None:
    """Settled without a warrant, or not settled yet: refused whatever the ticket, and nothing is attached."""
    async with maker(calls=2) as rig:
        for settle in (True, False):
            async with studio(rig) as call:
                await call.connect(None, settle=settle)
                await call.engine.gate(call.call, True)
                ear = Ear()
                with pytest.raises(PermissionError):
                    await call.engine.listen(call.call, ticket(), NOON, ear.hear)
                with pytest.raises(PermissionError):
                    await call.engine.record(call.call, warrant_for(call.call))
                await asyncio.sleep(0.3)
                assert ear.frames == []
                assert call.engine.tapped == frozenset()


async def nothing_is_heard_of_a_call_that_is_over(maker: Maker) -> None:
    """The end of the call is the end of listening."""
    async with maker() as rig, studio(rig) as call:
        await _talks(call)
        ear = Ear()
        await call.engine.listen(call.call, ticket(), NOON, ear.hear)
        await asyncio.sleep(0.3)
        await call.close()
        count = len(ear.frames)
        assert count > 3
        await asyncio.sleep(0.2)
        assert len(ear.frames) == count


LISTEN = (both_voices_are_heard_apart, it_ends_with_the_ticket_and_goes_on_with_the_next, no_ticket_opens_what_it_is_not_for,
          a_privileged_call_is_heard_by_nobody, nothing_is_heard_of_a_call_that_is_over)
