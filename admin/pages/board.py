"""The live board: every call where one may look, as it changes; and from there a call cut."""
import asyncio
import json
from typing import Any

from starlette.responses import Response

from admin.live.feed import Watcher
from admin.live.sockets import STILL_EVERY, while_good
from admin.live.view import Line, View, Wanted
from admin.pages.page import ANYWHERE, Pages
from admin.pages.visit import Visit
from switch.desk import board
from switch.desk.asking import Refused
from switch.desk.calls import cut_call
from switch.ports.access import Scope
from switch.ports.staff import Place

pages = Pages("board")
MOST_SAID = 100_000


async def of_call(visit: Visit) -> Place | None:
    """Where the call of the path is."""
    return await board.whereabouts(visit.desk, visit.who, visit.at, visit.path("call"))


def _wanted(visit: Visit) -> Wanted:
    return Wanted(visit.query("establishment"), visit.query("wing"), visit.query("risk") == "yes",
                  visit.query("authority") == "yes")


def _view(visit: Visit) -> View:
    return View(visit.desk, visit.who, visit.house.now, visit.actor.within(Scope.LIVE), _wanted(visit))


@pages.get("/board", needs=Scope.LIVE, where=ANYWHERE)
async def calls(visit: Visit) -> Response:
    feed, view = visit.house.live.feed, _view(visit)
    there = feed is not None and feed.there
    lines = await view.lines(feed.rows.values()) if feed is not None and there else []
    wings = sorted({*view.wings(), *filter(None, [view.wanted.wing])})
    return visit.show("board/calls.html", lines=lines, there=there, wanted=view.wanted, wings=wings)


@pages.socket("/board/live", needs=Scope.LIVE, where=ANYWHERE)
async def live(visit: Visit) -> None:
    """First the browser says which lines it has, then it is sent those that are otherwise, and from then on what changes."""
    await visit.socket.accept()
    feed = visit.house.live.feed
    if feed is None:
        await visit.socket.close()
        return
    heard: asyncio.Queue[str] = asyncio.Queue(1)
    with feed.watch() as watcher:
        await while_good(visit, _tell(visit, watcher, heard), heard)


async def _tell(visit: Visit, watcher: Watcher, heard: "asyncio.Queue[str]") -> None:
    feed, view = visit.house.live.feed, _view(visit)
    assert feed is not None
    shown, frame, first = _read(await heard.get()), dict(visit.frame()), True
    changed = {*feed.rows, *shown}
    there = feed.there
    while True:
        changed |= await view.refresh(feed.rows.values())
        lines = {line.id: line for line in await view.lines(feed.rows[call] for call in changed if call in feed.rows)}
        put = [line for line in lines.values() if shown.get(line.id) != line.mark]
        drop = [call for call in changed if call in shown and call not in lines]
        shown.update({line.id: line.mark for line in put})
        for call in drop:
            del shown[call]
        if put or drop or first or there != feed.there:
            first, there = False, feed.there
            await visit.socket.send_text(json.dumps({
                "put": [[line.id, _html(visit, frame, line)] for line in reversed(put)], "drop": drop, "there": there,
                "count": len(shown), "now": visit.house.now().timestamp()}))
        changed = await watcher.changed(STILL_EVERY)


def _html(visit: Visit, frame: dict[str, Any], line: Line) -> str:
    return visit.house.render("board/row.html", frame | {"line": line, "at": visit.house.now()})


def _read(said: str) -> dict[str, str]:
    """Which lines a browser has already, and how each looks; nothing where it says something else."""
    try:
        found = json.loads(said) if len(said) <= MOST_SAID else {}
    except ValueError:
        return {}
    return {str(call): str(mark) for call, mark in found.items()} if isinstance(found, dict) else {}


@pages.get("/board/{call}/cut", needs=Scope.ORDERS, where=of_call)
async def cut(visit: Visit) -> Response:
    return visit.show("board/cut.html", call=visit.path("call"), reason="")


@pages.post("/board/{call}/cut", needs=Scope.ORDERS, where=of_call)
async def cut_now(visit: Visit) -> Response:
    call, reason = visit.path("call"), await visit.field("reason")
    done = await cut_call(visit.desk, visit.who, visit.at, call, reason)
    if isinstance(done, Refused):
        return visit.again("board/cut.html", done, call=call, reason=reason)
    return visit.to("/board", visit.say("The call ends now."))
