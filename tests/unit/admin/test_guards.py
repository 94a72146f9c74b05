"""Every route and WebSocket of the console has a guard: it is walked without a session, and by somebody whose role does not allow
it. What a stranger may see is named here, and nothing else is."""
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from admin.pages.entry import OPEN, Open
from admin.pages.listed import SUBJECTS
from admin.pages.page import ANYWHERE, Anybody, Pages
from admin.pages.serve import Heard, Served
from switch.ports.access import Scope
from tests.unit.admin.pages import OURS, Console, open_console

STRANGERS = {("GET", "/sign-in"), ("POST", "/sign-in"), ("POST", "/language"), ("GET", "/accessibility"), ("POST", "/csp")}
"""The whole of what is answered without a session; none of it asks the desk for anything but to sign in."""
BY_KEY = ("/api/", "/auth/token", "/pcs/")
"""Asked with a key: tests/unit/admin/test_api.py and test_walk.py go through these."""


def filled(path: str) -> str:
    return "".join("x" if part.startswith("{") else part for part in path.replace("{", "\0{").replace("}", "}\0").split("\0"))


def test_a_page_cannot_be_declared_without_its_guard() -> None:
    with pytest.raises(TypeError):
        Pages("x").get("/x")  # type: ignore[call-arg]  # which is what is tested
    with pytest.raises(TypeError):
        Pages("x").post("/x", needs=Scope.READ)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Pages("x").socket("/x", where=ANYWHERE)  # type: ignore[call-arg]


async def test_every_route_is_guarded_open_by_name_or_asked_by_key(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        for route in console.counter.app.routes:
            match route:
                case Mount():
                    assert route.path == "/static"
                case WebSocketRoute():
                    assert isinstance(route.app, Heard), route.path
                case APIRoute():
                    assert route.path.startswith(BY_KEY), route.path
                case Route():
                    guarded = isinstance(route.endpoint, Served)
                    assert guarded or isinstance(route.endpoint, Open) or route.path.startswith(BY_KEY), route.path
                case _:
                    raise AssertionError(f"what kind of route is {route!r}?")
        assert set(OPEN) == STRANGERS


async def test_without_a_session_and_without_the_permission_nothing_is_shown(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        stranger, nobody = console.stranger(), await console.browser()
        pages = [page for subject in SUBJECTS for page in subject.pages]
        assert len(pages) > 5
        for page in pages:
            path = filled(page.path)
            answer = await stranger.request(page.method, path, headers=OURS)
            assert (answer.status_code, answer.text) == (303, ""), (page.path, answer.status_code)
            assert answer.headers["location"].startswith("/sign-in")
            if isinstance(page.guard.needs, Anybody):
                continue
            for other in (nobody, await console.browser(*(one for one in Scope if one is not page.guard.needs))):
                denied = await other.http.request(page.method, path, headers=OURS)
                assert denied.status_code == 403, (page.method, page.path, denied.status_code)
        refused = [subject for action, subject, _ in await console.counter.office.audit() if action == "page-refused"]
        assert {page.name for page in pages if not isinstance(page.guard.needs, Anybody)} == {one["page"] for one in refused}


async def test_every_socket_is_shut_to_both(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        sockets = [socket for subject in SUBJECTS for socket in subject.sockets]
        nobody = await console.browser()
        cookies = dict(nobody.http.cookies)
        for socket in sockets:
            assert not isinstance(socket.guard.needs, Anybody), socket.path
            for held in ({}, cookies):
                _shut(console, filled(socket.path), held)


def _shut(console: Console, path: str, cookies: dict[str, str]) -> None:
    client = TestClient(console.counter.app, base_url="http://console", cookies=cookies)
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(path, headers={"Origin": "http://console"}):
        raise AssertionError(f"{path} was opened")
