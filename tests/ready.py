"""What takes long to make and is the same for every test: this version's tables in SQLite, and an example site.

Each worker makes them once, by the product's own code, and copies them from then on.
"""
import json
import os
import shutil
import tempfile
from atexit import register
from functools import cache
from itertools import count
from pathlib import Path

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
def _example() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="wingline-example-"))
    register(shutil.rmtree, folder, ignore_errors=True)
    example.write(folder / "site", NOWHERE)
    return folder / "site"


def write_example(folder: Path, ports: ExamplePorts | None = None) -> None:
    """As `switch.build.example.write` leaves a folder: people, PINs and keys are those of every other site of this worker, the
    ports its own. Where WINGLINE_STORE__URL names a database, everything is made anew."""
    if "WINGLINE_STORE__URL" in os.environ:
        example.write(folder, ports)
        return
    shutil.copytree(_example(), folder)
    serial = count()
    texts = example_site(lambda: str(next(serial)), ports or example.free_ports())
    (folder / "wingline.toml").write_text(texts["wingline.toml"], "utf-8")
    about, places = (json.loads(text) for text in ((folder / "example.json").read_text("utf-8"), texts["example.json"]))
    (folder / "example.json").write_text(json.dumps(about | {name: places[name] for name in ("sip", "trunk")}), "utf-8")
