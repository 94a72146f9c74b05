"""Subject access: what must and must not be in it, by known names, on both databases; two names, a manifest, an audit row."""
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Connection, insert, select, update

from dialplans.model import Finding
from switch.build import disclosure
from switch.core.grants import Privacy
from switch.core.ids import CallId, StaffId
from switch.core.numbers import E164, ShortCode
from switch.core.reasons import EndedBy, EndReason, Why
from switch.desk import subject_access
from switch.desk.asking import Desk
from switch.desk.disclosing import Exemption, Others, role
from switch.desk.subject_access import Disclosure
from switch.ports.desk import Changes
from switch.store.audit import verify_audit
from switch.store.stamps import stamp
from switch.store.tables import contacts, no_contact, parties, party_numbers, recordings, stops
from switch.store.unit_of_work import SqlUnitOfWork
from tests.postgres import PostgresServer
from tests.unit.desk.office import CountingMint, good, why
from tests.unit.desk.test_monitoring import sealed
from tests.unit.store.site import ANN, AT, BEN, CELL_2, MUM, SOLICITOR, Site, decision, ended, make_site, request

OFFICER, GOVERNOR = StaffId("j.osei"), StaffId("k.marsh")
LATER = AT + timedelta(days=1)
WRONG = E164("447700900666")
SAMARITANS = ShortCode("GB", "116123")
OTHERS_NAMES = ("Mum", "Solicitor", "Maggie Example", "Ben Example", BEN, "j.osei", "k.marsh", "c.reed")
OTHERS_NUMBERS = (str(MUM), str(SOLICITOR), str(WRONG), "447700900123", "441632960001", "447700900666")
both = pytest.mark.parametrize("site", ["sqlite", "postgres"], indirect=True)


@pytest_asyncio.fixture
async def site(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Site]:
    postgres: PostgresServer | None = (
        request.getfixturevalue("postgres") if getattr(request, "param", "") == "postgres" else None)
    url = postgres.fresh() if postgres else ""
    made = await make_site(tmp_path, url, patience=30, reading=30)
    await lived_in(made)
    yield made
    assert await made.store.read(verify_audit) == []
    await made.close()
    if postgres:
        postgres.drop(url)


def desk_of(site: Site) -> Desk:
    return Desk(SqlUnitOfWork(site.store, {}), CountingMint(), helplines=frozenset({str(SAMARITANS)}))


async def called(site: Site, call: str, number: Any = MUM, privacy: Privacy = Privacy.MONITORED, minutes: int = 0,
                 recorded: bool = True, **how: Any) -> None:
    asked = request(call, number, at=AT + timedelta(minutes=minutes))
    decided = decision(call, number, privacy=privacy)
    await site.records.open(asked, ANN, decided)
    await site.records.close(ended(asked, decided, ANN, recording=call if recorded else None, **how))


async def lived_in(site: Site) -> None:
    """Ann rang her mother (recorded), her solicitor, the Samaritans, a number found privileged later, and was refused a victim's.
    Ben rang the same mother. An order protects the mother's party, whose name is Maggie; she stopped calls from Ben."""
    await called(site, "mother")
    await called(site, "counsel", SOLICITOR, Privacy.PRIVILEGED, 10, recorded=False, talked=4321.0)
    await called(site, "lifeline", SAMARITANS, Privacy.PRIVILEGED, 50, recorded=False)
    await called(site, "found-out", WRONG, minutes=60, talked=777.0)
    refused = request("victim", WRONG, at=AT + timedelta(minutes=90))
    secret = Finding("not-a-victims-number", False, f"{WRONG} is kept from being rung (entry e1).", Why.UNAPPROVED)
    hours = Finding("within-hours", True, "Monday 11:30 in Europe/London is within the hours of use.")
    by = Finding("contact-approved", True, f"{WRONG} may be rung by leave of staff (hospital, c.reed).")
    decided = replace(decision("victim", WRONG), findings=(hours, by, secret))
    await site.records.close(ended(refused, decided, ANN, 0.0, EndReason(EndedBy.POLICY, Why.UNAPPROVED)))
    theirs = request("bens", MUM, CELL_2, AT + timedelta(minutes=5))
    await site.records.open(theirs, BEN, decision("bens"))
    await site.records.close(ended(theirs, decision("bens"), BEN, talked=61.0))
    await site.store.write(lambda conn: known(conn))
    desk = desk_of(site)
    since = AT + timedelta(minutes=55)
    await desk.work.run(OFFICER, LATER, lambda changes: changes.quarantine(
        "q1", str(WRONG), since, "c.reed", [CallId("found-out")]))

    def wrote(changes: Changes) -> None:
        changes.audit("person-changed", {"person": ANN}, {"incentive": "basic", "at_risk": True}, note="her brother Maggie rang")
        changes.audit("authority-granted", {"person": ANN, "authority": "a1"}, {"kind": "intelligence-led"}, note="a tip")
        changes.audit("monitoring-filed", {"person": ANN, "call": "mother"}, {"tier": "intelligence-led"})
        changes.audit("prison-agreed", {"person": BEN, "other": ANN, "establishment": "HMP"})
        changes.audit("people-loaded", {"load": "l1"}, {"rows": 2, "ids": f"{ANN} {BEN}"})
        changes.audit("child-level-set", {"party": party_of(changes)}, {"level": 4, "second": "c.reed"})

    await desk.work.run(OFFICER, LATER, wrote)


def known(conn: Connection) -> None:
    """What is known of Ann's mother."""
    party = conn.execute(select(contacts.c.party).where(contacts.c.person == ANN, contacts.c.number == str(MUM))).scalar_one()
    conn.execute(update(parties).where(parties.c.id == party).values(
        name="Maggie Example", address="1 Any Lane", born="1950-01-31"))
    conn.execute(insert(recordings), sealed("mother", erase_at=stamp(AT + timedelta(days=90))))
    order = {"id": "order-1", "kind": "no-contact", "court": "Northfield Crown Court", "from_at": stamp(AT + timedelta(days=1)),
             "placed_at": stamp(AT), "placed_by": "c.reed", "exceptions": "[]", "person": BEN, "party": party}
    conn.execute(insert(no_contact), order)
    conn.execute(insert(stops), [
        {"id": "s1", "number": str(MUM), "scope": "person", "person": BEN, "placed_at": stamp(AT), "placed_by": "call:x"}])


def party_of(changes: Changes) -> str:
    return next(one.party for one in changes.approvals(person=ANN) if one.number == str(MUM))


async def of_ann(site: Site) -> Disclosure:
    return good(await subject_access.of_person(
        desk_of(site), OFFICER, LATER, ANN, GOVERNOR, "Ann Example, by post", "her request"))


def rows(made: Disclosure, name: str) -> list[dict[str, Any]]:
    """A table, which says the same as JSON and as CSV."""
    texts = {one.name: one.text for one in made.files}
    found: list[dict[str, Any]] = json.loads(texts[f"{name}.json"])
    assert len(list(csv.reader(io.StringIO(texts[f"{name}.csv"])))) == len(found) + 1
    return found


@both
async def test_a_person_is_given_what_is_theirs(site: Site) -> None:
    made = await of_ann(site)
    (about,) = rows(made, "about")
    assert (about["number"], about["name"], about["establishment"]) == (ANN, "Ann Example", "HMP")
    told = [(one["to"], one["outcome"], one["talked_seconds"]) for one in rows(made, "calls")]
    assert told == [("contact 2", "connected", 60), ("privileged", None, None), ("privileged", None, None),
                    ("privileged", None, None), ("number 1", "refused", 0)]  # fmt: skip
    decision_of = {one["call"]: one["decision"] for one in rows(made, "calls")}
    assert decision_of["victim"] == ("This number is not on your list. To have it added, ask a member of staff. "
                                     "Monday 11:30 in Europe/London is within the hours of use.")
    assert [(one["call"], one["kept_until"]) for one in rows(made, "recordings")] == [
        ("mother", (AT + timedelta(days=90)).isoformat())]
    assert {(one["contact"], one["kind"], one["state"]) for one in rows(made, "contacts")} == {
        ("contact 1", "privileged", "approved"), ("contact 2", "social", "approved")}
    money = rows(made, "money")
    assert money[0]["pence"] == 500
    assert [one["to"] for one in money if one["entry"] == "call"] == ["contact 2", "", "", ""]
    assert sum(one["pence"] for one in money) == money[-1]["balance_pence"], "the account adds up"
    actions = {one["action"]: one for one in rows(made, "audit")}
    assert {"person-added", "credit-added", "contact-added", "person-changed"} <= set(actions)
    assert (actions["person-changed"]["by"], actions["person-changed"]["detail"]) == ("a member of staff", "incentive: basic")


@both
async def test_nothing_of_others_is_in_it_and_of_privileged_calls_only_that_they_took_place(site: Site) -> None:
    made = await of_ann(site)
    for one in made.files:
        for name in (*OTHERS_NAMES, *OTHERS_NUMBERS, "1 Any Lane", "116123", "4321", "777", "authority", "monitoring", "brother",
                     "found-out", "counsel", "lifeline", "a tip", "intelligence", "victim's", "not-a-victim", "at_risk: True"):
            assert name not in one.text, (one.name, name)


@both
async def test_what_is_withheld_is_in_a_log_with_its_exemption(site: Site) -> None:
    made = await of_ann(site)
    log = {(one.file, one.what): one for one in made.withheld}
    assert log["calls", "privileged calls: everything but that they took place"].items == 3
    assert log["calls", "privileged calls: everything but that they took place"].exemption is Exemption.PRIVILEGE
    assert log["calls", "numbers called"].items == 2
    assert log["audit", "rows about others, or about many, that name the subject too"].items == 2
    secret = log["audit", "rows of what is done about crime, or that nobody has cleared"]
    assert (secret.exemption, secret.told) == (Exemption.CRIME, False)
    assert secret.items >= 2
    told = {(one["file"], one["what"]) for one in rows(made, "withheld")}
    assert told == {key for key, one in log.items() if one.told}, "what would tip somebody off is in the controller's log alone"


@both
async def test_a_party_is_given_what_concerns_it_and_nothing_of_the_person_in_prison(site: Site) -> None:
    desk = desk_of(site)
    party = await desk.work.look(OFFICER, LATER, party_of)
    made = good(await subject_access.of_party(desk, OFFICER, LATER, party, GOVERNOR, "Maggie Example", "her request"))
    (about,) = rows(made, "about")
    assert (about["name"], about["address"], about["born"]) == ("Maggie Example", "1 Any Lane", "1950-01-31")
    assert [one["number"] for one in rows(made, "numbers")] == [str(MUM)]
    assert [(one["number"], one["talked_seconds"], one["recorded"]) for one in rows(made, "calls")] == [(str(MUM), 60, True)]
    assert [(one["kind"], one["state"]) for one in rows(made, "contacts")] == [("social", "approved")]
    assert [one["of_every_prison"] for one in rows(made, "stops")] == [False]
    assert [one["kind"] for one in rows(made, "orders")] == ["no-contact"]
    assert [(one["action"], one["detail"]) for one in rows(made, "audit")] == [("child-level-set", "level: 4")]
    texts = {one.name: one.text for one in made.files}
    assert f"'{MUM}" in texts["numbers.csv"], "a spreadsheet does not run it"
    for name, text in texts.items():
        for hidden in (ANN, BEN, "Ann", "Ben Example", "cell-1", "HMP", "A1-01", "Crown Court", "j.osei", "k.marsh", "c.reed"):
            assert hidden not in text, (name, hidden)


async def test_a_solicitor_learns_only_that_calls_took_place(site: Site) -> None:
    desk = desk_of(site)
    party = await desk.work.look(OFFICER, LATER, lambda changes: next(
        one.party for one in changes.approvals(person=ANN) if one.number == str(SOLICITOR)))
    made = good(await subject_access.of_party(desk, OFFICER, LATER, party, GOVERNOR, "the firm", "a request"))
    (call,) = rows(made, "calls")
    assert call == {"started_at": (AT + timedelta(minutes=10)).isoformat(), "number": "privileged", "outcome": None,
                    "rang_seconds": None, "talked_seconds": None, "recorded": None}
    assert "4321" not in "".join(one.text for one in made.files)


async def test_calls_of_before_and_after_a_party_had_the_number_are_somebody_elses(site: Site) -> None:
    desk = desk_of(site)
    party = await desk.work.look(OFFICER, LATER, party_of)

    async def calls() -> int:
        return len(await desk.work.look(OFFICER, LATER, lambda changes: changes.calls_to_party(party)))

    async def had(since: timedelta, until: timedelta | None) -> None:
        await site.store.write(lambda conn: conn.execute(update(party_numbers).where(party_numbers.c.party == party).values(
            since=stamp(AT + since), until_at=stamp(AT + until) if until is not None else None)))

    moment, none = timedelta(milliseconds=1), timedelta()
    for since, until, found in ((none, None, 1), (moment, None, 0), (-moment, moment, 1), (-moment, none, 0)):
        await had(since, until)
        assert await calls() == found, (since, until)


async def test_two_names_a_recipient_and_a_reason_and_one_audit_row(site: Site) -> None:
    desk = desk_of(site)
    ask = subject_access.of_person
    assert why(await ask(desk, OFFICER, LATER, "x", OFFICER, " ", " ")) == ["one-name", "no-reason", "no-recipient", "bad-number"]
    assert why(await ask(desk, OFFICER, LATER, "A7777ZZ", GOVERNOR, "x", "y")) == ["unknown-person"]
    assert why(await subject_access.of_party(desk, OFFICER, LATER, "none", GOVERNOR, "x", "y")) == ["unknown-party"]
    assert why(await subject_access.of_party(desk, OFFICER, LATER, "none", OFFICER, "x", "y")) == ["one-name"]
    made = await of_ann(site)
    found = await desk.work.look(OFFICER, LATER, lambda changes: changes.audit_about(ANN))
    given = [one for one in found if one.action == "subject-access-given"]
    assert [(one.actor, one.subject["disclosure"], one.detail["manifest"]) for one in given] == [(OFFICER, made.id, made.digest)]
    row = await desk.work.look(OFFICER, LATER, lambda changes: changes.audit_row(given[0].seq))
    assert row is not None
    assert row.words == {"reason": "her request", "recipient": "Ann Example, by post", "second": GOVERNOR}


async def test_the_manifest_names_every_file_by_its_hash_in_a_folder_and_in_a_zip(site: Site, tmp_path: Path) -> None:
    made = await of_ann(site)
    folder, archive = tmp_path / "given", tmp_path / "given.zip"
    for out in (folder, archive):
        assert disclosure.taken(out) == ""
        disclosure.write(made, out)
        assert "is there already" in disclosure.taken(out)
        assert out.stat().st_mode & 0o077 == 0
    assert "no folder" in disclosure.taken(tmp_path / "none" / "given")
    with zipfile.ZipFile(archive) as opened:
        inside = {name: opened.read(name) for name in opened.namelist()}
    assert inside == {path.name: path.read_bytes() for path in folder.iterdir()}
    manifest = json.loads(inside.pop("manifest.json"))
    assert hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest() == made.digest
    assert {one["name"]: one["sha256"] for one in manifest["files"]} == {
        name: hashlib.sha256(data).hexdigest() for name, data in inside.items()}
    log = disclosure.log_of(folder).read_text()
    assert "nobody has cleared" in log
    assert "nobody has cleared" not in b"".join(inside.values()).decode()


def test_others_have_a_name_of_this_disclosure_alone() -> None:
    others = Others(["+441", "+442", "+441"], frozenset({"116123"}))
    assert [others.number(one) for one in ("+442", "+443", "+441", "+444", "+443", "116123")] == [
        "contact 2", "number 1", "contact 1", "number 2", "number 1", "116123"]


@pytest.mark.parametrize(("actor", "said"), [
    ("switch", "the system"), ("daily", "the system"), ("call:c1", "on the telephone"), ("j.osei", "a member of staff"),
    ("j.osei@68a2c1f4", "a member of staff"), ("Switch", "a member of staff"),
])
def test_staff_have_no_names(actor: str, said: str) -> None:
    assert role(actor) == said
