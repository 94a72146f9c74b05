"""What all pages share: the desk, the clock, how long a session lasts, cookies, templates, how often one may try to sign in."""
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from jinja2 import Environment
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.requests import HTTPConnection

from admin.entry.cookies import SESSION, Cookies
from admin.live.site import NOT_LIVE, Live
from admin.pages.looks import environment
from switch.desk.access import NOBODY
from switch.desk.asking import Desk
from switch.desk.entering import Visitor, visitor
from switch.desk.finding import establishments
from switch.ports.desk import Establishment

COMPLAINTS_A_MINUTE = 10
SITES_FOR = timedelta(seconds=30)
"""How long the list of establishments is kept: it is on every page, and changes once a year."""


@dataclass(frozen=True, slots=True)
class Stay:
    """How the console is entered. `public`: the address that browsers know it by, empty where it is the one it listens on."""

    public: str = ""
    idle: timedelta = timedelta(minutes=15)
    longest: timedelta = timedelta(hours=12)
    fresh: timedelta = timedelta(minutes=5)
    tries_a_minute: int = 10

    @property
    def secure(self) -> bool:
        return self.public.startswith("https:")


@dataclass(slots=True)
class House:
    """One console. What it counts and keeps is this process's own and may be lost. `now` is the wall clock; `example`: this is
    the example site, and pages say so."""

    desk: Desk
    now: Callable[[], datetime]
    stay: Stay
    example: bool = False
    live: Live = NOT_LIVE
    templates: Environment = field(default_factory=environment)
    _counts: FixedWindowRateLimiter = field(default_factory=lambda: FixedWindowRateLimiter(MemoryStorage()))
    _sites: tuple[datetime, tuple[Establishment, ...]] | None = None

    @property
    def cookies(self) -> Cookies:
        return Cookies(self.stay.secure)

    def render(self, template: str, values: Mapping[str, Any]) -> str:
        return self.templates.get_template(template).render(values)

    async def visitor(self, connection: HTTPConnection, at: datetime) -> Visitor | None:
        token = self.cookies.get(connection, SESSION)
        return await visitor(self.desk, at, token, self.stay.idle) if token else None

    async def sites(self, at: datetime) -> tuple[Establishment, ...]:
        """Every establishment, by code."""
        if self._sites is None or not self._sites[0] <= at < self._sites[0] + SITES_FOR:
            self._sites = at, await establishments(self.desk, NOBODY, at)
        return self._sites[1]

    async def may_try(self, connection: HTTPConnection, name: str) -> bool:
        """Whether this address, and this account, may try to sign in once more this minute."""
        item, address = RateLimitItemPerMinute(self.stay.tries_a_minute), address_of(connection)
        by_address = await self._counts.hit(item, "sign-in", address)
        return await self._counts.hit(item, "account", name.lower()[:64]) and by_address

    async def may_complain(self, connection: HTTPConnection) -> bool:
        """Whether a browser at this address may have one more complaint written down this minute."""
        return await self._counts.hit(RateLimitItemPerMinute(COMPLAINTS_A_MINUTE), "complaint", address_of(connection))

    def fresh(self, who: Visitor, at: datetime) -> bool:
        return at < who.session.proved_at + self.stay.fresh


def address_of(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else "?"

