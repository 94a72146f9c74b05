"""The page for families as an application: a number, a code, how the number stands, and what may be done about it."""
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import structlog
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from admin.entry.headers import PageHeaders, SameOrigin
from admin.families.porch import STYLE, Bounds, Porch, style_address
from switch.core.ids import StaffId
from switch.desk import families
from switch.desk.asking import Desk, Refused
from switch.desk.families import FAMILIES, Standing, Stopped

log = structlog.get_logger("families")
CSP = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
LONGEST = 4096
"""Bytes of a body: the longest form is a telephone number."""
LOCAL = ("127.0.0.1", "localhost", "[::1]", "::1")
USUAL = Bounds()
WRONG = {
    404: "There is nothing here.", 405: "This cannot be asked for in this way.", 413: "What you sent is too long.",
    429: "Too much was asked for from where you are. Wait a while, then try again.",
    422: "This cannot be read. Go back and look at what you filled in.",
    503: "We cannot answer now. Nothing was changed. Try again in a few minutes.",
}
BROKEN = "Something went wrong here. Look whether it was done before you try again."
Use = Callable[[Desk, StaffId, datetime, str], Awaitable[Standing | Refused]]


@dataclass(frozen=True, slots=True)
class Counted:
    """ASGI: so many requests a minute of one address."""

    app: ASGIApp
    porch: Porch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not await self.porch.may_look(request := Request(scope, receive)):
            await self.porch.page(request, "wrong.html", 429, text=WRONG[429])(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def create_families(desk: Desk, now: Callable[[], datetime], unavailable: type[Exception], bounds: Bounds = USUAL,
                    hosts: tuple[str, ...] = LOCAL) -> FastAPI:
    """`unavailable` is what the desk raises when its books do not answer; `hosts` the names that it is asked by where there is no
    public address."""
    app = FastAPI(title="Wingline for families", docs_url=None, redoc_url=None, openapi_url=None)
    porch = Porch(desk, now, bounds)
    _enter_by(app, porch)
    _act(app, porch)
    names = [name] if (name := urlsplit(bounds.public).hostname) else list(hosts)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=LONGEST)
    app.add_middleware(SameOrigin, public=bounds.public)
    app.add_middleware(Counted, porch=porch)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=names, www_redirect=False)
    app.add_middleware(PageHeaders, secure=bounds.secure, csp=CSP)

    async def refuse(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return porch.page(request, "wrong.html", status, text=WRONG.get(status, BROKEN))

    async def no_books(request: Request, error: Exception) -> Response:
        log.warning("books.silent", error=type(error).__name__)
        return porch.page(request, "wrong.html", 503, text=WRONG[503])

    async def broken(request: Request, error: Exception) -> Response:
        log.error("page.broken", path=request.url.path, error=type(error).__name__)
        answer = porch.page(request, "wrong.html", 500, text=BROKEN)
        answer.headers.update({"Cache-Control": "no-store", "Content-Security-Policy": CSP})  # nothing else is around it
        return answer

    app.add_exception_handler(Exception, broken)
    app.add_exception_handler(HTTPException, refuse)
    app.add_exception_handler(unavailable, no_books)
    return app


def _enter_by(app: FastAPI, porch: Porch) -> None:
    """From a number to its code."""

    @app.get("/")
    async def start(request: Request) -> Response:
        return porch.page(request, "start.html", problem="", hours=_hours(porch))

    @app.post("/number")
    async def number(request: Request) -> Response:
        form = await _form(request)
        if not await porch.may_ask(request):
            return porch.page(request, "wrong.html", 429, text=WRONG[429])
        asked = await families.ask(porch.desk, FAMILIES, porch.now(), form.get("number", ""), porch.bounds.often)
        if isinstance(asked, Refused):
            code = asked.problems[0].code
            status = {"bad-telephone": 422, "too-many": 429}.get(code, 409)
            return porch.page(request, "start.html", status, problem=code, hours=_hours(porch))
        return porch.sent("/code", asked.token)

    @app.get("/code")
    async def code_form(request: Request) -> Response:
        return porch.page(request, "code.html", problem="")

    @app.post("/code")
    async def code(request: Request) -> Response:
        form = await _form(request)
        if not await porch.may_try(request):
            return porch.page(request, "wrong.html", 429, text=WRONG[429])
        given = "".join(form.get("code", "").split())
        entered = await families.enter(porch.desk, FAMILIES, porch.now(), porch.token(request), given)
        if isinstance(entered, Refused):
            return porch.page(request, "code.html", 422, problem=entered.problems[0].code)
        return porch.sent("/yours", entered.token)

    @app.get("/help")
    async def help_(request: Request) -> Response:
        return porch.page(request, "help.html", help=porch.desk.plan.help if porch.desk.plan else None)

    @app.get(style_address())
    async def style() -> Response:
        return PlainTextResponse(STYLE, media_type="text/css")


def _act(app: FastAPI, porch: Porch) -> None:
    """What whoever gave the code may see and do."""

    @app.get("/yours")
    async def yours(request: Request) -> Response:
        found = await families.stands(porch.desk, FAMILIES, porch.now(), porch.token(request))
        if isinstance(found, Refused):
            return porch.sent("/")
        return porch.page(request, "yours.html", standing=found, done=_happened(request, found), problem="")

    def offer(path: str, use: Use) -> None:
        async def act(request: Request) -> Response:
            return await _done(porch, request, path, await use(porch.desk, FAMILIES, porch.now(), porch.token(request)))

        app.post(path)(act)

    offer("/stop", families.stop)
    offer("/resume", families.resume)

    @app.post("/announcement")
    async def announcement(request: Request) -> Response:
        chosen = (await _form(request)).get("announcement", "")
        if chosen not in ("short", "full"):
            raise HTTPException(422)
        found = await families.announce(porch.desk, FAMILIES, porch.now(), porch.token(request), chosen == "short")
        return await _done(porch, request, "/announcement", found)

    @app.post("/leave")
    async def leave(request: Request) -> Response:
        await families.leave(porch.desk, FAMILIES, porch.now(), porch.token(request))
        return porch.sent("/", "")


async def _done(porch: Porch, request: Request, path: str, found: Standing | Refused) -> Response:
    """To the page that shows how it stands now; to the start for whoever has no code, or one whose time is over."""
    if not isinstance(found, Refused):
        return porch.sent(f"/yours?done={path.removeprefix('/')}")
    code = found.problems[0].code
    if code == "over":
        return porch.sent("/")
    stands = await families.stands(porch.desk, FAMILIES, porch.now(), porch.token(request))
    return porch.sent("/") if isinstance(stands, Refused) else porch.page(
        request, "yours.html", 409, standing=stands, done="", problem=code)


def _happened(request: Request, found: Standing) -> str:
    """What the address says was done, as long as it is so: a link from elsewhere must not say it."""
    done = request.query_params.get("done", "")
    so = {"stop": found.stopped is Stopped.THEIRS, "resume": found.stopped is not Stopped.THEIRS, "announcement": True}
    return done if so.get(done) else ""


async def _form(request: Request) -> dict[str, str]:
    """What a form sent: each field once. Anything else is no form of ours."""
    try:
        found = parse_qs((await request.body()).decode("ascii"), max_num_fields=8)
    except ValueError:
        raise HTTPException(422) from None
    return {name: values[0] for name, values in found.items()}


def _hours(porch: Porch) -> str:
    return ", ".join(map(str, porch.desk.plan.placing.hours)) if porch.desk.plan else ""
