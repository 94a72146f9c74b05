"""SIPp at both ends: it registers, calls, keys a PIN, is announced to, talks and hangs up; and each way not to be reached."""
from pathlib import Path

import pytest

from switch.media import g711
from tests.phones.capture import Capture
from tests.phones.ears import level_of, share_with
from tests.phones.sipp_phone import Sipp
from tests.phones.site import Site

pytestmark = pytest.mark.wire

CELL, FAMILY = 3650.0, 3850.0
HEARD, SILENT = -25.0, -45.0


def joined(wire: Capture, mouth: int, ear: int, hz: float) -> tuple[float, float]:
    """Seconds from the first packet of a tone at an ear to the last, and the share that came of what the mouth sent meanwhile: a
    SIPp that gets no processor sends later, or less."""
    heard = [one.at for one in wire.voice(to=ear) if share_with(g711.decode_alaw(one.data[12:]), hz) == 1.0]
    sent = [one for one in wire.voice(source=mouth) if heard[0] - 0.01 <= one.at <= heard[-1]]
    return heard[-1] - heard[0], len(heard) / len(sent)


async def test_sipp_calls_sipp(site: Site, tmp_path: Path) -> None:
    since, account = site.since(), site.account("101")
    async with Capture(tmp_path / "call.pcap", site.ports.filter) as wire:
        async with Sipp.outside(site, tmp_path, FAMILY, "answer", "tone", "hung_up_on") as family, Sipp.in_cell(
            site, account, "07700900101", tmp_path, CELL, site.pin("A1001AA"), "tone", "talk", "hangup"
        ) as phone:
            await phone.done()
            await family.done()
        row = await since.one()
    assert (row["outcome"], row["end_by"], row["end_why"], row["to"]) == ("connected", "person", "hung-up", "+447700900101")
    assert wire.prompts(family.media) == {"announce-short"}
    for ear, mouth, theirs, own in ((phone.media, family.media, FAMILY, CELL), (family.media, phone.media, CELL, FAMILY)):
        sound = wire.sound(ear)
        assert level_of(sound, theirs) > HEARD
        assert level_of(sound, own) < SILENT
        seconds, share = joined(wire, mouth, ear, theirs)
        assert seconds == pytest.approx(row["talk_seconds"], abs=0.6)
        assert share > 0.97, "there are holes in what is heard"
    seen = wire.dissected({site.sip[1]})
    assert seen.faults() == []
    assert seen.protocols()["sip"] > 10
    assert seen.protocols()["rtp"] > 400
    assert seen.protocols()["rtpevent"] > 20


@pytest.mark.parametrize(("status", "why"), [
    ("486 Busy Here", "busy"),
    ("603 Decline", "rejected"),
    ("404 Not Found", "not-in-service"),
    ("503 Service Unavailable\nRetry-After: 5", "unreachable"),
    ("302 Moved Temporarily\nContact: <sip:+447700900999@127.0.0.1:9>", "moved"),
], ids=["486", "603", "404", "503", "302"])
async def test_a_refusal_from_outside_is_named_and_spoken(site: Site, tmp_path: Path, status: str, why: str) -> None:
    since, account = site.since(), site.account("101")
    async with Capture(tmp_path / "call.pcap", site.ports.filter) as wire:
        async with Sipp.outside(site, tmp_path, FAMILY, "refuse", status=status) as family, Sipp.in_cell(
            site, account, "07700900101", tmp_path, CELL, site.pin("A1001AA"), "tone", "hung_up_on"
        ) as phone:
            await family.done()
            await phone.done()
        row = await since.one()
    assert (row["end_by"], row["end_why"], row["talk_seconds"], row["charged_pence"]) == ("carrier", why, 0, 0)
    assert f"ended-{why}" in wire.prompts(phone.media)


async def test_nobody_answers(site: Site, tmp_path: Path) -> None:
    since, account = site.since(), site.account("101")
    async with Capture(tmp_path / "call.pcap", site.ports.filter) as wire:
        async with Sipp.outside(site, tmp_path, FAMILY, "silent") as family, Sipp.in_cell(
            site, account, "07700900101", tmp_path, CELL, site.pin("A1001AA"), "tone", "hung_up_on"
        ) as phone:
            await family.done()
            await phone.done()
        row = await since.one()
    assert (row["end_by"], row["end_why"], row["charged_pence"]) == ("carrier", "no-answer", 0)
    assert row["ring_seconds"] == pytest.approx(5, abs=0.5), "hearing why is not ringing"
    assert "ended-no-answer" in wire.prompts(phone.media)


async def test_the_family_hangs_up_in_the_announcement(site: Site, tmp_path: Path) -> None:
    since, account = site.since(), site.account("101")
    async with Capture(tmp_path / "call.pcap", site.ports.filter) as wire:
        async with Sipp.outside(site, tmp_path, FAMILY, "answer", "tone", "leave") as family, Sipp.in_cell(
            site, account, "07700900101", tmp_path, CELL, site.pin("A1001AA"), "tone", "hung_up_on"
        ) as phone:
            await family.done()
            await phone.done()
        row = await since.one()
    assert (row["end_by"], row["end_why"]) == ("called", "declined-announcement")
    assert (row["talk_seconds"], row["charged_pence"], row["recording"]) == (0, 0, None)
    assert "ended-declined-announcement" in wire.prompts(phone.media)
    assert level_of(wire.sound(phone.media), FAMILY) < SILENT
