"""Group commit: many units, one transaction, and none that hurts another."""
import asyncio
import threading

import pytest
from sqlalchemy import Connection, func, literal, select, text, update
from sqlalchemy.exc import IntegrityError

from switch.store.audit import append_audit, verify_audit
from switch.store.driver import Driver
from switch.store.errors import StoreBusy, StoreUnavailable
from switch.store.prepared import Prepared
from switch.store.tables import alarms, people
from switch.store.writer import Writer
from tests.unit.store.site import AT, Site

add_dot = Prepared(update(people).values(name=people.c.name + literal(".")))


class Refused(Exception):
    pass


def add(name: str) -> object:
    def unit(conn: Connection) -> str:
        append_audit(conn, AT, "test", "added", {"id": name})
        conn.execute(text("INSERT INTO alarms (id, at, kind, text) VALUES (:id, '', '', '')"), {"id": name})
        if name.startswith("bad"):
            raise Refused(name)
        return name
    return unit


async def names(site: Site) -> set[str]:
    return set(await site.store.read(lambda conn: conn.execute(select(alarms.c.id)).scalars().all()))


async def test_a_unit_that_fails_leaves_the_others_alone(site: Site) -> None:
    wanted = [f"good-{n}" for n in range(20)] + [f"bad-{n}" for n in range(20)] + ["good-1", "good-2"]
    answers = await asyncio.gather(*(site.store.write(add(name)) for name in wanted), return_exceptions=True)  # type: ignore[arg-type]  # a unit
    assert answers[:20] == wanted[:20]
    assert all(isinstance(answer, Refused) for answer in answers[20:40])
    assert all(isinstance(answer, IntegrityError) for answer in answers[40:])
    assert await names(site) == set(wanted[:20])
    assert await site.store.read(verify_audit) == []  # the undone units' rows are in no chain


async def test_what_waits_shares_a_commit(site: Site) -> None:
    commits: list[str] = []
    gate = threading.Event()

    def first(conn: Connection) -> None:
        driver: Driver = conn.info["driver"]
        order = driver.order

        def noted(statement: str) -> None:
            commits.extend(["COMMIT"] if statement == "COMMIT" else [])
            order(statement)

        driver.order = noted  # type: ignore[method-assign]  # the driver itself goes on as before
        gate.wait(5)

    def count(conn: Connection) -> None:
        add_dot.run(conn, {})

    holding = asyncio.create_task(site.store.write(first))
    await asyncio.sleep(0.05)
    waiting = [asyncio.create_task(site.store.write(count)) for _ in range(10)]
    await asyncio.sleep(0.05)
    gate.set()
    await asyncio.gather(holding, *waiting)
    longest = await site.store.read(lambda conn: conn.execute(select(func.max(people.c.name))).scalar_one())
    assert longest.endswith("." * 10)
    assert commits == ["COMMIT"] * 2  # the one that held the writer, and one for the ten


async def test_a_full_queue_says_so_at_once(site: Site) -> None:
    gate = threading.Event()
    small = Writer(site.store.database, limit=2)
    holding = asyncio.create_task(small.run(lambda conn: gate.wait(5)))
    await asyncio.sleep(0.1)
    queued = [asyncio.create_task(small.run(lambda conn: None)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(StoreBusy):
        await small.run(lambda conn: None)
    gate.set()
    await asyncio.gather(holding, *queued)
    await small.close()


async def test_a_unit_whose_caller_gave_up_is_not_run(site: Site) -> None:
    gate = threading.Event()
    hasty = Writer(site.store.database, patience=0.1)
    ran: list[str] = []
    holding = asyncio.create_task(hasty.run(lambda conn: gate.wait(5)))
    await asyncio.sleep(0.03)
    late = asyncio.create_task(hasty.run(lambda conn: ran.append("late")))
    for task in (holding, late):
        with pytest.raises(StoreUnavailable):
            await task
    gate.set()
    await hasty.close()
    assert ran == []
