"""A PostgreSQL of the tests' own: Debian's binaries, a folder among the temporary ones, a unix socket and no port.

It runs as the user `postgres` where the tests run as root, which it refuses to do. Fast rather than safe against a power cut:
what it is killed by here leaves the machine running.
"""
import os
import shutil
import signal
import subprocess
import tempfile
import time
from atexit import register
from functools import cache
from itertools import count
from pathlib import Path

import psycopg

from switch.runtime.supervisor import dying_with_parent
from switch.store.migrate import upgrade

USER = "wingline"
SETTINGS = {
    "listen_addresses": "", "shared_buffers": "24MB", "max_connections": "120", "fsync": "off", "full_page_writes": "off",
    "wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off", "restart_after_crash": "on", "jit": "off",
}
START_SECONDS = 30.0


def binaries() -> Path:
    """The newest installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    if not found:
        raise RuntimeError("the tests need PostgreSQL: apt-get install postgresql")
    return found[-1].parent


def as_postgres(*argv: str) -> tuple[str, ...]:
    """A command line that also ends with us, however we end; a change of user would undo what `dying_with_parent` asked for."""
    if os.geteuid() != 0:
        return dying_with_parent(*argv)
    return ("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=INT", *argv)


def _argv(program: str, *words: str) -> list[str]:
    return [part.replace("{parent}", str(os.getpid())) for part in as_postgres(str(binaries() / program), *words)]


def _folder(prefix: str) -> Path:
    made = Path(tempfile.mkdtemp(prefix=prefix))
    if os.geteuid() == 0:
        shutil.chown(made, "postgres", "postgres")
    return made


@cache
def _cluster() -> Path:
    """What initdb makes. Each worker asks once: a copy is there in a moment."""
    folder = _folder("wingline-initdb-")
    register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(
        _argv("initdb", "-D", str(folder / "data"), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync",
              "--no-instructions"),
        check=True, stdout=subprocess.DEVNULL, cwd="/")
    return folder / "data"


class PostgresServer:
    """A cluster in a folder of its own, from `start` to `remove`; between them it may be stopped, killed and frozen."""

    def __init__(self, **settings: str) -> None:
        """`settings` beside the usual ones, or in their place."""
        self._settings = SETTINGS | settings
        self.folder = _folder("wingline-pg-")
        self._names, self._template = count(), ""
        self._process: subprocess.Popen[bytes] | None = None
        subprocess.run(("cp", "-a", str(_cluster()), str(self.folder / "data")), check=True)

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")

    def url(self, name: str) -> str:
        return f"postgresql://{USER}@/{name}?host={self.folder}"

    def connect(self, name: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A connection of the test's own, as somebody else's program has."""
        return psycopg.connect(host=str(self.folder), user=USER, dbname=name, autocommit=True)

    def start(self) -> "PostgresServer":
        """Returns when it serves. From the main thread: the server goes with the thread that started it."""
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        argv = _argv("postgres", "-D", str(self.folder / "data"), "-k", str(self.folder), *settings)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(argv, stdout=log, stderr=log, cwd="/", start_new_session=True)
        self._serving()
        return self

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends every session and writes everything down (a fast shutdown), SIGQUIT drops everything at once."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(START_SECONDS)

    def restart(self, how: signal.Signals = signal.SIGINT) -> None:
        self.stop(how)
        self.start()

    def freeze(self) -> None:
        """Nothing of it answers any more, and nothing is closed."""
        self._all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._all(signal.SIGCONT)

    def kill(self, pid: int) -> None:
        """`kill -9` of one session. The server starts itself anew; returns when it serves."""
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)
        self._serving()

    def fresh(self) -> str:
        """The URL of a new database with this version's tables: a copy of one that was migrated once."""
        if not self._template:
            self._template = "migrated"
            self._order(f"CREATE DATABASE {self._template}")
            upgrade(self.url(self._template))
        name = f"site{next(self._names)}"
        with self.connect() as conn:  # files are copied faster than pages are logged; before 15 there is no other way
            how = "STRATEGY FILE_COPY" if conn.info.server_version >= 150_000 else ""
            conn.execute(f"CREATE DATABASE {name} TEMPLATE {self._template} {how}".encode())
        return self.url(name)

    def empty(self) -> str:
        """The URL of a new database without any table."""
        name = f"site{next(self._names)}"
        self._order(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop(self, url: str) -> None:
        self._order(f"DROP DATABASE {url.partition('@/')[2].partition('?')[0]} WITH (FORCE)")

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _serving(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._process is None or self._process.poll() is not None:
                    raise RuntimeError(f"PostgreSQL does not serve:\n{self.log}") from None
                time.sleep(0.02)

    def _order(self, statement: str) -> None:
        with self.connect() as conn:
            conn.execute(statement.encode())

    def _all(self, what: signal.Signals) -> None:
        """The server and its sessions, which are its children."""
        assert self._process is not None
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (pid, *map(int, children)):
            os.kill(one, what)
