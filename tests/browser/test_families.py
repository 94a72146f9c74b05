"""The page for families in Chromium: on a small screen, by axe-core in every state, in both languages, and with script off."""
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from playwright.async_api import expect

from switch.store.pins import PinHasher
from switch.store.stamps import stamp
from tests.browser.desk import Desk, Seen

NUMBER, CODE = "+447700900105", "135709"
SMALL = {"viewport": {"width": 320, "height": 640}}
TARGETS = """() => [...document.querySelectorAll('main button, main input, header a, footer a')]
    .map(one => one.getBoundingClientRect()).filter(box => box.height < 44 || box.width < 44).length"""
"""How many of what is pressed are smaller than 44 px."""


@asynccontextmanager
async def family(desk: Desk, **context: Any) -> AsyncIterator[Seen]:
    url = (desk.site.folder / "state/families.address").read_text("utf-8").strip()
    async with Desk(desk.site, url, desk.browser).stranger(**SMALL, **context) as seen:
        yield seen


def spoken(desk: Desk) -> None:
    """As if the newest visitor had heard the code; that it is heard is proved with telephones (tests/wire/desk/test_stops.py)."""
    hasher, until = PinHasher(), datetime.fromisoformat(desk.site.now()) + timedelta(minutes=5)
    try:
        newest = "asked_at = (SELECT max(asked_at) FROM family_visits)"
        _change(desk, f"UPDATE family_visits SET code = ?, code_until_at = ? WHERE {newest}",
                hasher.hash(CODE), stamp(until))
    finally:
        hasher.close()


def _change(desk: Desk, sql: str, *values: str) -> None:
    with sqlite3.connect(desk.site.folder / "state" / "wingline.db", timeout=10) as conn:
        conn.execute(sql, values)


async def looked(seen: Seen, path: str = "", name: str = "", status: int = 200) -> None:
    page = await seen.look_at(path, name, status)
    assert await page.evaluate(TARGETS) == 0, page.url
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} is wider than the screen"


async def test_every_state_on_a_small_screen(desk: Desk) -> None:
    async with family(desk) as seen:
        page = seen.page
        await looked(seen, "/", "families")
        await page.fill("#number", "12")
        await page.click("main button")
        await looked(seen, name="families-no-number")
        await expect(page.locator("[role=alert]")).to_contain_text("whole telephone number")
        await page.fill("#number", NUMBER)
        await page.click("main button")
        await page.wait_for_url("**/code")
        await looked(seen, name="families-code")
        await page.fill("#code", "000000")
        await page.click("main button")
        await looked(seen, name="families-wrong-code")
        spoken(desk)
        await page.fill("#code", CODE)
        await page.click("main button")
        await page.wait_for_url("**/yours")
        await looked(seen, name="families-yours")
        await page.click("button.stop")
        await page.wait_for_url("**/yours?done=stop")
        await looked(seen, name="families-stopped")
        await page.get_by_role("link", name="Cymraeg").click()
        await looked(seen, name="families-cymraeg")
        await page.get_by_role("button", name="Tynnu'r ataliad yn ôl").click()
        await page.wait_for_url("**/yours?done=resume")
        await looked(seen)
        await looked(seen, "/help", "families-help")
        await looked(seen, "/nowhere", status=404)
    _change(desk, "UPDATE contacts SET state = 'approved' WHERE number = ? AND state = 'stopped'", NUMBER)


async def test_it_works_with_script_off_and_by_keyboard(desk: Desk) -> None:
    async with family(desk, java_script_enabled=False) as seen:
        page = seen.page
        await page.goto("/")
        await page.keyboard.press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        await page.locator("#number").focus()
        await page.keyboard.type("07700 900998")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/code")
        spoken(desk)
        await page.locator("#code").focus()
        await page.keyboard.type("135 709")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/yours")
        await expect(page.locator("main li")).to_have_text("Nobody in prison may ring this number.")
        await page.get_by_role("button", name="I have finished").press("Enter")
        await page.wait_for_url("**/")
