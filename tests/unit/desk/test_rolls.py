"""The daily feed moves all or nobody; the roll check finds what is not as it should be."""
import pytest

from switch.core.ids import PhoneId
from switch.desk import leaving, people, places, rolls
from switch.ports.desk import Phone, Status
from tests.unit.desk.office import ANN, BEN, FEN, MOOR, OFFICER, Office, good, why
from tests.unit.store.site import AT


async def cells(office: Office) -> dict[str, str | None]:
    found = await office.desk.work.look(OFFICER, AT, lambda changes: changes.people(MOOR))
    return {one.id: one.cell for one in found}


async def test_the_feed_moves_whoever_lives_elsewhere_now(office: Office) -> None:
    for number, cell in ((ANN, "M1"), (BEN, "M1"), ("C1234CC", "M2")):
        await office.receive(number, cell)
    feed = f"\ufeffnumber,cell\r\n{ANN.lower()}, M2\r\n\r\n{BEN},M1\r\n"
    before = await office.audited()
    dry = good(await rolls.daily_feed(office.desk, OFFICER, AT, MOOR, feed, dry_run=True))
    assert (dry.moves, dry.unchanged, dry.absent) == (((ANN, "M1", "M2"),), 1, ("C1234CC",))
    assert await office.audited() == before
    assert (await cells(office))[ANN] == "M1"
    assert good(await rolls.daily_feed(office.desk, OFFICER, AT, MOOR, feed)).moves == dry.moves
    assert [action for action, _, _ in await office.audit(before)] == ["cell-moved"]
    assert (await office.person(ANN)).phone == "m2"
    assert good(await rolls.daily_feed(office.desk, OFFICER, AT, MOOR, feed)).moves == ()


async def test_one_bad_row_and_nobody_is_moved_and_every_bad_row_is_told(office: Office) -> None:
    await office.receive()
    await office.receive(BEN, "F1", FEN)
    await office.receive("C1234CC", "M1")
    good(await leaving.release(office.desk, OFFICER, AT, "C1234CC"))
    feed = f"cell,number\nM2,{ANN}\nM1,{BEN}\nM2\nM9,{ANN}\nM1,{ANN}\nM1,12\nM1,C1234CC\n"
    before = await office.audited()
    told = await rolls.daily_feed(office.desk, OFFICER, AT, MOOR, feed)
    assert why(told) == ["unknown-person", "bad-row", "unknown-cell", "twice", "bad-number", "gone"]
    assert [problem.line for problem in told.problems] == [3, 4, 5, 6, 7, 8]  # type: ignore[union-attr]  # a refusal
    assert (await cells(office))[ANN] == "M1"
    assert [(action, detail["problems"]) for action, _, detail in await office.audit(before)] == [("cell-feed-refused", 6)]


@pytest.mark.parametrize(("text", "code"), [
    ("", "empty"), ("number,cell\n", "empty"), ("number\nA1234BC\n", "bad-heading"), ("number,cell,cell\n", "bad-heading"),
    ("number,cell,shoe\nA1234BC,M1,9\n", "bad-heading"), ('number,cell\n"A1234BC,M1\n', "bad-csv"),
])
async def test_what_is_no_feed(office: Office, text: str, code: str) -> None:
    assert why(await rolls.daily_feed(office.desk, OFFICER, AT, MOOR, text)) == [code]


async def test_the_roll_check_finds_everything_that_is_not_right(office: Office) -> None:
    assert {(one.kind, one.what) for one in await rolls.roll_check(office.desk, OFFICER, AT)} == {
        ("nobody", "m1"), ("nobody", "m2"), ("nobody", "f1")}
    for number in ("A0001AA", "A0002AA", "A0003AA"):
        await office.receive(number, "M1")
    await office.receive("A0004AA", "M3")
    await office.receive("A0005AA", None)
    await office.receive("A0006AA", "M2")
    good(await places.set_capacity(office.desk, OFFICER, AT, MOOR, 5))
    # as an import from elsewhere may leave it: the telephone stands in another cell than its people
    await office.desk.work.run(OFFICER, AT, lambda changes: changes.set_phone(
        Phone(PhoneId("m2"), "M3", "M", MOOR, "old")))
    found = {(one.kind, one.what): one.text for one in await rolls.roll_check(office.desk, OFFICER, AT, MOOR)}
    assert set(found) == {
        ("no-cell", "A0005AA"), ("no-telephone", "A0004AA"), ("wrong-people", "m2"), ("over-capacity", "M1"),
        ("establishment-over-capacity", MOOR)}
    assert "A0006AA (lives in M2)" in found["wrong-people", "m2"]
    assert "A0001AA, A0002AA, A0003AA" in found["over-capacity", "M1"]


async def test_a_telephone_moved_by_the_desk_leaves_nothing_to_find(office: Office) -> None:
    await office.receive("A0001AA", "M1")
    await office.receive("A0002AA", "M2")
    good(await places.move_phone(office.desk, OFFICER, AT, "m2", "M3"))
    assert (await office.person("A0002AA")).phone is None
    assert {one.kind for one in await rolls.roll_check(office.desk, OFFICER, AT, MOOR)} == {"no-telephone", "nobody"}
    good(await people.move(office.desk, OFFICER, AT, "A0002AA", "M3"))
    assert await rolls.roll_check(office.desk, OFFICER, AT, MOOR) == []


async def test_who_is_away_has_no_telephone_and_is_not_missing_one(office: Office) -> None:
    await office.receive()
    await office.receive(BEN, "M2")
    good(await leaving.go_away(office.desk, OFFICER, AT, ANN, Status.COURT))
    assert await rolls.roll_check(office.desk, OFFICER, AT, MOOR) == []


async def test_a_task_is_done_once(office: Office) -> None:
    await office.receive()
    good(await people.transfer(office.desk, OFFICER, AT, ANN, FEN))
    (task,) = await rolls.waiting(office.desk, OFFICER, AT, FEN)
    assert await rolls.waiting(office.desk, OFFICER, AT, MOOR) == []
    assert good(await rolls.finish(office.desk, OFFICER, AT, task.id)) == task.id
    assert why(await rolls.finish(office.desk, OFFICER, AT, task.id)) == ["unknown-task"]
    assert await rolls.waiting(office.desk, OFFICER, AT) == []
