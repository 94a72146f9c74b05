"""baresip at both ends, and against SIPp: two foreign stacks that hear each other only through the switch."""
from pathlib import Path

import pytest

from tests.phones.baresip import Baresip
from tests.phones.capture import Capture
from tests.phones.ears import level_of, share_with
from tests.phones.prompts_heard import likeness
from tests.phones.sipp_phone import Sipp
from tests.phones.site import Site

pytestmark = pytest.mark.wire

CELL, FAMILY = 3650.0, 3850.0
HEARD, SILENT = -25.0, -40.0
SAME = 0.95
"""Likeness at which two sounds are one, passed through G.711 and a jitter buffer; of different prompts none is over 0.5."""


async def test_baresip_calls_baresip(site: Site, tmp_path: Path) -> None:
    since = site.since()
    async with Capture(tmp_path / "call.pcap", site.ports.filter) as wire:
        async with Baresip.outside(site, "+447700900101", tmp_path, FAMILY) as family, Baresip.in_cell(
            site, site.account("101"), tmp_path, CELL
        ) as phone:
            await phone.does("dial", f"sip:07700900101@{site.sip[0]}:{site.sip[1]}")
            await phone.event("CALL_ESTABLISHED")
            await phone.press(site.pin("A1001AA"))
            await family.event("CALL_ESTABLISHED")
            await family.goes_on(2.5)
            await phone.does("hangup")
            await family.event("CALL_CLOSED")
        row = await since.one()
    assert (row["outcome"], row["end_by"], row["end_why"]) == ("connected", "person", "hung-up")
    assert likeness(family.sound(), "announce-short") > SAME
    assert likeness(family.sound(), "beep") > SAME
    for ear, theirs, own in ((phone.sound(), FAMILY, CELL), (family.sound(), CELL, FAMILY)):
        assert level_of(ear, theirs) > HEARD
        assert level_of(ear, own) < SILENT
        assert share_with(ear, theirs) * len(ear) / 8000 == pytest.approx(row["talk_seconds"], abs=0.7)
    seen = wire.dissected({site.sip[1]})
    assert seen.faults() == []
    assert seen.protocols()["sip"] > 10
    assert seen.protocols()["rtp"] > 200


async def test_baresip_hears_why_not(site: Site, tmp_path: Path) -> None:
    """Nobody outside is rung; baresip hears the refusal to its end and is hung up on."""
    since = site.since()
    async with Baresip.in_cell(site, site.account("103"), tmp_path, CELL) as phone:
        await phone.does("dial", f"sip:{site.about['refused']['unapproved']}@{site.sip[0]}:{site.sip[1]}")
        await phone.event("CALL_ESTABLISHED")
        await phone.event("CALL_CLOSED")
    row = await since.one()
    assert (row["outcome"], row["end_by"], row["end_why"]) == ("refused", "policy", "unapproved")
    assert likeness(phone.sound(), "refused-unapproved") > SAME


async def test_sipp_calls_baresip(site: Site, tmp_path: Path) -> None:
    since = site.since()
    async with Capture(tmp_path / "call.pcap", site.ports.filter) as wire:
        async with Baresip.outside(site, "+447700900101", tmp_path, FAMILY) as family, Sipp.in_cell(
            site, site.account("101"), "07700900101", tmp_path, CELL, site.pin("A1001AA"), "tone", "talk", "hangup"
        ) as phone:
            await phone.done()
            await family.event("CALL_CLOSED")
        row = await since.one()
    assert (row["outcome"], row["end_by"], row["end_why"]) == ("connected", "person", "hung-up")
    assert likeness(family.sound(), "announce-short") > SAME
    assert level_of(family.sound(), CELL) > HEARD
    assert level_of(wire.sound(phone.media), FAMILY) > HEARD
    assert level_of(wire.sound(phone.media), CELL) < SILENT
    assert wire.dissected({site.sip[1]}).faults() == []


async def test_baresip_calls_sipp(site: Site, tmp_path: Path) -> None:
    since = site.since()
    async with Capture(tmp_path / "call.pcap", site.ports.filter) as wire:
        async with Sipp.outside(site, tmp_path, FAMILY, "answer", "tone", "talk", "leave") as family, Baresip.in_cell(
            site, site.account("101"), tmp_path, CELL
        ) as phone:
            await phone.does("dial", f"sip:07700900101@{site.sip[0]}:{site.sip[1]}")
            await phone.event("CALL_ESTABLISHED")
            await phone.press(site.pin("A1001AA"))
            await family.done()
            await phone.event("CALL_CLOSED")
        row = await since.one()
    assert (row["outcome"], row["end_by"], row["end_why"]) == ("connected", "called", "hung-up")
    assert wire.prompts(family.media) == {"announce-short"}
    assert level_of(wire.sound(family.media), CELL) > HEARD
    assert level_of(phone.sound(), FAMILY) > HEARD
    assert level_of(phone.sound(), CELL) < SILENT
    assert wire.dissected({site.sip[1]}).faults() == []
