"""A real answering machine on the wire: the caller alone is told, and what he pays; a beep that is faked later buys nothing."""
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from switch.media import g711
from switch.media.wav import read_wav
from switch.store.tables import cdrs
from tests.phones.site import Site
from tests.phones.telephone import cell, outside

pytestmark = pytest.mark.wire

CELL, FAMILY = 3650.0, 3850.0
GREETING = Path(__file__).parents[2] / "sounds" / "answering" / "machines" / "53.wav"
"""Tom asks for a message, and beeps."""


def note_of(site: Site, row: dict[str, Any]) -> str:
    return str(site.read(lambda conn: conn.execute(select(cdrs.c.end_note).where(cdrs.c.id == row["id"])).scalar_one()))


async def test_a_machine_is_told_of_and_whoever_hangs_up_pays_nothing(site: Site) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone:
        leg = await (await phone.dial("07700900101", CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        far = await family.ring()
        far.set.says = read_wav(GREETING.read_bytes()).data
        await family.answer(far, FAMILY)
        await leg.set.hears_prompt("machine-heard")
        assert "machine-heard" not in far.set.prompts(), "only the caller is told"
        phone.hangup(leg)
        assert await far.over() == "bye"
    row = await since.one()
    assert row["talk_seconds"] > 1
    assert row["charged_pence"] == 0
    note = note_of(site, row)
    assert note.startswith("answering machine (a beep of 800 Hz")
    assert note.endswith("not charged")


async def test_a_beep_faked_after_thirty_seconds_of_talk_is_charged(site: Site) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone:
        leg = await (await phone.dial("07700900101", CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        far = await family.ring()
        greeting = read_wav(GREETING.read_bytes()).data
        far.set.says = g711.ALAW_SILENCE * 31 * g711.RATE + greeting
        await family.answer(far, FAMILY)
        await leg.set.packets(50 * 31 + len(greeting) // 160 + 100, seconds=60)
        assert "machine-heard" not in leg.set.prompts()
        phone.hangup(leg)
        assert await far.over() == "bye"
    row = await since.one()
    assert row["talk_seconds"] > 30
    assert row["charged_pence"] > 0
    assert "machine" not in note_of(site, row)
