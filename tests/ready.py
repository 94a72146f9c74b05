"""What takes long to make and is the same for every test: this version's tables in SQLite, and an example site.

Each worker makes them once, by the product's own code, and copies them from then on.
"""
import os
import secrets
import shutil
import tempfile
from atexit import register
from functools import cache
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import make_url

from switch.build import example
from switch.settings.example import ExamplePorts, example_site
from switch.store.migrate import upgrade

NOWHERE = ExamplePorts(5060, 5080, 20000, 20399)


@cache
def migrated() -> bytes:
    """An SQLite file that every migration was run on."""
    with tempfile.TemporaryDirectory() as folder:
        upgrade(f"sqlite:///{folder}/site.db")
        return (Path(folder) / "site.db").read_bytes()


def make_tables(url: str) -> None:
    """The tables in a new SQLite file. A PostgreSQL has them: `PostgresServer.fresh`."""
    place = make_url(url)
    if place.get_backend_name() == "sqlite":
        assert place.database
        file = Path(place.database)
        assert not file.exists(), f"{file} is there already"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(migrated())


@cache
def _example() -> tuple[Path, tuple[str, ...]]:
    """Its folder, and the unguessable texts that it was made with, in their order."""
    folder = Path(tempfile.mkdtemp(prefix="wingline-example-"))
    register(shutil.rmtree, folder, ignore_errors=True)
    made: list[str] = []
    make = secrets.token_urlsafe

    def told(count: int) -> str:
        made.append(make(count))
        return made[-1]

    with patch("switch.build.example.secrets.token_urlsafe", told):
        example.write(folder / "site", NOWHERE)
    return folder / "site", tuple(made)


def write_example(folder: Path, ports: ExamplePorts | None = None) -> None:
    """As `switch.build.example.write` leaves a folder: people, PINs and keys are those of every other site of this worker, the
    ports its own. Where WINGLINE_STORE__URL names a database, everything is made anew."""
    if "WINGLINE_STORE__URL" in os.environ:
        example.write(folder, ports)
        return
    source, tokens = _example()
    shutil.copytree(source, folder)
    for name, text in example_site(iter(tokens).__next__, ports or example.free_ports()).items():
        (folder / name).write_text(text, "utf-8")
