"""The recordings' disk is full: a monitored call is not carried unrecorded, and all are told; a helpline is carried all the same.

The folder is a small tmpfs in a mount namespace of the site's own processes, so that the test needs no disk to fill and leaves
nothing mounted.
"""
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from recordings.keys import load_master
from recordings.spool import salvage
from tests.phones.site import EDITS, Ports, Site
from tests.phones.telephone import cell, outside

pytestmark = pytest.mark.wire

CELL, FAMILY = 3650.0, 3850.0
SIZE = 4 << 20
MOUNT = 'mount -t tmpfs -o size={size} tmpfs "{folder}" && exec "$@"'
NAMESPACE = ("unshare", "--map-root-user", "--mount", "sh", "-c", MOUNT, "sh")
"""util-linux; a user who is not root needs unprivileged user namespaces, which Debian 12 has."""


@pytest.fixture
def cramped(tmp_path: Path) -> Iterator[Site]:
    """A site of one line, whose reserve of a minute is less than its small disk has."""
    site = Site(tmp_path / "wick-hill", Ports(), EDITS + "\n[recording]\nreserve_minutes = 1\n")
    settings = site.folder / "wingline.toml"
    settings.write_text(settings.read_text("utf-8").replace("lines = 50", "lines = 1"), "utf-8")
    folder = site.folder / "recordings"
    folder.mkdir()
    site.up(through=tuple(part.replace("{size}", str(SIZE)).replace("{folder}", str(folder)) for part in NAMESPACE))
    yield site
    site.drain()


def fill(filler: Path) -> None:
    """Until there is no room for another byte."""
    with filler.open("wb", buffering=0) as file:
        size = 65_536
        while size:
            try:
                file.write(b"\0" * size)
            except OSError:
                size //= 2


async def test_a_full_disk_stops_monitored_calls_and_no_helpline(cramped: Site) -> None:
    site, since = cramped, cramped.since()
    recordings = Path(f"/proc/{site.role('switch')}/root{site.folder / 'recordings'}")
    async with outside(site) as family, cell(site, "101") as phone, cell(site, "103") as another:
        leg = await (await phone.dial("07700900101", CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        far = await family.answer(await family.ring(), FAMILY)
        await far.set.hears_tone(CELL)
        await leg.set.packets(50)
        fill(recordings / "filler")
        assert await leg.over(10.0) == "bye", "it went on unrecorded"
        assert await far.over() == "bye"
        (running,) = await since.closed(1)
        assert (running["outcome"], running["end_by"], running["end_why"]) == ("connected", "switch", "recorder")
        kept = salvage(recordings / "spool", running["id"], load_master(site.folder / "keys" / "master.key"))
        assert kept is not None, "what was recorded is readable"
        assert kept[0] >= 0.5

        refused = await (await another.dial("07700900103", CELL)).up()
        assert await refused.over() == "bye"
        assert "refused-spool-full" in refused.set.prompts(), "a refusal is spoken to its end"
        samaritans = await (await another.dial("116123", CELL)).up()
        await family.answer(await family.ring(), FAMILY)
        await samaritans.set.hears_tone(FAMILY)
        another.hangup(samaritans)
        assert family.rings.empty(), "the refused call rang outside"
    rows = await since.closed(3)
    assert [row["end_why"] for row in rows] == ["recorder", "spool-full", "hung-up"]
    alarms = {alarm["kind"]: alarm["text"] for alarm in site.alarms()}
    assert "No space left" in alarms["recorder"]
    assert "room to record" in alarms["refused-by-fault"]
    os.unlink(recordings / "filler")
    again = site.since()
    async with outside(site) as family, cell(site, "103") as phone:
        leg = await phone.dial("07700900103", CELL)
        await family.answer(await family.ring(), FAMILY)
        await leg.set.hears_tone(FAMILY)
        phone.hangup(leg)
    assert (await again.one())["recording"], "with room again, calls go on without a restart"
