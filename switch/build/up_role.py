"""`wingline up`: the roles and the embedded Valkey of one machine, as children of the supervisor."""
import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from switch.build.site import OFFSET, Site
from switch.live.embedded import answers, find_binary, held_by_another, valkey_argv
from switch.runtime.claim import FolderTaken, claimed
from switch.runtime.supervisor import Child, Stopped, Supervisor, dying_with_parent, raise_file_limit

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
    found.append(Child("switch", _role("switch", folder), env=env, stop_seconds=settings.node.drain_seconds + DRAIN_MARGIN))
    found.append(Child("console", _role("console", folder), env=env, essential=False))
    return found


def _role(name: str, folder: Path) -> tuple[str, ...]:
    return (sys.executable, "-m", "switch.cli", name, "--dir", str(folder))


def main(site: Site, folder: Path, on_ready: Callable[[], None]) -> Stopped:
    """Run until told to stop or unable to go on. A second one on the same state folder is refused before it starts anything."""
    state = site.settings.node.state_dir
    state.mkdir(parents=True, exist_ok=True)
    raise_file_limit(65536)
    try:
        with claimed(state / "up.lock"):
            return asyncio.run(Supervisor(children(site, folder)).run(on_ready))
    except FolderTaken as taken:
        return Stopped(1, f"another `wingline up` runs on {state} (process {taken}): stop that one first")
