"""The command line of the desk on an example site that does not run: answers, refusals, exit codes, files."""
import json
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from switch.build.site import read_settings
from switch.cli import app
from tests.ready import write_example

Wingline = Callable[..., Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("cli") / "site"
    write_example(made)
    return made


@pytest.fixture
def wingline(folder: Path) -> Wingline:
    def run(*args: str, text: str | None = None) -> Any:
        return CliRunner().invoke(app, [*args, "--dir", str(folder)], input=text)

    return run


def test_a_person_from_the_gate_to_the_gate(wingline: Wingline) -> None:
    done = wingline("people", "receive", "b2001bb", "--name", "Bo Newman", "--site", "wick-hill", "--cell", "A1-01", "--at-risk",
                    "--need", "hearing")
    assert done.exit_code == 0, done.output
    assert "B2001BB  Bo Newman  wick-hill A1-01  here  telephone 101" in done.stdout
    assert "AT RISK" in done.stdout
    assert wingline("people", "change", "B2001BB", "--no-at-risk", "--incentive", "basic").exit_code == 0
    assert wingline("people", "move", "B2001BB", "A1-02").exit_code == 0
    assert wingline("people", "away", "B2001BB", "court").exit_code == 0
    assert wingline("people", "back", "B2001BB").exit_code == 0
    (shown,) = map(json.loads, wingline("people", "show", "B2001BB", "--json").stdout.splitlines())
    assert (shown["phone"], shown["incentive"], shown["flags"]["at_risk"], shown["flags"]["needs"]) == (
        "102", "basic", False, ["hearing"])
    assert wingline("places", "add", "long-moor", "--name", "HMP Long Moor").exit_code == 0
    moved = wingline("people", "transfer", "B2001BB", "long-moor")
    assert "to do at long-moor" in moved.stderr
    tasks = [json.loads(line) for line in wingline("tasks", "list", "--site", "long-moor", "--json").stdout.splitlines()]
    assert [task["kind"] for task in tasks] == ["assign-cell", "review-needs"]
    assert wingline("tasks", "done", tasks[0]["id"]).exit_code == 0
    assert "to be paid out: 0 p" in wingline("people", "release", "B2001BB").stdout
    assert "PIN " in wingline("people", "recall", "B2001BB", "wick-hill", "--cell", "A1-01").stdout
    assert "order" in wingline("people", "die", "B2001BB", "--reason", "found").stdout
    again = wingline("people", "release", "B2001BB")
    assert (again.exit_code, again.stderr) == (1, "B2001BB has died: everything of theirs is held as it is\n")


@pytest.mark.parametrize(("args", "code", "said"), [
    (("people", "move", "ZZ", "A1-01"), 1, "'ZZ' is no prison number"),
    (("people", "show", "Z9999ZZ"), 1, "nobody here has this number"),
    (("people", "away", "A1001AA", "sea"), 2, "say court or hospital"),
    (("people", "pin", "A1001AA", "--reason", "x", "--withdraw"), 2, "goes with --duress"),
    (("people", "list", "--status", "lost"), 2, "is none of here"),
    (("people", "load", "people", "/nowhere.csv"), 1, "No such file"),
    (("kill", "wing", "A", "--reason", "x"), 2, "say which"),
    (("kill", "wing", "A", "--reason", "x", "--cut", "--no-new"), 2, "say which"),
    (("kill", "wing", "Q", "--reason", "x", "--cut"), 1, "there is no wing Q"),
    (("kill", "site", "wick-hill", "--reason", "x", "--cut", "--until", "soon"), 2, "--until"),
    (("kill", "lift", "none"), 1, "no order none stands"),
    (("places", "add-phone", "900", "--site", "wick-hill", "--cell", "A1-01", "--network", "moon"), 1,
     "no access network 'moon'"),
    (("places", "list", "--now", "later"), 2, "--now"),
])
def test_what_is_wrong_is_said_in_one_line(wingline: Wingline, args: tuple[str, ...], code: int, said: str) -> None:
    done = wingline(*args)
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_kill_switch_is_listed_and_lifted(wingline: Wingline) -> None:
    placed = wingline("kill", "cell", "A1-05", "--no-new", "--reason", "a search", "--staff", "officer", "--until", "+2h")
    id = placed.stdout.split()[0]
    (row,) = [row for row in map(json.loads, wingline("kill", "list", "--json").stdout.splitlines()) if row["id"] == id]
    assert (row["reach"], row["target"], row["establishment"], row["cut"], row["staff"], row["reason"]) == (
        "cell", "A1-05", "wick-hill", False, "officer", "a search")
    assert "HELPLINES TOO" in wingline("kill", "helplines", id, "--reason", "worse").stdout
    assert wingline("kill", "lift", id).stdout.count("lifted:") == 2
    assert id not in wingline("kill", "list").stdout


def test_the_kill_switch_works_while_the_plan_cannot_be_read(wingline: Wingline, folder: Path) -> None:
    plan = folder / "plans" / "site.toml"
    kept = plan.read_text("utf-8")
    plan.write_text("this is no plan", "utf-8")
    try:
        placed = wingline("kill", "site", "wick-hill", "--cut", "--reason", "x")
        assert placed.exit_code == 0, placed.output
        assert wingline("kill", "lift", placed.stdout.split()[0]).exit_code == 0
    finally:
        plan.write_text(kept, "utf-8")


def test_loads_and_exports_go_through_files(wingline: Wingline, tmp_path: Path) -> None:
    people, pins = tmp_path / "people.csv", tmp_path / "pins.csv"
    people.write_text("number,name,establishment,cell\nC3001CC,Cy One,wick-hill,A1-01\nbad,,wick-hill,Q\n", "utf-8")
    refused = wingline("people", "load", "people", str(people), "--out", str(pins))
    assert refused.exit_code == 1
    assert [line.split(":")[0] for line in refused.stderr.splitlines()] == ["line 3", "line 3"]
    assert not pins.exists()
    people.write_text("number,name,establishment,cell\nC3001CC,Cy One,wick-hill,A1-01\n", "utf-8")
    assert wingline("people", "load", "people", str(people), "--dry-run", "--out", str(pins)).exit_code == 0
    assert not pins.exists()
    assert wingline("people", "load", "people", str(people), "--out", str(pins)).exit_code == 0
    assert stat.S_IMODE(pins.stat().st_mode) == 0o600
    number, pin = pins.read_text("utf-8").splitlines()[1].split(",")
    assert (number, len(pin), pin.isdecimal()) == ("C3001CC", 4, True)
    assert wingline("people", "load", "people", str(people), "--out", str(pins)).exit_code == 1, "no file is written over"
    assert "C3001CC,Cy One,wick-hill,A1-01" in wingline("people", "export", "people").stdout
    feed = wingline("people", "feed", "-", "--site", "wick-hill", text="number,cell\nC3001CC,A1-02\n")
    assert "C3001CC: A1-01 -> A1-02" in feed.stdout


def test_the_roll_check_exits_1_when_something_is_not_right(wingline: Wingline) -> None:
    wingline("places", "capacity", "wick-hill", "0", "--cell", "A1-03")
    done = wingline("roll-check", "--site", "wick-hill", "--json")
    assert done.exit_code == 1
    assert ("over-capacity", "A1-03") in {(row["kind"], row["what"]) for row in map(json.loads, done.stdout.splitlines())}


def test_a_telephone_has_its_password_shown_once(wingline: Wingline, folder: Path) -> None:
    network = read_settings(folder).network[0].name
    made = wingline("places", "add-phone", "901", "--site", "wick-hill", "--cell", "A1-01", "--network", network)
    assert "SIP user 901, password " in made.stdout
    assert wingline("places", "move-phone", "901", "A1-02").exit_code == 0
    assert "password " in wingline("places", "password", "901", "--reason", "a sticker").stdout
    assert "password" not in wingline("places", "list").stdout


def test_numbers_and_stops(wingline: Wingline, tmp_path: Path) -> None:
    barred = wingline("numbers", "bar", "07700 900777", "--reason", "a court's order", "--level", "person", "--for", "A1001AA",
                      "--victim", "--staff", "officer")
    assert barred.exit_code == 0, barred.output
    assert "+447700900777  bar, VICTIM  person A1001AA" in barred.stdout
    assert wingline("numbers", "allow", "0800 157 0001", "--reason", "advice line").exit_code == 0
    (entry,) = map(json.loads, wingline("numbers", "list", "07700900777", "--json").stdout.splitlines())
    assert (entry["victim"], entry["target"], entry["cut"]) == (True, "A1001AA", True)
    alone = wingline("numbers", "end", entry["id"], "--reason", "x", "--staff", "officer")
    assert (alone.exit_code, "second member of staff" in alone.stderr) == (1, True)
    ended = wingline("numbers", "end", entry["id"], "--reason", "x", "--staff", "officer", "--second", "governor")
    assert ended.stdout.startswith("ended: ")
    table = tmp_path / "numbers.csv"
    table.write_text("number,kind,level,reason\n07700900778,bar,estate,press\n")
    assert "1 entries would be loaded" in wingline("numbers", "load", str(table), "--dry-run").stdout
    assert "1 entries loaded" in wingline("numbers", "load", str(table)).stdout
    assert wingline("numbers", "wrong").stdout == ""
    assert wingline("numbers", "verify", "07700900778", "--reason", "x").exit_code == 1

    placed = wingline("stops", "place", "07700 900779", "--reason", "asked", "--staff", "officer")
    assert "every prison  by staff (officer)" in placed.stdout
    helpline = wingline("stops", "place", "116123", "--reason", "asked")
    assert (helpline.exit_code, "second member of staff" in helpline.stderr) == (1, True)
    (stop,) = map(json.loads, wingline("stops", "list", "--json").stdout.splitlines())
    assert wingline("stops", "undo", stop["id"], "--reason", "x", "--second", "governor").exit_code == 0
    asked = wingline("stops", "request", "07700 900779", "--person", "A1001AA")
    assert "waits for its code" in asked.stdout
    assert wingline("stops", "confirm", asked.stdout.split()[0], "000000").exit_code == 1
    assert wingline("stops", "let-ring", "07700 900779", "--reason", "told us").exit_code == 1, "it did not ask to be left alone"


def test_a_contact_from_application_to_order(wingline: Wingline) -> None:
    assert wingline("people", "receive", "B2009BB", "--name", "Bo Newman", "--site", "wick-hill").exit_code == 0
    made = wingline("contacts", "apply", "B2009BB", "07700 900555", "--name", "Nan Newman", "--relationship", "16")
    assert made.exit_code == 0, made.output
    approval, number, state, _, party = made.stdout.split()
    assert (number, state) == ("+447700900555", "received")
    assert "check-consent" in wingline("contacts", "begin", approval, "--owner", "clerk").stdout
    refused = wingline("contacts", "approve", approval)
    assert (refused.exit_code, "the check number is not done" in refused.stderr) == (1, True)
    assert wingline("contacts", "check", approval, "number").exit_code == 0
    assert wingline("contacts", "check", approval, "public-protection").exit_code == 0
    assert "consent given" in wingline("contacts", "consent", party, "--yes").stdout
    assert f"{approval}: approved" in wingline("contacts", "approve", approval).stdout
    (shown,) = map(json.loads, wingline("contacts", "list", "B2009BB", "--json").stdout.splitlines())
    assert (shown["state"], shown["consent"], shown["name"]) == ("approved", "given", "Nan Newman")
    placed = wingline("contacts", "order", "B2009BB", "witness", "--court", "Moor Crown Court", "--party", party,
                      "--except", "07700 900556")
    assert f"B2009BB may not ring party {party}, except +447700900556 (witness, Moor Crown Court)" in placed.stdout
    order = placed.stdout.split()[0]
    assert order in wingline("contacts", "orders", "B2009BB").stdout
    assert wingline("contacts", "lift", order, "--second", "governor", "--reason", "varied").exit_code == 0
    assert "1 contacts moved" in wingline("contacts", "change-number", party, "07700 900555", "07700 900557").stdout
    assert "0 contacts are to be verified" in wingline("contacts", "wrong-number", "07700 900557").stdout
    assert "0 contacts are to be verified" in wingline("contacts", "verify-due").stdout
    assert "level 3" in wingline("contacts", "child-level", party, "3", "--second", "governor").stdout
    assert "refused, other" in wingline("contacts", "refuse", approval, "--why", "other", "--reason", "so").stdout
    again = wingline("contacts", "withdraw", approval)
    assert (again.exit_code, "is refused already" in again.stderr) == (1, True)
    assert wingline("contacts", "agree", "B2009BB", "B2009BB", "nowhere").exit_code == 1


def test_the_audit_is_verified_and_what_was_changed_told(wingline: Wingline, folder: Path) -> None:
    assert wingline("places", "add", "audited", "--name", "HMP Audited").exit_code == 0
    good = wingline("audit", "verify")
    assert (good.exit_code, "the audit is whole" in good.stdout) == (0, True)
    store = sqlite3.connect(read_settings(folder).store_url.removeprefix("sqlite:///"))
    ((trigger,),) = store.execute("SELECT sql FROM sqlite_master WHERE name = 'audit_UPDATE'").fetchall()
    store.execute("DROP TRIGGER audit_UPDATE")
    store.execute("UPDATE audit SET actor = actor || 'x' WHERE seq = 3")
    store.commit()
    bad = wingline("audit", "verify")
    assert (bad.exit_code, bad.stdout) == (1, "row 3: was changed after it was written\n")
    store.execute("UPDATE audit SET actor = substr(actor, 1, length(actor) - 1) WHERE seq = 3")
    store.execute(trigger)
    store.commit()
    store.close()
    assert wingline("audit", "verify").exit_code == 0


def test_watch_words_go_in_and_out(wingline: Wingline, tmp_path: Path) -> None:
    made = wingline("watch-words", "add-list", "gangs", "--site", "wick-hill").stdout.split(":")[0]
    added = wingline("watch-words", "add", made, "throw over", "--form", "lob over", "--gap", "2", "--weight", "70")
    assert "words  throw over (lob over)  en  gap 2  weight 70  useful 0, false 0" in added.stdout
    sum_ = wingline("watch-words", "add", made, "£500", "--kind", "amount", "--least")
    assert "amount  £500.00 or more" in sum_.stdout
    rows = [json.loads(line) for line in wingline("watch-words", "list", "--json").stdout.splitlines()]
    assert [(row["text"], row["subject"], row["establishment"]) for row in rows] == [
        ("throw over", "gangs", "wick-hill"), ("50000", "gangs", "wick-hill")]
    listed = wingline("watch-words", "list", "--site", "wick-hill").stdout.splitlines()
    assert listed[0] == f"{made}  gangs  wick-hill  2 words"
    assert "ended: " in wingline("watch-words", "end", rows[0]["id"]).stdout
    table = tmp_path / "words.csv"
    table.write_text(CliRunner().invoke(app, ["watch-words", "example"]).stdout, "utf-8")
    assert "words would be loaded; new lists: drugs" in wingline("watch-words", "load", str(table), "--dry-run").stdout
    assert "words loaded; new lists: drugs" in wingline("watch-words", "load", str(table)).stdout
    assert "gangs,amount,£500.00,wick-hill,en,,0,50,yes" in wingline("watch-words", "export").stdout
    assert wingline("watch-words", "end-list", made).stdout == f"{made}: ended, with 1 words\n"


def test_recordings_are_held_listed_and_let_go(wingline: Wingline) -> None:
    words = ("--governor", "Gov. Pike", "--necessity", "An inquest.", "--proportionality", "One person.")
    assert wingline("people", "receive", "b2011bb", "--name", "Bo Held", "--site", "wick-hill").exit_code == 0
    placed = wingline("holds", "place", "person", "b2011bb", *words, "--until", "2026-12-01T00:00:00Z",
                      "--now", "2026-11-25T00:00:00Z")
    assert placed.exit_code == 0, placed.output
    assert "person B2011BB  until 2026-12-01  by Gov. Pike: An inquest. One person." in placed.stdout
    none = wingline("holds", "list", "--overdue", "--now", "2026-11-30T12:00:00Z")
    assert (none.exit_code, none.stdout) == (0, "")
    late = wingline("holds", "list", "--overdue", "--now", "2026-12-01T00:00:00Z").stdout
    assert "OVERDUE person B2011BB" in late
    hold = late.split()[0]
    assert wingline("holds", "release", hold, "--reason", "it is over").stdout.startswith(f"released: {hold}")
    again = wingline("holds", "release", hold, "--reason", "again")
    assert (again.exit_code, again.stderr) == (1, f"no hold {hold} stands: `wingline holds list` shows those that do\n")
    assert (wingline("incidents", "list").exit_code, wingline("incidents", "list").stdout) == (0, "")
    assert wingline("incidents", "close", "x", "--reason", "seen").exit_code == 1


def test_the_log_is_listed_and_words_beside_it_are_erased(wingline: Wingline) -> None:
    assert wingline("people", "receive", "b2010bb", "--name", "Bo Logged", "--site", "wick-hill").exit_code == 0
    assert wingline("people", "pin", "B2010BB", "--reason", "told his brother", "--staff", "j.osei").exit_code == 0
    (row,) = [one for one in map(json.loads, wingline("audit", "list", "--person", "B2010BB", "--json").stdout.splitlines())
              if one["action"] == "pin-issued"]
    assert (row["actor"], row["role"], row["kind"], row["reason"]) == ("j.osei", "staff", "alteration", "told his brother")
    assert "why: told his brother" in wingline("audit", "list", "--kind", "alteration").stdout
    gone = wingline("audit", "erase", str(row["row"]), "--reason", "asked", "--second", "k.marsh", "--staff", "j.osei")
    assert gone.exit_code == 0, gone.output
    shown = wingline("audit", "list", "--person", "B2010BB").stdout
    assert ("told his brother" in shown, "(words erased)" in shown, "consulted" in shown) == (False, True, True)
    assert wingline("audit", "verify").exit_code == 0


def test_leads_are_listed_taken_and_decided(wingline: Wingline, folder: Path) -> None:
    store = sqlite3.connect(read_settings(folder).store_url.removeprefix("sqlite:///"))
    row = ("lead-1", "borrowed-pin", "wick-hill", "A1234BC 102", 0.5, "2026-11-25T10:00:00.000Z", '["A1234BC"]', 0,
           '{"about": "A1234BC 102", "times": 3}')
    with store:
        store.execute("INSERT INTO leads (id, kind, establishment, about, score, made_at, people, live, evidence) "
                      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    store.close()
    shown = "lead-1  2026-11-25 10:00 UTC  wick-hill  borrowed-pin  0.50  about A1234BC 102  times 3  A1234BC"
    assert wingline("leads", "list", "--site", "wick-hill").stdout == f"{shown}\n"
    (listed,) = map(json.loads, wingline("leads", "list", "--json").stdout.splitlines())
    assert (listed["record"], listed["id"], listed["rank"]) == ("lead", "lead-1", 0.5)
    assert wingline("leads", "take", "lead-1", "--staff", "ann").stdout == f"{shown}  with ann\n"
    assert wingline("leads", "give-back", "lead-1", "--staff", "ann").stdout == f"{shown}\n"
    assert wingline("leads", "take", "lead-1", "--staff", "ann").exit_code == 0
    done = wingline("leads", "decide", "lead-1", "false", "--note", "his own cell, after a move", "--staff", "ann")
    assert done.stdout == f"{shown}  false\n"
    assert wingline("leads", "list").stdout == ""
    assert wingline("leads", "list", "--decided").stdout == f"{shown}  false\n"


def test_copies_are_made_for_whoever_may_hear_alone(wingline: Wingline, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    exported = wingline("copies", "export", "c1", "--to", str(out), "--recipient", "the court", "--reason", "ordered")
    assert (exported.exit_code, out.exists()) == (1, False)
    assert wingline("copies", "clip", "c1", "1", "2", "--reason", "x").exit_code == 1
    assert "no span" in wingline("copies", "redact", "c1", "first bit", "--reason", "x").stderr
    assert wingline("copies", "redact", "c1", "contact:1-2.5", "--reason", "x").exit_code == 1
    out.write_text("kept", "utf-8")
    taken = wingline("copies", "export", "c1", "--to", str(out), "--recipient", "x", "--reason", "x")
    assert (taken.exit_code, out.read_text("utf-8")) == (2, "kept")
    none = wingline("copies", "list", "c1")
    assert (none.exit_code, none.stderr) == (1, "there is no recording c1\n")
