"""A number found to be privileged after a call to it was recorded: nobody hears that recording, and the next call is private;
undone, it can be heard again."""
import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from recordings.vault import VaultProblem
from switch.build.keys import SiteKeys
from switch.build.site import read_settings
from switch.build.vault import open_vault
from switch.store.database import Store
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


async def ring(site: Site, number: str = NUMBER) -> dict[str, Any]:
    since = site.since()
    async with outside(site) as family, cell(site, "103") as phone:
        leg = await (await phone.dial(number, CELL)).up()
        far = await family.answer(await family.ring(), FAMILY)
        await leg.set.hears_tone(FAMILY)
        phone.hangup(leg)
        assert await far.over() == "bye"
    (row,) = await since.closed(1)
    return row


async def heard(site: Site, row: dict[str, Any]) -> str:
    """What the vault says to whoever would read a call's recording: nothing where it lets them."""
    await asyncio.to_thread(site.sound, row["id"])  # it is sealed by now
    settings = read_settings(site.folder)
    store = Store(settings.store_url, keys=SiteKeys(settings))
    try:
        await open_vault(settings, store, lambda: datetime.now(UTC)).read(row["id"], 0, 16_000)
    except VaultProblem as error:
        return type(error).__name__
    finally:
        await store.close()
    return ""


async def test_nobody_hears_the_recording_and_the_next_call_is_private(site: Site) -> None:
    row = await ring(site)
    assert (row["privileged"], row["recording"]) == (False, row["id"])
    assert await heard(site, row) == ""
    said = await asyncio.to_thread(
        site.wingline, "privileged", "found", NUMBER, "--since", "2026-11-23T00:00:00Z", "--second", "governor", "--reason",
        "the firm rang", "--staff", "officer", "--now", "2026-11-23T14:00:00Z")
    assert said.returncode == 0, said.stderr
    assert f"{row['id']}  2026-11-23" in said.stdout
    assert "1 recordings in quarantine, 0 plays" in said.stdout
    assert await heard(site, row) == "Quarantined"
    (listed,) = [one for one in site.calls() if one["id"] == row["id"]]
    assert (listed["recording"], listed["quarantined"]) == (None, True)
    again = await ring(site)
    assert (again["privileged"], again["recording"]) == (True, None)
    assert site.traces(str(again["id"])) == []
    assert [alarm for alarm in site.alarms() if alarm["kind"].startswith("recording")] == []

    undone = await asyncio.to_thread(
        site.wingline, "privileged", "not-found", NUMBER, "--second", "governor", "--reason", "mistyped", "--staff", "officer",
        "--now", "2026-11-23T15:00:00Z")
    assert undone.returncode == 0, undone.stderr
    assert "1 recordings are out of quarantine" in undone.stdout
    assert await heard(site, row) == ""
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
    assert await heard(site, row) == "Quarantined"
    again = await ring(site, CAREERS)
    assert (again["outcome"], again["privileged"], again["recording"]) == ("connected", True, None)
    assert site.traces(str(again["id"])) == []
