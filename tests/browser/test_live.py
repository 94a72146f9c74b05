"""A call as staff watch it: it comes onto the board, is heard in the browser by whoever has leave, and is cut from its row; and
calls turned off in the control room."""
import time

import numpy as np
from playwright.async_api import Page, WebSocket, expect

from admin.live.wire import HEADER
from switch.media.g711 import decode_alaw
from tests.browser.desk import Desk
from tests.phones.ears import level_beside, share_with
from tests.phones.telephone import cell, outside
from tests.wire.desk.test_kill import CELL, FAR, talk
from tests.wire.desk.test_listening import SILENT, authorised, one

TO_EAR_MS = 10 * 300.0
"""Ten times the promise, for a crowded machine."""
ENOUGH = 100
"""Frames, two seconds."""


def frames_of(page: Page) -> list[bytes]:
    """What comes over the page's next sockets, as it comes."""
    found: list[bytes] = []

    def opened(socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: found.append(payload) if isinstance(payload, bytes) else None)

    page.on("websocket", opened)
    return found


async def loudest(page: Page, side: str) -> float:
    """The level shown, of the last tenth of a second; looked at again and again, since a late telephone leaves gaps."""
    end, level = time.monotonic() + 30.0, 0.0
    while level <= 0.05 and time.monotonic() < end:
        level = await page.evaluate("side => document.getElementById(side).value", side)
        await page.wait_for_timeout(50)
    return level


async def test_a_call_appears_is_heard_and_is_cut(desk: Desk) -> None:
    async with desk.signed_in("officer") as watching, desk.signed_in("listener") as listening, \
            outside(desk.site) as family, cell(desk.site, "101") as phone:
        board = await watching.look_at("/board", "board-empty")
        leg, far = await talk(desk.site, phone, family)
        call = one(desk.site, lambda row: not row["privileged"])
        line = board.locator(f'[data-call="{call}"]')
        await expect(line).to_contain_text("Talking")
        await expect(line).to_contain_text("A1001AA")
        talked = line.locator("[data-talking]")
        before = await talked.text_content()
        await expect(talked).not_to_have_text(before or "")
        await expect(line.get_by_role("link", name="Listen")).to_have_count(0)
        await watching.look_at(name="board")

        page = await listening.look_at(f"/board/{call}/listen", "listen-refused")
        await expect(page.locator("#no-leave")).to_contain_text("no authorisation covers this person")
        await authorised(desk.site, "A1001AA")
        await page.goto("/board")
        await page.locator(f'[data-call="{call}"]').get_by_role("link", name="Listen").click()
        await page.wait_for_url(f"**/board/{call}/listen")
        frames, began = frames_of(page), time.monotonic()
        await page.fill("#why", "a threat was announced")
        await page.keyboard.press("Enter")
        await expect(page.locator("[data-heard=yes]")).to_have_count(1)
        while len(frames) < ENOUGH:
            await page.wait_for_timeout(50)
        await listening.look_at(name="listening")
        sides = decode_alaw(b"".join(frame[HEADER.size:] for frame in frames)).reshape(-1, 2)
        left, right = np.ascontiguousarray(sides[:, 0]), np.ascontiguousarray(sides[:, 1])
        assert share_with(left, CELL) > 0.6, "the person in prison is not heard"
        assert share_with(right, FAR) > 0.6, "the contact is not heard"
        assert level_beside(left, FAR, CELL) < SILENT
        assert level_beside(right, CELL, FAR) < SILENT
        for side in ("left", "right"):
            assert await loudest(page, side) > 0.05, "the ear plays nothing"
        assert 0 < float(await page.locator("#delay").inner_text()) < TO_EAR_MS
        assert level_beside(leg.ear(began), CELL, FAR) < SILENT, "the telephone hears itself"

        await line.get_by_role("link", name="Cut").focus()
        await board.keyboard.press("Enter")
        await board.wait_for_url("**/cut")
        await watching.look_at(name="cut")
        await board.locator("main button").click()
        await expect(board.locator(".govuk-error-summary")).to_be_visible()
        await board.fill("#reason", "a threat was heard")
        await board.locator("main button").click()
        await board.wait_for_url("**/board")
        assert await far.over() == "bye"
        await expect(line).to_have_count(0)
        await expect(page.locator("[data-ended=yes]")).to_have_count(1)
        await listening.look_at(name="listening-ended")


async def test_calls_are_turned_off_and_on_by_keyboard(desk: Desk) -> None:
    async with desk.signed_in("governor") as seen:
        page = await seen.look_at("/control", "control")
        await page.locator("#reach").focus()
        await page.keyboard.press("Space")
        await page.fill("#target", "A1001AA")
        await page.locator("#reason").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/control/ask")
        await expect(page.locator(".govuk-error-summary")).to_be_focused()
        await seen.look_at(name="control-refused")
        await page.fill("#reason", "a fight")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("Turn calls off")
        await seen.look_at(name="control-ask")
        await page.locator("#form button").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/control")
        await seen.look_at(name="control-off")
        await page.get_by_role("link", name="A1001AA").click()
        await page.wait_for_url("**/control/orders/*")
        await seen.look_at(name="control-order")
        await page.get_by_role("button", name="Turn them on again").click()
        await page.wait_for_url("**/control")
        await expect(page.get_by_role("link", name="A1001AA")).to_have_count(0)
    async with desk.signed_in("administrator") as seen:
        await seen.look_at("/bulletins", "bulletins")
