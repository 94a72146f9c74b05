"""A small site on each database: every test that asks for one runs on both."""
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.unit.store.site import Site, make_site


@pytest_asyncio.fixture
async def site(tmp_path: Path, url: str) -> AsyncIterator[Site]:
    made = await make_site(tmp_path, url)
    yield made
    await made.close()
