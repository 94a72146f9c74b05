"""Calls at the desk: listed, shown, and one that runs ended by an order in its own transaction."""
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from switch.desk import calls
from switch.desk.asking import Desk
from switch.store.audit import verify_audit
from switch.store.orders import read_live_orders
from switch.store.unit_of_work import SqlUnitOfWork
from tests.unit.desk.office import OFFICER, CountingMint, good, why
from tests.unit.store.site import ANN, AT, BEN, CELL_2, Site, decision, ended, make_site, request

LATER = AT + timedelta(hours=1)
HALF = AT + timedelta(minutes=30)


@pytest.fixture
async def site(url: str, tmp_path: Path) -> AsyncIterator[Site]:
    made = await make_site(tmp_path, url)
    yield made
    assert await made.store.read(verify_audit) == []
    await made.close()


@pytest.fixture
async def desk(site: Site) -> Desk:
    """Ann's call is over; Ben's, an hour later, runs."""
    over, runs = request("over"), request("runs", phone=CELL_2, at=LATER)
    await site.records.open(over, ANN, decision("over"))
    await site.records.close(ended(over, decision("over")))
    await site.records.open(runs, BEN, decision("runs"))
    return Desk(SqlUnitOfWork(site.store, {}), CountingMint())


async def test_calls_are_listed_by_what_narrows_them(desk: Desk) -> None:
    async def ids(**narrowed: object) -> list[str]:
        return [one.id for one in good(await calls.list_calls(desk, OFFICER, LATER, **narrowed))]  # type: ignore[arg-type]

    assert await ids() == ["over", "runs"]
    assert await ids(live=True) == ["runs"]
    assert await ids(person="a1234bc") == await ids(until=LATER) == ["over"]
    assert await ids(since=LATER) == await ids(since=HALF) == await ids(most=1) == ["runs"]
    assert await ids(since=AT, until=HALF) == ["over"]
    assert await ids(person=ANN, live=True) == await ids(since=LATER + timedelta(milliseconds=1)) == []
    for wrong, code in (({"person": "x"}, "bad-number"), ({"most": 0}, "bad-most"), ({"most": 1001}, "bad-most"),
                        ({"since": AT, "until": AT}, "bad-times")):
        assert why(await calls.list_calls(desk, OFFICER, LATER, **wrong)) == [code]  # type: ignore[arg-type]


async def test_one_call_is_shown_with_its_findings(desk: Desk) -> None:
    shown = good(await calls.show_call(desk, OFFICER, LATER, "over"))
    assert (shown.person, shown.outcome, [one["rule"] for one in shown.findings]) == (ANN, "connected", ["contact", "hours"])
    assert good(await calls.show_call(desk, OFFICER, LATER, "runs")).outcome is None
    assert why(await calls.show_call(desk, OFFICER, LATER, "none")) == ["unknown-call"]


async def test_only_a_call_that_runs_is_cut_and_the_order_is_in_the_audit(desk: Desk, site: Site) -> None:
    assert why(await calls.cut_call(desk, OFFICER, LATER, "over", "a fight")) == ["over"]
    assert why(await calls.cut_call(desk, OFFICER, LATER, "none", "a fight")) == ["unknown-call"]
    assert why(await calls.cut_call(desk, OFFICER, LATER, "runs", " ")) == ["no-reason"]
    assert await site.store.read(lambda conn: read_live_orders(conn, LATER)) == []
    done = good(await calls.cut_call(desk, OFFICER, LATER, "runs", " a fight "))
    (order,) = await site.store.read(lambda conn: read_live_orders(conn, LATER))
    assert (order.id, order.call, order.reason, order.staff) == (done.order, "runs", "a fight", OFFICER)
    good(await calls.cut_call(desk, OFFICER, LATER, "runs", "again"))
