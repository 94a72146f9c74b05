from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.unit.store.site import Site, make_site


@pytest_asyncio.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    made = await make_site(tmp_path)
    yield made
    await made.close()
