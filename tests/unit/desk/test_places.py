"""Establishments, wings, cells and telephones."""
from switch.core.ids import PhoneId
from switch.desk import places
from switch.store.credentials import ha1, read_credentials
from switch.store.facts import read_facts
from tests.unit.desk.office import ANN, FEN, MOOR, OFFICER, Office, good, why
from tests.unit.store.site import AT, request


async def test_a_telephone_proves_itself_with_the_password_that_was_told_once(office: Office) -> None:
    await office.receive(cell="M3")
    made = good(await places.add_phone(office.desk, OFFICER, AT, "m3", MOOR, "M3", "new"))
    known = await office.site.store.read(read_credentials)
    assert (known[PhoneId("m3")].ha1_md5, known[PhoneId("m3")].ha1_sha256) == ha1("m3", "wingline", made.password)
    assert (await office.person(ANN)).phone == "m3", "who lives there has it at once"
    again = good(await places.replace_password(office.desk, OFFICER, AT, "m3", "stickers on the handset"))
    assert again.password != made.password
    known = await office.site.store.read(read_credentials)
    assert known[PhoneId("m3")].ha1_sha256 == ha1("m3", "wingline", again.password)[1]
    told = str(await office.audit())
    assert made.password not in told
    assert again.password not in told


async def test_a_closed_establishment_places_no_calls_and_says_why(office: Office) -> None:
    await office.receive()

    async def open_there() -> bool:
        return (await office.site.store.read(lambda conn: read_facts(conn, request("c1", phone=PhoneId("m1")), None))).site_open

    assert await open_there()
    closed = good(await places.close_or_open(office.desk, OFFICER, AT, MOOR, False, "no staff"))
    assert (closed.open, closed.reason, await open_there()) == (False, "no staff", False)
    assert why(await places.close_or_open(office.desk, OFFICER, AT, MOOR, False, "x")) == ["as-it-is"]
    good(await places.set_capacity(office.desk, OFFICER, AT, MOOR, 40))
    assert not await open_there(), "a capacity opens nothing"
    assert good(await places.close_or_open(office.desk, OFFICER, AT, MOOR, True, "staff are back")).reason == ""
    assert await open_there()


async def test_what_is_there_already_and_what_is_not(office: Office) -> None:
    desk = office.desk
    assert why(await places.add_establishment(desk, OFFICER, AT, MOOR, "HMP Moor")) == ["taken"]
    assert why(await places.add_establishment(desk, OFFICER, AT, "a b", "HMP")) == ["bad-place"]
    assert why(await places.add_establishment(desk, OFFICER, AT, "dale", "HMP Dale", "Mars/Base")) == ["bad-zone"]
    assert why(await places.add_establishment(desk, OFFICER, AT, "dale", "HMP Dale", "../../etc/passwd")) == ["bad-zone"]
    assert why(await places.add_wing(desk, OFFICER, AT, MOOR, "M")) == ["taken"]
    assert why(await places.add_cell(desk, OFFICER, AT, MOOR, "Q", "Q1")) == ["unknown-wing"]
    assert why(await places.add_cell(desk, OFFICER, AT, MOOR, "M", "M1")) == ["taken"]
    assert why(await places.add_cell(desk, OFFICER, AT, MOOR, "M", "M4", -1)) == ["bad-capacity"]
    assert why(await places.set_cell_capacity(desk, OFFICER, AT, MOOR, "F1", 3)) == ["unknown-cell"]
    assert why(await places.add_phone(desk, OFFICER, AT, "m1", MOOR, "M3", "old")) == ["taken"]
    assert why(await places.add_phone(desk, OFFICER, AT, "m 1", MOOR, "M3", "old")) == ["bad-place"]
    assert why(await places.add_phone(desk, OFFICER, AT, "m9", MOOR, "M3", "moon")) == ["unknown-network"]
    assert why(await places.move_phone(desk, OFFICER, AT, "m1", "M1")) == ["as-it-is"]
    assert why(await places.move_phone(desk, OFFICER, AT, "m1", "F1")) == ["unknown-cell"]
    assert why(await places.replace_password(desk, OFFICER, AT, "m9", "x")) == ["unknown-phone"]
    assert good(await places.set_cell_capacity(desk, OFFICER, AT, FEN, "F1", 1)).capacity == 1
