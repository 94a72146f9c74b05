"""Promises with a time in them, through real processes, at ten times the bound; the bound itself is held on the pure machine
(`tests/flows`), and its p99 is a row of `make bench`."""
import asyncio

import pytest

from switch.build.site import SystemIds, clock_from
from switch.runtime.control import ask
from switch.store.database import Store
from switch.store.orders import OrderCut
from tests.phones.site import NOON, Site
from tests.phones.telephone import Leg, Telephone, cell, outside

pytestmark = pytest.mark.wire

CELL, FAMILY = 3650.0, 3850.0
CUT_AT_LIMIT, CUT_BY_SOCKET, CUT_BY_ORDER = 0.1, 0.2, 1.0
"""Seconds: what is promised. An order that stands in SQL alone is found by the next sweep."""
TEN = 10


async def talk(site: Site, phone: Telephone, family: Telephone, number: str, person: str) -> tuple[Leg, Leg]:
    leg = await (await phone.dial(number, CELL)).up()
    leg.set.press(site.pin(person))
    far = await family.answer(await family.ring(), FAMILY)
    await far.set.hears_tone(CELL)
    await leg.set.hears_tone(FAMILY)
    return leg, far


async def test_a_call_is_cut_at_its_limit(site: Site) -> None:
    """Eight seconds from the beep; both sides were warned at five and two before the end."""
    since, loop = site.since(), asyncio.get_running_loop()
    async with outside(site) as family, cell(site, "105") as phone:
        leg, far = await talk(site, phone, family, "07700900105", "A1005AE")
        beep = await leg.set.hears_prompt("beep") - 0.3
        for one in (leg, far):
            assert await one.over() == "bye"
            assert abs(loop.time() - beep - 8.0) <= TEN * CUT_AT_LIMIT
            assert {"warn-5", "warn-2"} <= one.set.prompts()
    row = await since.one()
    assert (row["end_by"], row["end_why"], row["charged_pence"]) == ("policy", "time", 1)
    assert row["talk_seconds"] == 8.0


@pytest.mark.parametrize("way", ["control socket", "order"])
async def test_staff_cut_a_call(site: Site, way: str) -> None:
    """By the node's control socket, and with it gone, by the order in SQL alone."""
    since, loop = site.since(), asyncio.get_running_loop()
    async with outside(site) as family, cell(site, "102") as phone:
        leg, far = await talk(site, phone, family, "07700900102", "A1006AF")
        (call,) = [row["id"] for row in since.calls()]
        began, reason = loop.time(), "threats to the family"
        if way == "order":
            store = Store(f"sqlite:///{site.folder / 'state' / 'wingline.db'}")
            await store.write(OrderCut(SystemIds().call(), call, reason, "officer-7", clock_from(NOON).wall()))
            await store.close()
        else:
            request = {"do": "cut", "call": call, "staff": "officer-7", "reason": reason}
            await asyncio.to_thread(ask, site.folder / "state" / "control.sock", request)
        for one in (leg, far):
            assert await one.over() == "bye"
        assert loop.time() - began <= TEN * (CUT_BY_ORDER if way == "order" else CUT_BY_SOCKET)
    row = await since.one()
    assert (row["outcome"], row["end_by"], row["end_why"]) == ("connected", "staff", "staff")


async def test_a_locked_pin_is_locked_for_the_very_next_call(site: Site) -> None:
    """Three failures lock this telephone for this person: the right PIN does not help, a helpline does, staff are told."""
    since = site.since()
    wrong = "".join(str(9 - int(digit)) for digit in site.pin("A1008AH"))
    async with outside(site) as family, cell(site, "106") as phone:
        leg = await (await phone.dial("07700900106", CELL)).up()
        mark = 0.0
        for asked in ("enter-pin", "wrong-pin", "wrong-pin"):
            mark = await leg.set.hears_begin(asked, mark)
            leg.set.press(wrong)
        assert await leg.over() == "bye"
        assert "refused-pin-locked" in leg.set.prompts()
        again = await (await phone.dial("07700900106", CELL)).up()
        again.set.press(site.pin("A1008AH"))
        await again.set.hears_begin("refused-pin-locked")
        phone.hangup(again)
        samaritans = await (await phone.dial("116123", CELL)).up()
        await family.answer(await family.ring(), FAMILY)
        await samaritans.set.hears_tone(FAMILY)
        phone.hangup(samaritans)
    rows = await since.closed(3)
    assert [row["end_why"] for row in rows] == ["pin-locked", "pin-locked", "hung-up"]
    assert any(alarm["kind"] == "pin-locked" and "106" in alarm["text"] for alarm in site.alarms())
