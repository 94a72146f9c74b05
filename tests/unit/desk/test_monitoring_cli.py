"""`wingline monitoring` on an example site with two recorded calls: what an officer sees, and the exit codes."""
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from switch.build import staff
from switch.build.site import clock_from, read_settings
from switch.cli import app
from switch.core.ids import StaffId
from switch.desk import filing
from switch.desk.asking import Desk
from switch.ports.desk import Changes
from switch.store.stamps import stamp
from switch.store.tables import cdrs
from switch.store.unit_of_work import SqlChanges
from tests.ready import write_example
from tests.unit.desk.test_monitoring import ALL
from tests.unit.store.site import AT

Wingline = Callable[..., Any]
WHEN = "2026-11-23T12:00:00Z"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("monitoring") / "site"
    write_example(made)

    def calls(changes: Changes) -> None:
        assert isinstance(changes, SqlChanges)
        changes.conn.execute(insert(cdrs), [{
            "id": call, "node": "n", "started_at": stamp(AT), "phone": "101", "person": "A1001AA", "dialled": "+447700900101",
            "privileged": False, "metered": True, "ring_ms": 0, "talk_ms": 95_000, "charged": 0, "closed_at": stamp(AT),
            "outcome": "connected", "recording": call} for call in ("call-1", "call-2")])

    async def file(desk: Desk, actor: StaffId, at: Any) -> None:
        await desk.work.run(actor, at, calls)
        for call in ("call-1", "call-2"):
            await filing.file_recording(replace(desk, plan=ALL), actor, at, call)

    staff.at_desk(read_settings(made), clock_from(WHEN), StaffId("worker"), file)
    return made


@pytest.fixture
def wingline(folder: Path) -> Wingline:
    def run(*args: str, who: str = "officer") -> Any:
        return CliRunner().invoke(app, ["monitoring", *args, "--dir", str(folder), "--staff", who, "--now", WHEN])

    return run


def play(folder: Path) -> None:
    """What is noted when the officer has listened to call-1 over the API."""
    staff.at_desk(read_settings(folder), clock_from(WHEN), StaffId("officer"), lambda desk, actor, at: desk.work.run(
        actor, at, lambda changes: changes.audit("recording-played", {"call": "call-1"}, {"seconds": 90})))


def test_an_officer_works_through_the_queue(wingline: Wingline, folder: Path) -> None:
    (item,) = map(json.loads, wingline("next", "--site", "wick-hill", "--json").stdout.splitlines())
    assert (item["record"], item["call"], item["tier"], item["claimed_by"]) == ("item", "call-1", "random", "officer")
    assert "call-2" in wingline("next", "--site", "wick-hill", who="other").stdout
    nothing = wingline("next", "--site", "wick-hill", who="third")
    assert (nothing.exit_code, nothing.stderr) == (1, "nothing waits that you may hear\n")
    taken = wingline("claim", "call-1", who="other")
    assert (taken.exit_code, "officer has it in hand until" in taken.stderr) == (1, True)
    assert "call-2  waiting" in wingline("claim", "call-2", who="other").stdout
    assert "call-2  waiting" in wingline("release", "call-2", who="other").stdout
    listed = wingline("list", "--site", "wick-hill").stdout
    assert "call-1  waiting  random (100 % of site@" in listed
    assert "due 2026-12-01 00:00 UTC" in listed
    assert wingline("list", "--site", "wick-hill", "--overdue").stdout == ""
    assert "note: speaks of a birthday" in wingline("note", "call-1", "speaks of a birthday").stdout
    assert "bookmark at 1:02 (contact): a second voice" in wingline(
        "bookmark", "call-1", "62", "a second voice", "--side", "contact").stdout
    assert "call-1  waiting" in wingline("translate", "call-1", "not-needed", "--reason", "in English").stdout
    for how in ((), ("--listened", "nothing-of-concern", "--not-needed")):
        assert wingline("close", "call-1", *how).exit_code == 2
    refused = wingline("close", "call-1", "--listened", "intelligence-report")
    assert (refused.exit_code, "you have not played it" in refused.stderr) == (1, True)
    play(folder)
    assert "call-1  listened  intelligence-report" in wingline("close", "call-1", "--listened", "intelligence-report").stdout
    assert wingline("close", "call-2", "--not-needed").exit_code == 1
    assert "call-2  not-needed" in wingline("close", "call-2", "--not-needed", "--reason", "a machine").stdout
    shown = list(map(json.loads, wingline("show", "call-1", "--json").stdout.splitlines()))
    assert [one["record"] for one in shown] == ["item", "note", "note", "note"]
    assert "in English" in wingline("show", "call-1").stdout
    assert wingline("show", "call-9").exit_code == 1


def test_reports_and_the_draw_done_again(wingline: Wingline) -> None:
    heard = wingline("report", "heard", "--site", "wick-hill", "--csv").stdout.splitlines()
    assert heard[0] == "week,wing,tier,recordings,listened,not_needed,waiting,share_heard"
    assert heard[1].startswith("2026-11-23,A,random,2,")
    assert "of 2 heard" in wingline("report", "heard", "--site", "wick-hill", "--from", "2026-11-23").stdout
    assert wingline("report", "heard", "--site", "wick-hill", "--from", "Monday").exit_code == 2
    assert wingline("report", "overdue", "--site", "wick-hill").stdout == ""
    assert wingline("report", "overdue", "--site", "wick-hill", "--csv").stdout == "tier,days_overdue,items,oldest_call\n"
    assert wingline("report", "overdue", "--site", "none").exit_code == 1
    done = wingline("redraw", "2026-11-23", "--site", "wick-hill")
    assert (done.exit_code, "2 of 2 recordings were drawn" in done.stdout) == (0, True)
    assert wingline("redraw", "2026-10-23", "--site", "wick-hill").exit_code == 1


def test_a_disclosure_is_a_folder_with_its_log_beside_it(folder: Path, tmp_path: Path) -> None:
    def given(*args: str) -> Any:
        return CliRunner().invoke(app, ["subject-access", "--recipient", "herself", "--reason", "a request", "--second",
                                        "governor", *args, "--dir", str(folder), "--staff", "officer", "--now", WHEN])

    out = tmp_path / "ann"
    made = given("--person", "A1001AA", "--out", str(out))
    assert made.exit_code == 0, made.output
    assert {"manifest.json", "calls.csv", "withheld.json", "README.txt"} <= {path.name for path in out.iterdir()}
    assert (tmp_path / "ann.withheld.csv").exists()
    again = given("--person", "A1001AA", "--out", str(out))
    assert (again.exit_code, "is there already" in again.stderr) == (1, True)
    for wrong in ((), ("--person", "A1001AA", "--party", "x")):
        assert given(*wrong, "--out", str(tmp_path / "none")).exit_code == 2
    assert given("--party", "nobody", "--out", str(tmp_path / "none")).exit_code == 1
    assert not (tmp_path / "none").exists()
