"""Signing in, sessions and their ends, and what every answer says of itself."""
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from admin.entry.house import Stay
from admin.pages.entry import safe
from switch.desk import accounts
from switch.desk.entering import LOCKED_FOR, MOST_FAILURES
from switch.ports.access import Scope
from tests.unit.admin.pages import PASSWORD, open_console, text_of
from tests.unit.desk.office import ANN, FEN, GOVERNOR, MOOR, good

MINUTE = timedelta(minutes=1)


async def test_who_signs_in_is_let_in_and_who_signs_out_is_out(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        one = await console.account(Scope.READ)
        first = await one.get("/people?words=a")
        assert first.headers["location"] == "/sign-in?then=/people%3Fwords%3Da"
        assert (await one.get("/sign-in")).status_code == 200
        done = await one.sign_in(then="/people?words=a")
        assert (done.status_code, done.headers["location"]) == (303, "/people?words=a")
        cookie = done.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Secure" not in cookie
        assert (await one.get("/people")).status_code == 200
        held = dict(one.http.cookies)
        assert (await one.post("/sign-out")).headers["location"] == "/sign-in"
        one.http.cookies.update(held)
        assert (await one.get("/people")).status_code == 303, "the session itself ended, not only the cookie"
        assert [action for action, *_ in await console.counter.office.audit() if "sign" in action] == ["signed-in", "signed-out"]


async def test_every_wrong_try_sounds_alike_and_the_fifth_locks(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        one = await console.account(Scope.READ)
        said = set()
        for password, code in (("wrong password here", ""), (PASSWORD, "000000")) * 2:
            answer = await one.sign_in(password, code)
            said.add((answer.status_code, text_of(answer)))
        one.user, there = "nobody", one.user
        answer = await one.sign_in()
        said.add((answer.status_code, text_of(answer).replace("nobody", there)))
        assert len(said) == 1
        assert next(iter(said))[0] == 422
        one.user = there
        assert MOST_FAILURES == 5
        await one.sign_in("wrong password here")
        assert (await one.sign_in()).status_code == 422, "locked, though all was right"
        console.later(LOCKED_FOR + MINUTE)
        assert (await one.sign_in()).status_code == 303


async def test_a_code_is_good_once(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        one = await console.browser(Scope.READ)
        again = one.code()
        one.http.cookies.clear()
        assert (await one.sign_in(code=again)).status_code == 422
        console.later(MINUTE)
        assert (await one.sign_in()).status_code == 303


async def test_tries_are_limited_by_address_and_account(tmp_path: Path) -> None:
    async with open_console(tmp_path, Stay(tries_a_minute=3)) as console:
        one = await console.account(Scope.READ)
        answers = [(await one.sign_in("wrong password here")).status_code for _ in range(4)]
        assert answers == [422, 422, 422, 429]


async def test_a_session_ends_by_itself_and_by_whoever_ends_it(tmp_path: Path) -> None:
    async with open_console(tmp_path, Stay(tries_a_minute=1000)) as console:
        one = await console.browser(Scope.READ)
        console.later(timedelta(minutes=14))
        assert (await one.get("/people")).status_code == 200
        console.later(timedelta(minutes=14))
        assert (await one.get("/people")).status_code == 200, "each request is a sign of life"
        console.later(timedelta(minutes=16))
        assert (await one.get("/people")).status_code == 303, "idle"
        assert (await one.sign_in()).status_code == 303
        for _ in range(12 * 5):
            console.later(timedelta(minutes=12))
            last = (await one.get("/people")).status_code
        assert last == 303, "twelve hours, whatever they do"
        assert (await one.sign_in()).status_code == 303
        good(await accounts.end_sessions(console.counter.office.desk, GOVERNOR, console.counter.clock.wall(), one.user, "left"))
        assert (await one.get("/people")).status_code == 303, "revoked"


async def test_a_role_taken_away_ends_at_the_next_request(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        keeper, one = await console.browser(Scope.STAFF), await console.browser(Scope.READ)
        assert keeper.user != one.user
        assert (await one.get("/people")).status_code == 200
        desk, at = console.counter.office.desk, console.counter.clock.wall()
        good(await accounts.take_role(desk, GOVERNOR, at, f"grant-{one.user}", "moved"))
        assert (await one.get("/people")).status_code == 403


async def test_what_is_elsewhere_does_not_exist(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        await console.counter.office.receive()
        here, elsewhere = await console.browser(Scope.READ), await console.browser(Scope.READ, establishment=FEN)
        wing = await console.browser(Scope.READ, establishment=MOOR, wing="M")
        other = await console.browser(Scope.READ, establishment=MOOR, wing="X")
        everywhere = await console.browser(Scope.READ, establishment=None)
        for one, status, found in ((here, 200, True), (elsewhere, 404, False), (wing, 200, True), (other, 404, False),
                                   (everywhere, 200, True)):
            assert (await one.get(f"/people/{ANN}")).status_code == status
            listed = await one.get("/people", params={"words": ANN[:4]})
            assert (f"/people/{ANN}" in listed.text) is found
        assert (await here.get("/people/A0000AA")).status_code == 404
        assert (await here.get("/nowhere")).status_code == 404


async def test_a_change_comes_from_a_page_of_ours(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        one = await console.browser(Scope.READ)
        for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://evil.example"},
                        {"Origin": "null"}, {"Sec-Fetch-Site": "same-site", "Origin": "http://console"}):
            assert (await one.http.post("/sign-out", headers=headers)).status_code == 403, headers
        assert (await one.get("/people")).status_code == 200
        for headers in ({"Origin": "http://console"}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}):
            assert (await one.http.post("/language", headers=headers)).status_code == 303, headers


async def test_every_page_says_how_it_is_to_be_kept(tmp_path: Path) -> None:
    async with open_console(tmp_path, Stay("https://console.example", tries_a_minute=1000)) as console:
        one = await console.account(Scope.READ)
        one.http.base_url = "https://console"  # type: ignore[assignment]  # httpx takes text
        done = await one.sign_in()
        assert done.headers["set-cookie"].startswith("__Host-wingline=")
        assert "Secure" in done.headers["set-cookie"]
        for path, status in (("/people", 200), ("/people/A0000AA", 404), ("/nowhere", 404), ("/sign-in", 303)):
            answer = await one.get(path)
            assert answer.status_code == status
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["strict-transport-security"]
        two = [(await one.get("/people")).headers["content-security-policy"] for _ in range(2)]
        assert two[0] != two[1], "a nonce is used once"
        file = await one.get("/static/console.js")
        assert "immutable" in file.headers["cache-control"]
        assert (await one.get("/static/../app.py")).status_code == 404


async def test_what_the_policy_kept_from_being_loaded_is_in_the_log(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        stranger = console.stranger()
        report = {"csp-report": {"violated-directive": "img-src", "document-uri": "http://console/people?words=marsh"}}
        with capture_logs() as lines:
            for body in (report, {}, [], {"csp-report": 1}, *[report] * 20):
                assert (await stranger.post("/csp", json=body)).status_code == 204
        said = [(line["directive"], line["page"]) for line in lines if line["event"] == "page.policy"]
        assert set(said) == {("img-src", "/people")}
        assert len(said) == 7, "ten a minute, three of them unreadable"


async def test_what_is_grave_asks_for_a_fresh_code(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        one = await console.browser(Scope.STAFF)
        visit = [page for page in console.counter.app.routes if getattr(page, "path", "") == "/confirm"]
        assert visit
        console.later(timedelta(minutes=6))
        form = await one.get("/confirm?then=/account")
        assert form.status_code == 200
        assert (await one.post("/confirm", code="000000", then="/account")).status_code == 422
        done = await one.post("/confirm", code=one.code(), then="/account")
        assert (done.status_code, done.headers["location"]) == (303, "/account")


async def test_one_changes_ones_own_password(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        one = await console.browser(Scope.READ)
        assert (await one.post("/account", old="no", new="another good password")).status_code == 422
        assert (await one.post("/account", old=PASSWORD, new="short")).status_code == 422
        assert (await one.post("/account", old=PASSWORD, new="another good password")).status_code == 303
        page = await one.get("/account")
        assert "Your password was changed" in text_of(page)
        assert "Your password was changed" not in text_of(await one.get("/account")), "said once"
        console.later(MINUTE)
        one.http.cookies.clear()
        assert (await one.sign_in()).status_code == 422
        assert (await one.sign_in("another good password")).status_code == 303


async def test_the_console_speaks_welsh(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        one = await console.browser(Scope.READ)
        assert (await one.post("/language", language="cy", then="/people")).headers["location"] == "/people"
        page = await one.get("/people")
        assert '<html lang="cy"' in page.text
        assert "Pobl" in text_of(page)
        stranger = console.stranger()
        assert "Mewngofnodi" in text_of(await stranger.get("/sign-in", headers={"Accept-Language": "cy-GB,en;q=0.5"}))


@pytest.mark.parametrize("bad", ["//evil.example", "https://evil.example", "/\\evil", "x", "", "/a\r\nSet-Cookie: x"])
def test_nobody_is_sent_elsewhere(bad: str) -> None:
    assert safe(bad) == "/"

