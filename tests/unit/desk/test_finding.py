"""People found by what staff remember of them, no further than they may look."""
from pathlib import Path

import pytest

from switch.desk.finding import find_people, whereabouts
from switch.ports.staff import Place
from tests.unit.desk.office import ANN, BEN, FEN, GOVERNOR, MOOR, Office, make_office
from tests.unit.store.site import AT


async def found(office: Office, words: str, within: tuple[Place, ...] | None = None) -> list[str]:
    return [one.id for one in await find_people(office.desk, GOVERNOR, AT, words, within)]


@pytest.mark.parametrize(("words", "who"), [
    ("ann", [ANN]), ("ANN EXAMPLE", [ANN]), ("example", [ANN, BEN]), ("example ann", [ANN]), ("a1234bc", [ANN]), ("A5", [BEN]),
    ("exmaple", [ANN, BEN]), ("benjamni exampel", [BEN]), ("exampl", [ANN, BEN]), ("examples", [ANN, BEN]),
    ("a1234cb", [ANN]), ("a1234b", [ANN]), ("b1234bc", [ANN]),
    ("axempel", []), ("%", []), ("_", []), ("\\", []), ("", []), ("  ", []), ("nobody at all", []), ("x" * 500, []),
])
async def test_names_and_numbers_with_a_slip_of_the_hand(office: Office, words: str, who: list[str]) -> None:
    await office.receive(name="Ann Example")
    await office.receive(BEN, "M2", name="Benjamin Example")
    assert await found(office, words) == who


async def test_nobody_is_found_where_one_may_not_look(office: Office) -> None:
    await office.receive(name="Ann Example")
    for within, who in (((), []), ((Place(FEN),), []), ((Place(MOOR),), [ANN]), ((Place(MOOR, "M"),), [ANN]),
                        ((Place(MOOR, "X"),), []), ((Place(FEN), Place(MOOR, "M")), [ANN])):
        assert await found(office, "example", within) == who, within
        assert await found(office, "exmaple", within) == who, within
    assert await whereabouts(office.desk, GOVERNOR, AT, ANN) == Place(MOOR, "M")
    assert await whereabouts(office.desk, GOVERNOR, AT, "A0000AA") is None
    assert await whereabouts(office.desk, GOVERNOR, AT, "no number") is None


async def test_a_number_that_somebody_rings_finds_them_on_either_database(tmp_path: Path, url: str) -> None:
    office = await make_office(tmp_path, url)
    await office.receive(name="Ann Example")
    await office.contact(ANN)
    assert await found(office, "07700 900123") == await found(office, "900123") == [ANN]
    assert await found(office, "exmaple", (Place(MOOR, "M"),)) == await found(office, "EXAMPLE") == [ANN]
    assert await found(office, "exmaple", (Place(FEN, "F"),)) == []
    office.mint.hasher.close()
    await office.site.close()
