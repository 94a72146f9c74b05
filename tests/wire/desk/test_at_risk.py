"""Somebody at risk runs out of credit: the offer in the last minute, Samaritans at one key, and leave in one step."""
import asyncio

import pytest

from tests.phones.site import NOON, Site
from tests.phones.telephone import cell, outside

pytestmark = pytest.mark.wire

CELL, FAR = 3650.0, 3850.0
WHO, PHONE, MUM = "A1009AJ", "107", "07700900107"


async def desk(site: Site, *args: str) -> str:
    done = await asyncio.to_thread(site.wingline, *args, "--staff", "officer", "--now", NOON)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_from_the_last_penny_to_an_emergency_call(site: Site) -> None:
    await desk(site, "people", "change", WHO, "--at-risk")
    async with outside(site) as family, cell(site, PHONE) as phone:
        since = site.since()
        leg = await (await phone.dial(MUM, CELL)).up()
        leg.set.press(site.pin(WHO))
        far = await family.ring()
        await family.answer(far, FAR)
        await leg.set.hears_prompt("offer-samaritans-dial")  # eight seconds are less than a minute: it comes with the beep
        await leg.over()
        assert (await since.one())["end_why"] == "credit-used"

        since = site.since()
        leg = await (await phone.dial(MUM, CELL)).up()
        leg.set.press(site.pin(WHO))
        await leg.set.hears_prompt("refused-credit")
        await leg.set.hears_prompt("offer-samaritans")
        leg.set.press("1")
        far = await family.ring()
        assert far.number == "116123"
        await family.answer(far, FAR)
        await leg.set.hears_tone(FAR)
        phone.hangup(leg)
        row = await since.one()
        assert (row["to"], row["outcome"], row["privileged"], row["recording"]) == ("116123", "connected", True, None)
        assert row["charged_pence"] == 0

        await desk(site, "permits", "emergency", WHO, MUM, "--reason", "out of credit and distressed")
        since = site.since()
        leg = await (await phone.dial(MUM, CELL)).up()
        leg.set.press(site.pin(WHO))
        far = await family.ring()
        await family.answer(far, FAR)
        await leg.set.hears_tone(FAR)
        await leg.set.packets(60)
        phone.hangup(leg)
        row = await since.one()
        assert (row["outcome"], row["charged_pence"]) == ("connected", 0)
        assert "used" in await desk(site, "permits", "list", WHO)
