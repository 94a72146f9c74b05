"""A PostgreSQL that is restarted, crashes, freezes or drops a session, in each state of a call: an error in bounded time, nothing
half written, and the same store goes on by itself when the server is back."""
import asyncio
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import Connection, select

from dialplans.model import Service
from switch.core.facts import StopScope
from switch.core.grants import Privacy
from switch.core.money import Millipence
from switch.store.audit import audit_head, verify_audit
from switch.store.books import verify_books
from switch.store.database import Store
from switch.store.errors import StoreUnavailable
from switch.store.listing import list_calls, show_call
from switch.store.seeding import AddCredit, read_balance
from switch.store.tables import alarms
from tests.postgres import PostgresServer
from tests.unit.store.site import ANN, AT, BEN, CELL_1, CELL_2, MUM, SAMARITANS, Site, decision, ended, make_site, request

HELP = decision("h1", SAMARITANS, Service.HELPLINE, None, Privacy.PRIVILEGED, None)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One that these tests may harm."""
    made = PostgresServer()
    try:
        yield made.start()
    finally:
        made.remove()


@pytest_asyncio.fixture
async def site(tmp_path: Path, server: PostgresServer) -> AsyncIterator[Site]:
    made = await make_site(tmp_path, server.fresh(), busy_ms=500, patience=1.0)
    await made.records.refresh()
    yield made
    await made.close()


async def whole(site: Site) -> None:
    assert await site.store.read(verify_audit) == []
    assert await site.store.read(verify_books) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["in order", "at once"])
async def test_a_restart_between_opening_and_closing_is_not_noticed(
    site: Site, server: PostgresServer, how: signal.Signals,
) -> None:
    asked, decided = request("c1"), decision("c1")
    assert await site.records.open(asked, ANN, decided) is None
    server.restart(how)
    assert (await site.records.facts(request("c2"), ANN)).person is not None
    await site.records.close(ended(asked, decided, talked=60))
    assert await site.store.read(lambda conn: read_balance(conn, ANN)) == 500_000 - 6_000
    server.restart(how)
    assert await site.records.open(request("c2"), ANN, decision("c2")) is None
    assert await site.records.settle() == 0
    await whole(site)


async def test_gone_in_each_state_of_a_call(site: Site, server: PostgresServer) -> None:
    """Asked for, open, talking, closing, in the journal; a helpline call, a stop, a wrong PIN and an alarm meanwhile."""
    talking, decided = request("c1"), decision("c1")
    assert await site.records.open(talking, ANN, decided) is None
    await site.records.talking(talking.call)
    server.stop()

    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        await site.records.facts(request("c2", phone=CELL_2), BEN)
    with pytest.raises(StoreUnavailable):
        await site.records.open(request("c2", phone=CELL_2), BEN, decision("c2"))
    with pytest.raises(StoreUnavailable):
        await site.records.check_pin(CELL_1, None, ANN, "0000")
    with pytest.raises(StoreUnavailable):
        await site.records.stop_contact(request("c1"), ANN, MUM, StopScope.EVERYONE)
    await site.records.raise_alarm("store-down", "The database is away.", None, AT)
    assert (await site.records.phone(CELL_1)).people == (ANN,)  # type: ignore[union-attr]  # known on the node
    assert await site.records.open(request("h1", SAMARITANS), None, HELP) is None
    refused = ended(request("c2", phone=CELL_2), decision("c2"), BEN, talked=0)
    for closed in (ended(talking, decided, talked=60), refused, ended(request("h1", SAMARITANS), HELP, None, talked=90)):
        with pytest.raises(StoreUnavailable):
            await site.records.close(closed)
        await site.records.journal(closed)
    assert time.monotonic() - began < 10

    server.start()
    assert await site.records.settle() == 3
    assert await site.records.settle() == 0
    assert [row.id for row in await site.store.read(list_calls)] == ["c1", "c2", "h1"]
    assert await site.store.read(lambda conn: read_balance(conn, ANN)) == 500_000 - 6_000
    assert (await site.records.facts(request("c3"), ANN)).stops == (StopScope.EVERYONE,)
    assert await site.store.read(lambda conn: conn.execute(select(alarms.c.kind)).scalars().all()) == ["store-down"]
    assert (await site.records.check_pin(CELL_1, None, ANN, "2468")).person == ANN
    await whole(site)


async def test_a_frozen_server_is_told_of_in_bounded_time_and_thaws(site: Site, server: PostgresServer) -> None:
    await site.records.open(request("c1"), ANN, decision("c1"))
    server.freeze()
    try:
        began = time.monotonic()
        answers = await asyncio.gather(
            site.records.close(ended(request("c1"), decision("c1"))), site.records.facts(request("c2"), ANN),
            *(site.records.open(request(f"n{n}"), BEN, decision(f"n{n}")) for n in range(20)), return_exceptions=True)
        assert time.monotonic() - began < 5
        assert all(isinstance(answer, StoreUnavailable) for answer in answers)
        assert await site.records.open(request("h1", SAMARITANS), None, HELP) is None
        await site.records.journal(ended(request("c1"), decision("c1")))
    finally:
        server.thaw()
    for _ in range(100):
        try:
            await site.records.settle()
            break
        except StoreUnavailable:
            await asyncio.sleep(0.05)
    shown = await site.store.read(lambda conn: show_call(conn, "c1"))
    assert shown is not None
    assert shown.talk_seconds == 60.0
    assert await site.store.read(lambda conn: read_balance(conn, ANN)) == 500_000 - 6_000
    assert not any(row.id.startswith("n") for row in await site.store.read(list_calls))
    await whole(site)


def crash(server: PostgresServer, pid: int) -> None:
    server.restart(signal.SIGQUIT)


def drop_session(server: PostgresServer, pid: int) -> None:
    with server.connect() as conn:
        conn.execute("SELECT pg_terminate_backend(%s)", (pid,))


def shoot_session(server: PostgresServer, pid: int) -> None:
    """As the kernel does when memory is out: the server then ends every session, and starts itself anew."""
    server.kill(pid)


@pytest.mark.parametrize("harm", [crash, drop_session, shoot_session])
async def test_killed_in_the_middle_of_a_transaction_nothing_of_it_stays(
    site: Site, server: PostgresServer, harm: Callable[[PostgresServer, int], None],
) -> None:
    store = Store(site.url, patience=60.0)  # the harm takes its time
    before, pid = await site.store.read(audit_head), [0]
    inside, harmed = threading.Event(), threading.Event()

    def half(conn: Connection) -> None:
        AddCredit(ANN, Millipence(7_000), "top-up:half", "test", AT)(conn)
        pid[0] = conn.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        inside.set()
        assert harmed.wait(20)
        AddCredit(ANN, Millipence(9_000), "top-up:other-half", "test", AT)(conn)

    unit = asyncio.create_task(store.write(half))
    await asyncio.to_thread(inside.wait, 20)
    top_ups = [AddCredit(BEN, Millipence(n), f"top-up:{n}", "test", AT) for n in range(1, 6)]
    company = [asyncio.create_task(store.write(top_up)) for top_up in top_ups]
    await asyncio.sleep(0.05)
    harm(server, pid[0])
    harmed.set()
    with pytest.raises(StoreUnavailable):
        await unit
    answers = await asyncio.gather(*company, return_exceptions=True)
    assert all(answer is True or isinstance(answer, StoreUnavailable) for answer in answers)
    await store.close()
    for _ in range(100):
        try:
            again = await site.store.write(AddCredit(ANN, Millipence(7_000), "top-up:half", "test", AT))
            break
        except StoreUnavailable:
            await asyncio.sleep(0.05)
    assert again is True
    assert await site.store.read(lambda conn: read_balance(conn, ANN)) == 500_000 + 7_000
    assert (await site.store.read(audit_head)).seq == before.seq + 1 + sum(answer is True for answer in answers)
    await whole(site)


async def test_a_session_lost_within_a_batch_undoes_the_batch_and_the_next_one_stands(site: Site) -> None:
    def lost(conn: Connection) -> None:
        conn.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    def stubborn(conn: Connection) -> str:
        with suppress(Exception):
            lost(conn)
        return "as if nothing had been"

    for unit in (lost, stubborn):
        with pytest.raises(StoreUnavailable):
            await site.store.write(unit)
        top_ups = [AddCredit(BEN, Millipence(n), f"top-up:{n}", "test", AT) for n in range(1, 6)]
        answers = await asyncio.gather(
            *(site.store.write(one) for one in (*top_ups[:2], unit, *top_ups[2:])), return_exceptions=True)
        assert [type(answer) for answer in answers] == [StoreUnavailable] * 6
    assert await site.store.write(top_ups[0]) is True
    with pytest.raises(StoreUnavailable):
        await site.store.read(stubborn)
    assert await site.store.read(lambda conn: read_balance(conn, BEN)) == 500_001
    await whole(site)


async def test_a_node_that_hangs_in_a_transaction_holds_nobody_up_for_long(site: Site) -> None:
    """Its session is ended by the server; what it says later is refused."""
    gate, holding = threading.Event(), threading.Event()

    def hang(conn: Connection) -> None:
        conn.exec_driver_sql("SET idle_in_transaction_session_timeout = 300")  # our own is 10 s
        holding.set()
        assert gate.wait(20)
        AddCredit(ANN, Millipence(1), "top-up:late", "test", AT)(conn)

    store = Store(site.url, patience=60.0)
    hung = asyncio.create_task(store.write(hang))
    await asyncio.to_thread(holding.wait, 20)
    for _ in range(20):
        try:
            assert await site.records.open(request("c1"), ANN, decision("c1")) is None
            break
        except StoreUnavailable:
            await asyncio.sleep(0.05)
    gate.set()
    with pytest.raises(StoreUnavailable):
        await hung
    assert [row.id for row in await site.store.read(list_calls)] == ["c1"]
    assert await site.store.read(lambda conn: read_balance(conn, ANN)) == 440_000  # what c1 may cost at most is held
    await store.close()
