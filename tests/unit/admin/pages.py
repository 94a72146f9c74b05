"""The console as a browser has it, without one: accounts with a role each, signed in, asking the application in this process."""
import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pyotp

from admin.entry.house import Stay
from admin.live.site import NOT_LIVE, Live
from switch.core.ids import StaffId
from switch.desk import accounts
from switch.desk.roles import USUAL
from switch.ports.access import Scope
from switch.ports.staff import Grant, Role
from tests.unit.admin.counter import GENEROUS, Counter, open_counter
from tests.unit.desk.office import GOVERNOR, MOOR, good

PASSWORD = "plum orchard wicket lane"
UNHURRIED = Stay(tries_a_minute=1000)
OURS = {"Sec-Fetch-Site": "same-origin"}
WAYS_OUT = ("signed out", "role taken", "account ended")


class PlainSeals:
    """Seals that hide nothing, and still know what each is of."""

    def seal(self, text: str, about: str) -> str:
        return f"{about}|{text}"

    def unseal(self, sealed: str, about: str) -> str | None:
        found, _, text = sealed.partition("|")
        return text if found == about else None


@dataclass
class Browser:
    """One browser. `code` is the authenticator's; each is taken once, so the clock of the console moves on for the next."""

    console: "Console"
    user: str
    secret: str
    http: httpx.AsyncClient

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.console.counter.clock.wall())

    async def sign_in(self, password: str = PASSWORD, code: str = "", then: str = "/") -> httpx.Response:
        return await self.post("/sign-in", name=self.user, password=password, code=code or self.code(), then=then)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.http.get(path, **more)

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        return await self.http.post(path, data=fields, headers=OURS)


@dataclass
class Console:
    counter: Counter
    _count: int = 0
    _open: list[httpx.AsyncClient] = field(default_factory=list)

    def stranger(self) -> httpx.AsyncClient:
        made = httpx.AsyncClient(transport=httpx.ASGITransport(self.counter.app, raise_app_exceptions=False),
                                 base_url="http://console")
        self._open.append(made)
        return made

    async def account(self, *permissions: Scope, establishment: str | None = MOOR, wing: str | None = None) -> Browser:
        """An account with a role of its own that allows these, nowhere else than said; not signed in yet."""
        self._count += 1
        name = f"staff{self._count}"
        desk, at = self.counter.office.desk, self.counter.clock.wall()
        made = good(await accounts.add_user(desk, GOVERNOR, at, name, f"Staff {self._count}", PASSWORD))
        if permissions:
            allowed = frozenset(permissions)

            def give(changes: Any) -> None:
                changes.put_role(Role(name, allowed))
                changes.add_grant(Grant(f"grant-{name}", StaffId(name), name, allowed, establishment, wing, GOVERNOR, at))

            await desk.work.run(GOVERNOR, at, give)
        return Browser(self, name, made.totp_secret, self.stranger())

    async def browser(self, *permissions: Scope, establishment: str | None = MOOR, wing: str | None = None) -> Browser:
        """The same, signed in."""
        made = await self.account(*permissions, establishment=establishment, wing=wing)
        answer = await made.sign_in()
        assert answer.status_code == 303, text_of(answer)
        return made

    def later(self, by: timedelta) -> None:
        self.counter.clock.at += by


async def turn_out(console: Console, one: Browser, how: str) -> None:
    """End what somebody holds, by one of WAYS_OUT."""
    desk, at = console.counter.office.desk, console.counter.clock.wall()
    match how:
        case "signed out":
            await one.post("/sign-out")
        case "role taken":
            await desk.work.run(GOVERNOR, at, lambda changes: changes.end_grant(f"grant-{one.user}"))
        case _:
            good(await accounts.end_user(desk, GOVERNOR, at, one.user, "left"))


def text_of(answer: httpx.Response) -> str:
    """What a page says, without its markup."""
    return " ".join(html.unescape(re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", answer.text, flags=re.S)).split())


def _usual_roles(changes: Any) -> None:
    for name, permissions in USUAL.items():
        changes.put_role(Role(name, permissions))


@asynccontextmanager
async def open_console(folder: Path, stay: Stay = UNHURRIED, live: Live = NOT_LIVE, **desk: Any) -> AsyncIterator[Console]:
    async with open_counter(folder, GENEROUS, stay=stay, live=live, seals=PlainSeals(), **desk) as counter:
        made = Console(counter)
        await counter.office.desk.work.run(GOVERNOR, counter.clock.wall(), _usual_roles)
        try:
            yield made
        finally:
            for one in made._open:
                await one.aclose()

