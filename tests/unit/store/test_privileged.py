"""The database remembers every list that was accepted: nothing shrinks unseen, and no migration goes on that would lose one."""
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError

from dialplans.privileged import Accepted, PrivilegedList, accepted, read_privileged
from switch.store.errors import StoreError
from switch.store.migrate import upgrade
from switch.store.privileged import AcceptList, ListLost, read_accepted, read_listed_name
from switch.store.tables import audit
from tests.unit.store.site import AT, Site


def made(serial: int, *numbers: str, gone: str = "") -> PrivilegedList:
    rows = [f'[[number]]\nnumber = "{one}"\nname = "Firm {one}"\nkind = "solicitor"\nsince = 2026-01-05\nverified = "x"\n'
            for one in numbers]
    if gone:
        rows.append(f'[[removed]]\nnumber = "{gone}"\norder = "MoJ 14"\nname = "D. Governor"\n')
    found = read_privileged(f"serial = {serial}\n" + "".join(rows), "privileged.toml")
    assert isinstance(found, PrivilegedList), found
    return found


A, B, C = "+441632960201", "+441632960202", "+441632960203"


async def test_a_list_is_accepted_once_and_what_it_lost_is_refused(site: Site) -> None:
    store = site.store
    assert await store.read(read_accepted) is None
    first = made(3, A, B)
    assert await store.write(AcceptList(first, "governor", AT)) is True
    assert await store.write(AcceptList(first, "governor", AT)) is False
    assert await store.read(read_accepted) == accepted(first)
    assert await store.read(lambda conn: read_listed_name(conn, A)) == f"Firm {A}"
    assert await store.read(lambda conn: read_listed_name(conn, C)) is None
    for bad, word in ((made(4, A), B), (made(2, A, B), "older"), (made(3, A, B, C), "another text")):
        with pytest.raises(ListLost, match=word.replace("+", r"\+")):
            await store.write(AcceptList(bad, "governor", AT))
        assert await store.read(read_accepted) == accepted(first)
    assert await store.write(AcceptList(made(4, A, C, gone=B), "governor", AT)) is True
    rows = await store.read(lambda conn: conn.execute(
        select(audit.c.subject, audit.c.detail).where(audit.c.action == "privileged-list-accepted").order_by(audit.c.seq)).all())
    assert [row.subject for row in rows] == ['{"list":"3"}', '{"list":"4"}']
    assert '"added":1' in rows[1].detail
    assert '"removed":1' in rows[1].detail
    assert A not in rows[0].detail


@pytest.mark.parametrize("sql", ["DELETE FROM privileged_lists", "UPDATE privileged_lists SET numbers = '{}'"])
async def test_what_was_accepted_is_not_taken_back(site: Site, sql: str) -> None:
    await site.store.write(AcceptList(made(1, A), "governor", AT))
    with pytest.raises((StoreError, DBAPIError)):
        await site.store.write(lambda conn: conn.execute(text(sql)))
    assert await site.store.read(read_accepted) == accepted(made(1, A))


def test_a_migration_is_asked_about_first_and_a_refusal_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    asked: list[Accepted | None] = []

    def no(remembered: Accepted | None) -> None:
        asked.append(remembered)
        raise ListLost("no")

    with pytest.raises(ListLost):
        upgrade(url, no)
    engine = create_engine(url)
    with engine.connect() as conn:
        assert conn.execute(text("SELECT count(*) FROM sqlite_master WHERE name = 'people'")).scalar() == 0
    upgrade(url, asked.append)
    upgrade(url, asked.append)  # nothing to do, so nobody is asked
    assert asked == [None, None]
    with engine.begin() as conn:
        AcceptList(made(5, A), "governor", AT)(conn)
        conn.execute(text("UPDATE alembic_version SET version_num = '0020s'"))
    with pytest.raises(ListLost):
        upgrade(url, no)
    assert asked[-1] == accepted(made(5, A))
    with engine.connect() as conn:
        assert conn.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0020s"
    engine.dispose()


async def test_no_call_leaves_the_quarantine_without_the_row_that_says_who_said_so(site: Site) -> None:
    """The database itself refuses, whoever asks it; with the undoing of that very finding it lets go."""
    async def do(statement: str) -> None:
        await site.store.write(lambda conn: conn.execute(text(statement)))

    for id, call in (("q1", "c1"), ("q2", "c2")):
        await do(f"INSERT INTO quarantines VALUES ('{id}', '{A}', '2026', '2026', 'officer', 'governor')")  # names of this test
        await do(f"INSERT INTO quarantined_calls VALUES ('{call}', '{id}')")
    for bad in ("DELETE FROM quarantined_calls", "UPDATE quarantined_calls SET quarantine = 'q2'", "DELETE FROM quarantines"):
        with pytest.raises((StoreError, DBAPIError), match="append-only"):
            await do(bad)
    await do("INSERT INTO quarantine_undoings VALUES ('q1', '2026', 'officer', 'governor')")
    with pytest.raises((StoreError, DBAPIError), match="append-only"):
        await do("DELETE FROM quarantined_calls WHERE call = 'c2'")
    with pytest.raises((StoreError, DBAPIError), match="append-only"):
        await do("DELETE FROM quarantine_undoings")
    await do("DELETE FROM quarantined_calls WHERE call = 'c1'")
    left = await site.store.read(lambda conn: conn.execute(text("SELECT call FROM quarantined_calls")).scalars().all())
    assert left == ["c2"]
