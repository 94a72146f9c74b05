"""Settings and a plan with errors: every problem at once, with file and line, and nothing starts; a switch that must start all
the same serves Samaritans and the emergency code, and nobody else."""
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.phones.site import Ports, Site
from tests.phones.telephone import cell, outside

pytestmark = pytest.mark.wire

CELL, FAMILY = 3650.0, 3850.0
SPOILT = """
[length]
social = "long"

[hours]
every_day = ["25:00-26:00"]

[recordign]
reserve_minutes = 30
"""


def lines_of(file: Path, *texts: str) -> list[int]:
    """Where these lines stand, counted from 1."""
    lines = file.read_text("utf-8").split("\n")
    return [lines.index(text) + 1 for text in texts]


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[Site]:
    """A site that does not run."""
    ports = Ports()
    yield Site(tmp_path / "wick-hill", ports)
    ports.release()


def test_every_problem_is_told_with_its_line_and_nothing_starts(quiet: Site) -> None:
    plan, settings = quiet.folder / "plans" / "site.toml", quiet.folder / "wingline.toml"
    plan.write_text(plan.read_text("utf-8") + SPOILT, "utf-8")
    social, hours, slip = lines_of(plan, 'social = "long"', 'every_day = ["25:00-26:00"]', "[recordign]")
    places = [f"site.toml:{line}: " for line in (social, hours, slip)]
    for command in ("check-plan", "up"):
        said = quiet.wingline(command)
        assert said.returncode == 1, command
        assert all(any(place in line for line in said.stderr.splitlines()) for place in places), said.stderr
        assert "Traceback" not in said.stderr
    text = settings.read_text("utf-8").replace("drain_seconds = 5 ", "drain_seconds = -5 ")
    settings.write_text(text.replace('format = "text"', 'format = "prose"'), "utf-8")
    said = quiet.wingline("check-config")
    assert said.returncode == 1
    (low,) = [number for number, line in enumerate(text.split("\n"), 1) if line.startswith("drain_seconds")]
    (form,) = lines_of(settings, 'format = "prose"')
    wrong = said.stderr.splitlines()
    assert len(wrong) == 2, said.stderr
    assert f"wingline.toml:{low}: node.drain_seconds: " in wrong[0]
    assert f"wingline.toml:{form}: log.format: " in wrong[1]
    assert not (quiet.folder / "state" / "control.sock").exists()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "wick-hill", Ports()).up()
    yield site
    site.drain()


async def test_a_spoilt_plan_leaves_samaritans_and_the_emergency_code(running: Site) -> None:
    """The plan is spoilt while the site runs, and the switch is started again: wings are not without a helpline until morning."""
    site = running
    plan = site.folder / "plans" / "site.toml"
    plan.write_text(plan.read_text("utf-8") + SPOILT, "utf-8")
    before = site.role("switch")
    os.kill(before, signal.SIGKILL)
    health = await site.serving(after=before)
    assert health["plan"] is False
    since = site.since()
    async with outside(site) as family, cell(site, "103") as phone:
        leg = await (await phone.dial("07700900103", CELL)).up()
        assert await leg.over() == "bye"
        assert "refused-plan-invalid" in leg.set.prompts()
        for number in ("116123", "999"):
            leg = await (await phone.dial(number, CELL)).up()
            far = await family.answer(await family.ring(), FAMILY)
            await leg.set.hears_tone(FAMILY)
            await far.set.hears_tone(CELL)
            phone.hangup(leg)
            assert await far.over() == "bye"
        assert family.rings.empty(), "the refused call rang outside"
    rows = await since.closed(3)
    assert [row["end_why"] for row in rows] == ["plan-invalid", "hung-up", "hung-up"]
    (alarm,) = [alarm for alarm in site.alarms() if alarm["kind"] == "no-plan"]
    assert "site.toml:" in alarm["text"]
