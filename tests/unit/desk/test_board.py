"""What the desk says of calls on the board: whose they are and where, to whom it is shown, and that the look is noted."""
from sqlalchemy import Connection, insert

from switch.desk import board
from switch.desk.consulting import consulted
from switch.ports.calls import Parties
from switch.ports.staff import Place
from switch.store.briefs import AT_ONCE
from switch.store.stamps import stamp
from switch.store.tables import placed_attempts, placed_calls
from tests.unit.desk.office import ANN, BEN, FEN, MOOR, OFFICER, Office
from tests.unit.desk.test_listening import granted, running
from tests.unit.store.site import AT, MUM

ANNS, BENS = Parties("c1", "m1", ANN, str(MUM)), Parties("c2", "f1", BEN, str(MUM))
NOBODYS = Parties("c3", "m2", None, "")
WING, ELSEWHERE = (Place(MOOR, "M"),), (Place(FEN),)


async def peopled(office: Office) -> None:
    await running(office)
    await office.receive(BEN, "F1", FEN, name="Ben Example")
    await office.contact(ANN)


async def test_a_call_is_told_with_whose_it_is_where_and_by_what_it_may_be_heard(office: Office) -> None:
    await peopled(office)
    await granted(office)
    one, two = await board.brief(office.desk, OFFICER, AT, [ANNS, NOBODYS])
    assert (one.call, one.name, one.establishment, one.wing, one.cell, one.contact, one.contact_kind, one.authority) == (
        "c1", "Ann Example", MOOR, "M", "M1", "Mum", "social", "offence-related")
    assert (two.name, two.establishment, two.wing, two.cell, two.contact, two.authority) == ("", MOOR, "M", "M2", "", "")


async def test_only_calls_of_where_one_may_look_are_told_and_noted(office: Office) -> None:
    await peopled(office)
    desk, before = consulted(office.desk), await office.audited()
    assert [one.call for one in await board.brief(desk, OFFICER, AT, [ANNS, BENS, NOBODYS], WING)] == ["c1", "c3"]
    assert await office.audit(before) == [("consulted", {"person": ANN}, {"by": "board.brief", "calls": "c1 c3"})]
    before = await office.audited()
    assert await board.brief(desk, OFFICER, AT, [ANNS], ELSEWHERE) == []
    assert await board.brief(desk, OFFICER, AT, [ANNS], ()) == []
    assert await board.authorities(desk, OFFICER, AT, [ANNS]) == [""]
    assert await board.whereabouts(desk, OFFICER, AT, "c1") == Place(MOOR, "M")
    assert await office.audit(before) == [], "nobody was shown anything"


async def test_more_calls_than_one_statement_takes(office: Office) -> None:
    await peopled(office)
    many = [Parties(f"x{n}", f"p{n}", f"A{n:04}ZZ", f"+4477009{n:05}") for n in range(AT_ONCE + 50)]
    found = await board.brief(office.desk, OFFICER, AT, [*many, ANNS])
    assert [one.call for one in found] == [one.call for one in [*many, ANNS]]
    assert (found[0].establishment, found[-1].name) == (None, "Ann Example")


async def test_a_call_that_nobody_knows_is_nowhere(office: Office) -> None:
    assert await board.whereabouts(office.desk, OFFICER, AT, "none") is None
    assert board.is_within(Place(""), None)
    assert not board.is_within(Place(""), (Place(MOOR), Place(FEN)))


async def test_a_call_of_the_switch_itself_is_where_whoever_it_is_about_lives(office: Office) -> None:
    def placed(conn: Connection) -> None:
        conn.execute(insert(placed_calls), {
            "id": "r1", "kind": "consent", "person": BEN, "number": str(MUM), "state": "due", "requested_by": "x",
            "requested_at": stamp(AT), "not_before": stamp(AT), "attempts": 1})
        conn.execute(insert(placed_attempts), {
            "id": "asked", "request": "r1", "node": "n", "started_at": stamp(AT), "ring_ms": 0, "heard_ms": 0})

    await peopled(office)
    await office.site.store.write(placed)
    assert await board.whereabouts(office.desk, OFFICER, AT, "asked") == Place(FEN, "F")
