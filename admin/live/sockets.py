"""A WebSocket that ends with whatever comes first: its work, its browser, its session, or what its holder may do."""
import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from starlette.websockets import WebSocketDisconnect, WebSocketState

from admin.pages.visit import Visit

STILL_EVERY: Final = 1.0
"""Seconds between two looks at whether the session is good, and may what it might when the socket was opened."""
NO_MORE: Final = 4401
"""How a socket is closed whose session ended or whose roles changed: the page is to be loaded anew."""
OVER: Final = 4200
"""How one is closed whose work is done."""


async def while_good(visit: Visit, work: Coroutine[Any, Any, None], heard: "asyncio.Queue[str] | None" = None) -> None:
    """Runs `work` on an accepted socket, and closes it. What the browser says goes to `heard`, and is
    passed over where that is full."""
    tasks = [asyncio.ensure_future(one) for one in (work, _gone(visit, heard), _no_longer(visit))]
    worked, _, _ = tasks
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in tasks:
            one.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    if visit.socket.client_state is WebSocketState.CONNECTED and visit.socket.application_state is WebSocketState.CONNECTED:
        await visit.socket.close(OVER if ended[0] is None else NO_MORE)
    if worked.done() and not worked.cancelled() and (fault := worked.exception()) and not isinstance(fault, WebSocketDisconnect):
        raise fault


async def _gone(visit: Visit, heard: "asyncio.Queue[str] | None") -> None:
    try:
        while True:
            said = await visit.socket.receive_text()
            if heard is not None and not heard.full():
                heard.put_nowait(said)
    except (WebSocketDisconnect, KeyError, RuntimeError):
        return


async def _no_longer(visit: Visit) -> None:
    """Until the session ends, the guard is not passed any more, or the roles are not those that it was opened with."""
    held = visit.actor.visitor.grants
    while True:
        await asyncio.sleep(STILL_EVERY)
        if not await visit.still():
            return
        again = await visit.house.visitor(visit.connection, visit.house.now())
        if again is None or again.grants != held:
            return
