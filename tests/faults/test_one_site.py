"""One running site: a second `wingline up` on its folder is refused, its Valkey may die under a call, and it ends by draining."""
import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.phones.ears import share_with
from tests.phones.site import Ports, Site
from tests.phones.telephone import cell, outside

pytestmark = pytest.mark.wire

CELL, FAMILY = 3650.0, 3850.0
DRAIN = 5.0
"""Seconds that the example leaves to calls when it is told to stop."""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "wick-hill", Ports()).up()
    yield site
    site.drain()


async def test_a_second_up_is_refused_valkey_may_die_and_a_drain_tells_both(running: Site) -> None:
    site, since = running, running.since()
    began = time.monotonic()
    second = await asyncio.to_thread(site.wingline, "up")
    assert time.monotonic() - began < 30.0, "starting Python is most of it"
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1, second.stderr
    assert "another `wingline up` runs on" in second.stderr
    assert str(site.folder) in second.stderr

    async with outside(site) as family, cell(site, "103") as phone, cell(site, "101") as late:
        leg = await phone.dial("07700900103", CELL)
        far = await family.answer(await family.ring(), FAMILY)
        await far.set.hears_tone(CELL)
        await leg.set.hears_tone(FAMILY)
        valkey = site.role("valkey")
        os.kill(valkey, signal.SIGKILL)
        mark = leg.set.mark()
        await leg.set.packets(75)
        for ear, tone in ((leg.ear(mark), FAMILY), (far.ear(mark), CELL)):
            assert share_with(ear, tone) > 0.95, "the talk suffered"
        await back(site, "valkey", valkey)

        asked = time.monotonic()
        draining = asyncio.create_task(asyncio.to_thread(site.drain))
        for one in (leg, far):
            await one.set.hears_prompt("closing-soon")
        refused = await late.dial("116123", CELL)
        for one in (leg, far):
            assert await one.over() == "bye"
            assert time.monotonic() - asked < 10 * DRAIN  # to the second in virtual time: tests/flows
        assert time.monotonic() - asked > DRAIN - 1.0, "they had their time"
        await refused.over()
        assert "refused-draining" in refused.set.prompts()
        await draining  # exit code 0, and no traceback
    rows = await since.closed(2, 30.0)
    talked = next(row for row in rows if row["phone"] == "103")
    assert (talked["outcome"], talked["end_by"], talked["end_why"]) == ("connected", "switch", "closing")
    assert talked["recording"]


async def back(site: Site, role: str, before: int) -> None:
    async with asyncio.timeout(10.0):
        while True:
            try:
                if site.role(role) != before:
                    return
            except LookupError:
                pass
            await asyncio.sleep(0.05)
