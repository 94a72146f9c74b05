"""Accounts, roles and what waits for a second, in Chromium."""
from playwright.async_api import expect

from tests.browser.desk import Desk


async def test_accounts_and_what_waits(desk: Desk) -> None:
    async with desk.signed_in("administrator") as seen:
        page = await seen.look_at("/staff", "staff")
        await expect(page.locator("table").first).to_contain_text("listener")
        await seen.look_at("/waiting", "waiting-nothing")
        await seen.look_at("/staff/add", "staff-add")
        await page.fill("#user", "Not good")
        await page.click("main form button")
        await page.wait_for_selector(".govuk-error-summary")
        await seen.look_at()
        await seen.look_at("/staff/officer", "staff-one")
        await page.fill("#reason", "a listener is ill")
        await page.select_option("#role", "listener")
        await page.click("main #form button")
        await page.wait_for_selector(".govuk-error-summary")
        await seen.look_at(name="staff-refused")
