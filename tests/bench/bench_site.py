"""A site for the bench: the example site with more telephones, people and lines, run by `wingline up` as anybody would."""
import asyncio
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from switch.build import example
from switch.build.site import SystemClock, open_store, read_settings
from switch.core.facts import ContactKind, ContactState
from switch.core.ids import PersonId, PhoneId
from switch.core.money import from_pence
from switch.core.numbers import Unreadable, read_number
from switch.settings import cast
from switch.settings.tree import Settings
from switch.store.database import Store
from switch.store.seeding import AddContact, AddCredit, AddPerson, AddPhone
from tests.bench.machine import Process, tree, wait_until

BY = "bench"
PHONES, SHORT = 330, 120
"""Telephones with calls of up to ten minutes, and those of the wing whose calls are cut after LIMIT seconds."""
LIMIT = 3
LINES = 400
MEDIA = "12000-19999"
"""Below the ports that the kernel gives to whoever asks for any."""


@dataclass(frozen=True, slots=True)
class Handset:
    """A telephone, and the number that whoever lives there may ring, as keyed and as the trunk sees it."""

    user: str
    password: str
    keyed: str
    number: str


def handsets() -> tuple[list[Handset], list[Handset]]:
    """The ordinary ones, and those with the short limit. Numbers are Ofcom's for drama."""
    made = [
        Handset(f"b{at:03}", f"bench-{at * 7919:06}", f"07700900{at + 200:03}", f"+447700900{at + 200:03}")
        for at in range(PHONES + SHORT)
    ]
    return made[:PHONES], made[PHONES:]


def write_site(folder: Path) -> Settings:
    """The example site, its limits raised, with the bench's people in it."""
    example.write(folder)
    toml = folder / "wingline.toml"
    text = toml.read_text("utf-8")
    for pattern, put in (
        (r'ports = "[0-9]+-[0-9]+"', f'ports = "{MEDIA}"'), (r"(?m)^calls = \d+", f"calls = {LINES}"),
        (r"(?m)^lines = \d+", f"lines = {LINES}"), (r'format = "text"', 'format = "json"'),
    ):
        text, changed = re.subn(pattern, put, text)
        assert changed == 1, pattern
    toml.write_text(text, "utf-8")
    with (folder / "plans" / "site.toml").open("a", encoding="utf-8") as plan:
        plan.write(
            '\n[hours]\nevery_day = ["00:00-24:00"]\n\n[recording]\nreserve_minutes = 1\n\n'
            '[allowance]\nminutes_per_day = "no limit"\n'
            f'\n[[group]]\nname = "cut by the bench"\nwings = ["short"]\n[group.length]\nsocial = {LIMIT}\n'
            "[group.call]\nwarnings = [1]\n"
        )
    settings = read_settings(folder)
    asyncio.run(_seed(settings))
    return settings


async def _seed(settings: Settings) -> None:
    """Side by side, so that the store commits them in groups; each kind after the one that it refers to."""
    store, at = open_store(settings), SystemClock().wall()
    ordinary, short = handsets()
    every = [(one, "bench" if one in ordinary else "short") for one in (*ordinary, *short)]

    def person(at: int) -> PersonId:
        return PersonId(f"B{1000 + at}BB")

    async def contact(store: Store, who: PersonId, one: Handset) -> None:
        number = read_number(one.number)
        assert not isinstance(number, Unreadable)
        await store.write(AddContact(who, number, f"Contact of {who}", ContactKind.SOCIAL, ContactState.APPROVED, BY, at))

    try:
        await asyncio.gather(*(store.write(AddPhone(
            PhoneId(one.user), one.password, cast.REALM, cast.MD5_NETWORK, f"B-{one.user}", wing, cast.ESTABLISHMENT,
            False, BY, at,
        )) for one, wing in every))
        await asyncio.gather(*(store.write(AddPerson(
            person(n), f"Person {n}", cast.ESTABLISHMENT, PhoneId(one.user), None, BY, at,
        )) for n, (one, _) in enumerate(every)))
        await asyncio.gather(*(contact(store, person(n), one) for n, (one, _) in enumerate(every)))
        await asyncio.gather(*(store.write(AddCredit(person(n), from_pence(5000), f"opening:{person(n)}", BY, at))
                               for n in range(len(every))))
    finally:
        await store.close()


class RunningSite:
    """`wingline up` on a site of its own in a temporary folder. Leave the context and nothing of it is left."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="wingline-bench-", ignore_cleanup_errors=True)
        self.folder = Path(self._folder.name) / "site"
        self.settings: Settings
        self._up: subprocess.Popen[str] | None = None
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        try:
            self.settings = write_site(self.folder)
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._up is not None:
            self._up.send_signal(signal.SIGTERM)
            try:
                self._up.wait(30)
            except subprocess.TimeoutExpired:
                for one in reversed(tree(self._up.pid)):
                    os.kill(one.pid, signal.SIGKILL)
                self._up.wait(5)
        self._folder.cleanup()

    def _start(self) -> None:
        log = (self.folder / "up.log").open("w")
        self._up = subprocess.Popen(
            [sys.executable, "-m", "switch.cli", "up", "--dir", str(self.folder)], stdout=subprocess.PIPE, stderr=log, text=True,
        )
        log.close()
        threading.Thread(target=self._listen, daemon=True).start()
        wait_until(lambda: self._ready.is_set() or self._up is None or self._up.poll() is not None, 30, "the bench site")
        if not self._ready.is_set():
            raise RuntimeError(f"the bench site did not start:\n{self.log()[-2000:]}")

    def _listen(self) -> None:
        assert self._up is not None
        assert self._up.stdout is not None
        for line in self._up.stdout:
            if "is up" in line:
                self._ready.set()

    @property
    def pid(self) -> int:
        assert self._up is not None
        return self._up.pid

    @property
    def sip(self) -> tuple[str, int]:
        return self.settings.sip.host, self.settings.sip.udp

    @property
    def trunk(self) -> tuple[str, int]:
        return self.settings.trunk.host, self.settings.trunk.port

    def parts(self) -> dict[str, Process]:
        """The processes of the site by their role."""
        roles = {}
        for one in tree(self.pid):
            try:
                words = (Path("/proc") / str(one.pid) / "cmdline").read_bytes().decode().split("\0")
            except OSError:
                continue
            role = next((word for word in ("switch", "worker", "up") if word in words), one.name)
            roles[role] = one
        return roles

    def log(self) -> str:
        return (self.folder / "up.log").read_text("utf-8", "replace")

    def count(self, sql: str) -> list[tuple[object, ...]]:
        """Rows of the site's database, read beside the switch."""
        path = self.settings.node.state_dir / "wingline.db"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5) as conn:
            return conn.execute(sql).fetchall()

    def settle(self, seconds: float = 20) -> None:
        """Until every record is closed and the worker has followed every one of them."""
        for table, waiting, what in (("cdrs", "closed_at", "the last record"), ("outbox", "done_at", "the outbox's end")):
            sql = f"select count(*) from {table} where {waiting} is null"
            wait_until(lambda sql=sql: self.count(sql)[0][0] == 0, seconds, what)  # type: ignore[misc]  # a default binds it now
