"""Orders that a node took while the database was away: they hold at once, survive the process, and are rows with their audit once
it is back; once, whoever brings them. On both databases."""
import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select

from switch.core.ids import CallId, PhoneId, StaffId
from switch.core.node_orders import Kept, NodeOrder, NodeReach
from switch.store.audit import verify_audit
from switch.store.database import Store
from switch.store.errors import StoreError
from switch.store.journal import Journal
from switch.store.kept_orders import KeepOrder
from switch.store.records import Records
from switch.store.tables import audit, orders
from tests.unit.store.site import ANN, AT, BEN, CELL_1, CELL_2, Site, decision, request

OFFICER = StaffId("officer")
HOUR = timedelta(hours=1)
KILL = NodeOrder("k1", NodeReach.CELL, "A1-01", OFFICER, "a fight", AT, True, "HMP")
CUT = NodeOrder("c1", NodeReach.CALL, "ann", OFFICER, "threats", AT)


@pytest_asyncio.fixture
async def away(site: Site, tmp_path: Path) -> AsyncIterator[Records]:
    """The same node with its database gone: its file is not there."""
    store = Store(f"sqlite:///{tmp_path}/gone.db")
    records = Records(store, site.journal, site.clock, site.pins, "north")
    yield records
    await records.stop()
    await store.close()


async def rows(site: Site) -> dict[str, tuple[str, str, str, str]]:
    found = await site.store.read(lambda conn: conn.execute(select(orders)).all())
    return {row.id: (row.kind, row.scope, row.staff, row.reason) for row in found}


async def audited(site: Site) -> list[tuple[str, str, dict[str, object], dict[str, object]]]:
    found = await site.store.read(lambda conn: conn.execute(
        select(audit).where(audit.c.action.in_(("order-placed", "call-cut-ordered"))).order_by(audit.c.seq)).all())
    assert await site.store.read(verify_audit) == []
    return [(row.action, row.actor, json.loads(row.subject), json.loads(row.detail)) for row in found]


async def test_with_a_database_it_is_a_row_at_once(site: Site) -> None:
    assert await site.records.take_order(KILL) is Kept.DATABASE
    assert site.records.waiting_orders() == []
    assert await rows(site) == {"k1": ("kill", "cell", "officer", "a fight")}
    facts = await site.records.facts(request("next"), ANN)
    assert [(one.scope, one.reason, one.helplines_too) for one in facts.orders] == [("cell", "a fight", False)]
    assert not site.journal.pending()


async def test_without_one_it_waits_holds_and_is_brought_in_with_its_audit_row(site: Site, away: Records) -> None:
    assert await away.take_order(KILL) is Kept.JOURNAL
    assert await away.take_order(CUT) is Kept.JOURNAL
    assert away.waiting_orders() == [KILL, CUT]
    assert await rows(site) == {}
    await asyncio.sleep(0.1)
    assert [(alarm["kind"], "officer ordered a" in alarm["text"]) for alarm in site.journal.alarms()] == [
        ("order-not-written", True), ("order-not-written", True)]
    with pytest.raises(StoreError):
        await away.settle()
    # the process dies; the next one has the journal, and the database is back
    await site.journal.close()
    site.journal = Journal(site.journal.path, monotonic=site.clock.monotonic)
    back = Records(site.store, site.journal, site.clock, site.pins, "north")
    assert back.waiting_orders() == [KILL, CUT]
    for call, phone, person, held in (("a", CELL_1, ANN, True), ("b", CELL_2, BEN, False)):
        facts = await back.facts(request(call, phone=phone), person)
        assert bool(facts.orders) is held, "it holds before the database has it"
    await back.settle()
    assert back.waiting_orders() == []
    assert not site.journal.pending()
    assert await rows(site) == {"k1": ("kill", "cell", "officer", "a fight"), "c1": ("cut", "call", "officer", "threats")}
    assert await audited(site) == [
        ("order-placed", "officer", {"order": "k1"},
         {"node": "north", "scope": "cell", "cut_live": True, "helplines_too": False}),
        ("call-cut-ordered", "officer", {"order": "c1", "call": "ann"}, {"node": "north"})]
    assert len((await back.facts(request("c"), ANN)).orders) == 1
    assert await site.store.write(KeepOrder(KILL, "north")) is False
    assert len(await audited(site)) == 2


async def test_what_is_kept_ends_the_calls_that_it_ended_here(site: Site) -> None:
    """Once it is a row, the sweep of any node has it."""
    for call, phone, person in (("ann", CELL_1, ANN), ("ben", CELL_2, BEN)):
        assert await site.records.open(request(call, phone=phone), person, decision(call)) is None
    await site.records.take_order(CUT)
    assert [(one.call, one.staff) for one in await site.records.live_orders()] == [(CallId("ann"), OFFICER)]
    later = NodeOrder("k2", NodeReach.PERSON, BEN, OFFICER, "a search", AT, True, None, AT + HOUR, AT + 2 * HOUR)
    await site.records.take_order(later)
    for after, reached in ((0, {"ann"}), (1, {"ann", "ben"}), (2, {"ann"})):
        site.clock.at = AT + after * HOUR
        assert {one.call for one in await site.records.live_orders()} == reached


async def test_an_order_that_waits_is_in_force_when_it_says(site: Site, away: Records) -> None:
    await away.take_order(NodeOrder("k", NodeReach.SITE, "HMP", OFFICER, "x", AT, True, None, AT + HOUR, AT + 2 * HOUR))
    back = Records(site.store, site.journal, site.clock, site.pins)
    found = [len((await back.facts(request("c", at=AT + n * HOUR), ANN)).orders) for n in (0, 0.999, 1, 1.999, 2)]
    assert found == [0, 0, 1, 1, 0]


async def test_where_nothing_can_be_written_it_holds_while_the_process_lives(site: Site, away: Records) -> None:
    await site.journal.close()
    site.journal = Journal(site.folder / "other")
    lost = Journal(site.folder / "lost", patience=0.2)
    await lost.close()  # a closed journal takes nothing
    mute = Records(Store(f"sqlite:///{site.folder}/gone.db"), lost, site.clock, site.pins)
    assert await mute.take_order(KILL) is Kept.MEMORY
    assert mute.waiting_orders() == [KILL]
    await mute.stop()


async def test_the_telephones_known(site: Site) -> None:
    await site.records.refresh()
    assert {phone.id for phone in site.records.known_phones()} == {CELL_1, CELL_2}
    assert PhoneId("none") not in {phone.id for phone in site.records.known_phones()}
