"""The kill switch thrown from the command line on a running site, Valkey or no Valkey.

That it is in force within two seconds is proved in virtual time (tests/flows/test_orders_in_time.py); here at ten times that.
"""
import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.phones.site import NOON, Site
from tests.phones.telephone import Leg, Telephone, cell, outside

pytestmark = pytest.mark.wire

CELL, FAR = 3650.0, 3850.0
IN_FORCE = 10 * 2.0
"""Seconds from the order's commit to the end of the call: ten times the bound, for a crowded machine."""


@asynccontextmanager
async def without_valkey(site: Site, wanted: bool) -> AsyncIterator[None]:
    """Kill it, and again whenever it is back, for as long as this lasts."""

    async def keep_killing() -> None:
        while True:
            try:
                os.kill(site.role("valkey"), signal.SIGKILL)
            except (LookupError, ProcessLookupError):
                pass
            await asyncio.sleep(0.1)

    killing = asyncio.ensure_future(keep_killing()) if wanted else None
    await asyncio.sleep(0.3 if wanted else 0)
    try:
        yield
    finally:
        if killing is not None:
            killing.cancel()


async def talk(site: Site, phone: Telephone, family: Telephone) -> tuple[Leg, Leg]:
    """A1001AA's call to a contact, until both hear each other."""
    leg = await (await phone.dial("07700900101", CELL)).up()
    leg.set.press(site.pin("A1001AA"))
    far = await family.ring()
    await family.answer(far, FAR)
    await far.set.hears_tone(CELL)
    return leg, far


async def throw(site: Site, *args: str) -> tuple[str, float]:
    """`wingline kill ...`: the order's id, and when it was first to be seen in the database, on the loop's clock."""
    loop = asyncio.get_running_loop()
    before = _orders(site)

    async def watch() -> float:
        while _orders(site) == before:  # noqa: ASYNC110  # another process has no event of ours
            await asyncio.sleep(0.01)
        return loop.time()

    watching = asyncio.ensure_future(watch())
    done = await asyncio.to_thread(site.wingline, "kill", *args, "--reason", "a fight", "--staff", "officer", "--now", NOON)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[0], await asyncio.wait_for(watching, 5)


def _orders(site: Site) -> int:
    with sqlite3.connect(f"file:{site.folder / 'state' / 'wingline.db'}?mode=ro", uri=True) as conn:
        return int(conn.execute("SELECT count(*) FROM orders").fetchone()[0])


@pytest.mark.parametrize(("reach", "target"), [("site", "wick-hill"), ("wing", "A"), ("cell", "A1-01"), ("person", "A1001AA")])
async def test_cut_all_ends_the_call_refuses_the_next_and_leaves_samaritans(site: Site, reach: str, target: str) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone, without_valkey(site, reach in ("site", "person")):
        leg, far = await talk(site, phone, family)
        order, seen = await throw(site, reach, target, "--cut")
        assert await leg.over(IN_FORCE) == "bye"
        took = asyncio.get_running_loop().time() - seen
        assert took < IN_FORCE, f"the call ended {took:.2f} s after the order was in the database"
        assert await far.over() == "bye"
        row = await since.one()
        assert (row["end_by"], row["end_why"]) == ("staff", "staff")

        since = site.since()
        leg = await (await phone.dial("07700900101", CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        await leg.set.hears_prompt("refused-orders")
        await leg.over()
        assert (await since.one())["end_why"] == "orders"
        assert family.rings.empty()

        since = site.since()
        leg = await (await phone.dial("116123", CELL)).up()
        far = await family.ring()
        assert far.number == "116123"
        await family.answer(far, FAR)
        await leg.set.hears_tone(FAR)
        await leg.set.packets(120)  # longer than the switch takes to look for orders
        phone.hangup(leg)
        row = await since.one()
        assert (row["outcome"], row["end_by"], row["privileged"]) == ("connected", "person", True)

        listed = await asyncio.to_thread(site.wingline, "kill", "list", "--now", NOON)
        assert order in listed.stdout
        lifted = await asyncio.to_thread(site.wingline, "kill", "lift", order, "--now", NOON)
        assert lifted.returncode == 0, lifted.stderr
        since = site.since()
        leg, far = await talk(site, phone, family)
        phone.hangup(leg)
        assert (await since.one())["outcome"] == "connected"


async def test_helplines_go_with_a_second_order_only(site: Site) -> None:
    async with outside(site) as family, cell(site, "101") as phone:
        first, _ = await throw(site, "wing", "A", "--cut")
        since = site.since()
        leg = await (await phone.dial("116123", CELL)).up()
        far = await family.ring()
        await family.answer(far, FAR)
        await leg.set.hears_tone(FAR)
        _, seen = await throw(site, "helplines", first)
        assert await leg.over(IN_FORCE) == "bye"
        assert asyncio.get_running_loop().time() - seen < IN_FORCE
        assert (await since.one())["end_by"] == "staff"

        since = site.since()
        leg = await (await phone.dial("116123", CELL)).up()
        await leg.set.hears_prompt("refused-orders")
        await leg.over()
        assert (await since.one())["end_why"] == "orders"
        assert family.rings.empty()
        lifted = await asyncio.to_thread(site.wingline, "kill", "lift", first, "--now", NOON)
        assert lifted.stdout.count("lifted:") == 2

        since = site.since()
        leg = await (await phone.dial("116123", CELL)).up()
        assert (await family.ring()).number == "116123"
        phone.hangup(leg)
        await since.one()


async def test_no_new_calls_lets_the_call_go_on(site: Site) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone:
        leg, far = await talk(site, phone, family)
        order, _ = await throw(site, "site", "wick-hill", "--no-new")
        await leg.set.packets(120)
        assert not leg.ended.done()
        phone.hangup(leg)
        await far.over()
        assert (await since.one())["end_by"] == "person"
        await asyncio.to_thread(site.wingline, "kill", "lift", order, "--now", NOON)


async def test_the_duress_pin_places_the_call_and_tells_staff_alone(site: Site) -> None:
    made = await asyncio.to_thread(site.wingline, "people", "pin", "A1001AA", "--duress", "--reason", "asked", "--now", NOON)
    assert made.returncode == 0, made.stderr
    pin = made.stdout.split("PIN ")[1].split(":")[0]
    since, alarms = site.since(), len(site.alarms())
    async with outside(site) as family, cell(site, "101") as phone:
        leg = await (await phone.dial("07700900101", CELL)).up()
        leg.set.press(pin)
        far = await family.ring()
        await family.answer(far, FAR)
        await far.set.hears_tone(CELL)
        await leg.set.hears_tone(FAR)
        heard = leg.set.prompts()
        phone.hangup(leg)
    row = await since.one()
    assert (row["outcome"], row["person"]) == ("connected", "A1001AA")
    (alarm,) = site.alarms()[alarms:]
    assert (alarm["kind"], alarm["call"]) == ("duress", row["id"])
    assert "A1-01" in alarm["text"]
    assert "A1001AA" in alarm["text"]

    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone:
        leg, _ = await talk(site, phone, family)
        await leg.set.hears_tone(FAR)
        assert leg.set.prompts() == heard, "the telephone says the same with either PIN"
        phone.hangup(leg)
    await since.one()
    assert len(site.alarms()) == alarms + 1
