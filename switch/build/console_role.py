"""The console role: staff's pages and the JSON API on the desk, start to stop. It touches no socket that carries a call."""
import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import IntegrityError

from admin.app import Gates, create_app
from admin.entry.house import Stay
from admin.families.app import LOCAL, create_families
from admin.families.porch import Bounds
from admin.live.feed import Feed
from admin.live.site import NOT_LIVE, Live
from switch.build.seals import token_key
from switch.build.shelf import with_shelf
from switch.build.site import START_PATIENCE, SystemClock, open_store
from switch.build.staff import SystemMint, make_desk
from switch.desk.consulting import consulted
from switch.desk.families import Often
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
        serving = [_serve(stack, app, settings.console.host, settings.console.port, settings.console_address)]
        if settings.families.on:
            theirs = create_families(desk, clock.wall, StoreError, bounds_of(settings), (*LOCAL, settings.families.host))
            serving.append(_serve(stack, theirs, settings.families.host, settings.families.port, settings.families_address,
                                  settings.families.proxy))
        for one in serving:
            one.task.add_done_callback(lambda _: lifeline.ask("the web server ended"))
        lifeline.ready(address=serving[0].address)
        log.info("console.ready", addresses=[one.address for one in serving])
        log.info("console.stopping", why=await asked_to_stop(lifeline))
        for one in serving:
            one.server.should_exit = True
        await asyncio.gather(*(one.task for one in serving))


@dataclass(frozen=True, slots=True)
class _Serving:
    server: _Server
    task: "asyncio.Task[None]"
    address: str


def _serve(stack: AsyncExitStack, app: FastAPI, host: str, port: int, told: Path, proxy: str = "") -> _Serving:
    """One application on its own socket, whose address is told in a file. Whom `proxy` says that it asks for is believed."""
    sock = stack.enter_context(_listen(host, port))
    host, port = sock.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    told.write_text(address + "\n", "utf-8")
    server = _Server(uvicorn.Config(
        app, log_config=None, log_level="warning", access_log=False, server_header=False, proxy_headers=bool(proxy),
        forwarded_allow_ips=proxy or "127.0.0.1", lifespan="off", timeout_graceful_shutdown=STOP_SECONDS))
    return _Serving(server, asyncio.create_task(server.serve([sock])), address)


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


def bounds_of(settings: Settings) -> Bounds:
    often = Often(settings.families.codes_an_hour, settings.families.codes_a_day)
    return Bounds(often, settings.families.codes_by_address, settings.families.codes_in_all,
                  requests_a_minute=settings.families.requests_a_minute, public=settings.families.public_url.rstrip("/"))


def main(settings: Settings, clock: SystemClock) -> None:
    """The console as a process of its own."""
    asyncio.run(run_console(settings, clock))
