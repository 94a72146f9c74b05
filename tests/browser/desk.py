"""A browser at the console of one running site: signed in by role, each page looked at with axe-core and by its policy."""
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyotp
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.phones.site import Site

AXE = (Path(__file__).parent / "vendor/axe-core-4.14.1/axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required"]
CHROMIUM = "/usr/bin/chromium"
SHOTS = os.environ.get("SCREENSHOTS", "")
"""A folder: each page that is looked at by name is kept there as a picture (`make screenshots`)."""
PATIENCE_MS = 15_000
EXPECTED = ("the server responded with a status of 4", "Failed to load resource")
"""What a browser says of pages that are refused on purpose."""


@dataclass
class Desk:
    """`site` is the example site that runs; `url` its console. `states` are the cookies of who signed in already: a code is good
    once, and the clock of a test does not wait."""

    site: Site
    url: str
    browser: Browser
    states: dict[str, Any] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)

    def user(self, role: str) -> dict[str, str]:
        return next(user for user in self.site.about["console"]["users"] if role in (user["role"], user["name"]))

    async def code(self, user: dict[str, str]) -> str:
        """One that was not given before: each is taken once, so that a second within half a minute is waited for."""
        totp, now = pyotp.TOTP(user["totp_secret"]), datetime.fromisoformat(self.site.now())
        code = totp.at(now)
        if code == self.used.get(user["name"]):
            await asyncio.sleep(totp.interval + 1 - now.timestamp() % totp.interval)
            code = totp.at(datetime.fromisoformat(self.site.now()))
        self.used[user["name"]] = code
        return code

    @asynccontextmanager
    async def signed_in(self, role: str, fresh: bool = False, **context: Any) -> AsyncIterator["Seen"]:
        """A page of whoever has this role in example.json, at the first page. `fresh`: signed in here and now."""
        async with self.stranger(storage_state=None if fresh else self.states.get(role), **context) as seen:
            if fresh or role not in self.states:
                user = self.user(role)
                await seen.page.goto("/sign-in")
                await seen.page.fill("#name", user["name"])
                await seen.page.fill("#password", user["password"])
                await seen.page.fill("#code", await self.code(user))
                await seen.page.click("main button")
                await seen.page.wait_for_url("**/")
                if not fresh:
                    self.states[role] = await seen.page.context.storage_state()
            else:
                await seen.page.goto("/")
            yield seen

    @asynccontextmanager
    async def stranger(self, **context: Any) -> AsyncIterator["Seen"]:
        opened: BrowserContext = await self.browser.new_context(base_url=self.url, **context)
        opened.set_default_timeout(PATIENCE_MS)
        try:
            yield Seen(await opened.new_page())
        finally:
            await opened.close()


@dataclass
class Seen:
    """One page of a browser, and what the browser complained of on it."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in EXPECTED):
            self.complaints.append(message.text)

    async def look_at(self, path: str = "", name: str = "", status: int = 200) -> Page:
        """Goes there (or looks at what is shown), and fails on what axe-core finds, on whatever the policy kept from
        being loaded, and on any error of a script. `name`: keep a picture, where they are wanted."""
        if path:
            answer = await self.page.goto(path)
            assert answer is not None
            assert answer.status == status, f"{path}: {answer.status}"
        await self.page.evaluate(AXE)
        found = await self.page.evaluate("rules => axe.run({runOnly: rules})", RULES)
        wrong = [f"{one['id']}: {one['help']}: {[node['html'][:200] for node in one['nodes']]}" for one in found["violations"]]
        assert not wrong, f"{self.page.url}: " + "\n".join(wrong)
        assert len(found["passes"]) > 5
        assert not self.complaints, f"{self.page.url}: {self.complaints}"
        if SHOTS and name:
            await self.page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
        return self.page


async def look_at(seen: Seen, url: str, name: str = "", status: int = 200) -> Page:
    return await seen.look_at(url, name, status)
