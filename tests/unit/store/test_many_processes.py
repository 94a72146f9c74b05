"""Four processes of eight writers each on one PostgreSQL, killed in the middle and started again: no money is made or lost, no
penny is spent twice, and the books and the audit chain are right at every moment that is looked at."""
import asyncio
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from switch.core.money import Millipence
from switch.store.audit import verify_audit
from switch.store.books import verify_books
from switch.store.seeding import AddCredit, AddPerson, read_balance
from switch.store.tables import bundles, cdrs, postings
from tests.postgres import PostgresServer
from tests.unit.store.site import AT, Site, make_site
from tests.unit.store.writer_process import PEOPLE, REFERENCES, WRITERS, worth

PROCESSES, KILLS = 4, 8
SEED, POOR = 10**6, 200_000


class Worker:
    """One of the processes; a run after the other under one name."""

    def __init__(self, url: str, name: str, log: Path) -> None:
        self.url, self.name, self.log, self.run = url, name, log, 0
        self.start()

    def start(self) -> None:
        self.run += 1
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.unit.store.writer_process", self.url, self.name, str(self.run), self.log],
            stdin=subprocess.PIPE)

    async def busy(self) -> None:
        """All of its writers are at work."""
        wanted = self.run * WRITERS
        while said(self.log).count("ready") < wanted:
            assert self.process.poll() is None, f"{self.name} ended by itself: {self.process.returncode}"
            await asyncio.sleep(0.05)

    async def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(self.process.wait)

    async def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert await asyncio.to_thread(self.process.wait) == 0


def said(log: Path) -> list[str]:
    """The first word of each line."""
    return [line.split()[0] for line in log.read_text().splitlines()] if log.exists() else []


@pytest.mark.timeout(420)
async def test_no_penny_is_made_lost_or_spent_twice_by_processes_that_are_killed(
    tmp_path: Path, postgres: PostgresServer,
) -> None:
    url = postgres.fresh()
    site: Site = await make_site(tmp_path, url)
    for person in PEOPLE:
        await site.store.write(AddPerson(person, "W Example", "HMP", None, None, "test", AT))
        await site.store.write(AddCredit(person, Millipence(POOR if person == PEOPLE[0] else SEED), f"seed:{person}", "test", AT))
    looks = 0

    async def watch() -> None:
        """Whatever moment is looked at, the books are right: nobody owes, and nothing is held for what does not run."""
        nonlocal looks
        while True:
            assert await site.store.read(verify_books) == []
            looks += 1
            await asyncio.sleep(0.1)

    chance = random.Random(1)
    workers = [Worker(url, name, tmp_path / f"{name}.log") for name in "abcd"[:PROCESSES]]
    watching = asyncio.create_task(watch())
    try:
        for worker in workers:
            await worker.busy()
        for _ in range(KILLS):
            victim = chance.choice(workers)
            await victim.busy()
            await asyncio.sleep(chance.uniform(0.2, 1.0))
            assert not watching.done()
            await victim.kill()
            victim.start()
        for worker in workers:
            await worker.busy()
            await worker.stop()
    finally:
        watching.cancel()
        for worker in workers:
            if worker.process.poll() is None:
                os.kill(worker.process.pid, signal.SIGKILL)
                worker.process.wait()
    with pytest.raises(asyncio.CancelledError):
        await watching

    told = [line.split() for worker in workers for line in worker.log.read_text().splitlines()]
    count = Counter(words[0] for words in told)
    done = {(words[0], words[1]) for words in told if words[-1] == "True"}
    assert len(done) == sum(words[-1] == "True" for words in told)  # nothing was done twice, whoever asked
    assert min(count[what] for what in ("top-up", "bundle", "refund", "closed", "refused")) > 0, count
    assert count["lost"] > 0, "no kill met an open call"
    assert looks > KILLS

    def books(conn: Connection) -> tuple[int, dict[str, int], dict[str, int], set[str], int]:
        spent = {row.person: row.sum for row in conn.execute(
            select(cdrs.c.person, func.sum(cdrs.c.charged).label("sum")).group_by(cdrs.c.person))}
        bought = {row.person: row.sum for row in conn.execute(
            select(bundles.c.person, func.sum(bundles.c.price).label("sum")).group_by(bundles.c.person))}
        names = set(conn.execute(select(postings.c.reference)).scalars())
        still = conn.execute(select(func.count()).select_from(cdrs).where(cdrs.c.closed_at.is_(None))).scalar_one()
        return int(conn.execute(select(func.sum(postings.c.amount))).scalar_one()), spent, bought, names, still

    total, spent, bought, names, still_open = await site.store.read(books)
    assert (total, still_open) == (0, 0)
    words_of = {"top-up": "top-up:{}", "bundle": "bundle:{}", "refund": "refund:{}", "closed": "call:{}"}
    assert {words_of[what].format(name) for what, name in done if what in words_of} <= names  # what was told stands
    refunded = await site.store.read(lambda conn: {row.account: row.sum for row in conn.execute(
        select(postings.c.account, func.sum(postings.c.amount).label("sum")).where(
            postings.c.reference.like("refund:%"), postings.c.amount > 0).group_by(postings.c.account))})
    for person in PEOPLE:
        paid = sum(worth(n)[1] for n in range(REFERENCES) if worth(n)[0] == person and f"top-up:{n}" in names)
        had = (POOR if person == PEOPLE[0] else SEED) + paid + refunded.get(f"person:{person}", 0)
        left = await site.store.read(lambda conn, person=person: read_balance(conn, person))
        assert left == had - spent.get(person, 0) - bought.get(person, 0) >= 0
    assert await site.store.read(verify_books) == []
    assert await site.store.read(verify_audit) == []
    await site.close()
    postgres.drop(url)
