"""`wingline up`: the roles and the embedded Valkey of one machine, as children of the supervisor."""
import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from switch.build.site import NO_DATABASE, OFFSET, Site
from switch.live.embedded import answers, find_binary, held_by_another, valkey_argv
from switch.runtime.claim import FolderTaken, claimed, is_held
from switch.runtime.control import ControlRefused, NoSwitch, ask
from switch.runtime.supervisor import Child, Stopped, Supervisor, dying_with_parent, raise_file_limit
from switch.settings.tree import Settings
from switch.store.engine import database_at
from switch.store.errors import StoreGone
from switch.store.journal import lock_of

log = structlog.get_logger("up")

LOOK_EVERY = 0.1
NOTICE = 3.0
"""Seconds that a switch may take to notice that its supervisor is gone."""
DRAIN_MARGIN = 15.0
"""Seconds beyond the drain that the switch has before it is killed: the last records, sealing."""


def children(site: Site, folder: Path) -> list[Child]:
    """In the order of starting; stopped in the reverse, so that nothing new is asked for while the switch drains, and it
    drains before what it leans on goes."""
    settings = site.settings
    env = {OFFSET: str(site.clock.offset.total_seconds())}
    found = []
    if settings.redis.url == "embedded":
        sock = settings.redis_socket
        found.append(
            Child(
                "valkey", dying_with_parent(*valkey_argv(find_binary(), sock, settings.node.state_dir / "valkey")),
                essential=False, before=lambda: held_by_another(sock), probe=lambda: answers(sock),
            )
        )  # fmt: skip
    found.append(Child("worker", _role("worker", folder), env=env, essential=False))
    found.append(Child(
        "switch", _role("switch", folder), env=env, stop_seconds=settings.node.drain_seconds + DRAIN_MARGIN,
        before=lambda: _left_to_us(settings),
    ))  # fmt: skip
    found.append(Child("console", _role("console", folder), env=env, essential=False))
    return found


def _role(name: str, folder: Path) -> tuple[str, ...]:
    return (sys.executable, "-m", "switch.cli", name, "--dir", str(folder))


async def _left_to_us(settings: Settings) -> str | None:
    """Why the switch must not start yet. Where an `up` was killed, its switch ends its calls first, and has the ports and the
    journal until then: it is waited for as long as its own supervisor would have given it."""
    lock, socket = lock_of(settings.journal_file), settings.control_socket
    longest, began, said = settings.node.drain_seconds + DRAIN_MARGIN, time.monotonic(), False
    while is_held(lock):
        try:
            health = await asyncio.to_thread(ask, socket, {"do": "health"}, 1.0)
        except (ControlRefused, NoSwitch):
            health = {"draining": True}  # it has ended its calls, and is just going; or it is just coming, and will say so
        waited = time.monotonic() - began
        if not health["draining"] and waited > NOTICE:
            return f"another switch runs on {settings.node.state_dir}, and is not about to end: stop that one first"
        if health["draining"] and not said:
            said = True
            log.warning("switch.waiting", why="the switch of an earlier `wingline up` still ends its calls",
                        calls=health.get("calls", 0), at_most_seconds=longest)
        if waited > longest:
            return f"a switch that was to end still holds {lock}: stop it first"
        await asyncio.sleep(LOOK_EVERY)
    return None


def main(site: Site, folder: Path, on_ready: Callable[[], None]) -> Stopped:
    """Run until told to stop or unable to go on. A second one on the same state folder is refused before it starts anything, and
    so is one without a database: only `wingline init` makes that."""
    state = site.settings.node.state_dir
    state.mkdir(parents=True, exist_ok=True)
    raise_file_limit(65536)
    try:
        database_at(site.settings.store_url).identity()
    except StoreGone as error:
        return Stopped(1, f"{error}. {NO_DATABASE}")
    try:
        with claimed(state / "up.lock"):
            return asyncio.run(Supervisor(children(site, folder)).run(on_ready))
    except FolderTaken as taken:
        return Stopped(1, f"another `wingline up` runs on {state} (process {taken}): stop that one first")
