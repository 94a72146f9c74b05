"""A load of 88,000 people by one process while another opens calls at a steady rate: what a call's opening waits for it.

The process that loads is this file run as a module. PINs are not hashed in earnest: that is done before the transaction begins,
and takes what it takes of one core.
"""
import asyncio
import subprocess
import sys
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import func, select

from switch.core.ids import PersonId
from switch.desk import bulk
from switch.desk.asking import Desk, Refused
from switch.desk.rows import Kind
from switch.store.audit import verify_audit
from switch.store.calls import OpenCall, request_row
from switch.store.database import Store
from switch.store.errors import StoreUnavailable
from switch.store.tables import people
from switch.store.unit_of_work import SqlUnitOfWork
from tests.postgres import PostgresServer
from tests.unit.store.site import AT, Site, decision, make_site, request
from tests.unit.store.test_apart import BOUND, STAFF, Quick, table

ROOT = Path(__file__).parents[2]
PEOPLE = 88_000
RATE = 25
"""Calls opened a second: the whole estate's at its busiest, on one database."""
QUIET = 10.0


@dataclass
class Openings:
    """Calls opened at a steady rate, whether or not those before are through: who waits is not forgotten."""

    site: Site
    waited: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    _serial: count = field(default_factory=count)  # type: ignore[type-arg]  # of ints

    async def until(self, over: "asyncio.Future[object]") -> None:
        loop, tasks, due = asyncio.get_running_loop(), [], asyncio.get_running_loop().time()
        while not over.done():
            tasks.append(loop.create_task(self._one(next(self._serial))))
            due += 1 / RATE
            await asyncio.sleep(max(0.0, due - loop.time()))
        await asyncio.gather(*tasks)

    async def _one(self, n: int) -> None:
        """The one read and the record that is durable before anything is dialled."""
        asked, who = request(f"c{n}"), PersonId(f"Z{n % 10_000:04}ZZ")
        began = time.perf_counter()
        try:
            await self.site.records.facts(asked, who)
            await self.site.store.write(OpenCall(asked, request_row(asked, who, decision(f"c{n}"), "node")))
            self.waited.append(time.perf_counter() - began)
        except StoreUnavailable as error:
            self.failed.append(f"{time.perf_counter() - began:.1f} s: {error}")

    def told(self, when: str) -> str:
        ordered = sorted(self.waited) or [0.0]
        return (f"{when}: {len(self.waited)} calls opened, half in {ordered[len(ordered) // 2] * 1e3:.1f} ms, 99% in "
                f"{ordered[int(len(ordered) * 0.99)] * 1e3:.0f} ms, the slowest in {ordered[-1] * 1e3:.0f} ms; "
                f"{len(self.failed)} refused")


async def measured(site: Site, people_to_load: int) -> tuple[Openings, Openings, float, str]:
    """Openings on a quiet database and during the load, how long that took, and what it said."""
    quiet, busy = Openings(site), Openings(site)
    await quiet.until(asyncio.ensure_future(asyncio.sleep(QUIET)))
    busy._serial = quiet._serial
    began = time.perf_counter()
    argv = [sys.executable, "-m", "tests.faults.test_load_while_calling", site.url, str(people_to_load)]
    loading = asyncio.ensure_future(asyncio.to_thread(
        subprocess.run, argv, cwd=ROOT, capture_output=True, text=True, timeout=1500, check=False))
    await busy.until(loading)
    took, done = time.perf_counter() - began, loading.result()
    print(quiet.told("quiet"), busy.told(f"while {people_to_load} were loaded"),
          f"loaded in {took:.0f} s: {done.stdout}{done.stderr}",
          sep="\n")
    return quiet, busy, took, done.stdout


@pytest.mark.slow
async def test_a_load_of_88_000_people_delays_no_call(tmp_path: Path, postgres: PostgresServer) -> None:
    site = await make_site(tmp_path, postgres.fresh())
    quiet, busy, _, said = await measured(site, PEOPLE)
    assert said.endswith(f"{PEOPLE} loaded\n"), said
    assert busy.failed == []
    assert max(busy.waited) - max(quiet.waited) < 10 * BOUND, busy.told("busy")
    assert await site.store.read(verify_audit) == []
    assert await site.store.read(lambda conn: conn.execute(select(func.count()).select_from(people)).scalar()) == PEOPLE + 3
    await site.close()


async def load(url: str, people_to_load: int) -> None:
    store = Store(url)
    desk = Desk(SqlUnitOfWork(store, {}), Quick(), 4)
    text = table(people_to_load)
    print("loading", flush=True)
    done = await bulk.load(desk, STAFF, AT, Kind.PEOPLE, text)
    print(done if isinstance(done, Refused) else f"{done.rows} loaded", flush=True)
    await store.close()


if __name__ == "__main__":
    asyncio.run(load(sys.argv[1], int(sys.argv[2])))
