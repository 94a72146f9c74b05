"""A program that replaces the master key of a site, killed before and after everything that it asks of disk and database.

Each run is a fork in a copy of the site, left as kill -9 leaves it, until one comes to its end.
"""
import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from recordings.keys import load_master
from recordings.spool import spool_of, write_spool
from recordings.transcribe.search import open_hasher
from switch.build import example, rotation
from switch.build.keys import SiteKeys
from switch.build.site import SystemClock, read_settings
from switch.build.vault import open_vault
from switch.core.ids import PersonId, StaffId
from switch.store.audit import append_audit
from switch.store.database import Store
from tests.unit.store.site import AT
from tests.vaults import keep, voices

AUDIO = voices(1.5)
CALLS = ("c1", "c2", "c3")
LIVE = "live"
"""A call that runs: its spool is not sealed."""
WORDS = "a reason that is kept beside its row"
REASON = "a copy of the key was found in a desk"
WHO = StaffId("m.security")


async def fill(folder: Path) -> None:
    """Recordings, one of them erased, words beside the audit, the index's key, and a spool: all that a master key wraps."""
    settings = read_settings(folder)
    store, master = Store(settings.store_url, keys=SiteKeys(settings)), load_master(settings.recordings.master_key)
    vault = open_vault(settings, store, SystemClock().wall)
    for call in CALLS:
        await keep(vault, store, settings.recordings.spools, call, AUDIO, person=PersonId("A1001AA"), master=master)
    await vault.erase("c3", "its time was over")
    await open_hasher(store, master)
    await store.write(lambda conn: append_audit(conn, AT, "officer", "done", {}, words={"reason": WORDS}))
    write_spool(spool_of(settings.recordings.spools, LIVE), LIVE, AT, AUDIO, master)
    await store.close()


class Steps:
    """Kills this process at the step of a number; each thing done is two, before and after."""

    def __init__(self, last: int) -> None:
        self._left = last

    def step(self) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1

    def around(self, owner: Any, name: str) -> None:
        real: Callable[..., Any] = getattr(owner, name)

        def stepping(*args: Any, **rest: Any) -> Any:
            self.step()
            found = real(*args, **rest)
            self.step()
            return found

        setattr(owner, name, stepping)

    def around_writes(self) -> None:
        real = Store.write

        async def stepping(store: Store, unit: Any) -> Any:
            self.step()
            found = await real(store, unit)
            self.step()
            return found

        Store.write = stepping  # type: ignore[assignment]  # as the store's


def rotate(folder: Path, last: int) -> None:
    steps = Steps(last)
    for owner, name in ((os, "link"), (os, "fsync"), (os, "fdatasync"), (os, "pwrite"), (Path, "rename"), (Path, "unlink")):
        steps.around(owner, name)
    steps.around_writes()
    rotation.rotate(read_settings(folder), SystemClock(), WHO, REASON)


def main(root: Path) -> None:
    """Fork for each step, into a folder of its number; how many there were is told."""
    template = root / "template"
    if os.fork() == 0:
        example.write(template)
        asyncio.run(fill(template))
        os._exit(0)
    os.wait()
    for number in range(200):
        folder = root / f"step-{number}"
        shutil.copytree(template, folder)
        if os.fork() == 0:
            rotate(folder, number)
            os._exit(0)
        _, status = os.wait()
        if not os.WIFSIGNALED(status):
            sys.exit(status)
    sys.exit("it never ends")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
