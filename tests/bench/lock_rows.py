"""The rows about the one lock of an SQLite file: how long the console's changes hold it while calls open beside them.

The console's application runs in this process, on a writer of its own, as it does in the console role; `BEGIN IMMEDIATE` is timed
from when it has the lock to the end of the commit. The calls are the running site's.
"""
import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
from sqlalchemy.exc import IntegrityError

from admin.app import Gates, create_app
from switch.build.console_role import CONSOLE_BATCH
from switch.build.keys import SiteKeys
from switch.build.site import SystemClock
from switch.build.staff import SystemMint, make_desk
from switch.core.ids import StaffId
from switch.desk.access import IssuedKey, issue_key
from switch.ports.access import Scope
from switch.settings import cast
from switch.store import sqlite
from switch.store.database import Store
from switch.store.errors import StoreError
from switch.store.pins import PinHasher
from tests.bench.bench_site import RunningSite, handsets
from tests.bench.call_rows import WARM
from tests.bench.machine import percentile
from tests.bench.placing import place, whole
from tests.bench.sockets import Sockets
from tests.bench.telephones import Telephones
from tests.bench.words import Row, Size, spread

A_SECOND = 15
"""Changes a second: more than the staff of any one prison make."""
CALLS = 10
BURST, LOAD = 20, (50, 200)
AIM = 20.0
"""Milliseconds for which no change of staff may hold the lock."""


class TimedDriver(sqlite.SqliteDriver):
    """Knows when the write lock was last had. There is one writer in this process."""

    had, cpu = 0.0, 0.0

    def order(self, text: str) -> None:
        super().order(text)
        if text == self.begin == "BEGIN IMMEDIATE":
            TimedDriver.had, TimedDriver.cpu = time.perf_counter(), time.thread_time()


class Console:
    """The application with what it took of the lock, by what was asked."""

    def __init__(self, site: RunningSite) -> None:
        self._site, self.asked = site, ""
        self.held, self.cpu = dict[str, list[float]](), dict[str, list[float]]()
        self._serial = 0

    async def run(self, seconds: float) -> None:
        plain, sqlite.SqliteDriver = sqlite.SqliteDriver, TimedDriver  # type: ignore[misc]  # for the engines that are made now
        settings, mint = self._site.settings, SystemMint(PinHasher())
        store = Store(settings.store_url, batch=CONSOLE_BATCH, keys=SiteKeys(settings))
        try:
            self._time(store)
            desk, clock = make_desk(self._site.settings, store, mint), SystemClock()
            made = await issue_key(desk, StaffId("bench"), clock.wall(), f"bench {time.time()}", tuple(Scope), None, "bench")
            assert isinstance(made, IssuedKey)
            app = create_app(desk, clock.wall, StoreError, IntegrityError, b"x" * 32, Gates(1_000_000, 1_000, 20_000_000))
            headers = {"Authorization": f"Bearer {made.token}"}
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://console", headers=headers,
                                         timeout=60) as http:
                end = time.monotonic() + seconds
                while time.monotonic() < end:
                    for work in (self._people, self._contacts, self._money, self._orders, self._burst):
                        await work(http)
                for people in LOAD:
                    await self._load(http, people)
        finally:
            sqlite.SqliteDriver = plain  # type: ignore[misc]  # as it was
            await store.close()
            mint.close()

    def _time(self, store: Store) -> None:
        writer: Any = store._writer
        commit: Callable[[Any], None] = writer._transaction

        def timed(jobs: Any) -> None:
            try:
                commit(jobs)
            finally:
                self.held.setdefault(self.asked, []).append((time.perf_counter() - TimedDriver.had) * 1000)
                self.cpu.setdefault(self.asked, []).append((time.thread_time() - TimedDriver.cpu) * 1000)

        writer._transaction = timed

    async def _ask(self, http: httpx.AsyncClient, path: str, asked: str = "one change", **body: Any) -> Any:
        self.asked = asked
        answer = await http.post(f"/api/{path}", json=body)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:300]}")
        await asyncio.sleep(1 / A_SECOND)
        return answer.json()

    def _next(self) -> int:
        self._serial += 1
        return self._serial

    async def _people(self, http: httpx.AsyncClient) -> None:
        turn = self._next()
        who = f"B{1000 + turn % 300}BB"
        await self._change(http, "one change", turn)
        await self._ask(http, "pins/issue-pin", number=who, reason="the bench")

    async def _change(self, http: httpx.AsyncClient, asked: str, turn: int) -> None:
        await self._ask(http, "people/change", asked, number=f"B{1000 + turn % 300}BB", name=f"Person {turn} of the bench")

    async def _contacts(self, http: httpx.AsyncClient) -> None:
        turn = self._next()
        number, who = f"0770090{turn % 10000:04}", f"B{1000 + turn % 300}BB"
        made = await self._ask(http, "applications/apply", application={
            "person": who, "number": number, "kind": "social", "name": f"Contact {turn}"})
        approval = made["approvals"][0]["id"]
        await self._ask(http, "applications/begin", approval=approval)
        await self._ask(http, "applications/check-done", approval=approval, check="number")
        await self._ask(http, "applications/withdraw", approval=approval)

    async def _money(self, http: httpx.AsyncClient) -> None:
        turn = self._next()
        await self._ask(http, "money/goodwill", number=f"B{1000 + turn % 300}BB", reference=f"bench-{turn}", amount_pence=1,
                        reason="the bench")

    async def _orders(self, http: httpx.AsyncClient) -> None:
        made = await self._ask(http, "kill/place", reach="person", target="A1008AH", reason="the bench", cut=True)
        await self._ask(http, "kill/lift", order=made["id"])

    async def _burst(self, http: httpx.AsyncClient) -> None:
        name = f"{BURST} changes at once"
        turns = [self._next() for _ in range(BURST)]
        await asyncio.gather(*(self._change(http, name, turn) for turn in turns))

    async def _load(self, http: httpx.AsyncClient, people: int) -> None:
        stamp = int(time.time()) % 10_000
        rows = "".join(f"L{stamp:04}{chr(65 + n // 26 % 26)}{chr(65 + n % 26)},Person {n},{cast.ESTABLISHMENT}\n"
                       for n in range(people))
        await self._ask(http, "bulk/load", f"a load of {people} people", kind="people", text=f"number,name,establishment\n{rows}")
        await asyncio.sleep(1)


def locks(site: RunningSite, size: Size) -> list[Row]:
    """How long each change held the lock, and what calls waited meanwhile."""
    alone = _dialled(site, size.dial_seconds)
    console, failed = Console(site), list[BaseException]()

    def work() -> None:
        try:
            asyncio.run(console.run(size.seconds))
        except BaseException as error:
            failed.append(error)

    staff = threading.Thread(target=work, name="console")
    staff.start()
    beside = _dialled(site, int(size.seconds))
    staff.join()
    if failed:
        raise RuntimeError(f"the console: {failed[0]!r}")
    site.settle(60)
    rows = [Row(f"The console holds SQLite's lock, {name}", f"{spread(held)}, max {max(held):.1f} ms",
                note=f"{len(held)} transactions, {sum(one > AIM for one in held)} over {AIM:g} ms; of it CPU of the writer "
                     f"{spread(console.cpu[name])}, max {max(console.cpu[name]):.1f} ms")
            for name, held in console.held.items() if name]
    note = f"{len(beside)} calls; {percentile(alone, 0.5):.1f} and {percentile(alone, 0.99):.1f} ms without the console"
    what = f"Post-dial delay, {CALLS} calls/s, beside the console's changes"
    return [*rows, Row(what, f"{spread(beside)}, max {max(beside):.1f} ms", note=note)]


def _dialled(site: RunningSite, seconds: int) -> list[float]:
    """Calls at a steady rate, from the INVITE that is let in to the INVITE at the trunk, in milliseconds."""
    sockets = Sockets()
    phones = Telephones(sockets, site.sip, site.trunk[1])
    every = handsets()[0]
    chosen = [every[at % len(every)] for at in range(CALLS * (seconds + WARM))]
    try:
        running = place(phones, sockets, chosen, CALLS, lambda call: sockets.after(1.0, lambda: phones.hang_up(call)))
        sockets.run(lambda: all(one.over for one in running), 60, "the end of every call")
    finally:
        phones.close()
        sockets.close()
    site.settle(60)
    return [(one.offered - one.tried) / 1e6 for one in whole(running, "offered")[CALLS * WARM:]]
