"""Keys on the command line."""
import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from switch.cli import app
from tests.ready import write_example


def test_keys_are_issued_once_listed_and_revoked(tmp_path: Path) -> None:
    write_example(tmp_path / "site")

    def wingline(*args: str) -> Any:
        return CliRunner().invoke(app, [*args, "--dir", str(tmp_path / "site")])

    done = wingline("access", "issue", "visits", "--scope", "read", "--scope", "people", "--until", "+2d", "--staff", "officer")
    assert done.exit_code == 0, done.output
    id, _, secret = done.stdout.splitlines()[0].partition(".")
    again = wingline("access", "issue", "visits", "--scope", "read")
    assert (again.exit_code, again.stderr) == (1, "visits has a key already: revoke it first\n")
    assert wingline("access", "issue", "x", "--scope", "all").exit_code == 2
    assert wingline("access", "revoke", "none", "--reason", "x").exit_code == 1
    assert wingline("access", "revoke", id, "--reason", "lost").exit_code == 0
    listed = wingline("access", "list", "--json").stdout
    (row,) = map(json.loads, listed.splitlines())
    assert (row["id"], row["scopes"], row["created_by"], row["revoked_at"] is None) == (id, ["people", "read"], "officer", False)
    assert secret not in listed
    held = wingline("access", "issue", "J Osei", "--scope", "orders", "--holder", "j.osei")
    assert "of j.osei" in held.stdout
    assert wingline("access", "issue", "K", "--scope", "orders", "--holder", "k m").exit_code == 1
    assert json.loads(wingline("access", "list", "--json").stdout.splitlines()[-1])["holder"] == "j.osei"
