"""The control room: calls off in two clicks with a reason, by whom it may be done where, what is off, and alarms taken on."""
from pathlib import Path

import httpx
import pytest

from admin.live.feed import Feed
from admin.live.site import Live
from switch.desk import kill
from switch.media.voice import TelephoneVoice
from switch.ports.access import Scope
from switch.ports.desk import Reach
from tests.unit.admin.pages import Browser, open_console, text_of
from tests.unit.admin.test_board import row
from tests.unit.desk.office import ANN, BEN, FEN, GOVERNOR, MOOR, OFFICER, Office, good
from tests.unit.store.site import AT


async def standing(office: Office) -> list[tuple[str, str, bool]]:
    return [(one.reach, one.target, one.cut) for one in await kill.standing(office.desk, OFFICER, AT)]


async def asked(one: Browser, path: str, **fields: str) -> httpx.Response:
    return await one.post(path, **({"establishment": MOOR, "reason": "a fight"} | fields))


@pytest.mark.parametrize(("reach", "target"), [("site", ""), ("wing", "M"), ("cell", "M1"), ("person", ANN)])
async def test_calls_are_off_in_two_clicks_and_on_in_one(reach: str, target: str, tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        office = console.counter.office
        await office.receive()
        one = await console.browser(Scope.ORDERS)
        first = await asked(one, "/control/ask", reach=reach, target=target, cut="yes")
        assert (first.status_code, await standing(office)) == (200, [])
        assert "Turn them off now" in text_of(first)
        done = await asked(one, "/control/off", reach=reach, target=target, cut="yes")
        assert done.status_code == 303
        assert await standing(office) == [(reach, target or MOOR, True)]
        shown = await one.get("/control")
        assert "a fight" in text_of(shown)
        id = (await kill.standing(office.desk, OFFICER, AT))[0].id
        assert f"/control/orders/{id}" in shown.text
        order = await one.get(f"/control/orders/{id}")
        assert ("Stop helplines too" in order.text) is (reach != "person")
        if reach == "wing":
            assert (await one.post(f"/control/orders/{id}/helplines", reason=" ")).status_code == 422
            assert (await one.post(f"/control/orders/{id}/helplines", reason="a riot")).status_code == 303
            assert "Helplines too" in text_of(await one.get("/control"))
        assert (await one.post(f"/control/orders/{id}/lift")).status_code == 303
        assert await standing(office) == []


@pytest.mark.parametrize("fields", [
    {"reach": "site", "establishment": FEN}, {"reach": "cell", "target": "F1", "establishment": FEN},
    {"reach": "person", "target": BEN},
    {"reach": "cell", "target": "none"}, {"reach": "person", "target": "x"}, {"reach": "wing", "target": "K"}, {"reach": "else"},
    {"reach": "wing", "target": "M", "reason": " "},
])
async def test_what_is_elsewhere_or_nowhere_or_without_a_reason_stays_on(fields: dict[str, str], tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        office = console.counter.office
        await office.receive(BEN, "F1", FEN)
        one = await console.browser(Scope.ORDERS)
        for path in ("/control/ask", "/control/off"):
            answer = await asked(one, path, **fields)
            assert answer.status_code == 422
            assert "There is a problem" in text_of(answer)
        assert await standing(office) == []


async def test_orders_of_elsewhere_are_neither_shown_nor_lifted(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        office = console.counter.office
        there = good(await kill.place(office.desk, GOVERNOR, AT, Reach.SITE, FEN, "a flood", cut=False))
        here = good(await kill.place(office.desk, GOVERNOR, AT, Reach.SITE, MOOR, "a fire", cut=False))
        one, wing = await console.browser(Scope.ORDERS), await console.browser(Scope.ORDERS, wing="M")
        for who in (one, wing):
            shown = text_of(await who.get("/control"))
            assert ("a fire" in shown, "a flood" in shown) == (True, False)
            assert (await who.get(f"/control/orders/{there.id}")).status_code == 404
            assert (await who.post(f"/control/orders/{there.id}/lift")).status_code == 404
            if who is wing:
                assert f"/control/orders/{here.id}" not in (await who.get("/control")).text
        for who, lifts in ((wing, 404), (one, 303)):
            assert (await who.post(f"/control/orders/{here.id}/lift")).status_code == lifts
        assert await standing(office) == [("site", FEN, False)]


async def test_alarms_are_taken_on_in_words(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        office = console.counter.office
        await office.site.records.raise_alarm("no-plan", "Only helplines are placed", None, AT)
        one = await console.browser(Scope.ORDERS)
        shown = await one.get("/control")
        assert "Only helplines are placed" in text_of(shown)
        path = "/control/alarms/" + shown.text.partition('/control/alarms/')[2].partition('"')[0]
        assert (await one.get(path)).status_code == 200
        assert (await one.post(path, done="")).status_code == 422
        assert (await one.post(path, done="the plan was mended")).status_code == 303
        assert "Only helplines are placed" not in text_of(await one.get("/control"))
        assert (await one.get(path)).status_code == 404


async def test_how_the_switches_are_is_said_in_words(tmp_path: Path) -> None:
    feed = Feed()
    async with open_console(tmp_path, live=Live(feed)) as console:
        one = await console.browser(Scope.ORDERS)
        assert "The board is away" in text_of(await one.get("/control"))
        now = console.counter.clock.wall().timestamp()
        feed.whole([row()], {"n1": now - 2, "n2": now - 60})
        said = text_of(await one.get("/control"))
        assert "Switch n1: at work, 1 calls now" in said
        assert "Switch n2: Silent nothing heard of it for 60 seconds" in said


async def test_bulletins_are_told_and_withdrawn_where_one_may(tmp_path: Path) -> None:
    async with open_console(tmp_path, voice=TelephoneVoice()) as console:
        one = await console.browser(Scope.PLACES)
        fields = {"establishment": MOOR, "wing": "", "text": "The library is open", "hours": "24"}
        for wrong in ({"hours": "x"}, {"establishment": FEN}, {"text": ""}, {"wing": "K"}):
            assert (await one.post("/bulletins", **(fields | wrong))).status_code == 422, wrong
        assert "Nothing is told now." in text_of(await one.get("/bulletins"))
        assert (await one.post("/bulletins", **fields)).status_code == 303
        shown = await one.get("/bulletins")
        assert "The library is open" in text_of(shown)
        path = "/bulletins/" + shown.text.partition('action="/bulletins/')[2].partition('"')[0]
        elsewhere = await console.browser(Scope.PLACES, establishment=FEN)
        assert "The library is open" not in text_of(await elsewhere.get("/bulletins"))
        assert (await elsewhere.post(path)).status_code == 404
        assert (await one.post(path)).status_code == 303
        assert "Nothing is told now." in text_of(await one.get("/bulletins"))
