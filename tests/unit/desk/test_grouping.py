"""Rows of a load of contacts that are one party's: by a reference and by nothing else, told before anything is loaded."""

import pytest

from switch.core.facts import Consent
from switch.core.ids import PersonId, loaded_id
from switch.desk import bulk, parties
from switch.desk.grouping import Group
from switch.desk.rows import Kind
from switch.ports.contacts import Approval
from tests.unit.desk.office import ANN, BEN, FEN, MOOR, OFFICER, Office, good, why
from tests.unit.store.site import AT

HEAD = "person,number,name,kind,state,party,born\n"
CY = "A9012FG"
MUM, WORK, LAW = "07700 900123", "01632 960009", "01632 960010"


async def two(office: Office) -> None:
    """Ann and Cy at one establishment, Ben at another."""
    await office.receive()
    await office.receive(CY, "M2")
    await office.receive(BEN, "F1", FEN)


async def load(office: Office, *rows: str, dry_run: bool = False) -> bulk.Loaded:
    return good(await bulk.load(office.desk, OFFICER, AT, Kind.CONTACTS, HEAD + "\n".join(rows) + "\n", dry_run))


async def approvals(office: Office, person: str) -> list[Approval]:
    return await office.desk.work.look(OFFICER, AT, lambda changes: changes.approvals(person=PersonId(person)))


async def test_rows_of_one_reference_are_one_party_with_its_numbers(office: Office) -> None:
    await two(office)
    rows = (f"{ANN},{MUM},Mum Example,social,approved,P1,1960-02-03", f"{ANN},{WORK},Mum Example,social,approved,P1,1960-02-03",
            f"{CY},{MUM},Mum Example,social,pending,P1,1960-02-03", f"{BEN},{MUM},Mum Other,social,approved,P1,")
    told = await load(office, *rows, dry_run=True)
    assert told.groups == (Group(MOOR, "P1", "Mum Example", (2, 3, 4)),), "Ben's P1 is of another establishment"
    assert await approvals(office, ANN) == [], "a dry run"
    assert (await load(office, *rows)).groups == told.groups
    party = loaded_id(MOOR, "P1")
    assert {one.party for person in (ANN, CY) for one in await approvals(office, person)} == {party}
    (bens,) = await approvals(office, BEN)
    assert bens.party == loaded_id(FEN, "P1")
    found = await office.desk.work.look(OFFICER, AT, lambda changes: changes.party(party))
    assert found is not None
    assert (found.name, str(found.born)) == ("Mum Example", "1960-02-03")
    numbers = await office.desk.work.look(OFFICER, AT, lambda changes: changes.party_numbers(party))
    assert [one.number for one in numbers] == ["+441632960009", "+447700900123"]
    for number in numbers:
        said = await office.desk.work.look(OFFICER, AT, lambda changes, number=number: changes.consent(party, number.number))
        assert said is not None
        assert (said.consent, said.how) == (Consent.GIVEN, "taken-over")


async def test_nobody_is_merged_by_name_or_by_name_and_birth(office: Office) -> None:
    await two(office)
    rows = (f"{ANN},{MUM},Sam Smith,social,approved,,1980-01-01", f"{CY},{WORK},SAM SMITH,social,approved,,1980-01-01",
            f"{BEN},{MUM},Sam Smith,social,approved,,1980-01-01", f"{ANN},{LAW},Sam Smith,social,approved,,")
    done = await load(office, *rows)
    assert done.groups == (Group(MOOR, "", "Sam Smith", (2, 3)),), "told, and left to staff"
    found = {one.party for person in (ANN, BEN, CY) for one in await approvals(office, person)}
    assert len(found) == 4


async def test_a_reference_means_the_same_party_in_the_next_load(office: Office) -> None:
    await two(office)
    await load(office, f"{ANN},{MUM},Mum Example,social,approved,P1,")
    told = await load(office, f"{CY},{MUM},Mum Example,social,approved,P1,", f"{CY},{WORK},Mum Example,social,approved,P1,")
    assert told.groups == (Group(MOOR, "P1", "Mum Example", (2, 3), True),)
    assert {one.party for person in (ANN, CY) for one in await approvals(office, person)} == {loaded_id(MOOR, "P1")}
    good(await parties.record_consent(office.desk, OFFICER, AT, loaded_id(MOOR, "P1"), False))
    again = HEAD + f"{ANN},{LAW},Mum Example,social,approved,P1,\n"
    assert why(await bulk.load(office.desk, OFFICER, AT, Kind.CONTACTS, again)) == ["denied"]
    await load(office, f"{ANN},{LAW},Mum Example,social,pending,P1,")


@pytest.mark.parametrize(("second", "code"), [
    (f"{CY},{WORK},Dad Example,social,approved,P1,1960-02-03", "party-differs"),
    (f"{CY},{WORK},Mum Example,social,approved,P1,1961-02-03", "party-differs"),
    (f"{CY},{WORK},Mum Example,social,approved,P1,yesterday", "bad-date"),
    (f"{CY},{WORK},Mum Example,social,approved,=P1,", "bad-party"),
    (f"{CY},{WORK},Mum Example,social,approved,{'P' * 65},", "bad-party"),
])
async def test_rows_that_speak_against_each_other_load_nothing(office: Office, second: str, code: str) -> None:
    await two(office)
    first = f"{ANN},{MUM},Mum Example,social,approved,P1,1960-02-03"
    refused = await bulk.load(office.desk, OFFICER, AT, Kind.CONTACTS, HEAD + f"{first}\n{second}\n")
    assert why(refused) == [code]
    assert [problem.line for problem in refused.problems] == [3]  # type: ignore[union-attr]  # it is refused
    assert await approvals(office, ANN) == []


async def test_an_export_says_which_rows_belong_together(office: Office) -> None:
    await two(office)
    await load(office, f"{ANN},{MUM},Mum Example,social,approved,P1,1960-02-03", f"{ANN},{WORK},Mum Example,social,pending,P1,"
               "1960-02-03", f"{CY},{LAW},Law,privileged,,,")
    table = good(await bulk.export(office.desk, OFFICER, AT, Kind.CONTACTS))
    party = loaded_id(MOOR, "P1")
    assert [line.split(",")[-2:] for line in table.splitlines()[1:]] == [[party, "1960-02-03"]] * 2 + [["", ""]]
