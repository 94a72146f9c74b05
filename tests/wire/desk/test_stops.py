"""Orders of those outside, and bars, on a running site: from the commit to the end of the call under five seconds."""
import asyncio
import sqlite3

import pytest

from tests.phones.site import NOON, Site
from tests.phones.telephone import Leg, Telephone, cell, outside
from tests.wire.desk.test_kill import without_valkey

pytestmark = pytest.mark.wire

CELL, FAR = 3650.0, 3850.0
IN_FORCE = 5.0
"""Seconds from the commit to the end of the call."""
NUMBER, DIALLED = "+447700900101", "07700900101"


async def talk(site: Site, phone: Telephone, family: Telephone) -> tuple[Leg, Leg]:
    leg = await (await phone.dial(DIALLED, CELL)).up()
    leg.set.press(site.pin("A1001AA"))
    far = await family.ring()
    await family.answer(far, FAR)
    await far.set.hears_tone(CELL)
    return leg, far


async def desk(site: Site, *args: str) -> str:
    done = await asyncio.to_thread(site.wingline, *args, "--staff", "officer", "--now", NOON)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def written(site: Site, table: str, *args: str) -> tuple[str, float]:
    """A command, and the moment (loop's clock) at which its row was first to be seen in the database."""
    loop, before = asyncio.get_running_loop(), _rows(site, table)

    async def watch() -> float:
        while _rows(site, table) == before:  # noqa: ASYNC110  # another process has no event of ours
            await asyncio.sleep(0.01)
        return loop.time()

    watching = asyncio.ensure_future(watch())
    said = await desk(site, *args)
    return said.split()[0], await asyncio.wait_for(watching, 5)


def _rows(site: Site, table: str) -> int:
    with sqlite3.connect(f"file:{site.folder / 'state' / 'wingline.db'}?mode=ro", uri=True) as conn:
        return int(conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # a name of this file


@pytest.mark.parametrize(("person", "valkey"), [((), True), (("--person", "A1001AA"), False)])
async def test_a_stop_ends_the_call_that_runs_and_refuses_the_next(site: Site, person: tuple[str, ...], valkey: bool) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone, without_valkey(site, not valkey):
        leg, far = await talk(site, phone, family)
        stop, seen = await written(site, "stops", "stops", "place", DIALLED, *person, "--reason", "asked on the telephone")
        assert await leg.over() == "bye"
        took = asyncio.get_running_loop().time() - seen
        assert took < IN_FORCE, f"the call ended {took:.2f} s after the stop was in the database"
        assert await far.over() == "bye"
        row = await since.one()
        assert (row["end_by"], row["end_why"]) == ("called", "stopped-by-called")

        since = site.since()
        leg = await (await phone.dial(DIALLED, CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        await leg.over()
        assert (await since.one())["end_why"] == ("stopped-person" if person else "stopped-all")
        assert family.rings.empty()
    await desk(site, "stops", "undo", stop, "--reason", "the test is over", "--second", "governor")
    _approve(site)


@pytest.mark.parametrize(("victim", "told"), [(("--cut",), "barred"), (("--victim",), "unapproved")])
async def test_a_bar_ends_the_call_that_runs(site: Site, victim: tuple[str, ...], told: str) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone:
        leg, _ = await talk(site, phone, family)
        entry, seen = await written(site, "number_lists", "numbers", "bar", DIALLED, *victim, "--reason", "a court's order")
        assert await leg.over() == "bye"
        assert asyncio.get_running_loop().time() - seen < IN_FORCE
        assert (await since.one())["end_by"] == "staff"

        since = site.since()
        leg = await (await phone.dial(DIALLED, CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        await leg.set.hears_prompt(f"refused-{told}")
        await leg.over()
        assert (await since.one())["end_why"] == told
    await desk(site, "numbers", "end", entry, "--reason", "the test is over", "--second", "governor")


async def test_seven_in_the_announcement_is_a_wrong_number_until_it_is_verified(site: Site) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone:
        leg = await (await phone.dial(DIALLED, CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        far = await family.ring()
        await family.answer(far, FAR)
        await far.set.packets(25)
        far.set.press("7")
        assert await far.over() == "bye"
        await leg.set.hears_prompt("ended-wrong-number")
        assert await leg.over() == "bye"
        row = await since.one()
        assert (row["end_by"], row["end_why"], row["charged_pence"]) == ("called", "wrong-number", 0)

        since = site.since()
        leg = await (await phone.dial(DIALLED, CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        await leg.set.hears_prompt("refused-number-to-verify")
        await leg.over()
        assert (await since.one())["end_why"] == "number-to-verify"
        assert family.rings.empty()
        assert NUMBER in await desk_list(site)
        await desk(site, "numbers", "verify", DIALLED, "--reason", "rung back by staff")

        since = site.since()
        leg, far = await talk(site, phone, family)
        phone.hangup(leg)
        assert (await since.one())["outcome"] == "connected"


async def desk_list(site: Site) -> str:
    done = await asyncio.to_thread(site.wingline, "numbers", "wrong", "--now", NOON)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _approve(site: Site) -> None:
    """The contact is approved again, as staff would: an undone stop leaves that to them."""
    with sqlite3.connect(site.folder / "state" / "wingline.db") as conn:
        conn.execute("UPDATE contacts SET state = 'approved' WHERE number = ? AND state = 'stopped'", (NUMBER,))
