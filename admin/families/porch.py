"""What all pages for families share: the desk, the clock, the cookie, templates, and how much one address, and all, may ask."""
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from admin.entry.cookies import LANGUAGE, Cookies
from admin.entry.house import address_of
from admin.pages.words import LANGUAGES, language_of, speaker
from switch.desk.asking import Desk
from switch.desk.families import Often

PASS = "wingline-families"  # a cookie's name
PACKAGE = "admin.families"
STYLE = files(PACKAGE).joinpath("style.css").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is taken: asks for a code of one number, of one address and in all an hour, tries to give one of one address an
    hour, requests of one address a minute. `public`: the address that browsers know, empty where it is the one it listens on."""

    often: Often = Often()
    by_address: int = 5
    in_all: int = 120
    tries_by_address: int = 30
    requests_a_minute: int = 60
    public: str = ""

    @property
    def secure(self) -> bool:
        return self.public.startswith("https:")


def environment() -> Environment:
    """Everything is escaped; a name that a page forgot is an error and not a blank."""
    return Environment(loader=PackageLoader(PACKAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                       lstrip_blocks=True)


@dataclass(slots=True)
class Porch:
    """What it counts is this process's own and may be lost; how often a number is asked for is counted in the database."""

    desk: Desk
    now: Callable[[], datetime]
    bounds: Bounds
    templates: Environment = field(default_factory=environment)
    _counts: FixedWindowRateLimiter = field(default_factory=lambda: FixedWindowRateLimiter(MemoryStorage()))

    @property
    def cookies(self) -> Cookies:
        return Cookies(self.bounds.secure)

    def token(self, request: Request) -> str:
        return self.cookies.get(request, PASS)

    async def may_ask(self, request: Request) -> bool:
        """Whoever is turned away by their address does not use up what all have together."""
        hour = RateLimitItemPerHour
        return await self._hit(hour(self.bounds.by_address), "ask", net_of(request)) and await self._hit(
            hour(self.bounds.in_all), "ask-in-all", "")

    async def may_try(self, request: Request) -> bool:
        return await self._hit(RateLimitItemPerHour(self.bounds.tries_by_address), "try", net_of(request))

    async def may_look(self, request: Request) -> bool:
        return await self._hit(RateLimitItemPerMinute(self.bounds.requests_a_minute), "look", net_of(request))

    async def _hit(self, item: RateLimitItem, what: str, who: str) -> bool:
        return await self._counts.hit(item, what, who)

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """In the language that was chosen, by a link, a cookie or the browser."""
        wanted = request.query_params.get("language", "")
        language = language_of(wanted or self.cookies.get(request, LANGUAGE), request.headers.get("accept-language", ""))
        seen = {"say": speaker(language, PACKAGE), "language": language, "languages": LANGUAGES, "style": style_address(),
                "here": request.url.path if request.method == "GET" else "/"}
        answer = HTMLResponse(self.templates.get_template(template).render(seen | values), status)
        if wanted in LANGUAGES:
            self.cookies.put(answer, LANGUAGE, wanted)
        return answer

    def sent(self, to: str, token: str | None = None) -> Response:
        """To the next page, by GET; with a new pass where there is one."""
        answer = RedirectResponse(to, 303)
        if token is not None:
            self.cookies.put(answer, PASS, token)
        return answer


def style_address() -> str:
    return f"/static/style-{hash_of(STYLE)}.css"


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def net_of(request: Request) -> str:
    """Who counts as one: an IPv4 address, or all of an IPv6 customer's (/64)."""
    try:
        found = ip_address(address_of(request))
    except ValueError:
        return "?"
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)
