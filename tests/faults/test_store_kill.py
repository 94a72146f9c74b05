"""kill -9 at seeded instants while calls open, talk and close: afterwards each has one closed record and one charge.

The process that is killed is this file run as a module: it prints what was answered to it, so the test knows what was promised.
"""
import asyncio
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from dialplans.tariff import charge
from switch.core.ids import PersonId
from switch.core.money import Millipence
from switch.store.audit import verify_audit
from switch.store.books import verify_books
from switch.store.database import Store
from switch.store.journal import Journal
from switch.store.pins import PinHasher
from switch.store.records import Records
from switch.store.seeding import AddCredit, AddPerson, read_balance
from switch.store.tables import cdrs
from tests.postgres import PostgresServer
from tests.unit.store.site import AT, CHEAP, RATE, Site, decision, ended, make_site, request

PEOPLE = [PersonId(f"K{n}000AA") for n in range(6)]
ROOT = Path(__file__).parents[2]
KILLER_NOTICE = 0.1
"""Seconds that may lie between reading the clock and the kill taking effect, on a busy machine."""


class RealClock:
    def wall(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


def say(*words: object) -> None:
    print(*words, flush=True)


async def calls(folder: Path, url: str, seed: int) -> None:
    """Calls without end, until somebody kills this."""
    store, journal = Store(url), Journal(folder / "journal")
    records = Records(store, journal, RealClock(), PinHasher(CHEAP))
    await records.start()
    say("ready")

    async def one_after_another(person: PersonId, chance: random.Random) -> None:
        for number in range(10_000):
            name = f"{person}-{number}"
            asked, decided = request(name, at=datetime.now(UTC)), decision(name)
            assert await records.open(asked, person, decided) is None
            say("opened", name)
            await asyncio.sleep(chance.uniform(0, 0.05))
            talked = 0.0
            if chance.random() < 0.8:
                began = time.monotonic()
                await records.talking(asked.call)
                say("talking", name, began)
                await asyncio.sleep(chance.choice((0, 0.02, 0.2, 3.0)))
                talked = time.monotonic() - began
            say("closing", name, talked)
            await records.close(ended(asked, decided, person, talked, recording=f"r-{name}"))
            say("closed", name)

    await asyncio.gather(*(one_after_another(person, random.Random(f"{seed}{person}")) for person in PEOPLE))


@pytest.mark.parametrize("seed", range(8))
async def test_kill_nine_loses_no_call_and_charges_none_twice(tmp_path: Path, seed: int) -> None:
    await killed(tmp_path, "", seed)


@pytest.mark.parametrize("seed", range(8, 12))
async def test_nor_on_postgresql(tmp_path: Path, postgres: PostgresServer, seed: int) -> None:
    await killed(tmp_path, postgres.fresh(), seed)


async def killed(folder: Path, url: str, seed: int) -> None:
    site: Site = await make_site(folder, url)
    for person in PEOPLE:
        await site.store.write(AddPerson(person, "K Example", "HMP", None, None, "test", AT))
        await site.store.write(AddCredit(person, Millipence(10**7), f"seed:{person}", "test", AT))
    await site.close()

    child = subprocess.Popen(  # noqa: ASYNC220  # the test waits for nothing else meanwhile
        [sys.executable, "-m", "tests.faults.test_store_kill", str(folder), site.url, str(seed)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(random.Random(seed).uniform(0.05, 2.5))  # noqa: ASYNC251  # as above
    child.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    told = child.stdout.read().splitlines()
    assert child.wait(10) == -signal.SIGKILL
    child.stdout.close()

    said: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for spoken in told:
        word, name, *more = spoken.split()
        said[name][word] = float(more[0]) if more else 0.0
    await site.open()
    await site.records.settle()
    rows = {row.id: row for row in await site.store.read(lambda conn: conn.execute(select(cdrs)).all())}
    assert all(row.closed_at for row in rows.values())
    assert set(said) <= set(rows)
    for name, words in said.items():
        row = rows[name]
        if "closed" in words:
            assert row.end_why == "hung-up"
            assert row.talk_ms == round(words["closing"] * 1000)
        elif row.end_why == "crashed":
            longest = words["closing"] if "closing" in words else killed - words["talking"] if "talking" in words else 0.0
            assert longest - 1.0 <= row.talk_ms / 1000 <= longest + KILLER_NOTICE
        assert row.charged == charge(RATE, row.talk_ms / 1000)
    for person in PEOPLE:
        spent = sum(row.charged for row in rows.values() if row.person == person)
        assert await site.store.read(lambda conn, person=person: read_balance(conn, person)) == 10**7 - spent
    assert await site.store.read(verify_books) == []
    assert await site.store.read(verify_audit) == []
    assert await site.records.settle() == 0
    await site.close()


if __name__ == "__main__":
    asyncio.run(calls(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
