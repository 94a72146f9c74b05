"""The list of privileged numbers shrinks before the switch is started again: nothing that would be recorded is placed, aloud
and with an alarm; Samaritans still are; with an order that names the number it goes on."""
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory

from switch.build.list_desk import sign_list
from switch.settings.cast import CANARY, SOLICITOR
from switch.store.engine import database_at
from switch.store.migrate import config
from tests.phones.site import Ports, Site
from tests.phones.telephone import cell, outside

pytestmark = pytest.mark.wire

CELL, FAMILY = 3650.0, 3850.0
OTHER = 'serial = 2\n[[number]]\nnumber = "01632 960202"\nname = "A court"\nkind = "court"\nsince = 2026-01-05\nverified = "x"\n'
ORDER = "".join(f'[[removed]]\nnumber = "{number}"\norder = "MoJ 14"\nname = "D. Governor"\n' for number in (SOLICITOR, CANARY))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "wick-hill", Ports()).up()
    yield site
    site.drain()


def sign(site: Site, text: str) -> None:
    (site.folder / "privileged.toml").write_text(text, "utf-8")
    sign_list(site.folder / "privileged.toml", site.folder / "signing" / "privileged.key", None)


async def again(site: Site) -> None:
    before = site.role("switch")
    os.kill(before, signal.SIGKILL)
    await site.serving(after=before)


async def test_a_shrunk_list_refuses_what_would_be_recorded_and_nothing_else(site: Site) -> None:
    sign(site, OTHER)
    await again(site)
    since = site.since()
    async with outside(site) as family, cell(site, "103") as phone:
        leg = await (await phone.dial("07700900103", CELL)).up()
        assert await leg.over() == "bye"
        assert "refused-privileged-list" in leg.set.prompts()
        leg = await (await phone.dial("116123", CELL)).up()
        far = await family.answer(await family.ring(), FAMILY)
        await leg.set.hears_tone(FAMILY)
        phone.hangup(leg)
        assert await far.over() == "bye"
        assert family.rings.empty(), "the refused call rang outside"
    rows = await since.closed(2)
    assert [row["end_why"] for row in rows] == ["privileged-list", "hung-up"]
    assert [row["recording"] for row in rows] == [None, None]
    (alarm,) = [alarm for alarm in site.alarms() if alarm["kind"] == "privileged-list"]
    assert SOLICITOR in alarm["text"]
    sign(site, OTHER + ORDER)
    await again(site)
    since = site.since()
    async with outside(site) as family, cell(site, "103") as phone:
        leg = await (await phone.dial("07700900103", CELL)).up()
        far = await family.answer(await family.ring(), FAMILY)
        await leg.set.hears_tone(FAMILY)
        phone.hangup(leg)
        assert await far.over() == "bye"
    (row,) = await since.closed(1)
    assert row["recording"] is not None


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Site]:
    """A site whose database is a version behind, and whose list lost a number since it was accepted: it may not be migrated."""
    site = Site(tmp_path / "wick-hill", Ports()).up()
    process = site._process
    assert process is not None
    process.send_signal(signal.SIGTERM)
    assert process.wait(40) == 0
    settings = config()
    with database_at(f"sqlite:///{site.folder / 'state' / 'wingline.db'}").migrating() as conn:
        settings.attributes["connection"] = conn
        command.downgrade(settings, "-1")
    sign(site, OTHER)
    yield site.up()
    site.drain()


@pytest.mark.timeout(240)
async def test_a_database_that_may_not_be_migrated_is_used_for_helplines_as_it_is(behind: Site) -> None:
    """Samaritans and the control room need no list and no table; what would be recorded is refused, and nothing was changed."""
    site, since = behind, behind.since()
    async with outside(site) as family, cell(site, "103") as phone:
        leg = await (await phone.dial("07700900103", CELL)).up()
        assert await leg.over(30.0) == "bye"
        assert leg.set.prompts() & {"refused-privileged-list", "refused-service-unavailable"}
        for number in ("116123", "999"):
            leg = await (await phone.dial(number, CELL)).up()
            far = await family.answer(await family.ring(), FAMILY)
            await leg.set.hears_tone(FAMILY)
            await far.set.hears_tone(CELL)
            phone.hangup(leg)
            assert await far.over() == "bye"
        assert family.rings.empty(), "the refused call rang outside"
    rows = await since.closed(3, 30.0)
    assert sorted(row["to"] for row in rows if row["talk_seconds"] > 0) == ["116123", "999"]
    with sqlite3.connect(f"file:{site.folder / 'state' / 'wingline.db'}?mode=ro", uri=True) as conn:
        (version,) = conn.execute("SELECT version_num FROM alembic_version").fetchone()
    assert version != ScriptDirectory.from_config(config()).get_current_head(), "it was left as it was"
    assert "the database is not brought to this version" in site.log.read_text("utf-8")
