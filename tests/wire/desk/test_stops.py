"""Orders of those outside, bars and orders against contact on a running site: from the commit to the end of the call.

The bound of five seconds is proved in virtual time (tests/flows/test_orders_in_time.py); here at ten times that.
"""
import asyncio
import sqlite3

import httpx
import pytest

from switch.media import g711
from tests.phones.ears import share_with
from tests.phones.site import NOON, Site
from tests.phones.telephone import Leg, Telephone, cell, outside, payload_of
from tests.wire.desk.test_console import address, key
from tests.wire.desk.test_kill import without_valkey

pytestmark = pytest.mark.wire

CELL, FAR = 3650.0, 3850.0
IN_FORCE = 10 * 5.0
"""Seconds from the commit, or from the key, to the end of the call: ten times the bound, for a crowded machine."""
NUMBER, DIALLED = "+447700900101", "07700900101"
SHARED = "07700900177"
"""A contact of two people: A1007AG, who is offered key 9, and A1004AD, who shares a cell."""


async def talk(site: Site, phone: Telephone, family: Telephone) -> tuple[Leg, Leg]:
    leg = await (await phone.dial(DIALLED, CELL)).up()
    leg.set.press(site.pin("A1001AA"))
    far = await family.ring()
    await family.answer(far, FAR)
    await far.set.hears_tone(CELL)
    return leg, far


async def desk(site: Site, *args: str) -> str:
    done = await asyncio.to_thread(site.wingline, *args, "--staff", "officer", "--now", NOON)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def written(site: Site, table: str, *args: str) -> tuple[str, float]:
    """A command, and the moment (loop's clock) at which its row was first to be seen in the database."""
    loop, before = asyncio.get_running_loop(), _rows(site, table)

    async def watch() -> float:
        while _rows(site, table) == before:  # noqa: ASYNC110  # another process has no event of ours
            await asyncio.sleep(0.01)
        return loop.time()

    watching = asyncio.ensure_future(watch())
    said = await desk(site, *args)
    return said.split()[0], await asyncio.wait_for(watching, 5)


def _rows(site: Site, table: str) -> int:
    with sqlite3.connect(f"file:{site.folder / 'state' / 'wingline.db'}?mode=ro", uri=True) as conn:
        return int(conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # a name of this file


@pytest.mark.parametrize(("person", "valkey"), [((), True), (("--person", "A1001AA"), False)])
async def test_a_stop_ends_the_call_that_runs_and_refuses_the_next(site: Site, person: tuple[str, ...], valkey: bool) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone, without_valkey(site, not valkey):
        leg, far = await talk(site, phone, family)
        stop, seen = await written(site, "stops", "stops", "place", DIALLED, *person, "--reason", "asked on the telephone")
        assert await leg.over(IN_FORCE) == "bye"
        took = asyncio.get_running_loop().time() - seen
        assert took < IN_FORCE, f"the call ended {took:.2f} s after the stop was in the database"
        assert await far.over() == "bye"
        row = await since.one()
        assert (row["end_by"], row["end_why"]) == ("called", "stopped-by-called")

        since = site.since()
        leg = await (await phone.dial(DIALLED, CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        await leg.over()
        assert (await since.one())["end_why"] == ("stopped-person" if person else "stopped-all")
        assert family.rings.empty()
    await desk(site, "stops", "undo", stop, "--reason", "the test is over", "--second", "governor")
    _approve(site)


@pytest.mark.parametrize("person", ["", "A1001AA"])
async def test_a_stop_by_the_api_ends_the_call_that_runs(site: Site, person: str) -> None:
    loop, since = asyncio.get_running_loop(), site.since()
    headers = {"Authorization": f"Bearer {await key(site, f'stops {person}'.strip())}", "X-Staff": "officer"}
    async with httpx.AsyncClient(base_url=address(site), headers=headers, timeout=30) as http, outside(site) as family, cell(
            site, "101") as phone:
        leg, far = await talk(site, phone, family)
        body = {"number": DIALLED, "scope": "person" if person else "everyone", "person": person, "reason": "asked by letter"}
        placed = await http.post("/api/stops/place", json=body)
        seen = loop.time()
        assert placed.status_code == 200, placed.text
        assert await leg.over(IN_FORCE) == "bye"
        assert loop.time() - seen < IN_FORCE
        assert await far.over() == "bye"
        row = await since.one()
        assert (row["end_by"], row["end_why"]) == ("called", "stopped-by-called")
    await desk(site, "stops", "undo", placed.json()["id"], "--reason", "the test is over", "--second", "governor")
    _approve(site)


@pytest.mark.parametrize("keys", ["9", "99"])
async def test_a_key_on_the_call_parts_the_voices_and_is_in_force_before_it_is_confirmed(site: Site, keys: str) -> None:
    """The order is a row while the question is still being asked; the caller hears no voice more, and then why. A second 9 ends
    another prisoner's call to the same number, too."""
    loop, since = asyncio.get_running_loop(), site.since()
    async with outside(site) as family, cell(site, "103") as phone, cell(site, "104") as neighbour:
        other = await (await neighbour.dial(SHARED, CELL)).up()
        other.set.press(site.person("A1004AD")["keyed"] + site.pin("A1004AD"))
        others = await family.ring()
        await family.answer(others, FAR)
        await other.set.hears_tone(FAR)
        leg = await (await phone.dial(SHARED, CELL)).up()
        far = await family.ring()
        await family.answer(far, FAR)
        await leg.set.hears_tone(FAR)
        before = _rows(site, "stops")
        far.set.press(keys)
        pressed = loop.time()
        async with asyncio.timeout(IN_FORCE):
            while _rows(site, "stops") < before + len(keys):  # noqa: ASYNC110  # another process has no event of ours
                await asyncio.sleep(0.01)
        assert loop.time() - pressed < IN_FORCE
        assert not far.ended.done(), "whoever pressed is still being told"
        await leg.set.packets(50)
        assert share_with(leg.ear(since=leg.set.heard[-25].at), FAR, -20.0) < 0.1, "the voice of who stopped it is heard no more"
        if keys == "99":
            assert await other.over(IN_FORCE) == "bye"
            assert loop.time() - pressed < IN_FORCE
        assert await far.over(IN_FORCE) == "bye"
        await leg.set.hears_prompt("ended-stopped-by-called")
        assert await leg.over() == "bye"
        neighbour.hangup(other)
        rows = {row["person"]: (row["end_by"], row["end_why"]) for row in await since.closed(2)}
        stopped = ("called", "stopped-by-called")
        assert rows == {"A1007AG": stopped, "A1004AD": stopped if keys == "99" else ("person", "hung-up")}
    with sqlite3.connect(site.folder / "state" / "wingline.db") as conn:  # only the number undoes it, by a code sent to it
        conn.execute("UPDATE stops SET undone_at = '2026-11-23T12:00:00.000Z', undone_by = 'test' WHERE undone_at IS NULL")
    _approve(site, "+447700900177")


async def test_an_order_against_contact_ends_the_call_on_both_legs_until_a_court_leaves_it_open(site: Site) -> None:
    """The party is named, not the number. NOON is a Monday, 12:00 in London."""
    since = site.since()
    listed = await desk_reads(site, "contacts", "list", "A1001AA")
    party = next(line.split("party ")[1].split(",")[0] for line in listed.splitlines() if NUMBER in line)
    async with outside(site) as family, cell(site, "101") as phone:
        leg, far = await talk(site, phone, family)
        order, seen = await written(site, "no_contact", "contacts", "order", "A1001AA", "no-contact", "--party", party,
                                    "--court", "Moor Crown Court")
        assert await leg.over(IN_FORCE) == "bye"
        assert asyncio.get_running_loop().time() - seen < IN_FORCE
        assert await far.over() == "bye"
        row = await since.one()
        assert (row["end_by"], row["end_why"]) == ("staff", "staff")

        since = site.since()
        leg = await (await phone.dial(DIALLED, CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        await leg.set.hears_prompt("refused-no-contact")
        await leg.over()
        assert (await since.one())["end_why"] == "no-contact"
        assert family.rings.empty()

        left = await desk(site, "contacts", "leave-open", order, "--court", "Moor Family Court", "--hours", "monday 11:00-16:00",
                          "--second", "governor", "--reason", "contact with children")
        since = site.since()
        leg, far = await talk(site, phone, family)
        await leg.set.packets(150)  # longer than the switch takes to look
        assert not leg.ended.done()
        await desk(site, "contacts", "shut", left.split()[0], "--reason", "the order was varied")
        assert (await leg.over(IN_FORCE), await far.over()) == ("bye", "bye")
        assert (await since.one())["end_by"] == "staff"
    await desk(site, "contacts", "lift", order, "--second", "governor", "--reason", "the test is over")


async def test_an_order_between_two_people_in_prison_ends_the_call_of_either(site: Site) -> None:
    """The number is A1002AB's, in another prison; whoever of the two the order names first, both are bound."""
    with sqlite3.connect(site.folder / "state" / "wingline.db") as conn:
        conn.execute("UPDATE parties SET prisoner = 'A1002AB' WHERE id IN (SELECT party FROM contacts WHERE number = ?)",
                     (NUMBER,))
        for where in conn.execute("SELECT establishment FROM people WHERE id IN ('A1001AA', 'A1002AB') GROUP BY 1").fetchall():
            conn.execute("INSERT INTO prison_agreements VALUES ('A1001AA', 'A1002AB', ?, '2026-01-01T00:00:00.000Z', 'x')", where)
    for person, other in (("A1001AA", "A1002AB"), ("A1002AB", "A1001AA")):
        since = site.since()
        async with outside(site) as family, cell(site, "101") as phone:
            leg, far = await talk(site, phone, family)
            order, seen = await written(site, "no_contact", "contacts", "order", person, "co-defendant", "--person", other,
                                        "--court", "Moor Crown Court")
            assert await leg.over(IN_FORCE) == "bye"
            assert asyncio.get_running_loop().time() - seen < IN_FORCE
            assert await far.over() == "bye"
            assert (await since.one())["end_by"] == "staff"
        await desk(site, "contacts", "lift", order, "--second", "governor", "--reason", "the test is over")
    with sqlite3.connect(site.folder / "state" / "wingline.db") as conn:
        conn.execute("UPDATE parties SET prisoner = NULL WHERE prisoner = 'A1002AB'")


async def test_an_approval_that_is_withdrawn_lets_the_call_run_and_refuses_the_next(site: Site) -> None:
    """Policy: an approval is asked for at the beginning of a call (docs/desk.md)."""
    since = site.since()
    listed = await desk_reads(site, "contacts", "list", "A1001AA")
    approval = next(line.split()[0] for line in listed.splitlines() if NUMBER in line)
    async with outside(site) as family, cell(site, "101") as phone:
        leg, _ = await talk(site, phone, family)
        await desk(site, "contacts", "withdraw", approval)
        await leg.set.packets(150)  # longer than the switch takes to look
        assert not leg.ended.done()
        phone.hangup(leg)
        assert (await since.one())["end_by"] == "person"

        since = site.since()
        leg = await (await phone.dial(DIALLED, CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        await leg.over()
        assert (await since.one())["end_why"] == "unapproved"
    with sqlite3.connect(site.folder / "state" / "wingline.db") as conn:
        conn.execute("UPDATE contacts SET state = 'approved', reason = NULL WHERE id = ?", (approval,))


@pytest.mark.parametrize(("victim", "told"), [((), "barred"), (("--victim",), "unapproved")])
async def test_a_bar_ends_the_call_that_runs(site: Site, victim: tuple[str, ...], told: str) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone:
        leg, _ = await talk(site, phone, family)
        entry, seen = await written(site, "number_lists", "numbers", "bar", DIALLED, *victim, "--reason", "a court's order")
        assert await leg.over(IN_FORCE) == "bye"
        assert asyncio.get_running_loop().time() - seen < IN_FORCE
        assert (await since.one())["end_by"] == "staff"

        since = site.since()
        leg = await (await phone.dial(DIALLED, CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        await leg.set.hears_prompt(f"refused-{told}")
        await leg.over()
        assert (await since.one())["end_why"] == told
    await desk(site, "numbers", "end", entry, "--reason", "the test is over", "--second", "governor")


async def test_seven_in_the_announcement_is_a_wrong_number_until_it_is_verified(site: Site) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone:
        leg = await (await phone.dial(DIALLED, CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        far = await family.ring()
        await family.answer(far, FAR)
        await far.set.packets(25)
        far.set.press("7")
        assert await far.over() == "bye"
        await leg.set.hears_prompt("ended-wrong-number")
        assert await leg.over() == "bye"
        row = await since.one()
        assert (row["end_by"], row["end_why"], row["charged_pence"]) == ("called", "wrong-number", 0)

        since = site.since()
        leg = await (await phone.dial(DIALLED, CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        await leg.set.hears_prompt("refused-number-to-verify")
        await leg.over()
        assert (await since.one())["end_why"] == "number-to-verify"
        assert family.rings.empty()
        assert NUMBER in await desk_list(site)
        await desk(site, "numbers", "verify", DIALLED, "--reason", "rung back by staff")

        since = site.since()
        leg, far = await talk(site, phone, family)
        phone.hangup(leg)
        assert (await since.one())["outcome"] == "connected"


async def request(site: Site, *args: str, number: str = DIALLED) -> str:
    return (await desk(site, "stops", "request", number, *args)).split()[0]


async def test_the_number_itself_confirms_by_a_key_on_a_call_to_it(site: Site) -> None:
    """The call that runs ends in time from the key, the next is refused; and only the number takes it back."""
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone:
        leg, far = await talk(site, phone, family)
        await request(site)
        asking = await family.ring()
        assert asking.number == NUMBER
        await family.answer(asking, FAR)
        await asking.set.hears_begin("placed-service")
        assert _rows(site, "stops") == _undone(site), "asked is nothing done"
        pressed = asyncio.get_running_loop().time()
        asking.set.press("1")
        assert await leg.over() == "bye"
        took = asyncio.get_running_loop().time() - pressed
        assert took < IN_FORCE, f"the call ended {took:.2f} s after the key"
        await far.over()
        await asking.set.hears_prompt("stop-all-done", 30.0)
        assert await asking.over() == "bye"
        assert (await since.one())["end_why"] == "stopped-by-called"

        since = site.since()
        leg = await (await phone.dial(DIALLED, CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        await leg.over()
        assert (await since.one())["end_why"] == "stopped-all"

    _change(site, "UPDATE stops SET undone_at = placed_at WHERE number = ?", NUMBER)
    _approve(site)


@pytest.mark.parametrize(("key", "said", "left"), [("2", "placed-unchanged", 1), ("1", "placed-allowed", 0)])
async def test_only_a_key_there_takes_back_what_the_number_ordered(site: Site, key: str, said: str, left: int) -> None:
    number = "+447700900105"
    _change(site, "DELETE FROM stops WHERE number = ?", number)
    _change(site, "INSERT INTO stops (id, number, scope, placed_at, placed_by, source, reason) VALUES"
                  " ('nine', ?, 'everyone', '2026-11-23T11:00:00.000Z', 'call:c', 'call', '')", number)
    async with outside(site) as family:
        await request(site, "--undo", number=number)
        asking = await family.ring()
        await family.answer(asking, FAR)
        await asking.set.hears_prompt("placed-allow-all", 40.0)
        asking.set.press(key)
        await asking.set.hears_prompt(said, 40.0)
        assert await asking.over() == "bye"
    assert len(_column(site, "SELECT id FROM stops WHERE number = ? AND undone_at IS NULL", number)) == left


async def test_five_speaks_the_code_that_confirms_the_request(site: Site) -> None:
    async with outside(site) as family:
        asked = await request(site, "--person", "A1003AC", number="07700 900104")
        asking = await family.ring()
        await family.answer(asking, FAR)
        await asking.set.hears_begin("placed-service")
        asking.set.press("5")
        await asking.set.hears_prompt("placed-code", 30.0)
        (code,) = _column(site, "SELECT code FROM placed_calls WHERE stop_request = ?", asked)
        await asking.set.hears_prompt(f"say-{code[-1]}", 30.0)
        await desk(site, "stops", "confirm", asked, code)
        assert await asking.over() == "bye", "the request is over, and so is the question"
    (stop,) = _column(site, "SELECT id FROM stops WHERE undone_at IS NULL AND number = '+447700900104'")
    assert _column(site, "SELECT code FROM placed_calls WHERE stop_request = ?", asked) == [None]
    _change(site, "UPDATE stops SET undone_at = placed_at WHERE id = ?", stop)
    _change(site, "UPDATE contacts SET state = 'approved' WHERE number = ?", "+447700900104")


async def test_a_code_heard_on_a_call_opens_the_page_for_families_and_its_stop_ends_the_call_that_runs(site: Site) -> None:
    """Everything by ear: the digits are in nobody's database. A number that nobody knows gets the same answer, and no call."""
    since, page = site.since(), (site.folder / "state" / "families.address").read_text("utf-8").strip()
    async with httpx.AsyncClient(base_url=page, headers={"Origin": page}, timeout=30) as http, outside(site) as family, cell(
            site, "101") as phone:
        leg, far = await talk(site, phone, family)
        strange = await http.post("/number", data={"number": "07700 900998"})
        known = await http.post("/number", data={"number": DIALLED})
        assert (known.status_code, known.text, known.headers["location"]) == (303, strange.text, strange.headers["location"])
        asking = await family.ring()
        assert asking.number == NUMBER
        await family.answer(asking, FAR)
        await asking.set.hears_begin("placed-service")
        asking.set.press("1")
        code = await _spoken(asking)
        entered = await http.post("/code", data={"code": code})
        assert entered.headers["location"] == "/yours", entered.text
        assert "Calls to this number are approved." in (await http.get("/yours")).text
        stopped = await http.post("/stop")
        seen = asyncio.get_running_loop().time()
        assert stopped.status_code == 303
        assert await leg.over(IN_FORCE) == "bye"
        assert asyncio.get_running_loop().time() - seen < IN_FORCE
        await far.over()
        family.hangup(asking)
        assert (await since.one())["end_why"] == "stopped-by-called"
        assert "You have stopped calls" in (await http.get("/yours")).text
        await http.post("/resume")
        assert _column(site, "SELECT id FROM stops WHERE number = ? AND undone_at IS NULL", NUMBER) == []
        assert family.rings.empty(), "nobody knows the other number"
    _approve(site)


async def _spoken(asking: Leg) -> str:
    """The six digits, as an ear tells them apart."""
    await asking.set.hears_prompt("placed-code", 40.0)
    await asking.set.packets(400)
    heard = asking.set.payload()
    at, code = heard.index(payload_of("placed-code", g711.PCMA)), ""
    for _ in range(6):
        found = {digit: heard.find(payload_of(f"say-{digit}", g711.PCMA), at) for digit in "0123456789"}
        digit, at = min(((digit, where) for digit, where in found.items() if where >= 0), key=lambda pair: pair[1])
        at, code = at + len(payload_of(f"say-{digit}", g711.PCMA)), code + digit
    return code


def _change(site: Site, sql: str, *values: str) -> None:
    with sqlite3.connect(site.folder / "state" / "wingline.db", timeout=10) as conn:
        conn.execute(sql, values)


def _undone(site: Site) -> int:
    return len(_column(site, "SELECT id FROM stops WHERE undone_at IS NOT NULL"))


def _column(site: Site, sql: str, *values: str) -> list[str]:
    with sqlite3.connect(f"file:{site.folder / 'state' / 'wingline.db'}?mode=ro", uri=True) as conn:
        return [row[0] for row in conn.execute(sql, values)]


async def desk_list(site: Site) -> str:
    return await desk_reads(site, "numbers", "wrong")


async def desk_reads(site: Site, *args: str) -> str:
    done = await asyncio.to_thread(site.wingline, *args, "--now", NOON)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _approve(site: Site, number: str = NUMBER) -> None:
    """The contact is approved again, as staff would: an undone stop leaves that to them."""
    with sqlite3.connect(site.folder / "state" / "wingline.db") as conn:
        conn.execute("UPDATE contacts SET state = 'approved' WHERE number = ? AND state = 'stopped'", (number,))
