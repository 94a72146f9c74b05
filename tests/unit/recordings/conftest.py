"""A small site on each database, and each kind of object store."""
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from obstore.store import MemoryStore

from recordings.objects import Objects, folder_objects
from tests.s3 import S3
from tests.unit.store.site import Site, make_site


@pytest_asyncio.fixture
async def site(tmp_path: Path, url: str) -> AsyncIterator[Site]:
    made = await make_site(tmp_path, url)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """One server for each worker, which no test may stop: those that do have their own."""
    server = S3()
    yield server
    server.stop()


@pytest.fixture(params=["memory", "folder", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "memory":
        return Objects(MemoryStore())
    if request.param == "folder":
        return folder_objects(tmp_path / "vault")
    server: S3 = request.getfixturevalue("s3")
    return server.objects(tmp_path.name)
