"""The web application of the console role: staff's pages, the JSON API, its description, and an answer in one form for whatever
goes wrong: in words on a page, as problems over the API."""
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from admin.answers import told
from admin.api.routes import add_routes
from admin.auth import Door
from admin.entry.headers import PageHeaders, SameOrigin, by_key
from admin.entry.house import House, Stay
from admin.live.site import NOT_LIVE, Live
from admin.pages.assets import STATIC
from admin.pages.entry import serve_open
from admin.pages.listed import SUBJECTS
from admin.pages.page import ANYBODY, ANYWHERE, Guard
from admin.pages.serve import enter, serve, wrong
from admin.supplier.routes import add_supplier
from admin.supplier.tokens import Tokens
from switch.desk.asking import Desk, Problem

log = structlog.get_logger("console")
PROBLEMS = {
    "type": "object", "required": ["problems"], "properties": {"problems": {"type": "array", "minItems": 1, "items": {
        "type": "object", "required": ["code", "text", "line"], "properties": {
            "code": {"type": "string"}, "text": {"type": "string"}, "line": {"type": "integer"}}}}},
}
SILENT = "the database did not answer: nothing is known to have been done; look, then try again"
WORDS = {404: ("unknown-path", "there is nothing here: /api/openapi.json lists what there is"),
         405: ("bad-method", "this is asked for with another method"), 413: ("too-long", "the body is longer than is taken here")}

USUAL_STAY = Stay()


@dataclass(frozen=True, slots=True)
class Gates:
    """How much is taken: requests a minute of one key, refusals a minute of one address, bytes of one body."""

    requests_a_minute: int = 1200
    refusals_a_minute: int = 20
    body_bytes: int = 20_000_000


@dataclass(frozen=True, slots=True)
class SaidLength:
    """ASGI: a body that says itself that it is too long is answered in words, before anything is read."""

    app: ASGIApp
    most: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = Headers(scope=scope).get("content-length", "") if scope["type"] == "http" else ""
        if length.isdecimal() and int(length) > self.most:
            await told(413, [Problem(*WORDS[413])])(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def create_app(desk: Desk, now: Callable[[], datetime], unavailable: type[Exception], clash: type[Exception], secret: bytes,
               gates: Gates = Gates(), stay: Stay = USUAL_STAY, example: bool = False,
               live: Live = NOT_LIVE) -> FastAPI:
    """`unavailable` is what the desk raises when its books do not answer, and nothing is known to have been done; `clash` when
    two made the same thing at one moment, and the second was undone. `secret` signs the supplier API's tokens. `stay`: how staff
    enter the pages."""
    app = FastAPI(title="Wingline", version=version("wingline"), docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    door = Door(desk, gates.requests_a_minute, gates.refusals_a_minute)
    schemas = add_routes(app, desk, now, door)
    add_supplier(app, desk, now, door, Tokens(secret))
    house = House(desk, now, stay, example, live)
    serve_open(app, house)
    serve(app, house, SUBJECTS)
    app.mount("/static", GZipMiddleware(StaticFiles(directory=STATIC)), name="static")
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=gates.body_bytes)
    app.add_middleware(SaidLength, most=gates.body_bytes)
    app.add_middleware(SameOrigin, public=stay.public)
    app.add_middleware(PageHeaders, secure=stay.secure)
    described: dict[str, Any] = {}

    def describe() -> dict[str, Any]:
        if not described:
            described.update(get_openapi(title=app.title, version=app.version, routes=app.routes,
                                         description="Everything that the desk offers. See docs/api.md."))
            described["components"] = {"schemas": schemas | {"Problems": PROBLEMS}, "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"}}}
        return described

    async def refuse(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if not by_key(request.url.path):
            return await wrong_page(request, status)
        code, text = WORDS.get(status, ("bad-request", "this cannot be answered"))
        answer = told(status, [Problem(code, text)])
        if isinstance(error, HTTPException) and error.headers:
            answer.headers.update(error.headers)
        return answer

    async def wrong_page(request: Request, status: int) -> Response:
        """With the navigation where the database says who asks."""
        try:
            visit = await enter(house, request, Guard(ANYBODY, ANYWHERE))
        except unavailable:
            visit = None
        return wrong(house, request, status, visit)

    async def broken(request: Request, error: Exception) -> Response:
        log.error("page.broken", path=request.url.path, error=type(error).__name__)
        if by_key(request.url.path):
            return PlainTextResponse("Internal Server Error", 500)
        return wrong(house, request, 500)

    async def no_books(request: Request, error: Exception) -> Response:
        log.warning("books.silent", error=type(error).__name__)
        if not by_key(request.url.path):
            return wrong(house, request, 503)
        return told(503, [Problem("no-answer", SILENT)])

    async def clashed(request: Request, error: Exception) -> Response:
        if not by_key(request.url.path):
            return await wrong_page(request, 409)
        return told(409, [Problem("clash", "somebody else changed the same at this moment: look, then try again")])

    app.openapi = describe  # type: ignore[method-assign]  # FastAPI's own way of another description
    app.add_exception_handler(HTTPException, refuse)
    app.add_exception_handler(Exception, broken)
    app.add_exception_handler(unavailable, no_books)
    app.add_exception_handler(clash, clashed)
    return app
