"""A number found to be privileged after a call to it was recorded: its file is locked away, and the next call is private; undone,
it is given back."""
import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.phones.site import Ports, Site
from tests.phones.telephone import cell, outside

pytestmark = pytest.mark.wire

CELL, FAMILY = 3650.0, 3850.0
NUMBER = "07700900103"
CAREERS = "08081570123"
"""A helpline that the plan does not call privileged."""
EDITS = f'\n[[helpline]]\nnumber = "{CAREERS}"\nname = "Careers line"\nprivileged = false\n'


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "wick-hill", Ports(), EDITS).up()
    yield site
    site.drain()


async def ring(site: Site, number: str = NUMBER) -> dict[str, object]:
    since = site.since()
    async with outside(site) as family, cell(site, "103") as phone:
        leg = await (await phone.dial(number, CELL)).up()
        far = await family.answer(await family.ring(), FAMILY)
        await leg.set.hears_tone(FAMILY)
        phone.hangup(leg)
        assert await far.over() == "bye"
    (row,) = await since.closed(1)
    return row


async def locked_away(site: Site, row: dict[str, object]) -> Path:
    """Where the worker has put the recording of a call."""
    kept = site.folder / "recordings" / "quarantine" / f"{row['id']}.wav"
    async with asyncio.timeout(20):
        while not kept.exists():  # noqa: ASYNC110  # another process moves the file
            await asyncio.sleep(0.1)
    return kept


async def test_the_recording_is_locked_away_and_the_next_call_is_private(site: Site) -> None:
    row = await ring(site)
    assert (row["privileged"], row["recording"]) == (False, row["id"])
    recordings = site.folder / "recordings"
    said = await asyncio.to_thread(
        site.wingline, "privileged", "found", NUMBER, "--since", "2026-11-23T00:00:00Z", "--second", "governor", "--reason",
        "the firm rang", "--staff", "officer", "--now", "2026-11-23T14:00:00Z")
    assert said.returncode == 0, said.stderr
    assert f"{row['id']}  2026-11-23" in said.stdout
    assert "1 recordings in quarantine, 0 plays" in said.stdout
    kept = await locked_away(site, row)
    assert kept.stat().st_mode & 0o777 == 0
    assert list(recordings.glob("*/*/*/*.wav")) == []
    (listed,) = [one for one in site.calls() if one["id"] == row["id"]]
    assert (listed["recording"], listed["quarantined"]) == (None, True)
    again = await ring(site)
    assert (again["privileged"], again["recording"]) == (True, None)
    assert list(recordings.glob("*/*/*/*.wav")) == []
    assert [alarm for alarm in site.alarms() if alarm["kind"].startswith("recording")] == []

    undone = await asyncio.to_thread(
        site.wingline, "privileged", "not-found", NUMBER, "--second", "governor", "--reason", "mistyped", "--staff", "officer",
        "--now", "2026-11-23T15:00:00Z")
    assert undone.returncode == 0, undone.stderr
    assert "1 recordings are out of quarantine" in undone.stdout
    async with asyncio.timeout(20):
        while kept.exists():  # noqa: ASYNC110  # another process moves the file
            await asyncio.sleep(0.1)
    (back,) = recordings.glob("*/*/*/*.wav")
    assert back.name == f"{row['id']}.wav"
    assert back.stat().st_mode & 0o777 == 0o600
    (listed,) = [one for one in site.calls() if one["id"] == row["id"]]
    assert (listed["recording"], listed["quarantined"]) == (row["id"], False)
    after = await ring(site)
    assert (after["privileged"], after["recording"]) == (False, after["id"])


async def test_a_monitored_helpline_that_is_found_to_be_privileged_is_not_recorded(site: Site) -> None:
    """The plan says that it may be recorded, and so it was."""
    row = await ring(site, CAREERS)
    assert (row["privileged"], row["recording"]) == (False, row["id"])
    said = await asyncio.to_thread(
        site.wingline, "privileged", "found", CAREERS, "--since", "2026-11-23T00:00:00Z", "--second", "governor", "--reason",
        "they rang", "--staff", "officer", "--now", "2026-11-23T14:00:00Z")
    assert said.returncode == 0, said.stderr
    await locked_away(site, row)
    again = await ring(site, CAREERS)
    assert (again["outcome"], again["privileged"], again["recording"]) == ("connected", True, None)
    assert list((site.folder / "recordings").glob("*/*/*/*.wav")) == []
