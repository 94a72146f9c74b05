"""The console role: the JSON API on the desk, from start to stopped. It touches no socket that carries a call."""
import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

import structlog
import uvicorn
from sqlalchemy.exc import IntegrityError

from admin.app import Gates, create_app
from switch.build.site import START_PATIENCE, SystemClock, open_store
from switch.build.staff import SystemMint, make_desk
from switch.runtime.drain import Lifeline, asked_to_stop
from switch.settings.tree import Settings
from switch.store.errors import StoreError
from switch.store.pins import PinHasher

log = structlog.get_logger("console")
STOP_SECONDS = 5
"""How long a request that runs may take when the role is told to stop."""


class _Server(uvicorn.Server):
    """Signals are the lifeline's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run_console(settings: Settings, clock: SystemClock) -> None:
    """Serve until told to stop."""
    lifeline = Lifeline.of(os.environ)
    async with AsyncExitStack() as stack:
        store = await asyncio.to_thread(open_store, settings, START_PATIENCE)
        stack.push_async_callback(store.close)
        mint = SystemMint(PinHasher())
        stack.callback(mint.close)
        gates = Gates(settings.console.requests_a_minute, settings.console.refusals_a_minute, settings.console.body_bytes)
        app = create_app(make_desk(settings, store, mint), clock.wall, StoreError, IntegrityError, gates)
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


def main(settings: Settings, clock: SystemClock) -> None:
    """The console as a process of its own."""
    asyncio.run(run_console(settings, clock))
