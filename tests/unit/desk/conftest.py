from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.unit.desk.office import Office, make_office


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    made = await make_office(tmp_path)
    yield made
    assert await made.whole(), "the audit chain"
    made.mint.hasher.close()
    await made.site.close()
