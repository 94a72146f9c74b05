"""`kill -9` of the switch while several calls run: who rings whom, when the blow falls, and what the phones saw of it."""
import asyncio
import os
import random
import signal
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from switch.media import g711
from switch.runtime.control import ask
from tests.phones.ears import share_with
from tests.phones.prompts_heard import library
from tests.phones.site import Site
from tests.phones.telephone import STEADY, Leg, Telephone, cell, outside

CELL, FAMILY = 3650.0, 3850.0
SPREAD = 2.0
"""Seconds over which the telephones of a round dial."""
CONTROL_ROOM = "control-room"
CUT_OFF = "cut off"


@dataclass(frozen=True, slots=True)
class Part:
    """What one telephone does in a round. `far` is the number as it arrives outside, where it differs from what is dialled."""

    phone: str
    dials: str
    keys: str = ""
    """Whose number and PIN, or whose PIN, is keyed: filled from the site."""
    number_too: bool = False
    far: str = ""
    price: int = 0
    """Thousandths of a penny a minute; 0 is free."""
    private: bool = False
    leaves: bool = False
    """One of the two hangs up just when the blow is due."""


PARTS = (
    Part("101", "07700900101", "A1001AA", price=7500, leaves=True),
    Part("102", "02079460130", "A1006AF", price=2470, private=True),
    Part("103", "07700900103", price=7500, leaves=True),
    Part("104", "07700900104", "A1003AC", number_too=True, price=7500),
    Part("105", "07700900105", "A1005AE", price=7500),
    Part("106", "116123", private=True),
    Part("107", "999", far=CONTROL_ROOM),
    Part("108", "07700900108", "A1002AB", price=7500),
)
OTHERS = (
    Part("101", "01632960111", "A1001AA", price=2470, leaves=True),
    Part("103", "07700900999"),  # refused: unapproved
    Part("106", "07700900106"),  # keys asked for and not given
    Part("107", "0800555111", private=True, leaves=True),
)


@dataclass(eq=False)
class Seen:
    """One call as both phones had it. Moments are monotonic seconds of this machine."""

    part: Part
    leg: Leg
    far: Leg | None = None
    left_at: float | None = None
    """When one of the two hung up."""

    how: str = ""
    """How the telephone in the cell saw it end; CUT_OFF when it did not before the switch was gone."""
    far_how: str = ""

    @property
    def told(self) -> bool:
        """One side hung up, and the other was told so: the switch was closing this call, or had closed it."""
        return self.left_at is not None and "bye" in (self.how, self.far_how)

    @property
    def began(self) -> float | None:
        """When the gate opened, by the beep, or where there is none by the first voice. None when neither came through."""
        second, row = library().alaw("beep")[160:320], 0
        for one in self.leg.set.heard:
            if one.payload == second:
                return one.at - 0.02
            row = row + 1 if one.kind == g711.PCMA and voiced(one.payload, FAMILY) else 0
            if row == STEADY:  # a frame of speech or two may look like it
                return one.at - 0.02 * (STEADY - 1)
        return None

    @property
    def talked(self) -> float:
        """Seconds from the beep to the last packet that came from the switch, or to the end that a phone made."""
        if (began := self.began) is None:
            return 0.0
        last = max(one.at for one in self.leg.set.heard)
        return (last if self.left_at is None else self.left_at) - began


def voiced(payload: bytes, hz: float) -> bool:
    return share_with(g711.decode_alaw(payload), hz, -20.0) == 1.0


@dataclass(eq=False)
class Round:
    """What happened: all calls, when the switch died, and how long nobody answered."""

    seed: int
    way: str
    calls: list[Seen] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    """By telephone, as the switch had it a few milliseconds before the blow, or before the hang-up that led to it."""
    died_at: float = 0.0
    back_after: float = 0.0

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, {self.way}, back after {self.back_after:.2f} s"]
        for one in self.calls:
            lines.append(f"  {one.part.phone} -> {one.part.dials}: {'rang' if one.far else 'did not ring'}, "
                         f"talked {one.talked:.2f} s, {one.how}; {self.states.get(one.part.phone, '-')}")
        return "\n".join(lines)


async def one_round(site: Site, seed: int) -> Round:
    """Ring, kill, wait until the supervisor has the switch back. The phones are gone when this returns."""
    rng = random.Random(seed)
    way = ("at random", "at a hang-up", "inside a write of the database", "inside a write of the journal")[seed % 4]
    done = Round(seed, way)
    replaced = {part.phone: part for part in OTHERS if rng.random() < 0.4}
    parts = [replaced.get(part.phone, part) for part in PARTS]
    async with AsyncExitStack() as stack:
        family = await stack.enter_async_context(outside(site))
        phones = {part.phone: await stack.enter_async_context(cell(site, part.phone)) for part in parts}
        answering = asyncio.create_task(_answer(family, done, rng))
        dialling = [asyncio.create_task(_dial(site, phones[part.phone], part, rng.uniform(0, SPREAD), done)) for part in parts]
        await asyncio.sleep(rng.uniform(0.2, 6.5) if way == "at random" else rng.uniform(2.5, 5.0))
        pid = site.role("switch")
        done.states = await _states(site)
        await BLOWS[way](site, pid, phones, family, done, rng)
        for task in (answering, *dialling):
            task.cancel()
        await asyncio.gather(answering, *dialling, return_exceptions=True)
        await asyncio.sleep(0.1)  # what the kernel still had for the phones
        for one in done.calls:
            one.how, one.far_how = _how(one.leg), _how(one.far)
            await one.leg.set.stop()
            if one.far:
                await one.far.set.stop()
        await site.serving(after=pid)
        done.back_after = time.monotonic() - done.died_at
    return done


def _how(leg: Leg | None) -> str:
    return leg.ended.result() if leg is not None and leg.ended.done() else CUT_OFF


async def _states(site: Site) -> dict[str, str]:
    answer = await asyncio.to_thread(ask, site.folder / "state" / "control.sock", {"do": "calls"})
    return {row["phone"]: row["state"] for row in answer["calls"]}


async def _dial(site: Site, phone: Telephone, part: Part, wait: float, done: Round) -> None:
    await asyncio.sleep(wait)
    leg = await phone.dial(part.dials, CELL)
    done.calls.append(Seen(part, leg))
    await leg.up()
    if part.keys:
        number = site.person(part.keys)["keyed"] if part.number_too else ""
        leg.set.press(number + site.pin(part.keys))


async def _answer(family: Telephone, done: Round, rng: random.Random) -> None:
    """Each call that comes in rings for a moment. Its number tells which it is: no two calls of a round have the same."""
    answers: set[asyncio.Task[None]] = set()
    try:
        while True:
            far = await family.rings.get()
            seen = next(one for one in done.calls if far.number.lstrip("+") in _names(one.part))
            assert seen.far is None, f"{far.number} was rung twice"
            seen.far = far
            answers.add(asyncio.create_task(_pick_up(family, far, rng.uniform(0.0, 0.6))))
    finally:
        for task in answers:
            task.cancel()


def _names(part: Part) -> tuple[str, ...]:
    return part.far or part.dials, "44" + part.dials.lstrip("0")


async def _pick_up(family: Telephone, far: Leg, wait: float) -> None:
    await asyncio.sleep(wait)
    if not far.ended.done():
        await family.answer(far, FAMILY)


# the blow


def _kill(pid: int, done: Round) -> None:
    os.kill(pid, signal.SIGKILL)
    done.died_at = time.monotonic()


async def _at_random(_: Site, pid: int, phones: dict[str, Telephone], family: Telephone, done: Round, rng: random.Random) -> None:
    _kill(pid, done)


def _leave(phones: dict[str, Telephone], family: Telephone, done: Round, rng: random.Random) -> None:
    """Whoever is to leave and talks hangs up now, some in the cell and some outside."""
    for one in done.calls:
        if one.part.leaves and one.far is not None and one.far.answered.is_set() and not one.leg.ended.done():
            one.left_at = time.monotonic()
            if rng.random() < 0.5:
                phones[one.part.phone].hangup(one.leg)
            else:
                family.hangup(one.far)


async def _at_a_hang_up(site: Site, pid: int, phones: dict[str, Telephone], family: Telephone, done: Round,
                        rng: random.Random) -> None:
    _leave(phones, family, done, rng)
    await asyncio.sleep(rng.uniform(0.0, 0.06))
    _kill(pid, done)


EXECUTIONER = """
import ctypes, os, sys, time
pid, path, wait = int(sys.argv[1]), sys.argv[2].encode(), float(sys.argv[3])
libc = ctypes.CDLL(None)
fd = libc.inotify_init1(os.O_CLOEXEC)
assert libc.inotify_add_watch(fd, path, 2) >= 0, path
print("armed", flush=True)
sys.stdin.readline()
os.set_blocking(fd, False)
try:
    while os.read(fd, 65536): pass
except BlockingIOError: pass
os.set_blocking(fd, True)
os.read(fd, 65536)
end = time.perf_counter() + wait
while time.perf_counter() < end: pass
os.kill(pid, 9)
print(time.monotonic(), flush=True)
"""
"""Kills at the next write to a file, a few hundred microseconds into the transaction: no debug hook is in the switch."""


async def _inside_a_write(file: Path, pid: int, phones: dict[str, Telephone], family: Telephone, done: Round,
                          rng: random.Random) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-S", "-c", EXECUTIONER, str(pid), str(file), f"{rng.uniform(0.0, 0.002):.6f}",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    assert await process.stdout.readline() == b"armed\n"
    _leave(phones, family, done, rng)
    process.stdin.write(b"now\n")
    done.died_at = float(await asyncio.wait_for(process.stdout.readline(), 10.0))
    await process.wait()


async def _inside_the_database(site: Site, pid: int, phones: dict[str, Telephone], family: Telephone, done: Round,
                               rng: random.Random) -> None:
    await _inside_a_write(site.folder / "state" / "wingline.db-wal", pid, phones, family, done, rng)


async def _inside_the_journal(site: Site, pid: int, phones: dict[str, Telephone], family: Telephone, done: Round,
                              rng: random.Random) -> None:
    await _inside_a_write(site.folder / "state" / "journal" / "example.journal", pid, phones, family, done, rng)


BLOWS = {"at random": _at_random, "at a hang-up": _at_a_hang_up, "inside a write of the database": _inside_the_database,
         "inside a write of the journal": _inside_the_journal}
