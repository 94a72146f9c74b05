"""The JSON API of a running site: an order that comes by HTTP ends a call, and calls go on while the console is dead."""
import asyncio
import os
import signal

import httpx
import pytest

from tests.phones.site import NOON, Site
from tests.phones.telephone import cell, outside
from tests.wire.desk.test_kill import CELL, FAR, talk

pytestmark = pytest.mark.wire


def address(site: Site) -> str:
    return (site.folder / "state" / "console.address").read_text("utf-8").strip()


async def key(site: Site, name: str) -> str:
    made = await asyncio.to_thread(site.wingline, "access", "issue", name, "--scope", "orders", "--scope", "read", "--now", NOON)
    assert made.returncode == 0, made.stderr
    return str(made.stdout.split()[0])


async def standing(site: Site, token: str) -> object:
    """The orders that stand; None while nobody answers."""
    try:
        async with httpx.AsyncClient(base_url=address(site), headers={"Authorization": f"Bearer {token}"}) as http:
            return (await http.get("/api/kill/standing")).json()
    except httpx.TransportError:
        return None


async def test_an_order_by_http_ends_the_call_and_is_lifted_by_http(site: Site) -> None:
    headers = {"Authorization": f"Bearer {await key(site, 'control room')}", "X-Staff": "officer"}
    async with httpx.AsyncClient(base_url=address(site), headers=headers) as http, outside(site) as family, cell(
            site, "101") as phone:
        since = site.since()
        leg, far = await talk(site, phone, family)
        body = {"reach": "person", "target": "A1001AA", "reason": "a fight", "cut": True}
        placed = await http.post("/api/kill/place", json=body)
        assert placed.status_code == 200, placed.text
        assert (await leg.over(), await far.over()) == ("bye", "bye")
        row = await since.one()
        assert (row["end_by"], row["end_why"]) == ("staff", "staff")

        since = site.since()
        leg = await (await phone.dial("07700900101", CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        await leg.set.hears_prompt("refused-orders")
        await leg.over()
        assert (await since.one())["end_why"] == "orders"

        lifted = await http.post("/api/kill/lift", json={"order": placed.json()["id"]})
        assert lifted.status_code == 200, lifted.text
        since = site.since()
        leg, far = await talk(site, phone, family)
        phone.hangup(leg)
        assert (await since.one())["outcome"] == "connected"


async def test_calls_go_on_without_the_console_and_it_comes_back(site: Site) -> None:
    token, before = await key(site, "another room"), site.role("console")
    async with outside(site) as family, cell(site, "101") as phone:
        since = site.since()
        leg, far = await talk(site, phone, family)
        os.kill(before, signal.SIGKILL)
        await leg.set.hears_tone(FAR)
        await far.set.hears_tone(CELL)
        phone.hangup(leg)
        assert (await since.one())["outcome"] == "connected"
    async with asyncio.timeout(30):
        while (answer := await standing(site, token)) is None:  # noqa: ASYNC110  # another process has no event of ours
            await asyncio.sleep(0.1)
    assert answer == []
    assert site.role("console") != before
