"""The databases that the switch can be told to use: a test that asks for an address runs on each."""
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that has nothing in it but, on PostgreSQL, the tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/site.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    made = server.fresh()
    yield made
    server.drop(made)
