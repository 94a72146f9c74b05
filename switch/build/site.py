"""A site as its folder says: settings, plan and store, each with every problem it has."""
import os
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from dialplans.load import load_plan, shipped_plans
from dialplans.plan import Plan
from dialplans.privileged import Accepted
from switch.build.keys import SiteKeys, keys_to_seal_with
from switch.build.privileged import MEMORY, read_standing
from switch.settings.load import load_settings
from switch.settings.tree import Settings
from switch.store.database import Store
from switch.store.errors import StoreGone, StoreUnavailable
from switch.store.migrate import upgrade
from switch.store.privileged import ListLost
from switch.store.writer import BATCH

SETTINGS_FILE = "wingline.toml"
OFFSET = "WINGLINE_CLOCK_OFFSET"
"""Environment: seconds by which this process's wall clock is shifted; set by `--now` for the roles that `up` starts."""


START_PATIENCE = 10.0
"""Seconds that a role waits for its database; after that the supervisor starts it anew."""
NO_DATABASE = "If there was one, put it back; if there never was, `wingline init` in the site's folder makes an empty one"
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class SiteProblems(Exception):
    """What is wrong with a site's files: `lines` of "file:line: what to do", all of them."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True)
class SystemClock:
    """This machine's clock, the wall shifted by `offset`."""

    offset: timedelta = timedelta()

    def wall(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def monotonic(self) -> float:
        return time.monotonic()


class SystemIds:
    """Ids from the machine's own randomness; call ids sort by the second."""

    def call(self) -> str:
        return f"{int(time.time()):08x}-{secrets.token_hex(8)}"

    def token(self) -> str:
        return secrets.token_hex(10)


@dataclass(frozen=True, slots=True)
class Site:
    settings: Settings
    plan: Plan
    clock: SystemClock


def private_files() -> None:
    """Recordings, records and secrets: nothing that a role writes may be read by another user of the machine."""
    os.umask(0o077)


def read_settings(folder: Path, env: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a site folder. Raises SiteProblems."""
    file = folder / SETTINGS_FILE
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        hint = f"{file}: there is no such file; `wingline init --example {folder}` writes an example site"
        raise SiteProblems((hint,)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SiteProblems((f"{file}: cannot be read: {error}",)) from None
    found = load_settings(text, file.resolve(), {key: value for key, value in env.items() if key != OFFSET})
    if isinstance(found, Settings):
        return found
    raise SiteProblems(tuple(str(problem) for problem in found))


def read_plan(settings: Settings, name: str = "") -> Plan:
    """The plan that the settings name, or another of the site's. Raises SiteProblems."""
    texts = shipped_plans()
    for file in sorted(settings.plans.dir.glob("*.toml")):
        texts[file.name] = file.read_text("utf-8")
    found = load_plan(texts, name or settings.establishment.plan)
    if isinstance(found, Plan):
        return found
    raise SiteProblems(tuple(str(problem) for problem in found))


def read_site(folder: Path, clock: SystemClock) -> Site:
    """Settings and plan together; problems of both in one go. Raises SiteProblems."""
    settings = read_settings(folder)
    return Site(settings, read_plan(settings), clock)


def clock_from(now: str | None, env: Mapping[str, str] = os.environ) -> SystemClock:
    """The clock for `--now`: an instant (RFC 3339; UTC where it names no zone) or an offset (`+3h`, `-90m`), from which time runs
    on; without one, what `up` handed down. ValueError for what is neither."""
    if now is None:
        return SystemClock(timedelta(seconds=float(env.get(OFFSET, "0"))))
    if shift := re.fullmatch(r"([+-]\d+)([smhd])", now):
        return SystemClock(int(shift[1]) * timedelta(**{UNITS[shift[2]]: 1}))
    wanted = datetime.fromisoformat(now)
    if wanted.tzinfo is None:
        wanted = wanted.replace(tzinfo=UTC)
    return SystemClock(wanted - datetime.now(UTC))


def may_migrate(settings: Settings, sql: Accepted | None) -> None:
    """ListLost where a list of privileged numbers was accepted, here or in the database, and the site's cannot follow it."""
    standing = read_standing(settings, sql)
    if standing.list is None and (sql is not None or (settings.node.state_dir / MEMORY).exists()):
        raise ListLost("the database is not brought to this version: " + "; ".join(standing.problems))


def up_to_date(settings: Settings, may: Callable[[Accepted | None], None] | None = None) -> None:
    """The site's database brought to the tables of this version, where `may` (or `may_migrate`) lets it be. Blocking. StoreGone,
    with what to do, where there is no database."""
    try:
        upgrade(settings.store_url, may or partial(may_migrate, settings), make=False,
                keys=partial(keys_to_seal_with, settings))
    except StoreGone as error:
        raise StoreGone(f"{error}. {NO_DATABASE}") from error


def make_database(settings: Settings) -> None:
    """The tables, empty: what `wingline init` is for. ValueError where there are some already. StoreUnavailable. ListLost where
    the node remembers a list of privileged numbers that the site's cannot follow."""
    try:
        up_to_date(settings)
    except StoreGone:
        upgrade(settings.store_url, partial(may_migrate, settings))
    else:
        raise ValueError("there is a database already: it is as it was")


def open_store(settings: Settings, patience: float = 0.0, batch: int = BATCH) -> Store:
    """The store, its tables brought to this version. Blocking, for start-up and the command line. StoreUnavailable when the
    database has not answered for `patience` seconds: a server may start with the machine, just as a role does, and a disk be
    mounted late. StoreGone when there is none: only `make_database` makes one. ListLost as in `may_migrate`.
    `batch`: how many units of work may share a transaction."""
    until = time.monotonic() + patience
    while True:
        try:
            up_to_date(settings)
            return Store(settings.store_url, batch=batch, keys=SiteKeys(settings))
        except StoreUnavailable:
            if time.monotonic() > until:
                raise
        time.sleep(0.5)
