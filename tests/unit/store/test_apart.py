"""A load of a whole prison is one transaction that holds up no call on PostgreSQL, and that is still all or nothing."""
import asyncio
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from switch.core.ids import PersonId, StaffId
from switch.desk import bulk
from switch.desk.asking import Desk, Refused
from switch.desk.rows import Kind
from switch.store.audit import verify_audit
from switch.store.calls import OpenCall, request_row
from switch.store.database import Store
from switch.store.errors import StoreBusy, StoreUnavailable
from switch.store.seeding import AddPerson
from switch.store.tables import people
from switch.store.unit_of_work import SqlUnitOfWork
from tests.postgres import PostgresServer
from tests.unit.desk.office import CountingMint
from tests.unit.store.site import AT, CELL_1, Site, decision, make_site, request

STAFF = StaffId("officer")
BOUND = 0.5
"""Seconds by which a load of 88,000 people may delay the opening of a call; ten times as much is asserted here."""


def table(count: int) -> str:
    rows = [f"{chr(65 + n // 100000 % 26)}{n // 10 % 10000:04}{chr(65 + n % 10)}Z,Somebody Invented,HMP" for n in range(count)]
    return "\n".join(["number,name,establishment", *rows])


class Quick(CountingMint):
    """Hashing is not what is tried here."""

    async def hashes(self, pins):  # type: ignore[no-untyped-def]  # as the mint's
        return ["hash"] * len(pins)


async def opened(store: Store, n: int) -> float:
    """Seconds that the opening of one call took."""
    asked, who = request(f"c{n}"), PersonId(f"Z{n:04}ZZ")
    began = time.perf_counter()
    await store.write(OpenCall(asked, request_row(asked, who, decision(f"c{n}"), "node")))
    return time.perf_counter() - began


async def test_a_load_delays_no_call(tmp_path: Path, postgres: PostgresServer) -> None:
    site = await make_site(tmp_path, postgres.fresh())
    office = Store(site.url)
    desk = Desk(SqlUnitOfWork(office, {}), Quick(), 4)
    loading = asyncio.ensure_future(bulk.load(desk, STAFF, AT, Kind.PEOPLE, table(20_000)))
    waited, n = [], 0
    while not loading.done():
        waited.append(await opened(site.store, n))
        n += 1
        await asyncio.sleep(0.01)
    loaded = await loading
    assert not isinstance(loaded, Refused), str(loaded)
    assert loaded.rows == 20_000
    assert max(waited) < 10 * BOUND, f"{len(waited)} calls opened, the slowest in {max(waited):.2f} s"
    assert await site.store.read(verify_audit) == []
    assert await site.store.read(lambda conn: conn.execute(select(func.count()).select_from(people)).scalar()) == 20_003
    await office.close()
    await site.close()


async def test_what_somebody_else_took_meanwhile_leaves_nothing_half_loaded(tmp_path: Path, postgres: PostgresServer) -> None:
    site = await make_site(tmp_path, postgres.fresh())
    other = Store(site.url)
    loop = asyncio.get_running_loop()

    def unit(conn: Connection) -> None:
        AddPerson(PersonId("A7777AA"), "First", "HMP", CELL_1, "hash", "test", AT)(conn)

    def slow(conn: Connection) -> None:
        conn.execute(people.insert(), {"id": "A8888AA", "keypad": "2", "name": "Half", "active": True, "establishment": "HMP"})
        asyncio.run_coroutine_threadsafe(other.write(unit), loop).result(5)  # another desk commits before this one is done
        conn.execute(people.insert(), {"id": "A7777AA", "keypad": "2", "name": "Late", "active": True, "establishment": "HMP"})

    with pytest.raises(StoreBusy, match="try again"):
        await site.store.write_apart(slow)
    names = await site.store.read(lambda conn: conn.execute(select(people.c.name).where(people.c.id > "A7")).scalars().all())
    assert "First" in names
    assert "Half" not in names
    await other.close()
    await site.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_it_is_told_how_it_ended_however_long_it_took(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    """A load that was called failed, and was written all the same, would lose the PINs that it made."""
    site = await make_site(tmp_path, request.getfixturevalue("postgres").fresh() if kind == "postgresql" else "")
    office = Store(site.url, patience=0.1)
    office._reader._patience = 0.1

    def slowly(conn: Connection) -> int:
        time.sleep(0.5)
        return conn.execute(select(func.count()).select_from(people)).scalar_one()

    def slow_load(conn: Connection) -> int:
        AddPerson(PersonId("A7777AA"), "Late", "HMP", CELL_1, "hash", "test", AT)(conn)
        return slowly(conn)

    with pytest.raises(StoreUnavailable):
        await office.read(slowly)
    assert await office.read_apart(slowly) == 3
    assert await office.write_apart(slow_load) == 4
    assert await site.store.read(verify_audit) == []
    await office.close()
    await site.close()


async def test_on_a_file_it_is_a_write_like_any_other(tmp_path: Path) -> None:
    site: Site = await make_site(tmp_path)
    await site.store.write_apart(AddPerson(PersonId("A7777AA"), "First", "HMP", CELL_1, "hash", "test", AT))
    assert await site.store.read(verify_audit) == []
    await site.close()
