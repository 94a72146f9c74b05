"""Thirty-two nodes write to one PostgreSQL at once, sessions are dropped under them, everybody tries again: no money is made or
lost, nobody has two calls open, and the audit chain is one chain."""
import asyncio
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection, func, select

from dialplans.model import Source
from dialplans.plan import Bundle
from switch.core.ids import PersonId
from switch.core.money import Millipence
from switch.ledger.charge import hold_of
from switch.store.audit import verify_audit
from switch.store.books import verify_books
from switch.store.calls import CloseCall, NotEnoughCredit, OnCall, OpenCall, request_row
from switch.store.database import Store
from switch.store.errors import StoreUnavailable
from switch.store.given import SellBundle
from switch.store.orders import PlaceAlarm
from switch.store.seeding import AddCredit, AddPerson, read_balance
from switch.store.tables import audit, cdrs, postings
from switch.store.writer import Unit
from tests.postgres import PostgresServer
from tests.unit.store.site import AT, Site, decision, ended, make_site, request

T = TypeVar("T")
NODES, STEPS = 32, 12
PEOPLE = [PersonId(f"W{n}000AA") for n in range(5)]
REFERENCES = [f"top-up:{n}" for n in range(60)]


class ChangedMind(Exception):
    pass


@dataclass
class Told:
    """What the database answered to anybody."""

    booked: Counter[str] = field(default_factory=Counter)
    closed: Counter[str] = field(default_factory=Counter)
    on_call: int = 0
    lost: int = 0
    running: dict[PersonId, str] = field(default_factory=dict)
    charged: defaultdict[PersonId, int] = field(default_factory=lambda: defaultdict(int))


def worth(reference: str) -> tuple[PersonId, Millipence]:
    """Whom a top-up is for, and how much it is: the same whoever brings it."""
    number = int(reference.partition(":")[2])
    return PEOPLE[number % len(PEOPLE)], Millipence(1000 + number)


@dataclass
class Node:
    name: str
    store: Store
    chance: random.Random
    told: Told

    async def until_told(self, unit: Unit[T]) -> T:
        """As the journal does: again and again, for no answer may mean done."""
        while True:
            try:
                return await self.store.write(unit)
            except StoreUnavailable:
                self.told.lost += 1
                await asyncio.sleep(0.01)

    async def top_up(self) -> None:
        reference = self.chance.choice(REFERENCES)
        person, amount = worth(reference)
        self.told.booked[reference] += await self.until_told(AddCredit(person, amount, reference, "test", AT))

    async def change_mind(self) -> None:
        person = self.chance.choice(PEOPLE)

        def unit(conn: Connection) -> None:
            AddCredit(person, Millipence(5_000), f"never:{self.name}", "test", AT)(conn)
            raise ChangedMind

        with pytest.raises((ChangedMind, StoreUnavailable)):
            await self.store.write(unit)

    async def call(self, number: int) -> None:
        person, name = self.chance.choice(PEOPLE), f"{self.name}-{number}"
        asked, decided = request(name), decision(name)
        talked = 0.0
        try:
            await self.store.write(OpenCall(asked, request_row(asked, person, decided, self.name), hold_of(decided)))
            assert person not in self.told.running, f"{name} was let through beside {self.told.running[person]}"
            self.told.running[person] = name
            await asyncio.sleep(self.chance.uniform(0, 0.03))
            talked = self.chance.uniform(1, 100)
            del self.told.running[person]
        except OnCall:
            self.told.on_call += 1
        except StoreUnavailable:
            self.told.lost += 1
        closing = CloseCall(ended(asked, decided, person, talked), self.name)
        answers = await asyncio.gather(*(self.until_told(closing) for _ in range(self.chance.choice((1, 1, 3)))))
        self.told.closed[name] += sum(answers)
        row = await self.read(lambda conn: conn.execute(select(cdrs.c.charged).where(cdrs.c.id == name)).scalar_one())
        self.told.charged[person] += row

    async def read(self, read: Unit[T]) -> T:
        while True:
            try:
                return await self.store.read(read)
            except StoreUnavailable:
                await asyncio.sleep(0.01)

    async def work(self) -> None:
        for step in range(STEPS):
            match self.chance.randrange(5):
                case 0 | 1:
                    await self.top_up()
                case 2:
                    await self.change_mind()
                case _:
                    await self.call(step)


async def disturb(postgres: PostgresServer, url: str, chance: random.Random) -> None:
    """A session is dropped now and then: most often one that is in a transaction, else whatever it is at."""
    name = url.partition("@/")[2].partition("?")[0]
    with postgres.connect() as conn:
        while True:
            await asyncio.sleep(chance.uniform(0.02, 0.1))
            busy = "AND state LIKE 'idle in%%'" if chance.random() < 0.8 else ""
            conn.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s " + busy  # type: ignore[arg-type]  # our own text
                         + " ORDER BY random() LIMIT 1", (name,))


@pytest.mark.parametrize("seed", range(3))
async def test_no_money_is_made_or_lost_among_thirty_two_writers(tmp_path: Path, postgres: PostgresServer, seed: int) -> None:
    url = postgres.fresh()
    site: Site = await make_site(tmp_path, url)
    for person in PEOPLE:
        await site.store.write(AddPerson(person, "W Example", "HMP", None, None, "test", AT))
        await site.store.write(AddCredit(person, Millipence(10**7), f"seed:{person}", "test", AT))
    before = await site.store.read(lambda conn: conn.execute(select(func.count()).select_from(audit)).scalar_one())
    told = Told()
    nodes = [Node(f"n{n}", Store(url, patience=30.0), random.Random(f"{seed}{n}"), told) for n in range(NODES)]
    harm = asyncio.create_task(disturb(postgres, url, random.Random(seed)))
    try:
        async with asyncio.timeout(60):
            await asyncio.gather(*(node.work() for node in nodes))
    finally:
        harm.cancel()
        for node in nodes:
            await node.store.close()

    def read(conn: Connection) -> tuple[int, dict[str, int], int, int, int]:
        paid = {row.reference: row.count for row in conn.execute(
            select(postings.c.reference, func.count().label("count")).group_by(postings.c.reference))}
        return (int(conn.execute(select(func.sum(postings.c.amount))).scalar_one()), paid,
                conn.execute(select(func.count()).select_from(audit)).scalar_one(),
                conn.execute(select(func.count()).select_from(cdrs)).scalar_one(),
                conn.execute(select(func.count()).select_from(cdrs).where(cdrs.c.closed_at.is_(None))).scalar_one())

    total, paid, trail, calls, still_open = await site.store.read(read)
    assert total == 0
    assert still_open == 0
    assert calls == len(told.closed)
    assert not [reference for reference in paid if reference.startswith("never:")]
    assert set(told.booked) == {reference for reference in paid if reference in REFERENCES}
    assert max(told.booked.values()) == 1  # whoever was told of it last was told that it is booked
    assert max(told.closed.values()) == 1
    for person in PEOPLE:
        top_ups = sum(worth(reference)[1] for reference in told.booked if worth(reference)[0] == person)
        assert await site.store.read(lambda conn, person=person: read_balance(conn, person)) == (
            10**7 + top_ups - told.charged[person])
    assert told.on_call > 0
    assert told.lost > 0
    opened = await site.store.read(lambda conn: conn.execute(
        select(func.count()).select_from(audit).where(audit.c.action == "call-opened")).scalar_one())
    assert trail - before == len(told.booked) + len(told.closed) + opened
    assert await site.store.read(verify_books) == []
    assert await site.store.read(verify_audit) == []
    await site.close()
    postgres.drop(url)


async def test_a_unit_that_goes_on_after_a_refusal_is_not_told_that_it_is_done(tmp_path: Path, postgres: PostgresServer) -> None:
    """On PostgreSQL a refused statement spoils the transaction, and its COMMIT is a rollback that reports no error."""
    site = await make_site(tmp_path, postgres.fresh())

    def careless(conn: Connection) -> str:
        PlaceAlarm("a1", "kind", "text", None, AT)(conn)
        try:
            conn.exec_driver_sql("SELECT no_such_column FROM people")
        except Exception:
            return "done"
        return "not refused"

    with pytest.raises(Exception, match="went on as if"):
        await site.store.write(careless)
    together = [site.store.write(careless), *(site.store.write(PlaceAlarm(f"b{n}", "kind", "text", None, AT)) for n in range(5))]
    answers = await asyncio.gather(*together, return_exceptions=True)
    assert isinstance(answers[0], Exception)
    assert answers[1:] == [True] * 5
    assert await site.store.read(verify_audit) == []
    await site.close()


async def test_nul_in_what_comes_from_outside_blocks_no_record(tmp_path: Path, postgres: PostgresServer) -> None:
    site = await make_site(tmp_path, postgres.fresh())
    await site.store.write(PlaceAlarm("a1", "kind", "a\0b", None, AT))
    assert await site.store.read(lambda conn: conn.exec_driver_sql("SELECT text FROM alarms").scalar_one()) == "a\ufffdb"
    await site.close()


async def test_thirty_two_writers_cannot_spend_one_penny_twice(tmp_path: Path, postgres: PostgresServer) -> None:
    """Calls and bundles of one person, asked for by every node at once, with credit for a few of them."""
    url = postgres.fresh()
    site: Site = await make_site(tmp_path, url)
    poor, has, price, hold, taken = PEOPLE[0], 200_000, 30_000, 60_000, 10_000
    await site.store.write(AddPerson(poor, "W Example", "HMP", None, None, "test", AT))
    await site.store.write(AddCredit(poor, Millipence(has), "seed", "test", AT))
    offer = Bundle("10 minutes", AT.date(), None, 600, Millipence(price), False, frozenset({"mobile"}), Source("a.toml", 1))
    stores = [Store(url, patience=30.0) for _ in range(NODES)]
    done: Counter[str] = Counter()

    async def spend(node: int) -> None:
        store, chance = stores[node], random.Random(node)
        for step in range(6):
            name = f"n{node}-{step}"
            try:
                if chance.random() < 0.3:
                    sold = await store.write(SellBundle(poor, offer, name, "kiosk", AT))
                    done["bundle"] += sold  # not in one line: += reads before it awaits
                    continue
                asked, decided = request(name), decision(name)
                await store.write(OpenCall(asked, request_row(asked, poor, decided, f"n{node}"), hold_of(decided)))
                await asyncio.sleep(0.002)
                closed = await store.write(CloseCall(ended(asked, decided, poor, taken / 100), f"n{node}"))
                done["call"] += closed
            except (NotEnoughCredit, OnCall) as error:
                done[type(error).__name__] += 1

    async def watch() -> None:
        """Whatever moment is looked at, nobody owes."""
        while True:
            assert await site.store.read(lambda conn: read_balance(conn, poor)) >= 0
            assert await site.store.read(verify_books) == []
            await asyncio.sleep(0.01)

    watching = asyncio.create_task(watch())
    async with asyncio.timeout(60):
        await asyncio.gather(*(spend(node) for node in range(NODES)))
    assert not watching.done()
    watching.cancel()
    for store in stores:
        await store.close()
    left = await site.store.read(lambda conn: read_balance(conn, poor))
    assert left == has - done["bundle"] * price - done["call"] * taken
    assert 0 <= left < hold
    assert done["call"] > 0
    assert done["NotEnoughCredit"] > 0
    assert await site.store.read(verify_books) == []
    assert await site.store.read(verify_audit) == []
    await site.close()
    postgres.drop(url)
