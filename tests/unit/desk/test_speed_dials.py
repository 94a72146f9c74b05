"""Speed dials by the desk: for a contact of the person, on a key that there is, with a name and an audit row."""
from switch.core.ids import StaffId
from switch.core.numbers import E164
from switch.desk import speed_dials
from switch.ports.menu import SpeedDial
from tests.unit.desk.office import ANN, OFFICER, Office, good, why
from tests.unit.store.site import AT, MUM

DAD = E164("447700900124")


async def test_set_changed_listed_and_cleared(office: Office) -> None:
    await office.receive()
    await office.contact(ANN)
    await office.contact(ANN, DAD)
    before = await office.audited()
    for slot, number in ((9, "07700 900124"), (1, "+447700900124"), (1, "07700 900123")):
        good(await speed_dials.set_speed_dial(office.desk, OFFICER, AT, "a1234bc", slot, number))
    listed = good(await speed_dials.speed_dials(office.desk, OFFICER, AT, ANN))
    assert listed == [SpeedDial(ANN, 1, str(MUM)), SpeedDial(ANN, 9, str(DAD))]  # type: ignore[arg-type]  # a prison number
    assert good(await speed_dials.clear_speed_dial(office.desk, OFFICER, AT, ANN, 1)) == ANN
    assert why(await speed_dials.clear_speed_dial(office.desk, OFFICER, AT, ANN, 1)) == ["as-it-is"]
    assert len(good(await speed_dials.speed_dials(office.desk, OFFICER, AT, ANN))) == 1
    assert [(action, detail) for action, _, detail in await office.audit(before)] == [
        ("speed-dial-set", {"slot": 9}), ("speed-dial-set", {"slot": 1}), ("speed-dial-set", {"slot": 1}),
        ("speed-dial-cleared", {"slot": 1}), ("speed-dial-cleared-refused", {"why": "as-it-is", "problems": 1})]
    assert await office.whole()


async def test_what_is_malformed_is_refused_whole_and_leaves_nothing(office: Office) -> None:
    await office.receive()
    before = await office.audited()
    refused = await speed_dials.set_speed_dial(office.desk, OFFICER, AT, "nobody", 10, "07700,5")
    assert why(refused) == ["bad-number", "bad-key", "bad-telephone"]
    assert why(await speed_dials.clear_speed_dial(office.desk, OFFICER, AT, "nobody", 0)) == ["bad-number", "bad-key"]
    assert why(await speed_dials.speed_dials(office.desk, OFFICER, AT, "nobody")) == ["bad-number"]
    assert why(await speed_dials.set_speed_dial(office.desk, StaffId(" "), AT, ANN, 1, "07700900123")) == ["no-actor"]
    assert await office.audited() == before


async def test_a_key_is_for_a_contact_of_somebody_known(office: Office) -> None:
    await office.receive()
    assert why(await speed_dials.set_speed_dial(office.desk, OFFICER, AT, ANN, 1, "07700900123")) == ["no-contact"]
    assert why(await speed_dials.set_speed_dial(office.desk, OFFICER, AT, "Z9999ZZ", 1, "07700900123")) == ["unknown-person"]
    assert why(await speed_dials.clear_speed_dial(office.desk, OFFICER, AT, "Z9999ZZ", 1)) == ["unknown-person"]
    assert why(await speed_dials.speed_dials(office.desk, OFFICER, AT, "Z9999ZZ")) == ["unknown-person"]
