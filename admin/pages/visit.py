"""One request of somebody signed in, as a page has it: who, when, the desk, the form, and how to answer."""
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.websockets import WebSocket

from admin.entry.actor import Actor
from admin.entry.cookies import LANGUAGE, SITE
from admin.entry.house import House
from admin.pages.menu import menu_of
from admin.pages.words import Say, language_of, speaker
from switch.core.ids import StaffId
from switch.desk.asking import Desk, Refused
from switch.ports.desk import Establishment


@dataclass
class Visit:
    """`actor` says what they may; `who` is the name under which the desk is asked; `site` is the establishment looked at."""

    house: House
    connection: HTTPConnection
    actor: Actor
    at: datetime
    sites: tuple[Establishment, ...]
    """Those of which they hold a role."""
    still: Callable[[], Awaitable[bool]]
    """Whether the session is still good and the guard still passed: looked at anew, for what goes on longer than a request."""
    _form: FormData | None = field(default=None, repr=False)

    @property
    def desk(self) -> Desk:
        return self.house.desk

    @property
    def who(self) -> StaffId:
        return self.actor.id

    @property
    def request(self) -> Request:
        assert isinstance(self.connection, Request)
        return self.connection

    @property
    def socket(self) -> WebSocket:
        assert isinstance(self.connection, WebSocket)
        return self.connection

    @cached_property
    def site(self) -> Establishment | None:
        """The establishment that is looked at: chosen, else the first; None before there is any."""
        chosen = self.house.cookies.get(self.connection, SITE)
        return next((one for one in self.sites if one.id == chosen), self.sites[0] if self.sites else None)

    @property
    def zone(self) -> str:
        return self.site.zone if self.site else "UTC"

    @cached_property
    def language(self) -> str:
        return language_of(self.actor.user.language, "")

    @cached_property
    def say(self) -> Say:
        return speaker(self.language)

    def path(self, name: str) -> str:
        """One part of the path."""
        return str(self.connection.path_params[name])

    def query(self, name: str) -> str:
        return self.connection.query_params.get(name, "").strip()

    @property
    def partial(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.connection.headers.get("hx-request") == "true"

    async def form(self) -> FormData:
        if self._form is None:
            self._form = await self.request.form(max_files=4, max_fields=200)
        return self._form

    async def field(self, name: str) -> str:
        """One field of the form as text, without blanks around; empty where it was not sent."""
        found = (await self.form()).get(name, "")
        return found.strip() if isinstance(found, str) else ""

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page. Values are the template's own names; `visit`, `t` (words) and `zone` are always there."""
        return HTMLResponse(self.house.render(template, {**self.frame(), **values}), status)

    def again(self, template: str, refused: Refused, **values: Any) -> Response:
        """The form once more, with what the desk says is wrong (422)."""
        return self.show(template, 422, problems=refused.problems, **values)

    def missing(self) -> Response:
        """What was there when the guard looked is not any more, or is of no kind that this page shows."""
        raise HTTPException(404)

    def to(self, path: str, said: str = "", **query: str) -> Response:
        """On to another page, with a message on it."""
        where = f"{path}?{urlencode(query)}" if query else path
        answer: Response = RedirectResponse(where, 303)
        if self.partial:
            answer = Response(status_code=204, headers={"HX-Redirect": where})
        if said:
            self.house.cookies.say(answer, said)
        return answer

    def frame(self) -> Mapping[str, Any]:
        """What the base layout needs."""
        connection = self.connection
        return {
            "visit": self, "t": self.say, "language": self.language, "zone": self.zone, "at": self.at, "site": self.site,
            "sites": self.sites, "actor": self.actor, "menu": menu_of(self.actor, connection.url.path), "problems": (),
            "said": self.house.cookies.said(connection), "nonce": connection.scope.get("nonce", ""),
            "here": connection.url.path, "example": self.house.example,
        }


def language_of_stranger(house: House, connection: HTTPConnection) -> str:
    return language_of(house.cookies.get(connection, LANGUAGE), connection.headers.get("accept-language", ""))
