"""The live board: whose calls are on it for whom, what is sent of what changes, and a call cut from it."""
import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from admin.live.feed import Feed
from admin.live.site import Live
from switch.desk import authority, connections
from switch.live.board import RedisBoard
from switch.live.reading import follow_board
from switch.ports.access import Scope
from switch.ports.board import BoardRow
from tests.unit.admin.pages import WAYS_OUT, Console, open_console, text_of, turn_out
from tests.unit.admin.sockets import Closed, Socket, opened
from tests.unit.desk.office import ANN, BEN, FEN, GOVERNOR, MOOR, OFFICER, good
from tests.unit.desk.test_listening import granted, running
from tests.unit.live.conftest import Server, server
from tests.unit.store.site import AT

__all__ = ["server"]
MUM = "+447700900101"


def row(call: str = "c1", state: str = "talking", phone: str = "m1", person: str | None = ANN, **more: Any) -> dict[str, Any]:
    since = AT.isoformat()
    made = BoardRow(call, state, phone, person, MUM, False, since, since if state == "talking" else None, 600.0, 6000)
    return {"node": "n1", **asdict(replace(made, **more))}


async def people(console: Console) -> None:
    """Ann with a call on wing M of moor, Ben at fen."""
    office = console.counter.office
    await running(office)
    await office.receive(BEN, "F1", FEN, name="Ben Example")


def feed_of(*rows: dict[str, Any]) -> Feed:
    feed = Feed()
    feed.whole(rows, {})
    return feed


BOTH = (row(), row("c2", "ringing", "f1", BEN))


async def test_the_board_shows_calls_where_one_may_look_and_notes_whose(tmp_path: Path) -> None:
    async with open_console(tmp_path, live=Live(feed_of(*BOTH))) as console:
        await people(console)
        console.later(timedelta(seconds=100))
        one = await console.browser(Scope.LIVE)
        said = text_of(await one.get("/board"))
        assert "Ann Example" in said
        assert "Ben Example" not in said
        assert "1 calls now" in said
        assert ("1:40" in said, "8:20" in said, "£0.10" in said) == (True, True, True)
        assert "Talking" in said
        everywhere = await console.browser(Scope.LIVE, establishment=None)
        said = text_of(await everywhere.get("/board"))
        assert "Ann Example" in said
        assert "Ben Example" in said
        assert "Ann Example" not in text_of(await everywhere.get("/board?wing=F"))
        assert "Ben Example" in text_of(await everywhere.get("/board?wing=F"))
        for asked in ("risk", "authority"):
            assert "0 calls now" in text_of(await everywhere.get(f"/board?{asked}=yes"))
        wing = await console.browser(Scope.LIVE, establishment=MOOR, wing="K")
        assert "0 calls now" in text_of(await wing.get("/board"))


async def test_a_call_of_nowhere_is_seen_by_whoever_may_look_everywhere(tmp_path: Path) -> None:
    placed = row("c9", "asking", "", None, kind="placed-stop", privileged=True)
    async with open_console(tmp_path, live=Live(feed_of(placed))) as console:
        assert "0 calls now" in text_of(await (await console.browser(Scope.LIVE)).get("/board"))
        said = text_of(await (await console.browser(Scope.LIVE, establishment=None)).get("/board"))
        assert "The switch itself" in said
        assert "Privileged" in said


async def test_to_listen_and_to_cut_are_offered_to_whom_they_are_open(tmp_path: Path) -> None:
    async with open_console(tmp_path, live=Live(feed_of(*BOTH))) as console:
        await people(console)
        officer = await console.browser(Scope.LIVE, Scope.ORDERS)
        listener = await console.browser(Scope.LIVE, Scope.RECORDINGS)
        assert "/board/c1/cut" in (await officer.get("/board")).text
        assert "/board/c1/listen" not in (await listener.get("/board")).text, "nobody authorised it"
        id = await granted(console.counter.office)
        shown = await listener.get("/board")
        assert "/board/c1/listen" in shown.text
        assert "/board/c1/cut" not in shown.text
        assert "Offence related" in text_of(shown)
        assert "/board/c1/listen" not in (await officer.get("/board")).text
        desk, at = console.counter.office.desk, console.counter.clock.wall()
        good(await connections.declare(desk, GOVERNOR, at, ANN, listener.user))
        assert "/board/c1/listen" not in (await listener.get("/board")).text, "connected to the person"
        good(await authority.cancel(desk, OFFICER, at, id, "over"))
        assert "Offence related" not in text_of(await officer.get("/board"))


async def test_a_privileged_call_is_never_offered_to_be_heard(tmp_path: Path) -> None:
    async with open_console(tmp_path, live=Live(feed_of(row(privileged=True)))) as console:
        await people(console)
        await granted(console.counter.office)
        shown = await (await console.browser(*Scope, establishment=None)).get("/board")
        assert "Ann Example" in text_of(shown)
        assert "/listen" not in shown.text


async def test_only_what_changed_is_sent(tmp_path: Path) -> None:
    feed = feed_of(*BOTH)
    async with open_console(tmp_path, live=Live(feed)) as console:
        await people(console)
        one = await console.browser(Scope.LIVE, establishment=None)
        async with opened(one, "/board/live") as socket:
            await socket.say({"gone": "0"})
            first = await socket.hear()
            assert ([call for call, _ in first["put"]], first["drop"], first["count"]) == (["c1", "c2"], ["gone"], 2)
            feed.put(row("c1"))
            feed.put(row("c2", "talking", "f1", BEN))
            second = await socket.hear()
            assert ([call for call, _ in second["put"]], second["drop"]) == (["c2"], [])
            assert "Talking" in second["put"][0][1]
            feed.drop("c1")
            assert (await socket.hear())["drop"] == ["c1"]
            feed.away()
            assert (await socket.hear())["there"] is False


async def test_a_browser_that_has_lines_already_is_not_sent_them(tmp_path: Path) -> None:
    async with open_console(tmp_path, live=Live(feed_of(*BOTH))) as console:
        await people(console)
        one = await console.browser(Scope.LIVE)
        page = (await one.get("/board")).text
        mark = page.partition('data-mark="')[2].partition('"')[0]
        async with opened(one, "/board/live") as socket:
            await socket.say({"c1": mark})
            assert (await socket.hear())["put"] == []
        async with opened(one, "/board/live?wing=K") as socket:
            await socket.say({"c1": mark})
            assert (await socket.hear())["drop"] == ["c1"]


async def _closed(socket: Socket) -> int:
    with suppress(TimeoutError):
        while True:
            await socket.hear()
    raise AssertionError("it stayed open")


@pytest.mark.parametrize("how", WAYS_OUT)
async def test_a_board_closes_with_the_session_and_the_role(how: str, tmp_path: Path) -> None:
    async with open_console(tmp_path, live=Live(feed_of(*BOTH))) as console:
        await people(console)
        one = await console.browser(Scope.LIVE)
        async with opened(one, "/board/live") as socket:
            await socket.say({})
            await socket.hear()
            await turn_out(console, one, how)
            with pytest.raises(Closed) as closed:
                await _closed(socket)
            assert closed.value.code == 4401


async def test_a_call_is_cut_with_a_reason(tmp_path: Path) -> None:
    async with open_console(tmp_path, live=Live(feed_of(*BOTH))) as console:
        await people(console)
        elsewhere = await console.browser(Scope.ORDERS, establishment=FEN)
        assert (await elsewhere.post("/board/c1/cut", reason="a threat")).status_code == 404
        one = await console.browser(Scope.LIVE, Scope.ORDERS)
        assert (await one.get("/board/c1/cut")).status_code == 200
        refused = await one.post("/board/c1/cut", reason=" ")
        assert refused.status_code == 422
        done = await one.post("/board/c1/cut", reason="a threat")
        assert (done.status_code, done.headers["location"]) == (303, "/board")
        assert "The call ends now." in text_of(await one.get("/board"))
        assert [action for action, subject, _ in await console.counter.office.audit() if subject.get("call") == "c1"][-1] == (
            "call-cut-ordered")
        assert (await one.post("/board/none/cut", reason="a threat")).status_code == 404


async def test_without_redis_the_page_says_so(tmp_path: Path) -> None:
    async with open_console(tmp_path) as console:
        shown = await (await console.browser(Scope.LIVE)).get("/board")
        assert '<p class="govuk-body" id="away">' in shown.text
        feed = feed_of()
    async with open_console(tmp_path / "other", live=Live(feed)) as console:
        shown = await (await console.browser(Scope.LIVE)).get("/board")
        assert '<p class="govuk-body" id="away" hidden>' in shown.text


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110  # another process has no event of ours
            await asyncio.sleep(0.01)


async def test_the_feed_follows_the_board_through_an_outage(server: Server) -> None:
    feed, board = Feed(), RedisBoard(server.url, "node-1")
    tasks = [asyncio.ensure_future(one) for one in (board.run(), follow_board(server.url, feed, 0.5))]
    one = BoardRow("c1", "ringing", "m1", ANN, MUM, False, AT.isoformat())
    try:
        board.put(one)
        await _until(lambda: "c1" in feed.rows)
        board.put(replace(one, state="talking"))
        board.put(replace(one, id="c2"))
        await _until(lambda: feed.rows.get("c1", {}).get("state") == "talking" and "c2" in feed.rows)
        assert feed.rows["c1"]["node"] == "node-1"
        await _until(lambda: "node-1" in feed.nodes)
        board.drop("c2")
        await _until(lambda: set(feed.rows) == {"c1"})
        server.kill()
        await _until(lambda: not feed.there)
        board.put(replace(one, id="c3"))
        board.drop("c1")
        await server.start()
        await _until(lambda: feed.there and set(feed.rows) == {"c3"})
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_node_that_leaves_takes_its_calls_and_nobody_elses() -> None:
    feed = feed_of(row(), {**row("c2"), "node": "n2"})
    with feed.watch() as watcher:
        feed.node("n1", [])
        assert await watcher.changed(1) == {"c1"}
        assert set(feed.rows) == {"c2"}
        feed.whole([{**row("c2"), "node": "n2"}], {})
        assert await watcher.changed(0.01) == set(), "nothing changed"
