"""A round of the demo as a process: every scenario played, every call as it should be."""
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from switch.demo.scenarios import ROUND
from switch.ports.calls import CallRow
from tests.phones.site import Ports
from tests.ready import write_example

pytestmark = pytest.mark.wire


STEPS = ("sealed", "authority", "transcript", "evidence", "hold", "erasure")
"""What is shown of the recording of one call, in this order."""


@pytest.fixture
def ports() -> Iterator[Ports]:
    mine = Ports()
    yield mine
    mine.release()


def demo(folder: Path, seconds: float = 150.0) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "switch.cli", "demo", "--once", "--json", "--dir", str(folder)]
    return subprocess.run(argv, capture_output=True, text=True, timeout=seconds, check=False)


@pytest.mark.timeout(180)
def test_a_round_goes_as_it_should(tmp_path: Path, ports: Ports) -> None:
    site = tmp_path / "site"
    write_example(site, ports.example)
    done = demo(site)
    assert done.stdout, done.stderr
    rows = list[dict[str, Any]](json.loads(line) for line in done.stdout.splitlines())
    lines, (canary,) = [row for row in rows if "scenario" in row], [row for row in rows if row["kind"] == "canary"]
    steps = {row["step"]: row["ok"] for row in rows if row["kind"] == "evidence"}
    # speech into words takes a core for itself: with a model in `make soak`, and of a sealed recording in tests/unit/build
    assert steps == {**dict.fromkeys(STEPS, True), "transcript": None}, [row for row in rows if row["kind"] == "evidence"]
    assert (canary["kind"], canary["verdict"], canary["problems"], canary["ok"]) == ("canary", "passed", [], True), done.stderr
    assert {line["scenario"]: line["why_not"] for line in lines} == {scenario.name: None for scenario in ROUND}, done.stderr
    assert done.returncode == 0, done.stderr
    assert all(line["ok"] for line in lines)
    fields = [name for name in CallRow.__slots__ if name != "kind"]
    assert all(list(line) == ["kind", *fields, "scenario", "ok", "why_not"] for line in lines)
    assert len({line["id"] for line in lines}) == len(ROUND)
    log = (site / "demo.log").read_text("utf-8")
    assert "Traceback" not in log
    assert log.rstrip().endswith("stopped: SIGTERM")


def test_a_port_that_is_taken_is_named(tmp_path: Path, ports: Ports) -> None:
    write_example(tmp_path / "site", ports.example)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", ports.example.trunk))
        done = demo(tmp_path / "site", 60)
    assert done.returncode == 2
    assert f"UDP port {ports.example.trunk} of 127.0.0.1, where the site expects its carrier, is not free" in done.stderr


def test_a_folder_that_is_no_example_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("not a site")
    done = demo(tmp_path, 60)
    assert done.returncode == 2
    assert "example.json is not there" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_switch_that_cannot_start_is_told_with_its_words(tmp_path: Path, ports: Ports) -> None:
    write_example(tmp_path / "site", ports.example)
    (tmp_path / "site" / "recordings").write_text("in the way of the folder")
    done = demo(tmp_path / "site", 100)
    assert done.returncode == 2
    assert "the switch does not start" in done.stderr
    assert "recordings" in done.stderr
