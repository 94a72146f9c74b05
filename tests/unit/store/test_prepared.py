"""Statements that go out side by side, and that the server plans once."""
import time

import pytest
from sqlalchemy import Connection, bindparam, func, literal, select
from sqlalchemy.exc import SQLAlchemyError

from switch.store.errors import StoreUnavailable
from switch.store.facts import read_facts
from switch.store.prepared import Prepared, side_by_side
from switch.store.tables import people
from tests.unit.store.site import ANN, Site, request

ONE = Prepared(select(people.c.name).where(people.c.id == bindparam("person")))
SLOW = Prepared(select(func.pg_sleep(bindparam("seconds"))))
WRONG = Prepared(select(literal(1)).where(func.no_such_function(bindparam("x")) == 1))


async def test_each_has_its_own_answer(site: Site) -> None:
    def names(conn: Connection) -> list[str]:
        with side_by_side(conn):
            asked = [ONE.run(conn, {"person": person}) for person in ("A5678DE", ANN, "nobody", "A9012FG")]
            return [row[0] for one in reversed(asked) for row in one.fetchall()]

    assert await site.store.read(names) == ["Cy Example", "Ann Example", "Ben Example"]


async def test_what_one_of_them_gets_wrong_is_told_as_ever_and_the_next_read_goes_on(site: Site) -> None:
    def wrong(conn: Connection) -> object:
        with side_by_side(conn):
            asked = [ONE.run(conn, {"person": ANN}), WRONG.run(conn, {"x": 1})]
            return [one.fetchall() for one in asked]

    with pytest.raises(StoreUnavailable) as told:
        await site.store.read(wrong)
    assert isinstance(told.value.__cause__, SQLAlchemyError)
    assert (await site.records.facts(request("c1"), ANN)).person is not None


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_the_next_is_sent_before_the_last_was_answered(site: Site) -> None:
    def took(conn: Connection) -> tuple[float, float]:
        began = time.monotonic()
        with side_by_side(conn):
            asked = [SLOW.run(conn, {"seconds": 0.4}) for _ in range(2)]
            sent = time.monotonic() - began
            for one in asked:
                one.fetchall()
        return sent, time.monotonic() - began

    sent, whole = await site.store.read(took)
    assert sent < 0.4
    assert whole > 0.79


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_no_statement_of_a_call_is_planned_anew(site: Site) -> None:
    def plans(conn: Connection) -> list[tuple[str, int]]:
        for _ in range(10):
            read_facts(conn, request("c1"), ANN)
        return [(name, custom) for name, custom in conn.exec_driver_sql(
            "SELECT statement, custom_plans FROM pg_prepared_statements WHERE generic_plans + custom_plans >= 10").fetchall()]

    found = await site.store.read(plans)
    assert len(found) == 10
    assert {custom for _, custom in found} == {0}
