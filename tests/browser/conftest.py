"""One site, one console and one browser for all tests of pages; they share a loop, which playwright lives in."""
import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from tests.browser.desk import ARGS, CHROMIUM, Desk
from tests.phones.site import Ports, Site

ADDRESS_SECONDS = 30.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.wire)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    folder = tmp_path_factory.mktemp("console") / "site"
    site = await asyncio.to_thread(lambda: Site(folder, Ports()).up())
    try:
        file, until = site.folder / "state/console.address", time.monotonic() + ADDRESS_SECONDS
        while not file.exists():
            assert time.monotonic() < until, "the console did not say where it listens"
            await asyncio.sleep(0.05)
        async with async_playwright() as play:
            browser = await play.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGS,
                                                 ignore_default_args=["--mute-audio"])
            try:
                yield Desk(site, file.read_text("utf-8").strip(), browser)
            finally:
                await browser.close()
    finally:
        await asyncio.to_thread(site.drain)
