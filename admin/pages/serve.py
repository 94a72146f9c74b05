"""Declared pages as routes of the application. The guard stands before each; there is no other way for a page to be served."""
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from admin.entry.actor import Actor
from admin.entry.house import House
from admin.pages.page import Anybody, Anywhere, Guard, Page, Pages, Socket
from admin.pages.visit import Visit
from admin.pages.words import speaker
from switch.desk.entering import note_turned_away

SIGN_IN, CONFIRM = "/sign-in", "/confirm"
WORDS = {
    403: ("You may not see this page", "None of your roles allows it here. Ask whoever gives roles at your establishment."),
    404: ("There is nothing here", "The address may be wrong, or what it names is not at a place where you may look."),
    405: ("This cannot be asked for in this way", "Go back and use the page's own buttons."),
    409: ("Somebody else changed the same", "It happened at this moment. Look again, then try again."),
    413: ("What you sent is too long", "Send it in smaller parts."),
    422: ("This cannot be read", "Go back and look at what you filled in."),
    429: ("Too many tries", "Wait a minute, then try again."),
    500: ("Something went wrong here", "It was written down for those who run this console. Nothing is known to have been done."),
    503: ("The database did not answer", "Nothing is known to have been done. Look, then try again."),
}
"""Error pages, in words."""


@dataclass(frozen=True, slots=True)
class Served:
    """ASGI: one page behind its guard."""

    page: Page
    house: House

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        answer = await self._answer(request)
        if self.house.cookies.said(request) and answer.status_code < 300 and not request.headers.get("hx-request"):
            self.house.cookies.drop(answer, "wingline-said")
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        visit = await enter(self.house, request, self.page.guard)
        if visit is None:
            return to_sign_in(request)
        refused = await refusal(visit, self.page.guard, self.page.name)
        if refused == CONFIRM:
            return _sent(request, f"{CONFIRM}?then={quote(_here(request))}")
        if isinstance(refused, int):
            return wrong(self.house, request, refused, visit)
        return await self.page.answer(visit)


@dataclass(frozen=True, slots=True)
class Heard:
    """ASGI: one WebSocket behind its guard; without a session or the permission it is never opened (403)."""

    socket: Socket
    house: House

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        visit = await enter(self.house, websocket, self.socket.guard)
        if visit is None or await refusal(visit, self.socket.guard, self.socket.name) is not None:
            await websocket.close(4403)
            return
        await self.socket.listen(visit)


async def enter(house: House, connection: HTTPConnection, guard: Guard) -> Visit | None:
    """Whoever is behind a request; None for whoever is not signed in."""
    at = house.now()
    found = await house.visitor(connection, at)
    if found is None:
        return None
    actor = Actor(found)
    held = actor.establishments()
    sites = tuple(one for one in await house.sites(at) if held is None or one.id in held)

    async def still() -> bool:
        again = await enter(house, connection, guard)
        return again is not None and await refusal(again, guard, "") is None

    return Visit(house, connection, actor, at, sites, still)


async def refusal(visit: Visit, guard: Guard, name: str) -> int | str | None:
    """A status, or `CONFIRM`; None where the guard is passed. `name` is written down with what may not be seen."""
    if not isinstance(guard.needs, Anybody) and not visit.actor.may(guard.needs):
        if name:
            await note_turned_away(visit.desk, visit.at, visit.actor.visitor, name)
        return 403
    if guard.fresh and not visit.house.fresh(visit.actor.visitor, visit.at):
        return CONFIRM
    if not isinstance(guard.where, Anywhere):
        place = await guard.where(visit)
        if place is None or (not isinstance(guard.needs, Anybody) and not visit.actor.may(guard.needs, place)):
            return 404
    return None


def to_sign_in(request: Request) -> Response:
    then = _here(request) if request.method == "GET" else "/"
    return _sent(request, SIGN_IN if then == "/" else f"{SIGN_IN}?then={quote(then)}")


def wrong(house: House, request: HTTPConnection, status: int, visit: Visit | None = None) -> Response:
    """An error page: with the navigation for whoever is signed in, without it for a stranger."""
    title, text = WORDS.get(status, WORDS[500])
    language = visit.language if visit else "en"
    frame = dict(visit.frame()) if visit else stranger(house, request, language)
    return HTMLResponse(house.render("errors/wrong.html", frame | {"title": title, "text": text, "status": status}), status)


def stranger(house: House, request: HTTPConnection, language: str) -> dict[str, object]:
    """What the base layout needs where nobody is signed in."""
    return {"visit": None, "t": speaker(language), "language": language, "zone": "UTC", "at": house.now(), "site": None,
            "sites": (), "actor": None, "menu": [], "problems": (), "said": house.cookies.said(request), "here": request.url.path,
            "nonce": request.scope.get("nonce", ""), "example": house.example}


def _here(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _sent(request: Request, where: str) -> Response:
    """Elsewhere; htmx takes the whole page there."""
    if request.headers.get("hx-request"):
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": where})
    return RedirectResponse(where, 303)


def serve(app: FastAPI, house: House, subjects: tuple[Pages, ...]) -> None:
    for subject in subjects:
        for page in subject.pages:
            app.router.routes.append(Route(page.path, Served(page, house), methods=[page.method], name=page.name))
        for socket in subject.sockets:
            app.router.routes.append(WebSocketRoute(socket.path, Heard(socket, house), name=socket.name))
