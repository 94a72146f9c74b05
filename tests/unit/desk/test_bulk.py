"""Loads: every bad row by its line and nothing half loaded; what is exported loads again."""
from pathlib import Path

import pytest

from switch.core.ids import PersonId, PhoneId
from switch.desk import bulk, leaving
from switch.desk.rows import Kind
from switch.ports.desk import Flags, Incentive
from tests.unit.desk.office import ANN, BEN, FEN, MOOR, OFFICER, Office, good, make_office, why
from tests.unit.store.site import AT

PEOPLE = f"""number,name,establishment,cell,incentive,at_risk,language,needs
{ANN},"Example, Ann",{MOOR},M1,enhanced,yes,cy,hearing large-print
{BEN},Ben Example,{FEN},,,,,
"""


async def test_people_are_loaded_with_pins_that_work(office: Office) -> None:
    before = await office.audited()
    done = good(await bulk.load(office.desk, OFFICER, AT, Kind.PEOPLE, PEOPLE))
    assert (done.rows, done.made) == (2, "pin")
    ann, ben = await office.person(ANN), await office.person(BEN)
    assert (ann.name, ann.phone, ann.incentive) == ("Example, Ann", "m1", Incentive.ENHANCED)
    assert ann.flags == Flags(at_risk=True, language="cy", needs=("hearing", "large-print"))
    assert (ben.cell, ben.phone, ben.flags) == (None, None, Flags())
    pin = dict(done.secrets)[ANN]
    assert (await office.site.records.check_pin(PhoneId("m1"), None, PersonId(ANN), pin)).person == ANN
    ((action, _, detail),) = await office.audit(before)
    assert (action, detail["rows"], detail["ids"]) == ("people-loaded", 2, f"{ANN} {BEN}")


async def test_a_dry_run_changes_nothing_and_makes_no_secret(office: Office) -> None:
    before = await office.audited()
    done = good(await bulk.load(office.desk, OFFICER, AT, Kind.PEOPLE, PEOPLE, dry_run=True))
    assert (done.rows, done.secrets, await office.audited()) == (2, (), before)
    assert await office.desk.work.look(OFFICER, AT, lambda changes: changes.people()) == []


@pytest.mark.parametrize("dry_run", [True, False])
async def test_every_bad_row_is_told_by_its_line_and_nothing_is_loaded(office: Office, dry_run: bool) -> None:
    await office.receive(BEN)
    rows = [
        (f"{ANN},Ann,{MOOR},M1,", None), (f"{BEN},Ben,{MOOR},M1,", "taken"), (f"{ANN},Ann,{MOOR},M2,", "twice"),
        (f"A12,Cy,{MOOR},M1,", "bad-number"), (f"C1234CC,Cy,{MOOR},Q1,", "unknown-place"),
        ("D1234DD,Di,nowhere,,", "unknown-place"), (f"E1234EE,,{MOOR},M1,", "bad-name"), ("short,row", "bad-row"),
        (f"F1234FF,Flo,{MOOR},M1,maybe", "bad-yes-no"), (f"G1234GG,Gil,{FEN},,no", None),
    ]
    text = "number,name,establishment,cell,legal\n" + "\n".join(row for row, _ in rows)
    before = await office.audited()
    told = await bulk.load(office.desk, OFFICER, AT, Kind.PEOPLE, text, dry_run)
    wanted = [(line, code) for line, (_, code) in enumerate(rows, 2) if code]
    assert [(problem.line, problem.code) for problem in told.problems] == wanted  # type: ignore[union-attr]  # a refusal
    assert [one.id for one in await office.desk.work.look(OFFICER, AT, lambda changes: changes.people())] == [BEN]
    audited = [("people-loaded-refused", len(wanted))]
    assert [(action, detail["problems"]) for action, _, detail in await office.audit(before)] == ([] if dry_run else audited)


async def test_telephones_and_contacts_and_cells_load(office: Office) -> None:
    cells = good(await bulk.load(office.desk, OFFICER, AT, Kind.CELLS, f"establishment,wing,cell,capacity\n{FEN},G,G1,1\n"))
    assert cells.secrets == ()
    phones = f"phone,establishment,cell,network,pin_required\ng1,{FEN},G1,new,no\nm3,{MOOR},M3,old,\n"
    await office.receive(cell="M3")
    done = good(await bulk.load(office.desk, OFFICER, AT, Kind.PHONES, phones))
    assert [id for id, _ in done.secrets] == ["g1", "m3"]
    assert (await office.person(ANN)).phone == "m3"
    contacts = f"person,number,name,kind,state\n{ANN},07700 900123,Mum,social,approved\n{ANN},01632 960001,Law,privileged,\n"
    good(await bulk.load(office.desk, OFFICER, AT, Kind.CONTACTS, contacts))
    assert await office.states(ANN) == {"+447700900123": "approved", "+441632960001": "pending"}


@pytest.mark.parametrize(("kind", "text", "codes"), [
    (Kind.CONTACTS, f"{ANN},07700900123,Mum,social,approved\n{ANN},+44 7700 900123,Mother,social,", ["twice"]),
    (Kind.CONTACTS, f"{ANN},07700900123x5,,friend,loved", ["bad-telephone", "bad-name", "bad-kind", "bad-state"]),
    (Kind.CONTACTS, f"{ANN},01632960001,Law,privileged,approved\n{BEN},01632960001,Law,official,", ["unverified",
                                                                                                "unknown-person"]),
])
async def test_bad_contacts(office: Office, kind: Kind, text: str, codes: list[str]) -> None:
    await office.receive()
    assert why(await bulk.load(office.desk, OFFICER, AT, kind, f"person,number,name,kind,state\n{text}\n")) == codes
    assert await office.states(ANN) == {}


@pytest.mark.parametrize(("text", "codes"), [
    ("phone,establishment,cell,network\nm 9,moor,M1,old\nm1,moor,M1,moon\n", ["bad-place", "unknown-network"]),
    ("phone,establishment,cell,network\nm1,moor,M1,old\nm8,moor,Q9,old\n", ["taken", "unknown-place"]),
    ("phone,establishment,cell\nm9,moor,M1\n", ["bad-heading"]), ("phone,establishment,cell,network\n", ["empty"]),
])
async def test_bad_telephones(office: Office, text: str, codes: list[str]) -> None:
    assert why(await bulk.load(office.desk, OFFICER, AT, Kind.PHONES, text)) == codes


async def test_what_is_exported_loads_again_elsewhere(office: Office, tmp_path: Path) -> None:
    good(await bulk.load(office.desk, OFFICER, AT, Kind.PEOPLE, PEOPLE))
    await office.contact(ANN)
    before = await office.audited()
    tables = {kind: good(await bulk.export(office.desk, OFFICER, AT, kind)) for kind in
              (Kind.CELLS, Kind.PHONES, Kind.PEOPLE, Kind.CONTACTS)}
    assert [action for action, _, _ in await office.audit(before)] == [
        "cells-exported", "phones-exported", "people-exported", "contacts-exported"]
    (tmp_path / "other").mkdir()
    other = await make_office(tmp_path / "other")
    try:
        for kind in (Kind.PEOPLE, Kind.CONTACTS):
            good(await bulk.load(other.desk, OFFICER, AT, kind, tables[kind]))
        for kind, table in tables.items():
            assert good(await bulk.export(other.desk, OFFICER, AT, kind)) == table
    finally:
        other.mint.hasher.close()
        await other.site.close()


async def test_an_export_of_one_establishment_holds_its_people_only(office: Office) -> None:
    good(await bulk.load(office.desk, OFFICER, AT, Kind.PEOPLE, PEOPLE))
    await office.contact(ANN)
    assert BEN not in good(await bulk.export(office.desk, OFFICER, AT, Kind.PEOPLE, MOOR))
    assert good(await bulk.export(office.desk, OFFICER, AT, Kind.CONTACTS, FEN)).count("\n") == 1


async def test_who_left_is_exported_and_not_loaded(office: Office) -> None:
    await office.receive()
    good(await leaving.release(office.desk, OFFICER, AT, ANN))
    table = good(await bulk.export(office.desk, OFFICER, AT, Kind.PEOPLE))
    assert "released" in table
    assert "bad-status" in why(await bulk.load(office.desk, OFFICER, AT, Kind.PEOPLE, table.replace(ANN, BEN)))
