"""What takes two members of staff, on pages: asked by one account, done once another one that may do the same agrees."""
import re
from datetime import timedelta
from pathlib import Path

from switch.desk import accounts
from switch.ports.access import Scope
from tests.unit.admin.pages import Browser, Console, open_console, text_of
from tests.unit.desk.office import GOVERNOR, MOOR

MINUTE = timedelta(minutes=1)


async def fresh(console: Console, *browsers: Browser) -> None:
    console.later(6 * MINUTE)
    for one in browsers:
        assert (await one.post("/confirm", code=one.code(), then="/")).status_code == 303


async def held(console: Console, user: str) -> list[str]:
    found = await accounts.users(console.counter.office.desk, GOVERNOR, console.counter.clock.wall())
    return [grant.role for one in found if one.user.id == user for grant in one.grants if grant.role != user]


async def test_a_grave_role_is_given_once_the_second_agrees(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        first, second = await console.browser(Scope.STAFF), await console.browser(Scope.STAFF)
        other, new = await console.browser(Scope.READ), await console.account()
        role = f"/staff/{new.user}/give"
        asked = {"role": "listener", "reason": "new here", "establishment": MOOR}
        for bad in ("", first.user, other.user, "nobody"):
            answer = await first.post(role, **asked, second=bad)
            assert answer.status_code == 422, bad
            assert 'value="new here"' in answer.text, "what was filled in stays"
        assert (await first.post(role, **asked, second=second.user)).headers["location"] == "/waiting"
        assert await held(console, new.user) == []
        assert "wait for you to agree" in text_of(await second.get("/"))
        page = await second.get("/waiting")
        (proposal,) = set(re.findall(r"/waiting/([\w-]+)", page.text))
        assert (await other.get(f"/waiting/{proposal}")).status_code == 404
        assert (await other.post(f"/waiting/{proposal}/agree")).status_code == 404
        assert (await first.post(f"/waiting/{proposal}/agree")).status_code == 404, "nobody is both"
        console.later(6 * MINUTE)
        assert (await second.post(f"/waiting/{proposal}/agree")).headers["location"].startswith("/confirm"), "a fresh code"
        assert await held(console, new.user) == []
        await fresh(console, second)
        assert "listener" in text_of(await second.get(f"/waiting/{proposal}"))
        assert (await second.post(f"/waiting/{proposal}/agree")).headers["location"] == "/waiting"
        assert await held(console, new.user) == ["listener"]
        assert (await second.post(f"/waiting/{proposal}/agree")).status_code == 404, "once"
        given = [subject for action, subject, _ in await console.counter.office.audit() if action == "role-given"]
        assert [one["user"] for one in given] == [new.user]
        assert {"second": second.user} in [{"second": one.get("second")} for one in await console.counter.office.beside()]


async def test_what_the_first_may_do_no_longer_is_not_done(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        first, second, new = await console.browser(Scope.STAFF), await console.browser(Scope.STAFF), await console.account()
        asked = {"role": "auditor", "reason": "new here", "second": second.user}
        assert (await first.post(f"/staff/{new.user}/give", **asked)).status_code == 303
        (proposal,) = set(re.findall(r"/waiting/([\w-]+)", (await second.get("/waiting")).text))
        desk, at = console.counter.office.desk, console.counter.clock.wall()
        await accounts.take_role(desk, GOVERNOR, at, f"grant-{first.user}", "moved")
        answer = await second.post(f"/waiting/{proposal}/agree")
        assert answer.status_code == 422
        assert "may do so no longer" in text_of(answer)
        assert await held(console, new.user) == []
        assert (await second.post(f"/waiting/{proposal}/decline", reason="moved on")).status_code == 303
        assert "Nothing waits" in text_of(await second.get("/waiting"))


async def test_accounts_are_made_reset_signed_out_and_ended(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        keeper, one = await console.browser(Scope.STAFF), await console.browser(Scope.READ)
        assert (await keeper.post("/staff/add", user="Not Good", name="X")).status_code == 422
        made = await keeper.post("/staff/add", user="new.one", name="New One")
        assert "otpauth://totp/Wingline:new.one" in text_of(made)
        assert "password-" in text_of(made)
        assert text_of(await keeper.get("/staff")).count("new.one") == 1
        assert (await keeper.post("/staff/new.one/give", role="officer", reason="new", establishment=MOOR)).status_code == 303
        assert await held(console, "new.one") == ["officer"]
        assert (await keeper.post(f"/staff/{keeper.user}/give", role="officer", reason="me too")).status_code == 422
        assert (await one.get("/people")).status_code == 200
        assert (await keeper.post(f"/staff/{one.user}/sign-out", reason="")).status_code == 422
        assert (await keeper.post(f"/staff/{one.user}/sign-out", reason="lost a laptop")).status_code == 303
        assert (await one.get("/people")).status_code == 303
        assert "password-" in text_of(await keeper.post(f"/staff/{one.user}/reset", reason="lost a telephone"))
        assert (await one.sign_in()).status_code == 422, "the old secret is of no use"
        assert (await keeper.post(f"/staff/{keeper.user}/end", reason="x")).status_code == 422, "the last who may give roles"
        assert (await keeper.post(f"/staff/{one.user}/end", reason="left")).headers["location"] == "/staff"
        assert (await keeper.get(f"/staff/{one.user}")).status_code == 404
