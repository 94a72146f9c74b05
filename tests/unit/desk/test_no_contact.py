"""What a court leaves open of an order against contact: two names, dates and hours, whole refusals, a call that runs."""
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from switch.core.ids import PersonId, PhoneId, loaded_id
from switch.core.openings import LocalHours
from switch.desk import applications, no_contact
from switch.desk.asking import Refused
from switch.ports.contacts import NoContact, OrderKind
from switch.store.orders import read_live_orders
from switch.store.tables import contacts, establishments
from tests.unit.desk.office import ANN, GOVERNOR, MOOR, OFFICER, Office, good, why
from tests.unit.store.site import AT, MUM, decision, request

HOUR = timedelta(hours=1)
COURT = "Moor Family Court"


async def ordered(office: Office) -> NoContact:
    """Ann may not ring Mum, and talks to her."""
    await office.receive()
    await office.contact(ANN)
    await office.credit(ANN, 100)
    assert await office.site.records.open(request("c1", phone=PhoneId("m1")), PersonId(ANN), decision("c1")) is None
    wanted = no_contact.Wanted(ANN, OrderKind.NO_CONTACT, "Moor Crown Court", number=str(MUM))
    return good(await no_contact.place(office.desk, OFFICER, AT, wanted))


async def ends(office: Office, at: datetime = AT) -> list[str]:
    return [one.call for one in await office.site.store.read(lambda conn: read_live_orders(conn, at))]


async def leave(office: Office, order: str, second: str = GOVERNOR, court: str = COURT, reason: str = "varied", **more: object,
                ) -> object:
    return await no_contact.leave_open(office.desk, OFFICER, AT, order, court, second, reason, **more)  # type: ignore[arg-type]


async def test_an_order_ends_the_call_and_what_is_left_open_lets_it_be(office: Office) -> None:
    order = await ordered(office)
    assert await ends(office) == ["c1"]
    before = await office.audited()
    made = await leave(office, order.id, hours=("monday 10:00-11:00",), until=AT + timedelta(days=30))
    assert not isinstance(made, Refused)
    assert await ends(office) == []
    assert await ends(office, AT + HOUR) == ["c1"]
    assert await no_contact.openings(office.desk, OFFICER, AT) == [made]
    assert await no_contact.openings(office.desk, OFFICER, AT, "another") == []
    assert why(await leave(office, order.id, hours=("monday 10:00-11:00",), until=AT + timedelta(days=30))) == ["as-it-is"]
    (row, refusal) = await office.audit(before)
    assert row == ("no-contact-left-open", {"order": order.id, "opening": made.opening.id, "person": ANN},  # type: ignore[attr-defined]
                   {"second": True, "hours": 1, "starts": False, "ends": True, "number": False})
    assert refusal[0] == "no-contact-left-open-refused"
    assert f"{COURT}: varied" in await office.notes()
    assert why(await no_contact.shut(office.desk, OFFICER, AT, made.opening.id, " ")) == ["no-reason"]  # type: ignore[attr-defined]
    good(await no_contact.shut(office.desk, OFFICER, AT, made.opening.id, "varied again"))  # type: ignore[attr-defined]
    assert await ends(office) == ["c1"]
    assert why(await no_contact.shut(office.desk, OFFICER, AT, made.opening.id, "x")) == ["unknown-opening"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("asked", "codes"), [
    ({}, ["no-exception"]), ({"hours": ("sunday",)}, ["bad-hours"]), ({"number": "07x"}, ["bad-telephone"]),
    ({"hours": ("x 10:00-11:00", "sunday 9-10")}, ["bad-hours", "bad-hours"]),
    ({"until": AT}, ["bad-dates"]), ({"start": AT + HOUR, "until": AT + HOUR}, ["bad-dates"]),
    ({"number": str(MUM), "court": " "}, ["no-court"]), ({"number": str(MUM), "reason": ""}, ["no-reason"]),
    ({"number": str(MUM), "second": OFFICER}, ["second-name"]), ({"number": str(MUM), "second": " "}, ["second-name"]),
    ({"court": "", "reason": "", "hours": ("x",)}, ["bad-hours", "no-court", "no-reason"]),
])
async def test_what_leaves_nothing_open_changes_nothing(office: Office, asked: dict[str, object], codes: list[str]) -> None:
    order = await ordered(office)
    assert why(await leave(office, order.id, **asked)) == codes  # type: ignore[arg-type]  # by name
    assert await no_contact.openings(office.desk, OFFICER, AT) == []
    assert await ends(office) == ["c1"]


async def test_an_order_that_is_lifted_or_unknown_is_not_left_open(office: Office) -> None:
    order = await ordered(office)
    good(await no_contact.lift(office.desk, OFFICER, AT, order.id, GOVERNOR, "over"))
    for id in (order.id, "none"):
        assert why(await leave(office, id, number=str(MUM))) == ["unknown-order"]


async def test_hours_are_those_of_the_persons_establishment(office: Office) -> None:
    order = await ordered(office)
    abroad = establishments.update().where(establishments.c.id == MOOR).values(zone="Europe/Gibraltar")
    await office.site.store.write(lambda conn: conn.execute(abroad))
    made = await leave(office, order.id, hours=("sundays 14:00-15:00", "sunday 14:00-15:00", "weekend 10:00-11:00"))
    assert not isinstance(made, Refused)
    opening = made.opening  # type: ignore[attr-defined]
    assert opening.zone == "Europe/Gibraltar"
    assert opening.hours == (LocalHours(5, 600, 660), LocalHours(6, 600, 660), LocalHours(6, 840, 900))
    facts_at = datetime(2026, 11, 29, 13, 30, tzinfo=UTC)  # 14:30 there
    assert await ends(office, facts_at) == []
    zone = await office.site.store.read(lambda conn: conn.execute(select(establishments.c.zone).where(
        establishments.c.id == MOOR)).scalar_one())
    assert zone == "Europe/Gibraltar"


@pytest.mark.parametrize(("number", "open_"), [(None, True), (str(MUM), True), ("07700900999", False)])
async def test_whom_a_court_lets_ring_at_a_time_may_be_approved(office: Office, number: str | None, open_: bool) -> None:
    """An order stands in the way of an approval but for what it leaves open; each call is asked when it is."""
    order = await ordered(office)
    approval = loaded_id(ANN, str(MUM))
    pending = contacts.update().where(contacts.c.id == approval).values(state="pending")
    await office.site.store.write(lambda conn: conn.execute(pending))
    assert "no-contact-order" in why(await applications.approve(office.desk, OFFICER, AT, approval))
    made = await leave(office, order.id, hours=("sunday 14:00-15:00",), number=number)
    assert not isinstance(made, Refused)
    again = why(await applications.approve(office.desk, OFFICER, AT, approval))
    assert ("no-contact-order" in again) is not open_
    assert again, "its checks are open all the same"
