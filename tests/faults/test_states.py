"""A call in each state while its database is restarted, killed or locked, and while its Valkey is killed or emptied.

Every scene of a walk is a real call of one site, and one harm falls on all of them at once: calls to contacts that are not
decided yet are refused aloud, those that ring or talk go on, helplines go through, and in the end every record, penny, recording
and order is where it belongs.
"""
import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from switch.call import placed
from switch.call.model import State
from switch.store.tables import alarms
from tests.faults.states import harms
from tests.faults.states.placed import SCENES as PLACED
from tests.faults.states.scenes import BESIDE, SCENES, WATCHED
from tests.faults.states.stage import EDITS, Stage
from tests.phones.site import EDITS as USUAL
from tests.phones.site import Ports, Site
from tests.postgres import PostgresServer

pytestmark = [pytest.mark.wire, pytest.mark.timeout(400)]

ALL = [*SCENES.values(), BESIDE, *PLACED.values()]


def test_every_state_has_its_scene() -> None:
    assert set(SCENES) == set(State), "a state of a call that nothing was proved of"
    assert set(PLACED) == set(placed.State), "a state of the switch's own calls that nothing was proved of"


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    made = PostgresServer()
    try:
        yield made.start()
    finally:
        made.remove()


@asynccontextmanager
async def staged(folder: Path, url: str = "", redis: str = "") -> AsyncIterator[Stage]:
    """A running site with a telephone for every scene; with a Valkey it is looked at, too."""
    site = await asyncio.to_thread(Site, folder / "wick-hill", Ports(), USUAL + EDITS)
    if redis:
        with (site.folder / "wingline.toml").open("a") as settings:
            settings.write(f'\n[redis]\nurl = "{redis}"\n')
    if url:
        site._engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), pool_pre_ping=True, paramstyle="format")
    stage = Stage(site, url or f"sqlite:///{site.folder / 'state' / 'wingline.db'}", [*ALL, WATCHED] if redis else ALL)
    await stage.dress()
    await asyncio.to_thread(site.up, "+0s", 120.0)
    try:
        yield stage
    finally:
        await asyncio.to_thread(site.drain)


def proved(problems: list[str]) -> None:
    assert not problems, "\n".join(problems)


def kinds(stage: Stage) -> set[str]:
    return set(stage.site.read(lambda conn: conn.execute(select(alarms.c.kind)).scalars().all()))


def soak(harm: object) -> Any:
    """A walk that `make soak` takes: the one in `make test` takes a PostgreSQL away in each state."""
    return pytest.param(harm, marks=pytest.mark.slow)


@pytest.mark.parametrize("harm", [*map(soak, (harms.PostgresRestarted, harms.PostgresLocked)), harms.PostgresGone])
async def test_postgresql_in_each_state(
    tmp_path: Path, server: PostgresServer, harm: type[harms.PostgresLocked], monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = server.empty()
    monkeypatch.setenv("WINGLINE_STORE__URL", url)
    async with staged(tmp_path, url) as stage:
        proved(await stage.walk(harm(server, url.partition("@/")[2].partition("?")[0])))
        assert {"no-facts", "no-record"} <= kinds(stage)


@pytest.mark.parametrize("harm", [soak(harms.SqliteGone), soak(harms.SqliteLocked)])
async def test_sqlite_in_each_state(tmp_path: Path, harm: type[harms.SqliteLocked]) -> None:
    async with staged(tmp_path) as stage:
        proved(await stage.walk(harm(stage.site.folder / "state" / "wingline.db")))
        assert {"no-facts", "no-record"} <= kinds(stage)


@pytest.mark.parametrize("harm", [soak(harm) for harm in (harms.valkey_killed, harms.valkey_emptied, harms.valkey_restarted)])
async def test_valkey_in_each_state(tmp_path: Path, harm: Callable[[Path, harms.Valkey], harms.Harm]) -> None:
    """No call is another for it, and the board is whole again."""
    valkey = harms.Valkey(tmp_path).start()
    try:
        async with staged(tmp_path, redis=valkey.url) as stage:
            stage.board = valkey.board
            proved(await stage.walk(harm(stage.site.folder / "state" / "wingline.db", valkey)))
            assert not kinds(stage) & {"no-facts", "no-record"}
    finally:
        valkey.kill()
