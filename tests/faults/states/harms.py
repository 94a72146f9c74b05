"""What is done to a database or a Valkey while calls are in their states.

`hold` makes whoever wants to write wait, and `freeze` whoever wants to read, so that the harm finds calls in the states that the
store bounds; `begin` is the harm, `end` undoes it. `reads` and `writes` say what the store does for a call just now.
"""
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis

from switch.live.embedded import find_binary, valkey_argv
from switch.runtime.supervisor import dying_with_parent
from switch.store.postgres import WRITING
from switch.store.tables import metadata
from tests.postgres import PostgresServer


def slay(server: PostgresServer) -> None:
    """`kill -9` of the server and of every session. Its memory is free again when this returns."""
    process, server._process = server._process, None
    assert process is not None
    children = [Path(f"/proc/{one}") for one in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
    for one in (process.pid, *(int(child.name) for child in children)):
        os.kill(one, signal.SIGKILL)
    process.wait(20.0)
    while any(child.exists() for child in children):
        time.sleep(0.01)


class Harm:
    """Nothing at all."""

    breaks = True
    """What was asked of the store when it fell is lost."""
    brief = False
    """Undone before the calls go on."""
    freezes = False
    """Readers can be held as well."""

    def __init__(self) -> None:
        self.reads = self.writes = True

    def hold(self) -> None: ...

    def freeze(self) -> None: ...

    def begin(self) -> None: ...

    def end(self) -> None: ...


class SqliteLocked(Harm):
    """Another program has the file for itself; it may still be read."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file

    def hold(self) -> None:
        self._other = sqlite3.connect(self.file, isolation_level=None, timeout=10.0, check_same_thread=False)
        self._other.execute("BEGIN EXCLUSIVE")

    def begin(self) -> None:
        self.writes = False

    def end(self) -> None:
        self._release()
        self.writes = True

    def _release(self) -> None:
        self._other.execute("ROLLBACK")
        self._other.close()


class SqliteGone(SqliteLocked):
    """The file is taken away, with all that belongs to it, and put back."""

    def begin(self) -> None:
        self._away = [path.rename(path.with_name(f"away-{path.name}")) for path in sorted(self.file.parent.glob("wingline.db*"))]
        self.reads = self.writes = False
        self._release()

    def end(self) -> None:
        for path in self._away:
            path.rename(path.with_name(path.name.removeprefix("away-")))
        self.reads = self.writes = True


class PostgresLocked(Harm):
    """Another program locks every table, for readers too."""

    freezes = True

    def __init__(self, server: PostgresServer, name: str) -> None:
        super().__init__()
        self.server, self._name = server, name
        self._other: psycopg.Connection[Any] | None = None

    def hold(self) -> None:
        self._other = self.server.connect(self._name)
        self._other.execute("BEGIN")
        self._other.execute(f"SELECT pg_advisory_xact_lock({WRITING})".encode())

    def freeze(self) -> None:
        assert self._other is not None
        self._other.execute(f"LOCK TABLE {', '.join(metadata.tables)} IN ACCESS EXCLUSIVE MODE".encode())

    def begin(self) -> None:
        self.reads = self.writes = False

    def end(self) -> None:
        self._release()
        self.reads = self.writes = True

    def _release(self) -> None:
        if self._other is not None:
            with suppress(psycopg.Error):
                self._other.close()  # its transaction, and with that its locks, end


class PostgresGone(PostgresLocked):
    """The server and all its sessions are killed, and it is started again when the calls are over."""

    def begin(self) -> None:
        super().begin()
        slay(self.server)
        self._release()

    def end(self) -> None:
        self.server.start()
        self.reads = self.writes = True


class PostgresRestarted(PostgresGone):
    """Stopped as `systemctl restart` does, and back at once."""

    brief = True

    def begin(self) -> None:
        PostgresLocked.begin(self)
        self.server.stop()
        self._release()


class Valkey:
    """A server of the test's own, with what it has written down."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.socket = folder, folder / "v.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> "Valkey":
        argv = dying_with_parent(*valkey_argv(find_binary(), self.socket, self.folder / "data"))
        self._process = subprocess.Popen([part.replace("{parent}", str(os.getpid())) for part in argv])
        until = time.monotonic() + 20.0
        while True:
            try:
                self.client().ping()
                return self
            except Exception:
                assert time.monotonic() < until, "Valkey does not serve"
                time.sleep(0.02)

    def client(self) -> Redis:
        return Redis.from_url(self.url, decode_responses=True)

    def board(self) -> dict[str, str]:
        """The state of every call on the board of the example's node, by telephone."""
        rows: dict[str, str] = self.client().hgetall("live:example")  # type: ignore[assignment]  # a client that does not await
        return {row["phone"]: row["state"] for row in map(json.loads, rows.values()) if row["phone"]}

    def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def lose(self) -> None:
        """What it had written down as well."""
        self.kill()
        shutil.rmtree(self.folder / "data")


class ValkeyHarm(SqliteLocked):
    """The database is locked only so that calls can be found in their states; it is let go once the harm has fallen."""

    breaks = False

    def __init__(self, file: Path, valkey: Valkey, harm: Callable[[Valkey], None], mend: Callable[[Valkey], None]) -> None:
        super().__init__(file)
        self._valkey, self._harm, self._mend = valkey, harm, mend

    def begin(self) -> None:
        self._harm(self._valkey)
        self._release()

    def end(self) -> None:
        self._mend(self._valkey)


def valkey_killed(file: Path, valkey: Valkey) -> Harm:
    """Gone until the calls are over."""
    return ValkeyHarm(file, valkey, lambda one: one.kill(), lambda one: (one.start(), None)[1])


def valkey_emptied(file: Path, valkey: Valkey) -> Harm:
    return ValkeyHarm(file, valkey, lambda one: (one.client().flushall(), None)[1], lambda one: None)


def valkey_restarted(file: Path, valkey: Valkey) -> Harm:
    """Killed, and back without anything that it had."""

    def harm(one: Valkey) -> None:
        one.lose()
        one.start()

    return ValkeyHarm(file, valkey, harm, lambda one: None)
