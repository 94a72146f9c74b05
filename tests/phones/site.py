"""A whole site for a test: made as `wingline init --example` makes it, run by `wingline up`, read as `wingline calls` does."""
import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, create_engine

from recordings import stream
from recordings.keys import load_master
from recordings.vault import AUDIO, context
from switch.build.site import read_settings
from switch.media import g711
from switch.runtime.control import NoSwitch, ask
from switch.settings.example import ExamplePorts
from switch.store.listing import call_line, list_calls
from switch.store.recordings import read_recording
from tests.ready import write_example

T = TypeVar("T")
NOON = "2026-11-23T12:00:00Z"
"""A Monday inside every window of use, whenever the tests run."""
BLOCK, FIRST, LAST = 600, 10_000, 19_600
SIP, TRUNK, MEDIA, MEDIA_PORTS, PHONES = 2, 4, 20, 480, 500
"""Where in a block of ports the media of the switch and the phones of the test have theirs."""
EDITS = """
[announcement]
privileged = ["announce-short"]

[[group]]
name = "nobody waits long for an answer"
people = ["A1001AA"]

[group.call]
ring_seconds = 5
"""
"""What the tests add to the example's plan: nobody waits nine seconds for a solicitor's announcement, or long for no answer."""


class Ports:
    """A block of UDP ports that no other worker takes: whoever has its first port bound owns the rest."""

    def __init__(self) -> None:
        for base in range(FIRST, LAST, BLOCK):
            claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                claim.bind(("127.0.0.1", base))
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sip:
                    sip.bind(("127.0.0.1", base + SIP))  # a site of a run that was killed may live on
            except OSError:
                claim.close()
                continue
            self._claim, self.base = claim, base
            self._next = base + PHONES
            return
        raise OSError(f"no block of UDP ports is free between {FIRST} and {LAST}")

    @property
    def example(self) -> ExamplePorts:
        return ExamplePorts(self.base + SIP, self.base + TRUNK, self.base + MEDIA, self.base + MEDIA + MEDIA_PORTS - 1)

    @property
    def filter(self) -> str:
        """The block as a capture filter."""
        return f"udp portrange {self.base}-{self.base + BLOCK - 1}"

    def take(self, count: int = 2) -> int:
        """The first of some ports for a foreign phone, even."""
        if self._next + count > self.base + BLOCK:
            self._next = self.base + PHONES
        port = self._next
        self._next += count + count % 2
        return port

    def release(self) -> None:
        self._claim.close()


@dataclass(frozen=True, slots=True)
class Account:
    """A telephone of the example."""

    user: str
    password: str
    digest: str

    @property
    def host(self) -> str:
        """The address that puts a telephone into its network."""
        return "127.0.0.2" if self.digest == "SHA-256" else "127.0.0.1"


class Site:
    """A running site. `calls` and `alarms` read its database; `closed` waits for calls to be on the record."""

    def __init__(self, folder: Path, ports: Ports, edits: str = EDITS) -> None:
        self.folder, self.ports = folder, ports
        write_example(folder, ports.example)
        plan = folder / "plans" / "site.toml"
        plan.write_text(plan.read_text("utf-8") + edits, "utf-8")
        self.about: dict[str, Any] = json.loads((folder / "example.json").read_text("utf-8"))
        self.log = folder / "up.log"
        self._engine = create_engine(f"sqlite:///{folder / 'state' / 'wingline.db'}")
        self._process: subprocess.Popen[str] | None = None
        self._began = (NOON, time.monotonic())

    def up(self, now: str = NOON, seconds: float = 60.0, through: tuple[str, ...] = ()) -> Self:
        """Run `wingline up` and wait until it says that it is. `through` is a program that runs it as its own end."""
        self._began = (now, time.monotonic())
        argv = [*through, sys.executable, "-m", "switch.cli", "up", "--dir", str(self.folder), "--now", now]
        self._process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=self.log.open("a"), text=True)
        assert self._process.stdout is not None
        late = threading.Timer(seconds, self._process.kill)
        late.start()
        line = self._process.stdout.readline()
        late.cancel()
        assert line == "Wingline is up.\n", f"the site did not start: {self.log.read_text('utf-8')}"
        return self

    def drain(self, seconds: float = 40.0) -> None:
        """Tell it to stop; it must end by itself, well, and without a traceback in its log."""
        process = self._process
        assert process is not None
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        finally:
            self._engine.dispose()
            self.ports.release()
        said = self.log.read_text("utf-8")
        assert code == 0, said
        assert "Traceback" not in said, said

    def role(self, name: str) -> int:
        """The process of `switch`, `worker` or `valkey`, a child of `up`; LookupError while there is none."""
        assert self._process is not None
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
                said = (stat.parent / "cmdline").read_bytes().decode().split("\0")
            except (OSError, ValueError, IndexError):
                continue  # it ended meanwhile
            if parent == self._process.pid and (name in said or name in Path(said[0]).name):
                return int(stat.parent.name)
        raise LookupError(f"no {name} runs")

    async def serving(self, after: int = 0, seconds: float = 30.0) -> dict[str, Any]:
        """Wait until a switch, other than process `after`, answers on its control socket; what it says of its health."""
        async with asyncio.timeout(seconds):
            while True:
                try:
                    if self.role("switch") != after:
                        return await asyncio.to_thread(ask, self.folder / "state" / "control.sock", {"do": "health"})
                except (LookupError, NoSwitch):
                    pass
                await asyncio.sleep(0.05)

    # who is who

    @property
    def sip(self) -> tuple[str, int]:
        return self.about["sip"]["host"], self.about["sip"]["udp"]

    @property
    def trunk(self) -> tuple[str, int]:
        return self.about["trunk"]["host"], self.about["trunk"]["port"]

    def account(self, user: str) -> Account:
        phone = next(phone for phone in self.about["phones"] if phone["user"] == user)
        return Account(user, phone["password"], phone["digest"])

    def person(self, number: str) -> dict[str, Any]:
        found: dict[str, Any] = next(person for person in self.about["people"] if person["number"] == number)
        return found

    def pin(self, number: str) -> str:
        return str(self.person(number)["pin"])

    # what is on the record

    def calls(self) -> list[dict[str, Any]]:
        """Every call, as `wingline calls --json` has it."""
        with self._engine.connect() as conn:
            return [call_line(row) for row in list_calls(conn)]

    def read(self, work: Callable[[Connection], T]) -> T:
        """Whatever `switch.store` can read, on this site's database."""
        with self._engine.connect() as conn:
            return work(conn)

    def traces(self, call: str) -> list[str]:
        """Whatever was written to the disk in a call's name: its spool, and objects of the vault."""
        folder = self.folder / "recordings"
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*")
                      if call in str(path.relative_to(folder)) and path.is_file())

    def kept(self) -> list[Path]:
        """Whatever there is on the disk of any recording: all but the signed heads of the audit, which lie in the vault too."""
        folder = self.folder / "recordings"
        return [path for path in folder.rglob("*") if path.is_file() and not path.is_relative_to(folder / "vault" / "audit")]

    def sound(self, call: str, seconds: float = 20.0, root: Path = Path("/")) -> NDArray[np.int16]:
        """The sound of a call's recording, decrypted, shape (samples, 2), the person in prison first; waited for until the worker
        has sealed it. `root` is where the site's processes see the machine from. Blocking."""
        until = time.monotonic() + seconds
        while (row := self.read(lambda conn: read_recording(conn, call))) is None:
            assert time.monotonic() < until, f"{call} is not in the vault: {self.log.read_text('utf-8')[-3000:]}"
            time.sleep(0.1)
        assert row.key is not None
        settings = read_settings(self.folder).recordings
        key = load_master(settings.master_key).unwrap(row.key, context(row.id))
        sealed = (root / str(settings.vault / row.object).lstrip("/")).read_bytes()
        audio = stream.open_whole(key, stream.about(row.id, AUDIO), sealed)
        return g711.decode_alaw(audio).reshape(-1, 2)

    def alarms(self) -> list[dict[str, Any]]:
        with sqlite3.connect(f"file:{self.folder / 'state' / 'wingline.db'}?mode=ro", uri=True) as conn:
            conn.row_factory = sqlite3.Row
            return [dict(row) for row in conn.execute("SELECT * FROM alarms ORDER BY at")]

    def now(self) -> str:
        """What the clock of the running site shows, a second fast at most: for a command that asks what was before it."""
        began, at = self._began
        return (datetime.fromisoformat(began) + timedelta(seconds=time.monotonic() - at)).isoformat()

    def since(self) -> "Since":
        """From here on."""
        return Since(self, {row["id"] for row in self.calls()})

    def wingline(self, *args: str) -> subprocess.CompletedProcess[str]:
        """A command of ours on this site, as a process of its own."""
        argv = [sys.executable, "-m", "switch.cli", *args, "--dir", str(self.folder)]
        return subprocess.run(argv, capture_output=True, text=True, timeout=60, env={**os.environ, "COLUMNS": "200"}, check=False)


class Since:
    """The calls of a site after a moment."""

    def __init__(self, site: Site, before: set[str]) -> None:
        self._site, self._before = site, before

    def calls(self) -> list[dict[str, Any]]:
        return [row for row in self._site.calls() if row["id"] not in self._before]

    async def closed(self, count: int = 1, seconds: float = 15.0) -> list[dict[str, Any]]:
        """That many calls, once all are closed. The record is another process's: it is looked at, nobody tells us."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while True:
            rows = self.calls()
            if len(rows) >= count and all(row["outcome"] for row in rows):
                assert len(rows) == count, rows
                return rows
            said = self._site.log.read_text("utf-8")[-3000:]
            assert loop.time() < end, f"{count} calls should be closed by now: {rows}\n{said}"
            await asyncio.sleep(0.05)

    async def one(self, seconds: float = 15.0) -> dict[str, Any]:
        return (await self.closed(1, seconds))[0]
