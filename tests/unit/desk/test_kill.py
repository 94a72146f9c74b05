"""The kill switch: whom it reaches, for how long, and that helplines need a second order."""
from datetime import timedelta

import pytest

from dialplans.model import Service
from switch.core.ids import PersonId, PhoneId
from switch.desk import kill, places
from switch.ports.desk import Order, Reach
from switch.store.calls import OpenCall, request_row
from switch.store.facts import read_facts
from switch.store.orders import read_live_orders
from tests.unit.desk.office import ANN, BEN, FEN, GOVERNOR, MOOR, OFFICER, Office, good, why
from tests.unit.store.site import AT, SAMARITANS, decision, request

HOUR = timedelta(hours=1)


async def throw(office: Office, reach: Reach, target: str, cut: bool = True, **more: object) -> Order:
    return good(await kill.place(office.desk, OFFICER, AT, reach, target, "a fight", cut=cut, **more))  # type: ignore[arg-type]  # by name


async def stopped(office: Office, phone: str = "m1", person: str = ANN, after: timedelta = timedelta()) -> int:
    """How many orders a new call from a telephone would meet."""
    asked = request("new", phone=PhoneId(phone), at=AT + after)
    return len((await office.site.store.read(lambda conn: read_facts(conn, asked, PersonId(person)))).orders)


async def ends(office: Office, after: timedelta = timedelta()) -> set[str]:
    return {order.call for order in await office.site.store.read(lambda conn: read_live_orders(conn, AT + after))}


@pytest.mark.parametrize(("reach", "target", "here", "there"), [
    (Reach.SITE, MOOR, 1, 0), (Reach.WING, "M", 1, 0), (Reach.CELL, "M1", 1, 0), (Reach.PERSON, ANN, 1, 0),
    (Reach.SITE, FEN, 0, 1), (Reach.CELL, "M2", 0, 0), (Reach.PERSON, BEN, 0, 1),
])
async def test_an_order_reaches_whom_it_names(office: Office, reach: Reach, target: str, here: int, there: int) -> None:
    await office.receive()
    await office.receive(BEN, "F1", FEN)
    for call, phone, person in (("c1", "m1", ANN), ("c2", "f1", BEN)):
        await office.credit(person, 100)
        assert await office.site.records.open(request(call, phone=PhoneId(phone)), PersonId(person), decision(call)) is None
    await throw(office, reach, target)
    assert (await stopped(office), await stopped(office, "f1", BEN)) == (here, there)
    assert await ends(office) == {call for call, hit in (("c1", here), ("c2", there)) if hit}


async def test_no_new_calls_lets_those_that_run_go_on(office: Office) -> None:
    await office.receive()
    await office.credit(ANN, 100)
    assert await office.site.records.open(request("c1", phone=PhoneId("m1")), PersonId(ANN), decision("c1")) is None
    await throw(office, Reach.SITE, MOOR, cut=False)
    assert (await stopped(office), await ends(office)) == (1, set())
    await throw(office, Reach.SITE, MOOR)
    assert await ends(office) == {"c1"}


async def test_an_order_begins_and_ends_by_itself(office: Office) -> None:
    await office.receive()
    await throw(office, Reach.PERSON, ANN, start=AT + HOUR, until=AT + 2 * HOUR)
    at = [await stopped(office, after=HOUR * hours) for hours in (0, 1, 1.5, 2)]
    assert at == [0, 1, 1, 0]
    assert len(await kill.standing(office.desk, OFFICER, AT)) == 1, "one to come is shown"
    assert await kill.standing(office.desk, OFFICER, AT + 2 * HOUR) == []
    late = await kill.place(office.desk, OFFICER, AT, Reach.PERSON, ANN, "x", cut=True, start=AT + HOUR, until=AT + HOUR)
    assert why(late) == ["bad-times"]


async def test_a_lifted_order_stands_no_longer(office: Office) -> None:
    await office.receive()
    order = await throw(office, Reach.WING, "M")
    assert [(one.id, one.establishment, one.staff) for one in await kill.standing(office.desk, GOVERNOR, AT)] == [
        (order.id, MOOR, OFFICER)]
    before = await office.audited()
    assert good(await kill.lift(office.desk, GOVERNOR, AT, order.id)) == (order,)
    assert [action for action, _, _ in await office.audit(before)] == ["order-lifted"]
    assert (await stopped(office), await kill.standing(office.desk, OFFICER, AT)) == (0, [])
    assert why(await kill.lift(office.desk, GOVERNOR, AT, order.id)) == ["unknown-order"]


async def test_helplines_need_a_second_order_that_goes_with_the_first(office: Office) -> None:
    await office.receive()
    asked, decided = request("c1", SAMARITANS, PhoneId("m1")), decision("c1", SAMARITANS, Service.HELPLINE)
    await office.site.store.write(OpenCall(asked, request_row(asked, None, decided, "node")))
    first = await throw(office, Reach.SITE, MOOR)
    assert await ends(office) == set()
    second = good(await kill.stop_helplines(office.desk, GOVERNOR, AT, first.id, "the line is used to plan the fight"))
    assert second.helplines_too
    assert await ends(office) == {"c1"}
    assert why(await kill.stop_helplines(office.desk, GOVERNOR, AT, first.id, "x")) == ["as-it-is"]
    assert why(await kill.stop_helplines(office.desk, GOVERNOR, AT, second.id, "x")) == ["as-it-is"]
    assert why(await kill.stop_helplines(office.desk, GOVERNOR, AT, "none", "x")) == ["unknown-order"]
    assert why(await kill.stop_helplines(office.desk, GOVERNOR, AT, first.id, "")) == ["no-reason"]
    assert set(good(await kill.lift(office.desk, OFFICER, AT, first.id))) == {first, second}
    assert (await ends(office), await stopped(office)) == (set(), 0)


async def test_helplines_are_not_stopped_for_a_person_whom_they_never_ask_for(office: Office) -> None:
    await office.receive()
    order = await throw(office, Reach.PERSON, ANN)
    assert why(await kill.stop_helplines(office.desk, GOVERNOR, AT, order.id, "x")) == ["nobody-asked"]


async def test_helplines_come_back_alone(office: Office) -> None:
    first = await throw(office, Reach.WING, "M")
    second = good(await kill.stop_helplines(office.desk, GOVERNOR, AT, first.id, "x"))
    assert good(await kill.lift(office.desk, OFFICER, AT, second.id)) == (second,)
    assert await kill.standing(office.desk, OFFICER, AT) == [first]


@pytest.mark.parametrize(("reach", "target", "codes"), [
    (Reach.SITE, "nowhere", ["unknown-establishment"]), (Reach.WING, "Q", ["unknown-wing"]),
    (Reach.CELL, "Q1", ["unknown-cell"]), (Reach.PERSON, BEN, ["unknown-person"]), (Reach.PERSON, "Ben", ["bad-number"]),
])
async def test_a_target_that_is_not_there_is_an_error_never_an_order(
    office: Office, reach: Reach, target: str, codes: list[str],
) -> None:
    assert why(await kill.place(office.desk, OFFICER, AT, reach, target, "x", cut=True)) == codes
    assert why(await kill.place(office.desk, OFFICER, AT, Reach.SITE, MOOR, "  ", cut=True)) == ["no-reason"]
    assert await kill.standing(office.desk, OFFICER, AT) == []


async def test_a_wing_that_two_establishments_have_must_say_whose(office: Office) -> None:
    good(await places.add_wing(office.desk, OFFICER, AT, FEN, "M"))
    assert why(await kill.place(office.desk, OFFICER, AT, Reach.WING, "M", "x", cut=True)) == ["which"]
    await office.receive()
    await throw(office, Reach.WING, "M", establishment=FEN)
    assert await stopped(office) == 0
    await throw(office, Reach.WING, "M", establishment=MOOR)
    assert await stopped(office) == 1
