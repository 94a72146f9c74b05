"""One call rung for proof: a telephone of a cell and whoever answers outside, both ours, each with a sound of its own."""
import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from switch.media import g711
from switch.sip.events import DialogId
from switch.softphone.ears import Ear, Sounds
from switch.softphone.phone import SoftCall, SoftPhone

CELL, OUTSIDE = "cell", "outside"
SECONDS = 4.0
"""Length of each sound; it is spoken over and over."""
STEP = 320
"""Samples of one tone: 40 ms."""
CLEARLY = 60
"""Frames that each must hear of the other before they talk on."""
TALK = 3.0
"""Seconds for which they talk on."""
RING_SECONDS = 90.0
LOOK = 0.5


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is rung: the switch's SIP address, the telephone's own address and account, and where the number is answered."""

    switch: tuple[str, int]
    host: str
    user: str
    password: str
    answers: tuple[str, int]
    run: str
    """This run's id, no other's."""


@dataclass(frozen=True, slots=True)
class Rung:
    """What came of it: whether both were up, and how many frames of the other's sound each heard; `ended` is how the cell's call
    did (a SIP status, or `bye`), or empty where it hung up itself."""

    talked: bool
    cell_heard: int
    outside_heard: int
    ended: str


def proof_sounds(seed: str) -> dict[str, bytes]:
    """Two sounds that no other call ever makes, as A-law: tones in a row, drawn from `seed`."""
    drawn = np.random.default_rng(list(seed.encode()))
    return {name: _tune(drawn) for name in (CELL, OUTSIDE)}


def _tune(drawn: np.random.Generator) -> bytes:
    notes = drawn.uniform(350.0, 3000.0, int(SECONDS * g711.RATE / STEP))
    phase = np.cumsum(np.repeat(2 * np.pi * notes / g711.RATE, STEP))
    return g711.encode_alaw((8000 * np.sin(phase)).astype(np.int16))


async def ring(place: Place, number: str, sounds: Sounds, while_talking: Callable[[], Awaitable[None]]) -> Rung:
    """Ring `number` and let both talk until each clearly heard the other; `while_talking` is awaited again and again meanwhile.
    OSError where a port is taken. The longest that it takes is RING_SECONDS."""
    far = SoftPhone(place.answers[0], place.switch, sounds, run=place.run)
    near = SoftPhone(place.host, place.switch, sounds, place.user, place.password, place.run)
    picked: asyncio.Future[SoftCall] = asyncio.get_running_loop().create_future()
    answering: set[asyncio.Task[None]] = set()

    async def answer(dialog: DialogId) -> None:
        far.ring(dialog)
        call = await far.answer(dialog, number)
        call.sound.say(sounds[OUTSIDE])
        if not picked.done():
            picked.set_result(call)

    def rings(_number: str, dialog: DialogId) -> None:
        task = asyncio.get_running_loop().create_task(answer(dialog))
        answering.add(task)
        task.add_done_callback(answering.discard)

    far.on_ring = rings
    call: SoftCall | None = None
    try:
        await far.start(place.answers[1])
        await near.start()
        call = await near.call(number)
        call.sound.say(sounds[CELL])
        try:
            async with asyncio.timeout(RING_SECONDS):
                either: set[asyncio.Future[Any]] = {picked, call.ended}
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                if picked.done():
                    await _talk(call, picked.result(), while_talking)
        except TimeoutError:
            pass  # what was heard until then is told
        ended = call.ended.result() if call.ended.done() else ""
        near.hangup(call)
        heard = _heard(picked.result().sound.ear, CELL) if picked.done() else 0
        if picked.done():
            await asyncio.wait({picked.result().ended}, timeout=5.0)
        return Rung(picked.done(), _heard(call.sound.ear, OUTSIDE), heard, ended)
    finally:
        near.close()
        far.close()
        for task in answering:
            task.cancel()


async def _talk(call: SoftCall, other: SoftCall, while_talking: Callable[[], Awaitable[None]]) -> None:
    """Until both clearly heard each other, and TALK seconds more, or until the call ends."""
    loop, until = asyncio.get_running_loop(), 0.0
    while not call.ended.done() and (until == 0.0 or loop.time() < until):
        await asyncio.wait({call.ended}, timeout=LOOK)
        if until == 0.0 and min(_heard(call.sound.ear, OUTSIDE), _heard(other.sound.ear, CELL)) >= CLEARLY:
            until = loop.time() + TALK
        await while_talking()


def _heard(ear: Ear, name: str) -> int:
    return ear.heard[name].frames if name in ear.heard else 0
