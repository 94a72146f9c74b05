"""PINs issued, reset and unlocked with a reason; the second PIN that tells staff silently."""
import pytest

from switch.core.ids import PersonId, PhoneId
from switch.desk import leaving, pins
from switch.ports.desk import Status
from tests.unit.desk.office import ANN, BEN, OFFICER, Office, good, why
from tests.unit.store.site import AT

PHONE = PhoneId("m1")


async def tries(office: Office, pin: str) -> tuple[str | None, bool, bool]:
    verdict = await office.site.records.check_pin(PHONE, None, PersonId(ANN), pin)
    return verdict.person, verdict.duress, verdict.locked


async def test_a_reset_ends_the_old_pin_and_keeps_the_reason_beside_the_audit(office: Office) -> None:
    old = (await office.receive()).pin
    before = await office.audited()
    new = good(await pins.issue_pin(office.desk, OFFICER, AT, ANN, "says her cell mate saw it"))
    assert await tries(office, new.pin) == (ANN, False, False)
    assert await tries(office, old) == (None, False, False)
    assert (await office.audit(before))[0] == ("pin-issued", {"person": ANN}, {"first": False, "counts_cleared": 0})
    assert await office.notes() == ["says her cell mate saw it"]
    assert why(await pins.issue_pin(office.desk, OFFICER, AT, ANN, " ")) == ["no-reason"]


async def test_staff_unlock_whom_three_wrong_pins_locked_out(office: Office) -> None:
    pin = (await office.receive()).pin
    assert why(await pins.unlock(office.desk, OFFICER, AT, ANN, "asked")) == ["as-it-is"]
    for _ in range(3):
        last = await tries(office, "0000")
    assert last == (None, False, True)
    assert (await tries(office, pin))[2], "the right PIN opens nothing now"
    assert good(await pins.unlock(office.desk, OFFICER, AT, ANN, "asked")) == (PHONE,)
    assert await tries(office, pin) == (ANN, False, False)


async def test_a_reset_unlocks_too(office: Office) -> None:
    await office.receive()
    for _ in range(3):
        await tries(office, "0000")
    new = good(await pins.issue_pin(office.desk, OFFICER, AT, ANN, "forgot it"))
    assert await tries(office, new.pin) == (ANN, False, False)


async def test_the_duress_pin_works_like_the_first_and_says_so_to_nobody_but_the_switch(office: Office) -> None:
    first = (await office.receive()).pin
    second = good(await pins.issue_duress_pin(office.desk, OFFICER, AT, ANN, "is under pressure")).pin
    assert second != first
    assert await tries(office, second) == (ANN, True, False)
    assert await tries(office, first) == (ANN, False, False)
    reset = good(await pins.issue_pin(office.desk, OFFICER, AT, ANN, "routine")).pin
    assert await tries(office, second) == (ANN, True, False), "a reset of the first leaves the second"
    good(await pins.withdraw_duress_pin(office.desk, OFFICER, AT, ANN, "is well"))
    assert await tries(office, second) == (None, False, False)
    assert await tries(office, reset) == (ANN, False, False)
    assert why(await pins.withdraw_duress_pin(office.desk, OFFICER, AT, ANN, "x")) == ["as-it-is"]


async def test_the_duress_pin_clears_a_count_and_opens_no_lock(office: Office) -> None:
    await office.receive()
    second = good(await pins.issue_duress_pin(office.desk, OFFICER, AT, ANN, "x")).pin
    for pin in ("0000", "0000", second, "0000", "0000"):
        last = await tries(office, pin)
    assert not last[2]
    await tries(office, "0000")
    assert await tries(office, second) == (None, False, True)


async def test_the_two_pins_of_a_person_are_never_the_same(office: Office) -> None:
    office.mint.pins = ["2468", "2468", "2468", "8642", "8642", "2468", "9753"]
    assert (await office.receive()).pin == "2468"
    assert good(await pins.issue_duress_pin(office.desk, OFFICER, AT, ANN, "x")).pin == "8642"
    assert good(await pins.issue_pin(office.desk, OFFICER, AT, ANN, "x")).pin == "9753"


@pytest.mark.parametrize("status", [Status.COURT, Status.RELEASED])
async def test_who_may_have_a_pin(office: Office, status: Status) -> None:
    await office.receive()
    if status is Status.COURT:
        good(await leaving.go_away(office.desk, OFFICER, AT, ANN, status))
        good(await pins.issue_pin(office.desk, OFFICER, AT, ANN, "comes back tonight"))
    else:
        good(await leaving.release(office.desk, OFFICER, AT, ANN))
        assert why(await pins.issue_duress_pin(office.desk, OFFICER, AT, ANN, "x")) == ["gone"]
    assert why(await pins.issue_pin(office.desk, OFFICER, AT, BEN, "x")) == ["unknown-person"]
    assert why(await pins.issue_pin(office.desk, OFFICER, AT, "nobody", "x")) == ["bad-number"]
