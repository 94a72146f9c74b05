"""A call that was really rung, tried under a changed plan from the command line, and its decision told as it was made."""
import asyncio
import json

import pytest

from tests.phones.site import NOON, Site
from tests.phones.telephone import cell, outside

pytestmark = pytest.mark.wire

CELL, FAR = 3650.0, 3850.0
CHANGED = 'extends = "site"\ntitle = "Nobody in wing A"\n[[group]]\nname = "none"\nwings = ["A"]\n[group.hours]\nevery_day = []\n'


async def test_a_call_that_was_rung_is_tried_under_a_changed_plan(site: Site) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone:
        leg = await (await phone.dial("07700900101", CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        far = await family.ring()
        await family.answer(far, FAR)
        await far.set.hears_tone(CELL)
        phone.hangup(leg)
        row = await since.one()
    (site.folder / "plans" / "changed.toml").write_text(CHANGED, "utf-8")
    try:
        tried = await asyncio.to_thread(site.wingline, "what-if", "changed", "--since", "1h", "--json", "--now", NOON,
                                        "--csv", str(site.folder / "changed.csv"))
        same = await asyncio.to_thread(site.wingline, "what-if", "site", "--since", "1h", "--now", NOON)
        wrong = await asyncio.to_thread(site.wingline, "what-if", "site", "--since", "soon", "--now", NOON)
    finally:
        (site.folder / "plans" / "changed.toml").unlink()
    assert tried.returncode == 0, tried.stderr
    (line,) = [json.loads(line) for line in tried.stdout.splitlines()]
    assert (line["effect"], line["rule"], line["wing"]) == ("refused", "within-hours", "A")
    assert int(line["calls"]) >= 1
    heading, first, *_ = (site.folder / "changed.csv").read_text("utf-8").splitlines()
    assert (heading, first[:23]) == ("effect,rule,wing,calls,minutes,people", "refused,within-hours,A,")
    assert "Nothing would have been otherwise." in same.stdout, same.stderr
    assert (wrong.returncode, "30d" in wrong.stderr) == (2, True)

    told = await asyncio.to_thread(site.wingline, "explain", "--call", row["id"])
    assert told.returncode == 0, told.stderr
    assert "contact-approved" in told.stdout
    assert "A1001AA on 101, cell A1-01" in told.stdout
    none = await asyncio.to_thread(site.wingline, "explain", "--call", "none")
    assert (none.returncode, "no such call" in none.stderr) == (1, True)
