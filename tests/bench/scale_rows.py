"""The rows about size: the one read of a call's facts, and the decision on them, with the whole estate in PostgreSQL."""
import asyncio
import gc
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from dialplans.decide import decide
from switch.core.facts import Facts, SignedListFacts
from switch.core.ids import CallId, PersonId, PhoneId
from switch.core.numbers import Dialled, Unreadable, read_number
from switch.ports.records import CallRequest
from switch.store.database import Store
from switch.store.journal import Journal
from switch.store.pins import PinCost, PinHasher
from switch.store.records import Records
from tests.bench.bench_site import RunningSite
from tests.bench.estate import NOW, SETTINGS, Estate, Filled, fill
from tests.bench.machine import percentile
from tests.bench.words import Row, Size, run_name
from tests.postgres import PostgresServer
from tests.unit.dialplans.world import PLAN
from tests.unit.store.site import StandingClock

READ_MS, DECIDE_US = 5.0, 200.0
"""What is promised at p99: of one read as the switch asks it, and of one decision on what it says."""
AT_ONCE = 32
A_SECOND = 50
STRANGERS = 10
"""One request in so many is for a number that is nobody's contact."""


def at_scale(_site: RunningSite, size: Size) -> list[Row]:
    server = PostgresServer(**SETTINGS)
    try:
        server.start()
        began = time.monotonic()
        filled = fill(server, Estate(size.people, size.contacts, size.days))
        note = (f"{size.people} people, {size.contacts} contacts, {filled.calls} calls and {filled.postings} postings, "
                f"{filled.gigabytes:.1f} GB, made in {time.monotonic() - began:.0f} s; asked of {len(filled.asked)} people "
                "with a year of calls each")
        return asyncio.run(_measured(filled, size, note))
    finally:
        server.remove()


async def _measured(filled: Filled, size: Size, note: str) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="wingline-scale-") as folder:
        store, pins = Store(filled.url), PinHasher(PinCost(memory_kib=64, passes=1))
        clock = StandingClock(NOW)
        journal = Journal(Path(folder) / "journal", monotonic=clock.monotonic)
        records = Records(store, journal, clock, pins)
        try:
            asked = _requests(filled, size.reads, 0)
            read = await _alone(records, asked[: size.reads // 5])  # so that each session has planned its statements
            rows, alone = [], list[list[float]]()
            for run in range(size.times):
                asked = _requests(filled, size.reads, run + 1)
                read = await _alone(records, asked)
                alone.append([took for took, _ in read])
            rows += _runs("The one read of a call's facts", alone, "ms", READ_MS, note, size)
            chance = [await _by_chance(records, asked[: size.reads // 5]) for _ in range(size.times)]
            rows += _runs(f"The one read, {A_SECOND} a second, asked for by chance", chance, "ms", None, "", size)
            crowd = await _at_once(records, asked)
            rows.append(Row(f"The one read, {AT_ONCE} readers at once without a pause", _spread(crowd, "ms")))
        finally:
            await records.stop()
            await journal.close()
            await store.close()
            pins.close()
    known = [(request, facts) for (request, _), (_, facts) in zip(asked, read, strict=True)]
    decided = [_decided(known) for _ in range(size.times)]
    return rows + _runs("The decision on what it says", decided, "µs", DECIDE_US, "the estate's plan", size)


Asked = tuple[CallRequest, PersonId]


def _requests(filled: Filled, wanted: int, seed: int) -> list[Asked]:
    """Somebody at the telephone of their cell, for one of their numbers; every tenth for one of somebody else."""
    chance, made = random.Random(seed), []
    for at in range(wanted):
        person, phone, numbers = chance.choice(filled.asked)
        known = numbers if at % STRANGERS else chance.choice(filled.asked)[2]
        number = read_number(chance.choice(known))
        assert not isinstance(number, Unreadable)
        when = NOW + timedelta(milliseconds=at)
        made.append((CallRequest(CallId(f"asked-{at}"), PhoneId(phone), Dialled(number), when), PersonId(person)))
    return made


async def _read(records: Records, asked: Asked) -> tuple[float, Facts]:
    began = time.perf_counter()
    facts = await records.facts(*asked)
    return (time.perf_counter() - began) * 1000, facts


async def _alone(records: Records, asked: Sequence[Asked]) -> list[tuple[float, Facts]]:
    return [await _read(records, one) for one in asked]


async def _by_chance(records: Records, asked: Sequence[Asked]) -> list[float]:
    """Whether or not the last was answered, as people pick up their telephones."""
    chance, running = random.Random(2), []
    for one in asked:
        running.append(asyncio.create_task(_read(records, one)))
        await asyncio.sleep(chance.expovariate(A_SECOND))
    return [took for took, _ in await asyncio.gather(*running)]


async def _at_once(records: Records, asked: Sequence[Asked]) -> list[float]:
    share = [asked[at::AT_ONCE] for at in range(AT_ONCE)]
    return [took for one in await asyncio.gather(*(_alone(records, part) for part in share)) for took, _ in one]


def _decided(known: Sequence[tuple[CallRequest, Facts]]) -> list[float]:
    """Microseconds of each decision, on facts that the signed list was asked about."""
    ready = [(request, replace(facts, listed=SignedListFacts(7, problem=""))) for request, facts in known]
    took = []
    gc.collect()
    for request, facts in ready:
        began = time.perf_counter()
        decide(PLAN, facts, request.call, request.dialled)
        took.append((time.perf_counter() - began) * 1e6)
    return took


def _runs(what: str, runs: list[list[float]], unit: str, most: float | None, note: str, size: Size) -> list[Row]:
    """A promise is missed where every run misses it: what else the machine does is no fault of ours."""
    missed = most is not None and all(percentile(run, 0.99) >= most for run in runs)
    promise = "" if most is None else f"promised under {most:g} {unit} at p99"
    return [Row(f"{what}{run_name(at, size)}", _spread(run, unit), promise, "", "" if at else note, missed)
            for at, run in enumerate(runs)]


def _spread(values: Sequence[float], unit: str) -> str:
    digits = 2 if unit == "ms" else 0
    told = (f"{name} {percentile(values, share):.{digits}f}" for name, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)))
    return f"{', '.join(told)} {unit}"
