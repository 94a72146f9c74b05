"""A small site on each database that the switch can be told to use: every test that asks for one runs on both."""
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.postgres import PostgresServer
from tests.unit.store.site import Site, make_site


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that has nothing in it but, on PostgreSQL, the tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/site.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    made = server.fresh()
    yield made
    server.drop(made)


@pytest_asyncio.fixture
async def site(tmp_path: Path, url: str) -> AsyncIterator[Site]:
    made = await make_site(tmp_path, url)
    yield made
    await made.close()
