"""Sites to be harmed: one for each test, or one after another for the rounds of `kill -9`."""
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.phones.site import Ports, Site
from tests.postgres import PostgresServer

ONE_AT_A_TIME = threading.Lock()
"""Alembic, which makes the tables, keeps its context in the module."""


class Wards:
    """Sites in a row: the supervisor gives up at the sixth death within a minute, so each takes five blows."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._blows = self._count = 0
        self.site: Site | None = None

    @property
    def worn(self) -> bool:
        """Whether the next blow would be one too many for this site."""
        return self._blows == 5

    def next(self) -> Site:
        """A site that can take another blow."""
        if self.worn:
            self.retire()
        if self.site is None:
            self._count += 1
            with ONE_AT_A_TIME:
                site = Site(self._folder / f"wick-hill-{self._count}", Ports())
            self.site = site.up()
        self._blows += 1
        return self.site

    def retire(self) -> Site | None:
        """Drain the site, whose files can then be read; None when there is none."""
        site, self.site, self._blows = self.site, None, 0
        if site is not None:
            site.drain()
        return site


@pytest.fixture(scope="module")
def wards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wards]:
    wards = Wards(tmp_path_factory.mktemp("wards"))
    yield wards
    wards.retire()


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that must take whatever it is sent; that its drain ends well, with no traceback in its log, is tested too."""
    site = Site(tmp_path_factory.mktemp("site") / "wick-hill", Ports()).up()
    try:
        yield site
    finally:
        site.drain()


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL of this test alone, to be stopped and killed."""
    made = PostgresServer()
    try:
        yield made.start()
    finally:
        made.remove()


@pytest.fixture
def on_postgres(tmp_path: Path, server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site on it: seeded where the environment says, and run there."""
    url = server.empty()
    monkeypatch.setenv("WINGLINE_STORE__URL", url)
    made = Site(tmp_path / "wick-hill", Ports())
    made._engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), pool_pre_ping=True, paramstyle="format")
    made.up()
    yield made
    made.drain()
