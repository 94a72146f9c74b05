"""People received, changed, moved and transferred: what is theirs follows at once, and what may not be is refused and audited."""
import pytest

from switch.core.ids import PersonId, StaffId, keyed
from switch.desk import people, places
from switch.desk.shown import show
from switch.ports.desk import Flags, Incentive
from switch.store.facts import read_facts
from tests.unit.desk.office import ANN, BEN, FEN, GOVERNOR, MOOR, OFFICER, Office, good, why
from tests.unit.store.site import AT, MUM, request

RISK = Flags(at_risk=True, language="pl", needs=("hearing",))


async def test_who_is_received_can_call_with_the_pin_that_was_told(office: Office) -> None:
    before = await office.audited()
    arrived = await office.receive(flags=RISK)
    assert (arrived.person.cell, arrived.person.phone, arrived.warnings) == ("M1", "m1", ())
    verdict = await office.site.records.check_pin(arrived.person.phone, keyed(ANN), None, arrived.pin)  # type: ignore[arg-type]  # not None
    assert (verdict.person, verdict.duress) == (ANN, False)
    ((action, subject, detail),) = await office.audit(before)
    assert (action, subject) == ("person-received", {"person": ANN, "establishment": MOOR, "cell": "M1"})
    assert detail == {"incentive": "standard", "foreign_national": False, "legal": False, "at_risk": True, "language": "pl",
                      "needs": 1}


async def test_nobody_is_received_twice_and_the_try_is_audited(office: Office) -> None:
    await office.receive()
    before = await office.audited()
    assert why(await people.receive(office.desk, OFFICER, AT, people.Newcomer(ANN.lower(), "Another", FEN, "F1"))) == ["taken"]
    assert await office.audit(before) == [("person-received-refused", {"person": ANN}, {"why": "taken", "problems": 1})]
    assert (await office.person(ANN)).establishment == MOOR


@pytest.mark.parametrize(("newcomer", "codes"), [
    (people.Newcomer("A123BC", "Ann", MOOR), ["bad-number"]),
    (people.Newcomer("A1234BC'; --", "", MOOR, incentive="gold"), ["bad-number", "bad-name", "bad-incentive"]),
    (people.Newcomer("١٢٣٤", "Ann\x00", MOOR, flags=Flags(language="Polish!", needs=("Ramp", "ramp"))),
     ["bad-number", "bad-name", "bad-language", "bad-need"]),
    (people.Newcomer(ANN, "=cmd()", MOOR), ["bad-name"]),
])
async def test_malformed_input_is_told_of_whole_and_changes_nothing(
    office: Office, newcomer: people.Newcomer, codes: list[str],
) -> None:
    before = await office.audited()
    assert why(await people.receive(office.desk, OFFICER, AT, newcomer)) == codes
    assert await office.audited() == before


@pytest.mark.parametrize(("newcomer", "code"), [
    (people.Newcomer(ANN, "Ann", "nowhere"), "unknown-establishment"),
    (people.Newcomer(ANN, "Ann", MOOR, "F1"), "unknown-cell"),
])
async def test_nobody_is_received_where_there_is_nothing(office: Office, newcomer: people.Newcomer, code: str) -> None:
    assert why(await people.receive(office.desk, OFFICER, AT, newcomer)) == [code]


async def test_every_change_has_a_name(office: Office) -> None:
    before = await office.audited()
    assert why(await people.receive(office.desk, StaffId(" "), AT, people.Newcomer(ANN, "Ann", MOOR))) == ["no-actor"]
    assert await office.audited() == before


async def test_incentive_and_flags_change_and_what_is_not_named_stays(office: Office) -> None:
    await office.receive(flags=RISK)
    new = people.FlagChanges(at_risk=False, needs=())
    changed = good(await people.change(office.desk, OFFICER, AT, ANN, incentive="enhanced", flags=new))
    assert changed.incentive is Incentive.ENHANCED
    assert changed.flags == Flags(language="pl")
    assert await office.person(ANN) == changed
    assert why(await people.change(office.desk, OFFICER, AT, ANN, incentive="enhanced")) == ["as-it-is"]
    assert why(await people.change(office.desk, OFFICER, AT, BEN, incentive="basic")) == ["unknown-person"]


async def test_a_cell_move_changes_the_telephone_at_once(office: Office) -> None:
    await office.receive()
    moved = good(await people.move(office.desk, OFFICER, AT, ANN, "M2"))
    assert (moved.person.phone, moved.warnings) == ("m2", ())
    moved = good(await people.move(office.desk, OFFICER, AT, ANN, "M3"))
    assert (moved.person.phone, moved.warnings) == (None, ("cell M3 has no telephone",))
    assert why(await people.move(office.desk, OFFICER, AT, ANN, "M3")) == ["as-it-is"]
    assert why(await people.move(office.desk, OFFICER, AT, ANN, "F1")) == ["unknown-cell"]


async def test_a_full_cell_is_a_warning(office: Office) -> None:
    for number in ("A0001AA", "A0002AA"):
        await office.receive(number)
    arrived = await office.receive("A0003AA")
    assert arrived.warnings == ("cell M1 is for 2, and 3 now live there",)


async def test_contacts_credit_and_pin_follow_a_transfer_and_reviews_are_queued(office: Office) -> None:
    arrived = await office.receive(flags=RISK)
    await office.contact(ANN)
    await office.credit(ANN, 700)
    before = await office.audited()
    moved = good(await people.transfer(office.desk, GOVERNOR, AT, ANN, FEN, "F1"))
    assert (moved.person.establishment, moved.person.phone) == (FEN, "f1")
    assert [task.kind for task in moved.tasks] == ["review-contacts", "review-risk", "review-needs"]
    assert {task.establishment for task in moved.tasks} == {FEN}
    assert [action for action, _, _ in await office.audit(before)] == ["person-transferred"]
    asked = request("c1", MUM, moved.person.phone)  # type: ignore[arg-type]  # not None
    facts = await office.site.store.read(lambda conn: read_facts(conn, asked, PersonId(ANN)))
    assert facts.phone.establishment == FEN
    assert facts.person is not None
    assert facts.contact is not None
    assert (facts.person.phone, facts.person.balance, facts.contact.state) == ("f1", 700_000, "approved")
    assert (await office.site.records.check_pin(facts.phone.id, keyed(ANN), None, arrived.pin)).person == ANN
    shown = good(await show(office.desk, OFFICER, AT, ANN))
    assert [task.kind for task in shown.tasks] == ["review-risk", "review-contacts", "review-needs"]


async def test_a_transfer_without_a_cell_queues_one(office: Office) -> None:
    await office.receive()
    moved = good(await people.transfer(office.desk, GOVERNOR, AT, ANN, FEN))
    assert (moved.person.cell, moved.person.phone, [task.kind for task in moved.tasks]) == (None, None, ["assign-cell"])


@pytest.mark.parametrize(("to", "cell", "code"), [
    (MOOR, "M2", "as-it-is"), ("nowhere", None, "unknown-establishment"), (FEN, "M1", "unknown-cell"),
])
async def test_transfers_that_go_nowhere(office: Office, to: str, cell: str | None, code: str) -> None:
    await office.receive()
    assert why(await people.transfer(office.desk, OFFICER, AT, ANN, to, cell)) == [code]
    assert (await office.person(ANN)).cell == "M1"


async def test_names_and_words_of_staff_are_not_in_the_audit(office: Office) -> None:
    await office.receive(name="Zebedee Unusual")
    good(await places.close_or_open(office.desk, GOVERNOR, AT, MOOR, False, "a fire, says Zebedee Unusual"))
    told = str(await office.audit())
    assert "Zebedee" not in told
    assert "fire" not in told
    assert await office.notes() == ["a fire, says Zebedee Unusual"]
