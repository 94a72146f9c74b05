"""`wingline up` is killed -9 while somebody talks, and started again at once: the old switch ends its calls in the time that they
have, the new `up` says that it waits for it, and takes over."""
import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.test_supervisor import until
from tests.phones.site import NOON, Ports, Site
from tests.phones.telephone import cell, outside

pytestmark = pytest.mark.wire

CELL, FAMILY = 3650.0, 3850.0


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Calls have a minute to end, which is longer than an `up` whose switch dies again and again goes on trying."""
    site = Site(tmp_path / "wick-hill", Ports())
    settings = site.folder / "wingline.toml"
    settings.write_text(settings.read_text("utf-8").replace("drain_seconds = 5 ", "drain_seconds = 60 "), "utf-8")
    site.up()
    yield site
    site.drain(100.0)


@pytest.mark.timeout(300)
async def test_a_new_up_waits_for_the_switch_of_one_that_was_killed(site: Site) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "103") as phone, cell(site, "101") as late:
        leg = await phone.dial("07700900103", CELL)
        far = await family.answer(await family.ring(), FAMILY)
        await leg.set.hears_tone(FAMILY)
        old, killed = site.role("switch"), site._process
        assert killed is not None
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        starting = asyncio.ensure_future(asyncio.to_thread(site.up, NOON, 100.0))
        for one in (leg, far):
            await one.set.hears_prompt("closing-soon")
        refused = await late.dial("116123", CELL)
        await refused.over()
        assert "refused-draining" in refused.set.prompts(), "the old switch takes no new call"
        await until(lambda: "switch.waiting" in site.log.read_text("utf-8"), 60.0)
        await leg.set.packets(100)
        assert not starting.done(), "there are not two switches"
        assert "giving up" not in site.log.read_text("utf-8")
        assert not leg.ended.done(), "it has its time"
        phone.hangup(leg)
        assert await far.over() == "bye"
        await starting
        await site.serving(after=old)
    async with outside(site) as family, cell(site, "103") as phone:
        leg = await phone.dial("07700900103", CELL)
        await family.answer(await family.ring(), FAMILY)
        await leg.set.hears_tone(FAMILY)
        phone.hangup(leg)
    rows = await since.closed(3)
    talked = [row for row in rows if row["phone"] == "103"]
    assert [(row["end_why"], bool(row["recording"])) for row in talked] == [("hung-up", True)] * 2
    assert "earlier `wingline up` still ends its calls" in site.log.read_text("utf-8")
