"""The switch rings a family itself and asks; what it hears stands in SQL, and decides how the next call is announced."""
import asyncio
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from switch.runtime.control import ask as control
from tests.phones.site import EDITS, NOON, Ports, Site
from tests.phones.telephone import Leg, Telephone, cell, outside
from tests.unit.desk.test_bulletins import wav

pytestmark = [pytest.mark.wire, pytest.mark.timeout(300)]

CELL, FAR = 3650.0, 3850.0
WHO, NUMBER, E164 = "A1001AA", "07700900101", "+447700900101"
PLAN = EDITS.replace("[announcement]\n", "[announcement]\nrelief_days = 30\n")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose plan lets a consent stand for thirty days."""
    site = Site(tmp_path_factory.mktemp("asked") / "wick-hill", Ports(), PLAN).up()
    try:
        yield site
    finally:
        site.drain()


def rows(site: Site, sql: str, *values: str) -> list[dict[str, Any]]:
    with sqlite3.connect(f"file:{site.folder / 'state' / 'wingline.db'}?mode=ro", uri=True) as conn:
        conn.row_factory = sqlite3.Row
        return [dict(row) for row in conn.execute(sql, values)]


def change(site: Site, sql: str, *values: str) -> None:
    """What only time does."""
    with sqlite3.connect(site.folder / "state" / "wingline.db", timeout=10) as conn:
        conn.execute(sql, values)


async def say(site: Site, *args: str) -> str:
    done = await asyncio.to_thread(site.wingline, *args, "--staff", "officer", "--now", NOON)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def say_plain(site: Site, *args: str) -> str:
    """A command that is about now, whatever the clock says."""
    done = await asyncio.to_thread(site.wingline, *args)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def ask(site: Site, family: Telephone, kind: str = "consent") -> tuple[str, Leg]:
    """Request a call and answer it: the request's id, and the leg that hears the question."""
    said = await say(site, "placed", "request", kind, WHO, NUMBER)
    leg = await family.ring()
    assert leg.number == E164
    await family.answer(leg, FAR)
    return said.split()[0], leg


async def settled(site: Site, request: str, states: set[str]) -> dict[str, Any]:
    async with asyncio.timeout(15):
        while True:
            (row,) = rows(site, "SELECT * FROM placed_calls WHERE id = ?", request)
            if row["state"] in states and not rows(site, "SELECT id FROM placed_attempts WHERE closed_at IS NULL"):
                return row
            await asyncio.sleep(0.05)


async def ring_from_prison(site: Site, family: Telephone) -> set[str]:
    """What the family hears until both talk."""
    since = site.since()
    async with cell(site, "101") as phone:
        leg = await (await phone.dial(NUMBER, CELL)).up()
        leg.set.press(site.pin(WHO))
        far = await family.ring()
        await family.answer(far, FAR)
        await far.set.hears_tone(CELL)
        phone.hangup(leg)
        await far.over()
    assert (await since.one())["outcome"] == "connected"
    return far.set.prompts()


async def test_yes_stands_and_nobody_in_prison_was_on_the_call(asked: Site) -> None:
    async with outside(asked) as family:
        request, leg = await ask(asked, family)
        await leg.set.hears_prompt("placed-consent", 40.0)
        leg.set.press("1")
        await leg.set.hears_prompt("placed-yes", 30.0)
        assert await leg.over() == "bye"
        row = await settled(asked, request, {"answered"})
        assert (row["answer"], row["attempts"]) == ("yes", 1)
        (consent,) = rows(asked, "SELECT * FROM consents WHERE ended_at IS NULL AND person = ?", WHO)
        assert (consent["person"], consent["number"], consent["how"]) == (WHO, E164, "keypad")
        assert consent["prompts"] == '["placed-consent"]'
        assert asked.calls() == [], "nobody in prison was on it"
        assert not asked.kept()


async def test_it_names_the_prison_once_that_has_a_sound(asked: Site) -> None:
    """A recording of the beep's own frequency stands for the name; the question comes after it."""
    file = asked.folder / "name.wav"
    file.write_bytes(wav(1.0, 1850.0))
    await say(asked, "placed", "name", "establishment", "wick-hill", "--wav", str(file))
    async with outside(asked) as family:
        request, leg = await ask(asked, family)
        await leg.set.hears_prompt("placed-from", 30.0)
        await leg.set.hears_tone(1850.0)
        await leg.set.hears_prompt("placed-consent", 40.0)
        assert "placed-about" not in leg.set.prompts(), "the person is not named: this plan does not say so"
        leg.set.press("1")
        await leg.over()
        await settled(asked, request, {"answered"})
    await say(asked, "placed", "forget-name", "establishment", "wick-hill")


async def test_relief_is_heard_until_the_consent_is_over(asked: Site) -> None:
    change(asked, "DELETE FROM consents")
    change(asked, "INSERT INTO consents SELECT 'c', party, number, 'given', 'keypad', '2026-11-20T12:00:00.000Z', 'call:c',"
                  " person, '[]', 'en', NULL FROM contacts WHERE person = ? AND number = ?", WHO, E164)
    async with outside(asked) as family:
        assert "announce-short" in await ring_from_prison(asked, family), "no relief without leave"
        await say(asked, "relief", "allow", "wick-hill", "--authorised-by", "G. Overnor")
        heard = await ring_from_prison(asked, family)
        assert "announce-relief" in heard
        assert "announce-short" not in heard
        change(asked, "UPDATE consents SET said_at = '2026-10-23T12:00:00.000Z'")
        heard = await ring_from_prison(asked, family)
        assert "announce-short" in heard, "a consent that is over"
        assert "announce-relief" not in heard


async def test_a_contact_is_told_in_words_for_a_child(asked: Site) -> None:
    async with outside(asked) as family:
        await say(asked, "relief", "voice", WHO, NUMBER, "child")
        assert "announce-child" in await ring_from_prison(asked, family)
        await say(asked, "relief", "voice", WHO, NUMBER, "usual")


async def test_nobody_answers_and_it_waits_for_its_next_try(asked: Site) -> None:
    async with outside(asked) as family:
        said = await say(asked, "placed", "request", "consent", WHO, NUMBER)
        leg = await family.ring()
        family.refuse(leg, 486)
        row = await settled(asked, said.split()[0], {"due"})
        assert (row["attempts"], row["answer"], row["why"]) == (1, None, "busy")
        assert row["not_before"] > "2026-11-23T15:59"
        await say(asked, "placed", "cancel", said.split()[0])
        listed = await asyncio.to_thread(asked.wingline, "placed", "list", "--person", WHO, "--now", NOON)
        assert "cancelled" in listed.stdout, listed.stderr


async def on_the_board(site: Site) -> list[dict[str, Any]]:
    said = await asyncio.to_thread(control, site.folder / "state" / "control.sock", {"do": "calls"})
    found: list[dict[str, Any]] = said["calls"]
    return found


@pytest.mark.parametrize("how", ["cut", "kill"])
async def test_it_is_on_the_board_and_staff_end_it(asked: Site, how: str) -> None:
    async with outside(asked) as family:
        request, leg = await ask(asked, family)
        await leg.set.hears_begin("placed-consent")
        (row,) = await on_the_board(asked)
        shown = {name: row[name] for name in ("kind", "state", "phone", "person", "to", "privileged")}
        assert shown == {"kind": "placed-consent", "state": "asking", "phone": "", "person": WHO, "to": E164, "privileged": True}
        assert row["talking_since"]
        assert "placed-consent" in await asyncio.to_thread(lambda: asked.wingline("calls", "--live").stdout)
        if how == "cut":
            await say_plain(asked, "calls", "cut", row["id"], "--reason", "the wrong one", "--staff", "officer")
        else:
            order = (await say(asked, "kill", "person", WHO, "--cut", "--reason", "a threat")).split()[0]
        assert await leg.over() == "bye"
        found = await settled(asked, request, {"due"})
        assert (found["answer"], found["why"]) == (None, "staff")
        (tried,) = rows(asked, "SELECT * FROM placed_attempts WHERE request = ?", request)
        assert tried["end_by"] == "staff"
        assert ("the wrong one" if how == "cut" else "orders") in tried["end_note"]
        assert await on_the_board(asked) == []
        await say(asked, "placed", "cancel", request)
        if how == "kill":
            await say(asked, "kill", "lift", order)


@pytest.mark.parametrize(("key", "answer", "thanks"), [
    ("2", "no", "placed-no"), ("7", "wrong-number", "placed-no"), ("9", "stopped", "stop-person-done")])
async def test_other_keys_end_the_consent_and_leave_staff_a_task(asked: Site, key: str, answer: str, thanks: str) -> None:
    async with outside(asked) as family:
        request, leg = await ask(asked, family, "verify")
        await leg.set.hears_begin("placed-verify")
        leg.set.press(key)
        await leg.set.hears_prompt(thanks, 30.0)
        await leg.over()
        assert (await settled(asked, request, {"answered"}))["answer"] == answer
    if answer == "stopped":
        again = await asyncio.to_thread(asked.wingline, "placed", "request", "consent", WHO, NUMBER, "--staff", "officer",
                                        "--now", NOON)
        assert again.returncode == 1, "whoever said stop is asked no more"
        assert "stopped" in again.stderr
    standing = [row["consent"] for row in rows(asked, "SELECT * FROM consents WHERE ended_at IS NULL AND person = ?", WHO)]
    assert "given" not in standing
    assert answer == "wrong-number" or standing == ["denied"]
    assert rows(asked, "SELECT * FROM tasks WHERE id = ?", f"{request}:verify-{answer}")
    stops = rows(asked, "SELECT * FROM stops WHERE number = ? AND person = ?", E164, WHO)
    assert len(stops) == (answer == "stopped")
