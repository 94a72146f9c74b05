"""Orders that stop harm with Valkey killed (SIGKILL) and left dead: each ends the call that runs, given by another process.

The Valkey is the test's own, so that no supervisor brings it back. The bounds are those of issue 3 (2 s for cut and kill, 5 s for
stops, bars and orders against contact), proved in virtual time in tests/flows/test_orders_in_time.py; here at ten times that.
"""
import asyncio
import os
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from switch.live.embedded import find_binary, valkey_argv
from switch.store.audit import verify_audit
from tests.phones.site import NOON, Ports, Site
from tests.phones.telephone import Leg, cell, outside

pytestmark = pytest.mark.wire

CELL, FAR = 3650.0, 3850.0
CUT_IN_FORCE, STOP_IN_FORCE = 10 * 2.0, 10 * 5.0
NUMBER, DIALLED = "+447700900101", "07700900101"


@dataclass
class Bereft:
    """A site and the process of the Valkey that it had."""

    site: Site
    valkey: "subprocess.Popen[bytes]"
    token: str


@pytest.fixture(scope="module")
def bereft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bereft]:
    """Up with a Valkey that answers, which is then killed; everything after that happens without one."""
    with tempfile.TemporaryDirectory(prefix="wl") as folder:
        socket = Path(folder) / "v.sock"
        valkey = subprocess.Popen(valkey_argv(find_binary(), socket, Path(folder) / "valkey"))
        deadline = time.monotonic() + 10
        while not socket.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        site = Site(tmp_path_factory.mktemp("bereft") / "wick-hill", Ports())
        with (site.folder / "wingline.toml").open("a") as settings:
            settings.write(f'\n[redis]\nurl = "unix://{socket}"\n')
        site.up()
        issued = site.wingline("access", "issue", "control room", "--scope", "orders", "--scope", "read", "--now", NOON)
        assert issued.returncode == 0, issued.stderr
        valkey.kill()
        valkey.wait()
        try:
            yield Bereft(site, valkey, issued.stdout.split()[0])
        finally:
            site.drain()


async def command(bereft: Bereft, *args: str) -> str:
    now = () if args[0] == "calls" else ("--now", NOON)
    done = await asyncio.to_thread(bereft.site.wingline, *args, *now, "--staff", "officer")
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[0]


async def post(bereft: Bereft, path: str, **body: object) -> str:
    address = (bereft.site.folder / "state" / "console.address").read_text("utf-8").strip()
    headers = {"Authorization": f"Bearer {bereft.token}", "X-Staff": "officer"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=30) as http:
        answer = await http.post(f"/api/{path}", json=body)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    return str((said["entries"][0] if "entries" in said else said)["id"])


@asynccontextmanager
async def talking(site: Site) -> AsyncIterator[tuple[Leg, Leg]]:
    """A1001AA's call to a contact, both hearing each other."""
    async with outside(site) as family, cell(site, "101") as phone:
        leg = await (await phone.dial(DIALLED, CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        far = await family.ring()
        await family.answer(far, FAR)
        await far.set.hears_tone(CELL)
        yield leg, far


BAR = {"kind": "bar", "number": DIALLED, "level": "estate", "targets": [], "reason": "press"}
AGAINST = {"person": "A1001AA", "kind": "no-contact", "court": "Moor Crown Court", "number": DIALLED}
Give = Callable[[Bereft, str], Awaitable[str]]
WAYS: dict[str, tuple[Give, float, str]] = {
    "kill by command": (lambda b, _: command(b, "kill", "person", "A1001AA", "--cut", "--reason", "x"), CUT_IN_FORCE, "orders"),
    "kill by API": (lambda b, _: post(b, "kill/place", reach="person", target="A1001AA", reason="x", cut=True), CUT_IN_FORCE,
                    "orders"),
    "stop by command": (lambda b, _: command(b, "stops", "place", DIALLED, "--reason", "x"), STOP_IN_FORCE, "stops"),
    "stop by API": (lambda b, _: post(b, "stops/place", number=DIALLED, scope="everyone", reason="x"), STOP_IN_FORCE, "stops"),
    "bar by command": (lambda b, _: command(b, "numbers", "bar", DIALLED, "--reason", "x"), STOP_IN_FORCE, "number_lists"),
    "bar by API": (lambda b, _: post(b, "numbers/add", **BAR), STOP_IN_FORCE, "number_lists"),
    "victim by command": (lambda b, _: command(b, "numbers", "bar", DIALLED, "--victim", "--reason", "x"), STOP_IN_FORCE,
                          "number_lists"),
    "no contact by command": (lambda b, _: command(b, "contacts", "order", "A1001AA", "no-contact", "--court", "x", "--number",
                                                   DIALLED), STOP_IN_FORCE, "no_contact"),
    "no contact by API": (lambda b, _: post(b, "no_contact/place", wanted=AGAINST), STOP_IN_FORCE, "no_contact"),
    "cut by command": (lambda b, call: command(b, "calls", "cut", call, "--reason", "threats"), CUT_IN_FORCE, "orders"),
}
"""How an order is given, how soon it must end the call, and the table in which it is then."""


@pytest.mark.timeout(240)
@pytest.mark.parametrize("way", list(WAYS))
async def test_an_order_ends_the_call_with_valkey_dead(bereft: Bereft, way: str) -> None:
    give, bound, table = WAYS[way]
    site, loop = bereft.site, asyncio.get_running_loop()
    since = site.since()
    async with talking(site) as (leg, far):
        assert bereft.valkey.poll() is not None, "it is dead, and nothing has brought it back"
        (call,) = [row["id"] for row in since.calls()]
        await give(bereft, call)
        given = loop.time()
        assert await leg.over(bound) == "bye"
        assert loop.time() - given < bound
        assert await far.over() == "bye"
    row = await since.one()
    assert row["end_by"] == ("called" if table == "stops" else "staff")
    assert site.read(verify_audit) == []
    _take_back(site, table)


def _take_back(site: Site, table: str) -> None:
    """Everything as it was, for the next order: two members of staff would, or the number itself."""
    ended = {"orders": "lifted_at", "stops": "undone_at", "number_lists": "ended_at", "no_contact": "lifted_at"}[table]
    with sqlite3.connect(site.folder / "state" / "wingline.db", timeout=30) as conn:
        conn.execute(f"UPDATE {table} SET {ended} = '2026-11-23T12:00:00.000Z' WHERE {ended} IS NULL")  # names of this file
        conn.execute("UPDATE contacts SET state = 'approved' WHERE number = ? AND state = 'stopped'", (NUMBER,))


def test_the_site_has_said_that_its_board_stands_still(bereft: Bereft) -> None:
    """So that nobody reads the proof above as one with a Valkey."""
    assert os.path.exists(bereft.site.log)
    assert bereft.valkey.returncode == -9
