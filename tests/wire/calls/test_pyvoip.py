"""pyVoIP: no qop, mu-law only, keys as tones in the voice, one call at a time."""
from pathlib import Path

import pytest

from switch.media import g711
from tests.phones.capture import Capture
from tests.phones.ears import level_of
from tests.phones.pyvoip import PyVoip
from tests.phones.site import Site
from tests.phones.telephone import outside

pytestmark = pytest.mark.wire

CELL, FAMILY = 3650.0, 3850.0
HEARD, SILENT = -25.0, -40.0


async def test_pyvoip_registers_without_qop_keys_tones_and_talks(site: Site, tmp_path: Path) -> None:
    since = site.since()
    async with Capture(tmp_path / "call.pcap", site.ports.filter) as wire:
        async with outside(site) as family, PyVoip(site, site.account("101"), tmp_path) as phone:
            await phone.does("call", number="07700900101")
            await phone.tells("answered")
            await phone.does("keys", keys=site.pin("A1001AA"))
            far = await family.ring()
            await phone.does("tone", hz=CELL)
            await family.answer(far, FAMILY)
            both = await far.set.hears_tone(CELL)
            await far.set.packets(75)
            await phone.does("hangup")
            await phone.tells("ended")
            assert await far.over() == "bye"
        row = await since.one()
    assert (row["outcome"], row["end_by"], row["end_why"]) == ("connected", "person", "hung-up")
    assert "announce-short" in far.set.prompts()
    assert level_of(far.ear(both), CELL) > HEARD
    assert level_of(far.ear(both), FAMILY) < SILENT
    heard = g711.decode_ulaw(wire.payload(phone.media, g711.PCMU))
    assert level_of(heard, FAMILY) > HEARD, "the family's A-law reaches a phone that only has mu-law"
    assert level_of(phone.sound(), FAMILY) > HEARD
    registers = [one.data for one in wire.datagrams() if one.data.startswith(b"REGISTER") and b"Authorization" in one.data]
    assert registers
    assert not any(b"qop" in data for data in registers)
