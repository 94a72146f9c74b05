"""The log as it is asked for, words beside it erased on two names, and that nobody looks at anybody without a row."""
from dataclasses import replace
from datetime import timedelta

import pytest

from switch.core.ids import CallId, PersonId
from switch.core.processing import Processing
from switch.desk import audit, calls, people, pins, places, rolls, shown
from switch.desk.consulting import consulted, seen
from switch.ports.desk import Order, Person, Reach
from tests.unit.desk.office import ANN, BEN, GOVERNOR, MOOR, OFFICER, Office, good, why
from tests.unit.store.site import AT

LATER = AT + timedelta(hours=1)


async def log(office: Office, *, kind: Processing | None = None, person: str = "", most: int = 1000) -> list[audit.Logged]:
    return good(await audit.log(office.desk, OFFICER, LATER, kind, person, most=most))


async def test_a_row_has_who_in_what_part_why_and_on_whose_second_word(office: Office) -> None:
    await office.receive()
    good(await pins.issue_pin(office.desk, OFFICER, AT, ANN, "forgotten"))
    (row,) = [one for one in await log(office, kind=Processing.ALTERATION) if one.action == "pin-issued"]
    assert (row.at, row.actor, row.role, row.reason, row.second, row.recipient) == (AT, OFFICER, "staff", "forgotten", "", "")
    assert row.subject == {"person": ANN}


async def test_it_is_narrowed_by_kind_person_and_time(office: Office) -> None:
    await office.receive()
    await office.receive(BEN, "M2", name="Ben Example")
    assert {one.subject.get("person") for one in await log(office, person=BEN)} == {BEN}
    assert {one.kind for one in await log(office, kind=Processing.COLLECTION)} == {Processing.COLLECTION}
    assert await log(office, kind=Processing.ERASURE) == []
    assert [one.row for one in await log(office, most=2)] == [await office.audited() - 1, await office.audited()], "the newest"
    assert good(await audit.log(office.desk, OFFICER, LATER, since=AT + timedelta(seconds=1))) == []
    assert good(await audit.log(office.desk, OFFICER, LATER, until=AT)) == []
    wrong = await audit.log(office.desk, OFFICER, LATER, None, "x", LATER, AT, 0)
    assert why(wrong) == ["bad-number", "bad-most", "bad-times"]


async def test_words_are_erased_on_two_names_and_their_erasure_stays(office: Office) -> None:
    await office.receive()
    good(await pins.issue_pin(office.desk, OFFICER, AT, ANN, "her mother died"))
    (row,) = [one.row for one in await log(office) if one.action == "pin-issued"]
    assert why(await audit.erase_words(office.desk, OFFICER, AT, row, " ", GOVERNOR)) == ["no-reason"]
    assert why(await audit.erase_words(office.desk, OFFICER, AT, row, "asked by her", OFFICER)) == ["one-name"]
    assert "her mother died" in await office.notes()
    good(await audit.erase_words(office.desk, OFFICER, AT, row, "asked by her", GOVERNOR))
    assert await office.notes() == ["asked by her"]
    found = {one.row: one for one in await log(office)}
    assert (found[row].reason, found[row].erased) == ("", True)
    erasure = max(found.values(), key=lambda one: one.row)
    assert (erasure.kind, erasure.subject, erasure.reason, erasure.second) == (
        Processing.ERASURE, {"row": str(row)}, "asked by her", GOVERNOR)
    assert why(await audit.erase_words(office.desk, OFFICER, AT, row, "again", GOVERNOR)) == ["as-it-is"]
    assert why(await audit.erase_words(office.desk, OFFICER, AT, 1, "x", GOVERNOR)) == ["no-words"]
    assert why(await audit.erase_words(office.desk, OFFICER, AT, 9999, "x", GOVERNOR)) == ["unknown-row"]


async def test_a_look_at_somebody_is_a_row_and_a_list_of_many_is_one(office: Office) -> None:
    await office.receive()
    await office.receive(BEN, "M2", name="Ben Example")
    desk, before = consulted(office.desk), await office.audited()
    good(await shown.show(desk, OFFICER, AT, ANN))
    assert await office.audit(before) == [("consulted", {"person": ANN}, {"by": "shown.show"})]
    before += 1
    assert len(await shown.list_people(desk, OFFICER, AT)) == 2
    assert await office.audit(before) == [("consulted", {}, {"by": "shown.list_people", "persons": f"{ANN} {BEN}"})]
    assert [one.action for one in await log(office, kind=Processing.CONSULTATION, person=BEN)] == ["consulted"]


async def test_a_look_at_nobody_is_none(office: Office) -> None:
    desk, before = consulted(office.desk), await office.audited()
    await rolls.waiting(desk, OFFICER, AT)
    assert why(await shown.show(desk, OFFICER, AT, ANN)) == ["unknown-person"]
    assert why(await calls.show_call(desk, OFFICER, AT, "none")) == ["unknown-call"]
    assert await office.audited() == before


async def test_a_change_is_its_own_row_alone(office: Office) -> None:
    desk, before = consulted(office.desk), await office.audited()
    good(await people.receive(desk, OFFICER, AT, people.Newcomer(ANN, "Ann Example", MOOR, "M1")))
    assert [action for action, _, _ in await office.audit(before)] == ["person-received"]
    good(await places.set_capacity(desk, OFFICER, AT, MOOR, 5))


async def test_what_cannot_be_noted_is_not_shown(office: Office) -> None:
    await office.receive()

    class Deaf:
        """A store that answers and takes nothing."""

        def __getattr__(self, name: str) -> object:
            if name.startswith("run"):
                raise OSError("no room")
            return getattr(office.desk.work, name)

    desk = consulted(replace(office.desk, work=Deaf()))  # type: ignore[arg-type]  # it has what it needs
    with pytest.raises(OSError):
        await shown.show(desk, OFFICER, AT, ANN)


def test_the_ids_of_an_answer_are_found_however_deep() -> None:
    person = Person(PersonId(ANN), "Ann Example", MOOR)
    order = Order("o1", Reach.PERSON, BEN, None, True, False, "x", OFFICER, AT, AT)
    site = replace(order, reach=Reach.SITE, target=MOOR)
    assert seen({"some": [(person,), [order, site]], "call": CallId("c1"), "party": None}) == {
        "person": {ANN, BEN}, "call": {"c1"}}
    assert seen(None) == seen("A1234BC") == seen(7) == {}
