"""The database locked by another process, then gone altogether, with no Redis either: calls to contacts are refused aloud,
helplines and the emergency code go through, and their records are booked when the database is back."""
import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from switch.store.audit import verify_audit
from tests.phones.site import Ports, Site
from tests.phones.telephone import Telephone, cell, outside

pytestmark = pytest.mark.wire

CELL, FAMILY = 3650.0, 3850.0


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Site]:
    """A site without Redis."""
    site = Site(tmp_path / "wick-hill", Ports())
    with (site.folder / "wingline.toml").open("a") as settings:
        settings.write('\n[redis]\nurl = "off"\n')
    site.up()
    yield site
    site.drain()


async def refused(phone: Telephone, number: str, prompt: str, pin: str = "", patient: bool = True) -> None:
    leg = await (await phone.dial(number, CELL)).up()
    leg.set.press(pin)
    if not patient:
        await leg.set.hears_begin(prompt)
        phone.hangup(leg)
        return
    assert await leg.over(30.0) == "bye"
    assert prompt in leg.set.prompts(), "a refusal is spoken to its end"


async def goes_through(phone: Telephone, family: Telephone, number: str) -> None:
    leg = await (await phone.dial(number, CELL)).up()
    far = await family.answer(await family.ring(), FAMILY)
    await leg.set.hears_tone(FAMILY)
    await far.set.hears_tone(CELL)
    phone.hangup(leg)
    assert await far.over() == "bye"


@pytest.mark.timeout(180)
async def test_without_a_database_helplines_are_open_and_booked_later(alone: Site) -> None:
    site, since = alone, alone.since()
    file = site.folder / "state" / "wingline.db"
    async with outside(site) as family, cell(site, "103") as phone, cell(site, "101") as another, cell(site, "107") as third:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        await asyncio.gather(
            refused(phone, "07700900103", "refused-no-record", patient=False), goes_through(another, family, "116123"))
        other.execute("ROLLBACK")
        other.close()
        away = [path.rename(path.with_name(f"away-{path.name}")) for path in sorted(file.parent.glob("wingline.db*"))]
        await asyncio.gather(
            refused(phone, "07700900103", "refused-service-unavailable"),
            refused(another, "07700900101", "refused-service-unavailable", site.pin("A1001AA")),
            goes_through(third, family, "116123"),
        )
        await goes_through(phone, family, "999")
        assert family.rings.empty(), "a refused call rang outside"
        for path in away:
            path.rename(path.with_name(path.name.removeprefix("away-")))
        rows = await since.closed(6, 30.0)
        assert sorted((row["phone"], row["to"], row["end_why"]) for row in rows) == sorted([
            ("103", "+447700900103", "no-record"), ("101", "116123", "hung-up"), ("103", "+447700900103", "service-unavailable"),
            ("101", "+447700900101", "service-unavailable"), ("107", "116123", "hung-up"), ("103", "999", "hung-up")])
        assert all(row["talk_seconds"] > 0 for row in rows if row["end_why"] == "hung-up")
        leg = await phone.dial("07700900103", CELL)
        await family.answer(await family.ring(), FAMILY)
        await leg.set.hears_tone(FAMILY)
        phone.hangup(leg)
    kinds = {alarm["kind"] for alarm in site.alarms()}
    assert {"no-record", "emergency-call", "no-facts"} <= kinds, kinds
    assert site.read(verify_audit) == []
