"""Money that the worker sees to, in real processes: two workers at once, one of them killed; a renewal is bought once, and books
that differ raise their alarm once."""
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from switch.cli import app
from tests.ready import write_example
from tests.unit.dialplans.test_subscriptions import OFFERS

pytestmark = pytest.mark.wire
BEGUN, NIGHT = "2026-11-23T10:00:00Z", "2026-12-24T03:31:00Z"
"""A month of texts, and the night after it: its renewal and the books are both due."""
PATIENCE = 120.0


def worker(site: Path, at: str, name: str) -> "subprocess.Popen[bytes]":
    with (site / f"{name}.log").open("wb") as log:
        return subprocess.Popen([sys.executable, "-m", "switch.cli", "worker", "--dir", str(site), "--now", at], stderr=log)


def ready(site: Path, name: str) -> bool:
    """From here on it hears that it is to end."""
    return b"worker.ready" in (site / f"{name}.log").read_bytes()


def until(true: Callable[[], Any]) -> None:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < PATIENCE, "not in time"
        time.sleep(0.1)


def test_two_workers_one_of_them_killed_renew_once_and_tell_of_the_books_once(tmp_path: Path) -> None:
    site = tmp_path / "site"
    write_example(site)
    plan = site / "plans" / "site.toml"
    plan.write_text(plan.read_text("utf-8") + OFFERS[OFFERS.index("[[bundle]]"):], "utf-8")
    person = json.loads((site / "example.json").read_text("utf-8"))["people"][0]["number"]
    asked = CliRunner().invoke(app, ["money", "subscribe", person, "texts", "--reference", "s1", "--dir", str(site),
                                     "--now", BEGUN])
    assert asked.exit_code == 0, asked.output
    (file,) = site.rglob("*.db")
    database = sqlite3.connect(file, isolation_level=None, timeout=30)
    database.execute("INSERT INTO postings (reference, account, amount, at) VALUES ('topup:stray', 'cash:site', 5, ?)", (BEGUN,))

    def count(what: str) -> int:
        return int(database.execute(f"SELECT count(*) FROM {what}").fetchone()[0])

    def done() -> int:
        return count("daily_jobs WHERE done_at IS NOT NULL AND name IN ('renew-subscriptions', 'verify-books')")

    first, second = worker(site, NIGHT, "first"), worker(site, NIGHT, "second")
    try:
        until(lambda: count("bundles WHERE id LIKE 's1@%'") == 2)
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        later = worker(site, "2026-12-24T04:31:00Z", "later")  # what the killed one had taken is anybody's after half an hour
        try:
            until(lambda: done() == count("establishments") + 1 and ready(site, "second") and ready(site, "later"))
        finally:
            later.terminate()
        assert later.wait(PATIENCE) == 0
    finally:
        for process in (first, second):
            if process.poll() is None:
                process.terminate()
    assert second.wait(PATIENCE) == 0
    assert count("bundles WHERE id LIKE 's1@%'") == 2
    assert count("postings WHERE reference LIKE 'bundle:s1@%'") == 4
    ((id, text),) = database.execute("SELECT id, text FROM alarms WHERE kind = 'books-differ'").fetchall()
    assert (id, text) == ("books:2026-12-24",
                          "The books differ (1 in all): topup:stray: off by 5 thousandths of a penny")
