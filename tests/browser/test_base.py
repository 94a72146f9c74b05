"""The way in, the first pages and the pages of errors, in Chromium: by axe-core, by keyboard, at twice the size, in Welsh."""
import re

from playwright.async_api import expect

from tests.browser.desk import Desk


async def test_the_way_in_and_out(desk: Desk) -> None:
    async with desk.stranger() as seen:
        page = await seen.look_at("/people", "sign-in")
        assert page.url.endswith("/sign-in?then=/people")
        await page.fill("#name", "officer")
        await page.fill("#password", "not this one at all")
        await page.fill("#code", "123456")
        await page.click("main button")
        await page.wait_for_url("**/sign-in")
        await expect(page.locator(".govuk-error-summary")).to_be_focused()
        await seen.look_at(name="sign-in-refused")
        await seen.look_at("/accessibility")
    async with desk.signed_in("auditor", fresh=True) as seen:
        await seen.look_at(name="home-auditor")
        await seen.page.click("text=Sign out")
        await seen.page.wait_for_url("**/sign-in")
        await seen.look_at()
        assert seen.page.url.endswith("/sign-in")


async def test_people_are_found_by_keyboard_alone(desk: Desk) -> None:
    async with desk.signed_in("officer") as seen:
        page = await seen.look_at(name="home")
        await expect(page.locator("h1")).to_have_text("Today")
        await page.keyboard.press("Tab")
        await expect(page.locator(".govuk-skip-link")).to_be_focused()
        await page.keyboard.press("Enter")
        await seen.look_at("/people", "people")
        await page.locator("#words").focus()
        await page.keyboard.type("marsh")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/people?words=marsh")
        await seen.look_at(name="people-found")
        await page.get_by_role("link", name=re.compile("Marsh")).first.focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/people/A1001AA")
        await seen.look_at(name="person")
        await seen.look_at("/people?words=nobody-of-this-name")


async def test_what_is_refused_or_missing_is_said_in_words(desk: Desk) -> None:
    async with desk.signed_in("administrator") as seen:
        await seen.look_at(name="home-administrator")
        page = await seen.look_at("/people", "refused", status=403)
        await expect(page.locator("h1")).to_have_text("You may not see this page")
        await seen.look_at("/nowhere", status=404)
        await seen.look_at("/account", "account")
        await seen.look_at("/confirm?then=/account", "confirm")
        await page.fill("#code", "000000")
        await page.click("main button")
        await seen.look_at()


async def test_at_twice_the_size_nothing_is_cut_off(desk: Desk) -> None:
    """WCAG 1.4.10: at 320 CSS pixels the page itself does not scroll sideways."""
    async with desk.signed_in("officer", viewport={"width": 320, "height": 640}) as seen:
        for path in ("/", "/people?words=a", "/people/A1001AA", "/account"):
            page = await seen.look_at(path)
            wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, (path, wide)


async def test_it_speaks_welsh_and_works_without_scripts(desk: Desk) -> None:
    async with desk.signed_in("hub", java_script_enabled=True) as seen:
        await seen.page.click("text=Cymraeg")
        await seen.page.wait_for_selector("html[lang=cy]")
        page = await seen.look_at(name="home-welsh")
        assert await page.locator("html").get_attribute("lang") == "cy"
        await seen.page.click("text=English")
        state = await page.context.storage_state()
    async with desk.stranger(storage_state=state, java_script_enabled=False) as plain:
        await plain.page.goto("/people")
        await plain.page.fill("#words", "A1001AA")
        await plain.page.click("main button")
        await expect(plain.page.locator("table a")).to_have_count(1)
