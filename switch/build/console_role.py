"""The console role: the JSON API on the desk, from start to stopped. It touches no socket that carries a call."""
import asyncio
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import structlog
import uvicorn
from sqlalchemy.exc import IntegrityError

from admin.app import Gates, create_app
from switch.build.shelf import with_shelf
from switch.build.site import START_PATIENCE, SystemClock, open_store
from switch.build.staff import SystemMint, make_desk
from switch.desk.consulting import consulted
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
        app = create_app(consulted(desk), clock.wall, StoreError, IntegrityError, token_key(settings.token_key), gates)
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


def _listen(host: str, port: int) -> socket.socket:
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def token_key(file: Path) -> bytes:
    """What signs the supplier API's tokens: 32 random bytes, made at the first start, readable by this user alone."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as new:
            new.write(secrets.token_bytes(32))
    except FileExistsError:
        pass
    found = file.read_bytes()
    if len(found) != 32:
        raise OSError(f"{file} is damaged: remove it, and every token must be asked for again")
    return found


def main(settings: Settings, clock: SystemClock) -> None:
    """The console as a process of its own."""
    asyncio.run(run_console(settings, clock))
