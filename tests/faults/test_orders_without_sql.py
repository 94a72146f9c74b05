"""Cut and kill with the database killed: given by command in another process, obeyed at once, and on the record in the end.

PostgreSQL gets SIGKILL and stays dead; an SQLite file is locked by somebody else, or gone. The order waits in the node's
journal, and is a row with its audit row, its name and its reason once the database is back. Ten times the bound of two seconds.
"""
import asyncio
import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from switch.store.audit import verify_audit
from switch.store.tables import audit, orders
from tests.phones.site import NOON, Ports, Site
from tests.phones.telephone import Leg, Telephone, cell, outside
from tests.postgres import PostgresServer

pytestmark = pytest.mark.wire

CELL, FAR = 3650.0, 3850.0
IN_FORCE = 10 * 2.0


async def talk(site: Site, phone: Telephone, family: Telephone, number: str, pin: str = "") -> tuple[Leg, Leg]:
    leg = await (await phone.dial(number, CELL)).up()
    leg.set.press(pin)
    far = await family.ring()
    await family.answer(far, FAR)
    await leg.set.hears_tone(FAR)
    return leg, far


async def ordered(site: Site, legs: tuple[Leg, Leg], *args: str) -> tuple[str, str]:
    """A command of staff in another process, and the end of a call by it, in time from when the order is in the node's journal:
    how long a process takes to start is this machine's affair. What the command said, and what it noted."""
    loop, journal = asyncio.get_running_loop(), site.folder / "state" / "journal" / "example.journal"
    before = journal.read_bytes().count(b'"k":"order"')

    async def watch() -> float:
        while journal.read_bytes().count(b'"k":"order"') <= before:  # noqa: ASYNC110  # another process has no event of ours
            await asyncio.sleep(0.01)
        return loop.time()

    watching = asyncio.ensure_future(watch())
    command = asyncio.ensure_future(asyncio.to_thread(site.wingline, *args, "--staff", "officer-7"))
    given = await asyncio.wait_for(watching, 60)
    for leg in legs:
        assert await leg.over(IN_FORCE) == "bye"
    assert loop.time() - given < IN_FORCE
    done = await command
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def kept(conn: Connection) -> list[tuple[str, str, str, str]]:
    rows = conn.execute(select(orders).order_by(orders.c.kind))
    placed = {json.loads(row.subject)["order"]: (row.actor, json.loads(row.detail)["node"]) for row in conn.execute(
        select(audit).where(audit.c.action.in_(("order-placed", "call-cut-ordered"))))}
    found = [(row.kind, row.target, row.staff, row.reason) for row in rows if placed[row.id] == ("officer-7", "example")]
    assert verify_audit(conn) == []
    return found


async def in_the_end(site: Site, count: int) -> list[tuple[str, str, str, str]]:
    async with asyncio.timeout(40):
        while len(found := site.read(kept)) < count:  # noqa: ASYNC110  # another process has no event of ours
            await asyncio.sleep(0.1)
    return found


async def two_orders(site: Site, call: str, cut: tuple[Leg, Leg], killed: tuple[Leg, Leg], helpline: Leg) -> None:
    """One call is cut, another ends by a kill for its cell; the helpline call beside them goes on."""
    said, _ = await ordered(site, cut, "calls", "cut", call, "--reason", "threats to the family")
    assert f"{call}: cut; it is in this node's journal" in said
    assert not killed[0].ended.done()
    said, noted = await ordered(site, killed, "kill", "cell", "A1-03", "--cut", "--reason", "a fight", "--now", NOON)
    assert "cell A1-03" in said
    assert "it is in this node's journal" in noted
    assert not helpline.ended.done(), "no order without a database ends a helpline call"


async def refusals(site: Site) -> None:
    """No name, no reason, no such cell, no such call: nothing is done, and it is said."""
    for args, said in (
        (("kill", "cell", "Z9-99", "--cut", "--reason", "x", "--now", NOON), "no telephone that this node knows"),
        (("kill", "cell", "A1-01", "--cut", "--reason", " ", "--now", NOON), "say why"),
        (("calls", "cut", "none", "--reason", "x"), "there is no call none that runs"),
    ):
        done = await asyncio.to_thread(site.wingline, *args)
        assert done.returncode != 0
        assert said in done.stderr, done.stderr


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path / "wick-hill", Ports()).up()
    yield made
    made.drain()


@pytest.mark.timeout(300)
async def test_postgresql_and_valkey_killed(on_postgres: Site, server: PostgresServer) -> None:
    site, since = on_postgres, on_postgres.since()
    async with outside(site) as family, cell(site, "101") as one, cell(site, "103") as two, cell(site, "107") as three:
        cut = await talk(site, one, family, "07700900101", site.pin("A1001AA"))
        (call,) = [row["id"] for row in since.calls()]
        killed = await talk(site, two, family, "07700900103")
        help_, far = await talk(site, three, family, "116123")
        os.kill(site.role("valkey"), signal.SIGKILL)
        server.stop(signal.SIGKILL)
        await two_orders(site, call, cut, killed, help_)
        await refusals(site)
        three.hangup(help_)
        await far.over()
        server.start()
        assert await in_the_end(site, 2) == [("cut", call, "officer-7", "threats to the family"),
                                             ("kill", "A1-03", "officer-7", "a fight")]
        rows = await since.closed(3, 40.0)
        assert sorted((row["to"], row["end_by"]) for row in rows) == [
            ("+447700900101", "staff"), ("+447700900103", "staff"), ("116123", "person")]
        since = site.since()
        leg = await (await two.dial("07700900103", CELL)).up()
        await leg.set.hears_prompt("refused-orders")
        await leg.over()
        assert (await since.one())["end_why"] == "orders"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("how", ["locked", "gone"])
async def test_an_sqlite_file_locked_or_gone(on_sqlite: Site, how: str) -> None:
    site = on_sqlite
    file, since = site.folder / "state" / "wingline.db", site.since()
    async with outside(site) as family, cell(site, "101") as one, cell(site, "103") as two, cell(site, "107") as three:
        cut = await talk(site, one, family, "07700900101", site.pin("A1001AA"))
        (call,) = [row["id"] for row in since.calls()]
        killed = await talk(site, two, family, "07700900103")
        help_, far = await talk(site, three, family, "116123")
        other = sqlite3.connect(file, isolation_level=None)
        away: list[Path] = []
        if how == "locked":
            other.execute("BEGIN EXCLUSIVE")
        else:
            other.close()
            away = [path.rename(path.with_name(f"away-{path.name}")) for path in sorted(file.parent.glob("wingline.db*"))]
        await two_orders(site, call, cut, killed, help_)
        three.hangup(help_)
        await far.over()
        if how == "locked":
            other.execute("ROLLBACK")
            other.close()
        for path in away:
            path.rename(path.with_name(path.name.removeprefix("away-")))
        assert await in_the_end(site, 2) == [("cut", call, "officer-7", "threats to the family"),
                                             ("kill", "A1-03", "officer-7", "a fight")]
        rows = await since.closed(3, 40.0)
        assert sorted((row["to"], row["end_by"]) for row in rows) == [
            ("+447700900101", "staff"), ("+447700900103", "staff"), ("116123", "person")]
