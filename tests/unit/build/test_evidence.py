"""An evidence pack from the command line of an example site that does not run, and the audit verified against its checkpoints."""
import asyncio
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from recordings.keys import load_master
from switch.build.site import open_store, read_settings
from switch.build.vault import open_vault
from switch.cli import app
from tests.ready import write_example
from tests.unit.store.site import AT
from tests.vaults import keep, voices

CALL = "6925a1b2-0000000000000001"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With one recording in its vault."""
    made = tmp_path / "site"
    write_example(made)
    settings = read_settings(made)
    store = open_store(settings)

    async def record() -> None:
        vault = open_vault(settings, store, lambda: AT)
        master = load_master(settings.recordings.master_key)
        await keep(vault, store, settings.recordings.spools, CALL, voices(0.3), master=master)
        await store.close()

    asyncio.run(record())
    return made


def test_a_pack_is_written_noted_and_believed(folder: Path, tmp_path: Path) -> None:
    def wingline(*args: str) -> Any:
        return CliRunner().invoke(app, [*args, "--dir", str(folder)])

    said = ("--recipient", "the Crown Court", "--reason", "served", "--second", "k.marsh", "--staff", "j.osei")
    out = tmp_path / "pack.zip"
    assert wingline("evidence", "none", "--out", str(out), *said).exit_code == 1
    done = wingline("evidence", CALL, "--out", str(out), *said, "--vcon")
    assert done.exit_code == 0, done.output
    fingerprint = done.stdout.split()[-1]
    with zipfile.ZipFile(out) as pack:
        pack.extract("verify.py", tmp_path)
    told = subprocess.run([sys.executable, "-I", str(tmp_path / "verify.py"), str(out), "--fingerprint", fingerprint],
                          capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stdout
    assert wingline("evidence", CALL, "--out", str(out), *said).exit_code == 1, "no pack is written over"
    rows = [json.loads(line) for line in wingline("audit", "list", "--kind", "disclosure", "--json").stdout.splitlines()]
    assert [(row["action"], row["recipient"]) for row in rows] == [
        ("evidence-disclosed-refused", ""), ("evidence-disclosed", "the Crown Court"), ("evidence-written", "")]
    good = wingline("audit", "verify")
    assert (good.exit_code, "and 1 checkpoints up to row" in good.stdout) == (0, True), good.output
    shutil.copytree(read_settings(folder).recordings.vault / "audit", tmp_path / "kept")
    assert wingline("audit", "verify", "--from", str(tmp_path / "kept")).exit_code == 0
    (kept,) = (tmp_path / "kept").rglob("*.json")
    kept.unlink()
    bad = wingline("audit", "verify", "--from", str(tmp_path / "kept"))
    assert (bad.exit_code, "checkpoint 1, of which row" in bad.stdout) == (1, True)
    assert wingline("audit", "verify", "--key", str(tmp_path / "verify.py")).exit_code == 1, "which is no key"
