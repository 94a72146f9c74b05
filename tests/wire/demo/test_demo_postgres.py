"""The example site on a PostgreSQL: seeded there, a round of real calls, and the same books."""
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from switch.demo.model import give_model
from switch.demo.scenarios import ROUND
from switch.store.audit import verify_audit
from switch.store.books import verify_books
from switch.store.database import Store
from switch.store.tables import cdrs
from tests.postgres import PostgresServer

pytestmark = pytest.mark.wire


def wingline(*args: str, url: str = "", seconds: float = 60.0) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **({"WINGLINE_STORE__URL": url} if url else {})}
    return subprocess.run([sys.executable, "-m", "switch.cli", *args], capture_output=True, text=True, timeout=seconds, env=env,
                          check=False)


def test_an_example_is_seeded_into_a_postgresql_once(tmp_path: Path, postgres: PostgresServer) -> None:
    url, site = postgres.empty(), tmp_path / "site"
    assert wingline("init", "--example", str(site), url=url).returncode == 0
    assert not (site / "state" / "wingline.db").exists()
    about = json.loads((site / "example.json").read_text("utf-8"))
    with postgres.connect(url.partition("@/")[2].partition("?")[0]) as conn:
        assert conn.execute("SELECT count(*) FROM people").fetchone() == (len(about["people"]),)
    again = wingline("init", "--example", str(tmp_path / "other"), url=url)
    said = again.stderr.splitlines()[-1]  # asyncio's debug mode may have talked before
    assert (again.returncode, said) == (1, "the example is not written: there is a site in this database already")
    assert list((tmp_path / "other").iterdir()) == []
    none = wingline("calls", "--dir", str(site), url=f"postgresql:///none?host={tmp_path}")
    assert none.returncode == 3, "the database does not answer"
    assert "Traceback" not in none.stderr
    postgres.drop(url)


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_round_of_real_calls_on_postgresql(tmp_path: Path, postgres: PostgresServer) -> None:
    url, site = postgres.empty(), tmp_path / "site"
    made = wingline("init", "--example", str(site), url=url)
    assert made.returncode == 0, made.stderr
    with (site / "wingline.toml").open("a") as settings:
        settings.write(f'\n[store]\nurl = "{url}"\n')
    give_model(site)
    done = wingline("demo", "--once", "--json", "--dir", str(site), seconds=150)
    rows = list[dict[str, Any]](json.loads(line) for line in done.stdout.splitlines())
    lines, (canary,) = [row for row in rows if "scenario" in row], [row for row in rows if row["kind"] == "canary"]
    assert [row for row in rows if row["kind"] == "evidence" and not row["ok"]] == []
    assert {"transcript", "lead"} <= {row.get("step") for row in rows}
    assert canary["verdict"] == "passed", canary
    assert {line["scenario"]: line["why_not"] for line in lines} == {scenario.name: None for scenario in ROUND}, done.stderr
    assert done.returncode == 0, done.stderr
    assert not (site / "state" / "wingline.db").exists()
    assert "Traceback" not in (site / "demo.log").read_text("utf-8")
    listed = wingline("calls", "--json", "--dir", str(site))
    assert {json.loads(line)["id"] for line in listed.stdout.splitlines()} == {line["id"] for line in lines} | {canary["call"]}
    store = Store(url)
    assert await store.read(lambda conn: conn.execute(select(cdrs.c.id).where(cdrs.c.closed_at.is_(None))).all()) == []
    assert await store.read(verify_books) == []
    assert await store.read(verify_audit) == []
    await store.close()
    postgres.drop(url)
