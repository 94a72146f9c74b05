"""The telephone's own menu by a real SIP telephone: keyed through, heard, interrupted, and a call placed from it."""
import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select

from dialplans.prompts import english as spoken
from switch.core.money import from_pence
from switch.store.tables import bulletins, people
from tests.phones.ears import level_of
from tests.phones.site import Site
from tests.phones.telephone import Leg, Telephone, cell, outside
from tests.unit.desk.test_bulletins import wav

pytestmark = pytest.mark.wire

CELL, FAMILY = 3650.0, 3850.0
HEARD = -25.0
PRISON = "wick-hill"
WHO, MOTHER = "A1001AA", "+447700900101"


LOOK = 12.0
"""Seconds in which the switch has looked who lives where, and in which language the telephone asks for the PIN."""


async def enter(site: Site, phone: Telephone, hz: float = 0) -> Leg:
    """Dial the menu and give the PIN."""
    leg = await (await phone.dial("100", hz)).up()
    await leg.set.hears_begin("enter-pin")
    leg.set.press(site.pin(WHO))
    await leg.set.hears_begin("menu-welcome")
    return leg


async def test_credit_is_heard_at_once_over_what_was_being_said(site: Site) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone:
        leg = await enter(site, phone)
        leg.set.press("2")
        await leg.set.hears_prompt("menu-credit")
        assert not leg.set.prompts(0.0) & {"menu-welcome", "menu-1-dial", "menu-2-credit"}, "the key broke the welcome off"
        balance = site.person(WHO)["credit_pence"] - sum(
            row["charged_pence"] for row in site.calls() if row["person"] == WHO)
        for piece in set(spoken.money(from_pence(int(balance)))):
            await leg.set.hears_prompt(piece)
        phone.hangup(leg)
        assert family.rings.empty()
    row = await since.one()
    assert (row["outcome"], row["person"], row["to"], row["charged_pence"]) == ("menu", WHO, "100", 0)
    assert row["end_why"] == "hung-up"
    assert not site.traces(row["id"]), "nothing of the menu is recorded"


async def test_a_speed_dial_rings_announces_and_lets_both_talk(site: Site) -> None:
    done = site.wingline("speed-dials", "set", WHO, "4", "07700 900101", "--staff", "officer")
    assert done.returncode == 0, done.stderr
    assert site.wingline("speed-dials", "list", WHO).stdout == f"4  {MOTHER}\n"
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone:
        leg = await enter(site, phone, CELL)
        leg.set.press("14#")
        far = await family.ring()
        assert far.number == MOTHER
        await family.answer(far, FAMILY)
        await far.set.hears_prompt("announce-short")
        both = max(await far.set.hears_tone(CELL), await leg.set.hears_tone(FAMILY))
        await leg.set.packets(25)
        assert level_of(leg.ear(both), FAMILY) > HEARD
        phone.hangup(leg)
        assert await far.over() == "bye"
    row = await since.one()
    assert (row["outcome"], row["person"], row["to"]) == ("connected", WHO, MOTHER)
    assert row["charged_pence"] > 0
    assert len(site.sound(row["id"])), "as monitored as one that was dialled"


async def test_a_number_that_is_not_approved_is_refused_with_its_reason(site: Site) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone:
        leg = await enter(site, phone)
        leg.set.press("1")
        await leg.set.hears_begin("menu-dial")
        leg.set.press("07700900198#")
        await leg.set.hears_prompt("refused-contact-pending")
        await leg.set.hears_prompt("menu-back")
        leg.set.press("07700900101#")
        far = await family.ring()
        assert far.number == MOTHER, "another number, without dialling the menu anew"
        phone.hangup(leg)
    rows = sorted(await since.closed(2), key=lambda row: row["id"])
    assert [(row["person"], row["outcome"], row["to"]) for row in rows] == [
        (WHO, "abandoned", MOTHER), (WHO, "refused", "+447700900198")]
    assert (rows[1]["id"], rows[1]["end_why"]) == (f"{rows[0]['id']}-1", "contact-pending")


async def test_a_language_is_chosen_and_spoken_at_once_and_by_the_next_call(site: Site) -> None:
    try:
        async with cell(site, "101") as phone:
            leg = await enter(site, phone)
            leg.set.press("8")
            await leg.set.hears_prompt("cy/menu-language-name")
            leg.set.press("2")
            await leg.set.hears_prompt("cy/menu-language-kept")
            await leg.set.hears_begin("cy/menu-1-dial")
            phone.hangup(leg)
            kept = select(people.c.language).where(people.c.id == WHO)
            assert site.read(lambda conn: conn.execute(kept).scalar()) == "cy"
            refused = await (await phone.dial("07700900198", 0)).up()
            await refused.set.packets(25)
            refused.set.press(site.pin(WHO))
            await refused.set.hears_prompt("cy/refused-contact-pending")
            assert await refused.over() == "bye"
    finally:
        assert site.wingline("people", "change", WHO, "--language", "en", "--staff", "officer").returncode == 0
        await asyncio.sleep(LOOK)


async def test_samaritans_from_the_menu(site: Site) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone:
        leg = await enter(site, phone)
        leg.set.press("7")
        far = await family.ring()
        assert far.number == "116123"
        phone.hangup(leg)
    row = await since.one()
    assert (row["privileged"], row["charged_pence"]) == (True, 0)


async def test_a_bulletin_is_published_while_the_switch_runs_and_heard(site: Site, tmp_path: Path) -> None:
    ids = []
    for hz, day in ((700.0, "2026-11-21"), (1700.0, "2026-11-22")):
        (tmp_path / "said.wav").write_bytes(wav(hz=hz))
        done = site.wingline("bulletins", "publish", PRISON, "--wav", str(tmp_path / "said.wav"), "--from", day,
                             "--until", "2036-01-01", "--staff", "officer")
        assert done.returncode == 0, done.stderr
        ids.append(done.stdout.partition(":")[0])
    sounds = dict(site.read(lambda conn: conn.execute(select(bulletins.c.id, bulletins.c.sound)).all()))
    try:
        async with cell(site, "101") as phone:
            leg = await enter(site, phone)
            leg.set.press("5")
            at = await leg.set.hears_prompt("menu-news")
            await leg.set.packets(20)
            leg.set.press("#")
            await leg.set.packets(80)
            heard = leg.set.payload(at)
            assert sounds[ids[0]] in heard, "the older one, whole"
            assert sounds[ids[1]][:1600] in heard, "the newer one came first"
            assert sounds[ids[1]] not in heard, "and was skipped"
            phone.hangup(leg)
    finally:
        for id in ids:
            assert site.wingline("bulletins", "withdraw", id, "--staff", "officer").returncode == 0
