"""A database that is not there is told of and never made anew: an empty one would bar nobody and owe nothing. Only
`wingline init` makes one."""
import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect
from typer.testing import CliRunner

from switch.build import example
from switch.build.list_desk import sign_list
from switch.cli import app
from switch.settings.example import ExamplePorts
from switch.store.audit import verify_audit
from tests.postgres import PostgresServer

PORTS = ExamplePorts(5060, 5080, 20000, 20399)
"""Nothing ever listens there."""
ROLES = ("switch", "worker", "console")
COMMANDS = (("calls",), ("people", "list"), ("verify-books",), ("what-if", "site"), ("privileged", "import", "NEW"))


@pytest.fixture(params=["sqlite", "postgresql"])
def lost(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a site whose database is gone: no file, or one of that name on the server with nothing in it."""
    folder = tmp_path / "wick-hill"
    server: PostgresServer | None = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        monkeypatch.setenv("WINGLINE_STORE__URL", server.empty())
    example.write(folder, PORTS)
    if server is None:
        for file in (folder / "state").glob("wingline.db*"):
            file.unlink()
    else:
        monkeypatch.setenv("WINGLINE_STORE__URL", server.empty())
    return folder


def wingline(folder: Path, *args: str) -> Any:
    return CliRunner().invoke(app, [*args, *([] if args[0] == "init" else ["--dir", str(folder)])])


def role(folder: Path, name: str) -> "subprocess.CompletedProcess[str]":
    """As a process of its own, which waits for a database before it gives up."""
    argv = [sys.executable, "-m", "switch.cli", name, "--dir", str(folder)]
    return subprocess.run(argv, capture_output=True, text=True, timeout=200, check=False)


def tables(folder: Path) -> int:
    """How many there are; looking makes no file."""
    url = os.environ.get("WINGLINE_STORE__URL", "").replace("postgresql:", "postgresql+psycopg:")
    if not url and not (folder / "state" / "wingline.db").exists():
        return 0
    engine = create_engine(url or f"sqlite:///{folder / 'state' / 'wingline.db'}")
    found = len(inspect(engine).get_table_names())
    engine.dispose()
    return found


def refused(code: int, stderr: str) -> bool:
    return code in (1, 3) and "If there was one, put it back" in stderr and "Traceback" not in stderr


def test_no_command_makes_a_database(lost: Path) -> None:
    text = (lost / "privileged.toml").read_text("utf-8").replace("serial = 1", "serial = 2")
    (lost / "new.toml").write_text(text, "utf-8")
    sign_list(lost / "new.toml", lost / "signing" / "privileged.key", None)
    for words in COMMANDS:
        done = wingline(lost, *(word.replace("NEW", str(lost / "new.toml")) for word in words))
        assert refused(done.exit_code, done.stderr), (words, done.stderr, done.exception)
    assert tables(lost) == 0


@pytest.mark.timeout(300)
async def test_no_role_makes_a_database(lost: Path) -> None:
    for done in await asyncio.gather(*(asyncio.to_thread(role, lost, name) for name in ROLES)):
        assert refused(done.returncode, done.stderr), done
    assert tables(lost) == 0


def test_up_does_not_begin_without_its_file(tmp_path: Path) -> None:
    """A server may come later, and the roles wait for it; a file does not."""
    example.write(tmp_path / "site", PORTS)
    (tmp_path / "site" / "state" / "wingline.db").unlink()
    done = wingline(tmp_path / "site", "up")
    assert refused(done.exit_code, done.stderr), done.stderr
    assert done.exit_code == 1


def test_init_makes_one_and_leaves_one_that_is_there(lost: Path) -> None:
    done = wingline(lost, "init", str(lost))
    assert done.exit_code == 0, done.stderr
    assert "made, and empty" in done.stdout
    assert tables(lost) > 20
    assert wingline(lost, "calls").exit_code == 0
    again = wingline(lost, "init", str(lost))
    assert again.exit_code == 1
    assert again.stderr == "there is a database already: it is as it was\n"


def test_an_empty_file_is_no_database_either(tmp_path: Path) -> None:
    folder = tmp_path / "wick-hill"
    example.write(folder, PORTS)
    file = folder / "state" / "wingline.db"
    whole = file.read_bytes()
    file.write_bytes(b"")
    assert "put it back" in wingline(folder, "calls").stderr
    assert file.read_bytes() == b""
    file.write_bytes(whole)
    assert wingline(folder, "calls").exit_code == 0
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as conn:
        assert verify_audit(conn) == []
    engine.dispose()
