"""Live listening: a call that runs, heard in the browser by whoever has leave, for as long as it stands."""
import asyncio
import json
from typing import Any, Final

import structlog
from starlette.responses import Response

from admin.listening import Listening
from admin.live.marks import Marks
from admin.live.sockets import STILL_EVERY, while_good
from admin.live.wire import Wire
from admin.pages.board import of_call
from admin.pages.page import Pages
from admin.pages.visit import Visit
from switch.core.authority import Leave, NoLeave
from switch.desk import board, listening, watch_words
from switch.desk.asking import Refused
from switch.desk.calls import show_call
from switch.live.listening import ListeningAway
from switch.ports.access import Scope
from switch.ports.calls import Parties

pages = Pages("listening")
log = structlog.get_logger("listening")
ASKED_WITHIN: Final = 10.0
"""Seconds in which a page that opened the socket has to say why it listens."""
AWAY = "the switch cannot be reached: nobody can listen now"


@pages.get("/board/{call}/listen", needs=Scope.RECORDINGS, where=of_call)
async def listen(visit: Visit) -> Response:
    """With the authority that it is done by, or why it may not be."""
    call = visit.path("call")
    shown = await show_call(visit.desk, visit.who, visit.at, call)
    if isinstance(shown, Refused):
        return visit.missing()
    leave = await listening.standing(visit.desk, visit.who, visit.at, call)
    (brief,) = await board.brief(visit.desk, visit.who, visit.at, [Parties(call, shown.phone, shown.person, shown.to)])
    live = visit.house.live.ears is not None
    return visit.show("board/listen.html", call=call, brief=brief, live=live, shown=shown,
                      leave=leave if isinstance(leave, Leave) else None, no=leave if isinstance(leave, NoLeave) else None)


@pages.socket("/board/{call}/ear", needs=Scope.RECORDINGS, where=of_call)
async def ear(visit: Visit) -> None:
    """First the browser says why, then it is sent 20 ms at a time, and words, until one of many things ends it; each is told."""
    await visit.socket.accept()
    heard: asyncio.Queue[str] = asyncio.Queue(8)
    await while_good(visit, _hear(visit, heard), heard)


async def _hear(visit: Visit, heard: "asyncio.Queue[str]") -> None:
    wire = Wire()
    try:
        async with asyncio.timeout(ASKED_WITHIN):
            why = str(_read(await heard.get()).get("why", ""))
    except TimeoutError:
        return
    working = (_listen(visit, wire, why), _no_leave(visit, wire), _answer(visit, wire, heard))
    tasks = [asyncio.ensure_future(one) for one in working]
    sending = asyncio.ensure_future(wire.run(visit.socket))
    try:
        await asyncio.wait([*tasks, sending], return_when=asyncio.FIRST_COMPLETED)
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        wire.close("stopped", "listening stopped")
        await sending
    finally:
        for one in (*tasks, sending):
            one.cancel()
        await asyncio.gather(*tasks, sending, return_exceptions=True)


async def _listen(visit: Visit, wire: Wire, why: str) -> None:
    """The audit has its beginning and its end, whatever ends it (`admin.listening`)."""
    ears, call, now = visit.house.live.ears, visit.path("call"), visit.house.now
    if ears is None:
        wire.close("away", visit.say(AWAY))
        return
    marks = Marks()
    marking = asyncio.ensure_future(_mark(visit, marks))

    async def take(frame: bytes) -> bool:
        wire.frame(frame, now().timestamp() * 1000)
        return True

    def said(text: bytes) -> None:
        if (words := marks.read(text)) is not None:
            wire.say({"said": words})

    try:
        ended = await Listening(visit.desk, now, ears).listen(visit.who, call, why, take, said)
        problem = (ended.problems[0].code, ended.problems[0].text) if isinstance(ended, Refused) else (ended.why, ended.text)
        wire.close(problem[0], visit.say(problem[1]))
    except (ListeningAway, OSError) as error:
        log.warning("listening.away", error=repr(error))
        wire.close("away", visit.say(AWAY))
    finally:
        marking.cancel()


async def _mark(visit: Visit, marks: Marks) -> None:
    """Watch words are marked for whoever may know them."""
    place = await of_call(visit)
    if place is not None and visit.actor.may(Scope.MONITORING, place):
        found = await watch_words.lists(visit.desk, visit.who, visit.house.now(), place.establishment or None)
        marks.use([word for one in found for word in one.words])


async def _no_leave(visit: Visit, wire: Wire) -> None:
    """Until leave is over, asked each second: the switch stops by itself, and the page is told why at once."""
    while True:
        await asyncio.sleep(STILL_EVERY)
        leave = await listening.standing(visit.desk, visit.who, visit.house.now(), visit.path("call"))
        if isinstance(leave, NoLeave):
            wire.close(leave.because, visit.say(leave.text))
            return


async def _answer(visit: Visit, wire: Wire, heard: "asyncio.Queue[str]") -> None:
    """The page measures how far its clock is from ours."""
    while True:
        asked = _read(await heard.get())
        if isinstance(asked.get("ping"), int | float):
            wire.say({"pong": asked["ping"], "at": visit.house.now().timestamp() * 1000})


def _read(said: str) -> dict[str, Any]:
    try:
        found = json.loads(said) if len(said) < 10_000 else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
