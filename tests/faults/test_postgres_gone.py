"""A whole site on a PostgreSQL that is restarted while somebody talks, is gone, and is away when the switch starts."""
import asyncio
import os
import signal

import pytest
from sqlalchemy import select

from switch.store.audit import verify_audit
from switch.store.books import verify_books
from switch.store.tables import alarms
from tests.phones.site import Site
from tests.phones.telephone import Telephone, cell, outside
from tests.postgres import PostgresServer

pytestmark = pytest.mark.wire

CELL, FAMILY = 3650.0, 3850.0


@pytest.fixture
def site(on_postgres: Site) -> Site:
    return on_postgres


async def talk(phone: Telephone, family: Telephone, number: str, pause: float = 0.0) -> None:
    leg = await phone.dial(number, CELL)
    far = await family.answer(await family.ring(), FAMILY)
    await leg.set.hears_tone(FAMILY)
    await far.set.hears_tone(CELL)
    await asyncio.sleep(pause)
    phone.hangup(leg)
    assert await far.over() == "bye"


@pytest.mark.timeout(240)
async def test_a_site_outlives_its_postgresql(site: Site, server: PostgresServer) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "103") as phone:
        leg = await phone.dial("07700900103", CELL)
        far = await family.answer(await family.ring(), FAMILY)
        await leg.set.hears_tone(FAMILY)
        server.restart(signal.SIGQUIT)
        await asyncio.sleep(1.0)
        phone.hangup(leg)
        assert await far.over() == "bye"
        (row,) = await since.closed(1, 30.0)
        assert row["end_why"] == "hung-up"
        assert row["talk_seconds"] > 0.9

        server.stop()
        leg = await (await phone.dial("07700900103", CELL)).up()
        assert await leg.over(30.0) == "bye"
        assert "refused-service-unavailable" in leg.set.prompts(), "a refusal is spoken to its end"
        await talk(phone, family, "116123")
        await talk(phone, family, "999")
        server.start()
        rows = await since.closed(4, 30.0)
        assert sorted((row["to"], row["end_why"]) for row in rows) == [
            ("+447700900103", "hung-up"), ("+447700900103", "service-unavailable"), ("116123", "hung-up"), ("999", "hung-up")]

        server.stop()
        old = site.role("switch")
        os.kill(old, signal.SIGKILL)
        await asyncio.sleep(5.0)
        server.start()
        await site.serving(old, 60.0)
    async with outside(site) as family, cell(site, "103") as phone:
        await talk(phone, family, "07700900103")
        await since.closed(5, 30.0)
    assert {"emergency-call", "no-facts"} <= set(site.read(lambda conn: conn.execute(select(alarms.c.kind)).scalars().all()))
    assert site.read(verify_audit) == []
    assert site.read(verify_books) == []
