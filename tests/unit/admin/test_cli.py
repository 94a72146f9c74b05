"""Keys, and accounts of staff, on the command line."""
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
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


def test_accounts_are_made_given_roles_and_ended(tmp_path: Path) -> None:
    write_example(tmp_path / "site")

    def wingline(*args: str) -> Any:
        return CliRunner().invoke(app, ["users", *args, "--dir", str(tmp_path / "site")])

    made = wingline("add", "new.one", "New One", "--staff", "sam")
    said = dict(line.split(maxsplit=1) for line in made.stdout.splitlines())
    assert said["account"] == "new.one"
    assert f"secret={said['secret']}" in said["as"]
    assert wingline("add", "new.one", "New One").exit_code == 1
    alone = wingline("give", "new.one", "listener", "--site", "wick-hill", "--reason", "new", "--staff", "sam")
    assert "a second member of staff" in alone.stderr
    both = wingline("give", "new.one", "listener", "--site", "wick-hill", "--reason", "new", "--staff", "sam", "--second", "ivy")
    assert "new.one: listener, wick-hill" in both.stdout
    listed = wingline("list").stdout
    assert "administrator: administrator, everywhere" in listed
    assert said["secret"] not in listed
    assert said["password"] not in listed
    assert wingline("role", "listener", "--permission", "live", "--reason", "less").stdout == "listener: live\n"
    assert "listener             live\n" in wingline("roles").stdout
    assert wingline("take", both.stdout.split()[0], "--reason", "left").stdout == "new.one: no longer listener\n"
    reset = wingline("reset", "new.one", "--reason", "lost").stdout
    assert said["secret"] not in reset
    assert wingline("sign-out", "new.one", "--reason", "left").exit_code == 0
    assert wingline("end", "new.one", "--reason", "left").stdout == "new.one: ended\n"
    assert "new.one" not in wingline("list").stdout
    assert "new.one" in wingline("list", "--all").stdout
    about = json.loads((tmp_path / "site" / "example.json").read_text("utf-8"))["console"]["users"]
    secret = next(user["totp_secret"] for user in about if user["name"] == "governor")
    moment = "2026-11-23T12:00:00Z"
    code = wingline("code", "governor", "--now", moment).stdout.strip()
    assert code in {pyotp.TOTP(secret).at(datetime.fromisoformat(moment) + timedelta(seconds=ahead)) for ahead in (0, 29)}
    assert wingline("code", "nobody").exit_code == 1
