"""Three wrong PINs lock this telephone for this person: nobody else, and nowhere else."""
import asyncio

import pytest
from sqlalchemy import select

from switch.core.ids import PersonId, keyed
from switch.store.pins import ClearFailures, PinHasher
from switch.store.seeding import AddPerson
from switch.store.tables import alarms
from tests.unit.store.site import ANN, AT, BEN, CELL_1, CELL_2, CHEAP, CY, Site


async def test_number_and_pin(site: Site) -> None:
    assert (await site.records.check_pin(CELL_1, keyed(ANN), None, "2468")).person == ANN
    assert (await site.records.check_pin(CELL_1, None, ANN, "2468")).person == ANN
    assert (await site.records.check_pin(CELL_1, keyed(ANN), None, "1357")).person is None
    assert (await site.records.check_pin(CELL_1, keyed(BEN), None, "2468")).person is None


async def test_the_third_failure_locks_this_pair_only(site: Site) -> None:
    tries = [await site.records.check_pin(CELL_2, keyed(BEN), None, "0000") for _ in range(3)]
    assert [(verdict.locked, verdict.locked_now) for verdict in tries] == [(False, False), (False, False), (True, True)]
    again = await site.records.check_pin(CELL_2, keyed(BEN), None, "1357")
    assert (again.person, again.locked, again.locked_now) == (None, True, False)
    assert (await site.records.check_pin(CELL_2, keyed(CY), None, "8642")).person == CY
    assert (await site.records.check_pin(CELL_1, keyed(BEN), None, "1357")).person == BEN
    (kind,) = await site.store.read(lambda conn: conn.execute(select(alarms.c.kind)).scalars().all())
    assert kind == "pin-locked"
    await site.store.write(ClearFailures(CELL_2, BEN, AT, "officer"))
    assert (await site.records.check_pin(CELL_2, keyed(BEN), None, "1357")).person == BEN


async def test_the_right_pin_starts_the_count_afresh(site: Site) -> None:
    for pin in ("0000", "0000", "2468", "0000", "0000"):
        last = await site.records.check_pin(CELL_1, None, ANN, pin)
    assert not last.locked
    assert (await site.records.check_pin(CELL_1, None, ANN, "2468")).person == ANN


async def test_guesses_that_come_together_are_counted_one_by_one(site: Site) -> None:
    guesses = ["0000"] * 9 + ["2468"]
    verdicts = await asyncio.gather(*(site.records.check_pin(CELL_1, None, ANN, pin) for pin in guesses))
    assert sum(verdict.locked_now for verdict in verdicts) == 1
    assert all(verdict.person is None for verdict in verdicts)


async def test_a_number_that_nobody_has_is_locked_like_any_other(site: Site) -> None:
    tries = [await site.records.check_pin(CELL_1, "999999", None, "0000") for _ in range(4)]
    assert [verdict.locked for verdict in tries] == [False, False, True, True]


async def test_two_numbers_of_the_same_keys_are_told_apart_by_their_pins(site: Site) -> None:
    twin = PersonId("B1234BC")
    assert keyed(twin) == keyed(ANN)
    await site.store.write(AddPerson(twin, "Twin Example", "HMP", CELL_2, site.pins.hash("9753"), "test", AT))
    assert (await site.records.check_pin(CELL_1, keyed(ANN), None, "9753")).person == twin
    assert (await site.records.check_pin(CELL_1, keyed(ANN), None, "2468")).person == ANN


@pytest.mark.parametrize("pin", ["123", "123456789", "12a4", "١٢٣٤", ""])
def test_a_pin_is_four_to_eight_digits(pin: str) -> None:
    with pytest.raises(ValueError, match="4 to 8"):
        PinHasher(CHEAP).hash(pin)
