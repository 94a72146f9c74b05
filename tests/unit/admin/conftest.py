from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.unit.admin.counter import Counter, open_counter
from tests.unit.desk.conftest import office


@pytest_asyncio.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path) as made:
        yield made


__all__ = ["counter", "office"]
