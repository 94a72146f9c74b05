"""The database locked or gone: a clear error in bounded time, helplines go on, and what waited is booked once."""
import asyncio
import os
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import func, select

from dialplans.model import Service
from switch.core.facts import StopScope
from switch.core.grants import Privacy
from switch.store.audit import verify_audit
from switch.store.books import verify_books
from switch.store.database import Store
from switch.store.errors import StoreGone, StoreUnavailable
from switch.store.listing import list_calls, show_call
from switch.store.seeding import read_balance
from switch.store.tables import alarms, metadata, stops
from tests.unit.store.site import ANN, AT, CELL_1, MUM, SAMARITANS, Site, decision, ended, make_site, request

HELP = decision("h1", SAMARITANS, Service.HELPLINE, None, Privacy.PRIVILEGED, None)


@pytest_asyncio.fixture
async def file_site(tmp_path: Path) -> AsyncIterator[Site]:
    async with opened(tmp_path) as made:
        yield made


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def site(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Site]:
    url = request.getfixturevalue("postgres").fresh() if request.param == "postgresql" else ""
    async with opened(tmp_path, url) as made:
        yield made


@asynccontextmanager
async def opened(folder: Path, url: str = "") -> AsyncIterator[Site]:
    made = await make_site(folder, url, busy_ms=200, patience=1.0)
    await made.records.refresh()
    try:
        yield made
    finally:
        await made.close()


def lock(site: Site) -> "sqlite3.Connection | psycopg.Connection[Any]":
    """Another program takes the database for itself: it may still be read."""
    if site.url.startswith("sqlite"):
        other = sqlite3.connect(f"{site.folder}/site.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        return other
    third = psycopg.connect(site.url)
    tables = ", ".join(metadata.tables)
    third.execute(f"LOCK TABLE {tables} IN EXCLUSIVE MODE".encode())
    return third


async def test_a_locked_database_refuses_contacts_and_lets_helplines_through(site: Site) -> None:
    with closing(lock(site)):
        began = time.monotonic()
        with pytest.raises(StoreUnavailable, match="lock"):
            await site.records.open(request("c1"), ANN, decision("c1"))
        assert time.monotonic() - began < 2
        assert await site.records.open(request("h1", SAMARITANS), None, HELP) is None
        assert (await site.records.facts(request("c1"), ANN)).person is not None
        await site.records.raise_alarm("store-down", "The database is locked.", None, AT)
        for closed in (ended(request("c1"), decision("c1"), talked=0), ended(request("h1", SAMARITANS), HELP, None, talked=90)):
            with pytest.raises(StoreUnavailable):
                await site.records.close(closed)
            await site.records.journal(closed)
        with pytest.raises(StoreUnavailable):
            await site.records.settle()
    assert await site.records.settle() == 2
    assert await site.records.settle() == 0
    assert [row.id for row in await site.store.read(list_calls)] == ["c1", "h1"]
    assert await site.store.read(lambda conn: conn.execute(select(alarms.c.kind)).scalars().all()) == ["store-down"]
    assert await site.store.read(verify_audit) == []


async def test_a_talk_that_outlasts_the_database_is_charged_once(site: Site) -> None:
    asked, decided = request("c1"), decision("c1")
    await site.records.open(asked, ANN, decided)
    closed = ended(asked, decided, talked=60)
    with closing(lock(site)):
        with pytest.raises(StoreUnavailable):
            await site.records.close(closed)
        await site.records.journal(closed)
    await asyncio.gather(site.records.settle(), site.records.settle(), site.records.close(closed))
    assert await site.store.read(lambda conn: read_balance(conn, ANN)) == 500_000 - 6_000
    assert await site.store.read(verify_books) == []


async def test_a_stop_counts_from_the_journal_on(site: Site) -> None:
    with closing(lock(site)):
        with pytest.raises(StoreUnavailable):
            await site.records.stop_contact(request("c1"), ANN, MUM, StopScope.EVERYONE)
        assert (await site.records.facts(request("c2"), ANN)).stops == (StopScope.EVERYONE,)
    await site.records.settle()
    assert (await site.records.facts(request("c2"), ANN)).stops == (StopScope.EVERYONE,)
    assert await site.store.read(lambda conn: conn.execute(select(func.count()).select_from(stops)).scalar_one()) == 1


async def test_a_wrong_pin_that_cannot_be_counted_lets_nobody_in(site: Site) -> None:
    with closing(lock(site)), pytest.raises(StoreUnavailable):
        await site.records.check_pin(CELL_1, None, ANN, "0000")


async def test_many_that_wait_for_a_locked_database_are_all_told(site: Site) -> None:
    with closing(lock(site)):
        began = time.monotonic()
        answers = await asyncio.gather(
            *(site.records.open(request(f"c{n}"), ANN, decision(f"c{n}")) for n in range(200)), return_exceptions=True)
        assert time.monotonic() - began < 3
    assert all(isinstance(answer, StoreUnavailable) for answer in answers)
    await asyncio.sleep(0.3)
    assert await site.store.read(list_calls) == []  # what was told as failed is not done behind the caller's back


def carry(path: Path, to: Path) -> None:
    """The database with all that belongs to it."""
    for name in ("", "-wal", "-shm"):
        if Path(f"{path}{name}").exists():
            Path(f"{path}{name}").rename(f"{to}{name}")


async def test_a_removed_database_is_noticed_and_one_put_back_is_used(file_site: Site) -> None:
    site, path = file_site, file_site.folder / "site.db"
    aside = path.with_suffix(".aside")
    carry(path, aside)
    with pytest.raises(StoreGone):
        await site.records.open(request("c1"), ANN, decision("c1"))
    with pytest.raises(StoreGone):
        await site.records.facts(request("c1"), ANN)
    assert (await site.records.phone(CELL_1)).people == (ANN,)  # type: ignore[union-attr]  # known on the node
    assert await site.records.open(request("h1", SAMARITANS), None, HELP) is None
    assert not path.exists()
    closed = ended(request("h1", SAMARITANS), HELP, None, talked=90)
    with pytest.raises(StoreGone):
        await site.records.close(closed)
    await site.records.journal(closed)
    carry(aside, path)
    assert await site.records.settle() == 1
    shown = await site.store.read(lambda conn: show_call(conn, "h1"))
    assert shown is not None
    assert shown.talk_seconds == 90.0
    assert await site.records.open(request("c2"), ANN, decision("c2")) is None


async def test_a_database_that_was_never_made_is_an_error_not_an_empty_one(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/none.db")
    with pytest.raises(StoreGone):
        await store.read(list_calls)
    with pytest.raises(StoreGone):
        await store.write(lambda conn: None)
    await store.close()
    assert os.listdir(tmp_path) == []
