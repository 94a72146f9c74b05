"""The console role: staff's pages and the JSON API on the desk, start to stop. It touches no socket that carries a call."""
import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta

import structlog
import uvicorn
from sqlalchemy.exc import IntegrityError

from admin.app import Gates, create_app
from admin.entry.house import Stay
from admin.live.feed import Feed
from admin.live.site import NOT_LIVE, Live
from switch.build.seals import token_key
from switch.build.shelf import with_shelf
from switch.build.site import START_PATIENCE, SystemClock, open_store
from switch.build.staff import SystemMint, make_desk
from switch.desk.consulting import consulted
from switch.live.listening import open_ear
from switch.live.reading import follow_board
from switch.runtime.drain import Lifeline, asked_to_stop
from switch.settings.tree import Settings
from switch.store.errors import StoreError
from switch.store.pins import PinHasher

log = structlog.get_logger("console")
STOP_SECONDS = 5
"""How long a request that runs may take when the role is told to stop."""

CONSOLE_BATCH = 8
"""Changes that may share a transaction here: a switch that wants the lock of the SQLite file waits for all of one."""


class _Server(uvicorn.Server):
    """Signals are the lifeline's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run_console(settings: Settings, clock: SystemClock) -> None:
    """Serve until told to stop."""
    lifeline = Lifeline.of(os.environ)
    async with AsyncExitStack() as stack:
        store = await asyncio.to_thread(open_store, settings, START_PATIENCE, CONSOLE_BATCH)
        stack.push_async_callback(store.close)
        mint = SystemMint(PinHasher())
        stack.callback(mint.close)
        gates = Gates(settings.console.requests_a_minute, settings.console.refusals_a_minute, settings.console.body_bytes)
        desk, shelf = with_shelf(make_desk(settings, store, mint), settings, store, clock.wall)
        stack.push_async_callback(shelf.close)
        live = await stack.enter_async_context(_live(settings.redis_url))
        app = create_app(consulted(desk), clock.wall, StoreError, IntegrityError, token_key(settings.token_key), gates,
                         stay_of(settings), settings.example, live)
        sock = stack.enter_context(_listen(settings.console.host, settings.console.port))
        host, port = sock.getsockname()[:2]
        address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        settings.console_address.write_text(address + "\n", "utf-8")
        config = uvicorn.Config(app, log_config=None, log_level="warning", access_log=False, server_header=False,
                                proxy_headers=False, lifespan="off", timeout_graceful_shutdown=STOP_SECONDS)
        server = _Server(config)
        serving = asyncio.create_task(server.serve([sock]))
        serving.add_done_callback(lambda _: lifeline.ask("the web server ended"))
        lifeline.ready(address=address)
        log.info("console.ready", address=address)
        log.info("console.stopping", why=await asked_to_stop(lifeline))
        server.should_exit = True
        await serving


@asynccontextmanager
async def _live(url: str | None) -> AsyncIterator[Live]:
    """The site as it runs, before this console; nothing of it without Redis."""
    if url is None:
        yield NOT_LIVE
        return
    feed = Feed()
    following = asyncio.create_task(follow_board(url, feed))
    try:
        yield Live(feed, lambda call: open_ear(url, call))
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


def _listen(host: str, port: int) -> socket.socket:
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def stay_of(settings: Settings) -> Stay:
    console = settings.console
    return Stay(console.public_url.rstrip("/"), timedelta(minutes=console.idle_minutes), timedelta(hours=console.session_hours),
                timedelta(minutes=console.fresh_code_minutes), console.sign_ins_a_minute)


def main(settings: Settings, clock: SystemClock) -> None:
    """The console as a process of its own."""
    asyncio.run(run_console(settings, clock))
