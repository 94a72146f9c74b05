"""Signing in and out, a fresh code, one's own password, the language, and which establishment is looked at."""
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from admin.entry.cookies import LANGUAGE, SESSION, SITE
from admin.entry.house import House
from admin.pages.page import ANYBODY, ANYWHERE, Pages
from admin.pages.serve import stranger
from admin.pages.visit import Visit, language_of_stranger
from admin.pages.words import LANGUAGES
from switch.desk import entering
from switch.desk.asking import Problem, Refused, refused

pages = Pages("entry")
log = structlog.get_logger("console")
TOO_OFTEN = refused("too-often", "too many tries: wait a minute, then try again")


def safe(then: str) -> str:
    """Where to go on to: a path of this console and nothing else."""
    good = then.startswith("/") and not then.startswith(("//", "/\\")) and "\\" not in then and then.isprintable()
    return then if good and len(then) < 2000 else "/"


@dataclass(frozen=True, slots=True)
class Open:
    """ASGI: what a stranger may ask for. There are few, and a test names them all."""

    house: House
    answer: Callable[[House, Request], Awaitable[Response]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await self.answer(self.house, Request(scope, receive)))(scope, receive, send)


async def _sign_in_form(house: House, request: Request) -> Response:
    if await house.visitor(request, house.now()):
        return RedirectResponse("/", 303)
    return _form(house, request, safe(request.query_params.get("then", "/")))


async def _sign_in(house: House, request: Request) -> Response:
    form = await request.form(max_files=0, max_fields=10)
    name, password, code, then = (str(form.get(one, "")) for one in ("name", "password", "code", "then"))
    if not await house.may_try(request, name):
        return _form(house, request, safe(then), name, TOO_OFTEN.problems, 429)
    done = await entering.sign_in(house.desk, house.now(), name, password, code, house.stay.longest)
    if isinstance(done, Refused):
        return _form(house, request, safe(then), name, done.problems, 422)
    answer = RedirectResponse(safe(then), 303)
    house.cookies.put(answer, SESSION, done.token)
    return answer


def _form(house: House, request: Request, then: str, name: str = "", problems: tuple[Problem, ...] = (), status: int = 200
          ) -> Response:
    frame = stranger(house, request, language_of_stranger(house, request))
    return HTMLResponse(house.render("entry/sign_in.html", frame | {"then": then, "name": name, "problems": problems}), status)


async def _language(house: House, request: Request) -> Response:
    """A stranger's choice is in a cookie; whoever is signed in keeps theirs with the account."""
    form = await request.form(max_files=0, max_fields=10)
    language, then = str(form.get("language", "")), str(form.get("then", "/"))
    answer = RedirectResponse(safe(then), 303)
    if language in LANGUAGES:
        house.cookies.put(answer, LANGUAGE, language)
        at = house.now()
        found = await house.visitor(request, at)
        if found is not None:
            await entering.choose_language(house.desk, at, found, language)
    return answer


async def _accessibility(house: House, request: Request) -> Response:
    frame = stranger(house, request, language_of_stranger(house, request))
    return HTMLResponse(house.render("entry/accessibility.html", frame))


async def _csp(house: House, request: Request) -> Response:
    """What a browser says that a page tried and might not: into the log, a few a minute of one address."""
    if await house.may_complain(request):
        try:
            said = json.loads(await request.body())["csp-report"]
            page = urlsplit(said["document-uri"]).path[:100]
            log.warning("page.policy", directive=str(said["violated-directive"])[:100], page=page)
        except (ValueError, KeyError, TypeError):
            pass
    return Response(status_code=204)


OPEN = {
    ("GET", "/sign-in"): _sign_in_form, ("POST", "/sign-in"): _sign_in, ("POST", "/language"): _language,
    ("GET", "/accessibility"): _accessibility, ("POST", "/csp"): _csp,
}
"""Everything that a stranger is answered."""


def serve_open(app: FastAPI, house: House) -> None:
    for (method, path), answer in OPEN.items():
        app.router.routes.append(Route(path, Open(house, answer), methods=[method], name=f"open{path}"))


@pages.post("/sign-out", needs=ANYBODY, where=ANYWHERE)
async def sign_out(visit: Visit) -> Response:
    await entering.sign_out(visit.desk, visit.at, visit.actor.visitor)
    answer = visit.to("/sign-in")
    visit.house.cookies.drop(answer, SESSION)
    return answer


@pages.get("/confirm", needs=ANYBODY, where=ANYWHERE)
async def confirm(visit: Visit) -> Response:
    return visit.show("entry/confirm.html", then=safe(visit.query("then")))


@pages.post("/confirm", needs=ANYBODY, where=ANYWHERE)
async def confirmed(visit: Visit) -> Response:
    then = safe(await visit.field("then"))
    if not await visit.house.may_try(visit.connection, visit.who):
        return visit.show("entry/confirm.html", 429, problems=TOO_OFTEN.problems, then=then)
    done = await entering.prove(visit.desk, visit.at, visit.actor.visitor, await visit.field("code"))
    if isinstance(done, Refused):
        return visit.again("entry/confirm.html", done, then=then)
    return visit.to(then)


@pages.get("/account", needs=ANYBODY, where=ANYWHERE)
async def account(visit: Visit) -> Response:
    return visit.show("entry/account.html")


@pages.post("/account", needs=ANYBODY, where=ANYWHERE)
async def change_password(visit: Visit) -> Response:
    if not await visit.house.may_try(visit.connection, visit.who):
        return visit.show("entry/account.html", 429, problems=TOO_OFTEN.problems)
    old, new = await visit.field("old"), await visit.field("new")
    done = await entering.change_password(visit.desk, visit.at, visit.actor.visitor, old, new)
    if isinstance(done, Refused):
        return visit.again("entry/account.html", done)
    return visit.to("/account", visit.say("Your password was changed. Every other browser was signed out."))


@pages.post("/establishment", needs=ANYBODY, where=ANYWHERE)
async def establishment(visit: Visit) -> Response:
    answer = visit.to("/")
    wanted = await visit.field("establishment")
    if wanted in {one.id for one in visit.sites}:
        visit.house.cookies.put(answer, SITE, wanted)
    return answer
