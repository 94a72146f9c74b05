"""The way of a record: opened before dialling, closed once, with its charge, audit and outbox rows in one transaction."""
import asyncio
import json
from dataclasses import replace

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from dialplans.model import Service
from switch.core.grants import Privacy
from switch.core.numbers import Unreadable
from switch.core.reasons import EndedBy, EndReason, Why
from switch.ports.records import CallRequest
from switch.store.audit import verify_audit
from switch.store.books import verify_books
from switch.store.listing import call_line, list_calls, show_call
from switch.store.outbox import DoneOutbox, TakeOutbox
from switch.store.seeding import read_balance
from switch.store.tables import audit, cdrs, outbox, postings
from tests.unit.store.site import ANN, AT, BEN, CELL_2, SAMARITANS, SOLICITOR, Site, decision, ended, request


async def count(site: Site, table: object) -> int:
    return int(await site.store.read(lambda conn: conn.execute(select(func.count()).select_from(table)).scalar_one()))  # type: ignore[call-overload]  # any table


async def test_a_call_is_charged_once_however_often_it_is_closed(site: Site) -> None:
    asked, decided = request("c1"), decision("c1")
    assert await site.records.open(asked, ANN, decided) is None
    closed = ended(asked, decided, talked=61.2, recording="rec-1")
    await site.records.close(closed)
    await site.records.close(closed)
    await asyncio.gather(site.records.close(closed), site.records.close(closed))
    assert await site.store.read(lambda conn: read_balance(conn, ANN)) == 500_000 - 6_200
    assert await count(site, cdrs) == 1
    assert await site.store.read(verify_books) == []
    assert await site.store.read(verify_audit) == []
    rows = await site.store.write(TakeOutbox(AT))
    assert [(row.kind, row.subject) for row in rows] == [("call-ended", "c1"), ("recording-sealed", "c1")]
    assert json.loads(rows[1].body)["sha256"] == "ab" * 32


async def test_the_time_that_cutting_took_is_not_charged(site: Site) -> None:
    asked, decided = request("c1"), decision("c1", limit=8.0)
    await site.records.open(asked, ANN, decided)
    await site.records.close(ended(asked, decided, talked=8.04))
    assert await site.store.read(lambda conn: read_balance(conn, ANN)) == 500_000 - 800


async def test_one_person_has_one_open_call(site: Site) -> None:
    assert await site.records.open(request("c1"), ANN, decision("c1")) is None
    assert await site.records.open(request("c2"), ANN, decision("c2")) is Why.ON_CALL
    assert await site.records.open(request("c3", phone=CELL_2), BEN, decision("c3")) is None
    assert [row.id for row in await site.store.read(lambda conn: list_calls(conn, live=True))] == ["c1", "c3"]
    await site.records.close(ended(request("c2"), decision("c2"), talked=0, reason=EndReason(EndedBy.POLICY, Why.ON_CALL)))
    shown = await site.store.read(lambda conn: show_call(conn, "c2"))
    assert shown is not None
    assert (shown.outcome, shown.end_why, shown.charged_pence) == ("refused", "already-on-call", 0)


async def test_both_at_the_same_moment_is_still_one(site: Site) -> None:
    answers = await asyncio.gather(*(site.records.open(request(f"c{n}"), ANN, decision(f"c{n}")) for n in range(8)))
    assert sorted(answers, key=str) == sorted([None] + [Why.ON_CALL] * 7, key=str)


async def test_a_helpline_call_is_beside_another_and_has_one_record(site: Site) -> None:
    await site.records.open(request("c1"), ANN, decision("c1"))
    asked = request("h1", SAMARITANS)
    decided = decision("h1", SAMARITANS, Service.HELPLINE, None, Privacy.PRIVILEGED, None)
    assert await site.records.open(asked, None, decided) is None
    await site.records.close(ended(asked, decided, None, talked=1234.5))
    shown = await site.store.read(lambda conn: show_call(conn, "h1"))
    assert shown is not None
    assert (shown.to, shown.privileged, shown.talk_seconds) == ("116123", True, 1234.5)
    assert (shown.charged_pence, shown.recording) == (0, None)


async def test_a_refused_call_that_was_never_opened_has_a_record(site: Site) -> None:
    asked = CallRequest(request("r1").call, request("r1").phone, Unreadable("07700900123,,5", "only digits"), AT)
    await site.records.close(ended(asked, None, None, 0, EndReason(EndedBy.POLICY, Why.UNREADABLE)))
    shown = await site.store.read(lambda conn: show_call(conn, "r1"))
    assert shown is not None
    assert call_line(shown) == {
        "kind": "call", "id": "r1", "started_at": "2026-11-23T10:00:00.000Z", "person": None, "phone": "cell-1",
        "to": "07700900123,,5", "privileged": False, "outcome": "refused", "end_by": "policy", "end_why": "unreadable-number",
        "ring_seconds": 4.0, "talk_seconds": 0.0, "charged_pence": 0, "recording": None, "findings": (), "quarantined": False,
    }


async def test_the_findings_are_kept_with_the_record(site: Site) -> None:
    await site.records.open(request("c1"), ANN, decision("c1"))
    shown = await site.store.read(lambda conn: show_call(conn, "c1"))
    assert shown is not None
    assert shown.outcome is None
    assert [(finding["rule"], finding["allowed"]) for finding in shown.findings] == [("contact", True), ("hours", True)]


@pytest.mark.parametrize("statement", [
    "UPDATE postings SET amount = 0", "DELETE FROM postings", "UPDATE audit SET actor = 'nobody'", "DELETE FROM audit",
    "UPDATE cdrs SET charged = 0", "DELETE FROM cdrs",
    "INSERT INTO audit SELECT * FROM audit WHERE seq = 1 ON CONFLICT (seq) DO UPDATE SET actor = 'nobody'",
    "INSERT INTO postings SELECT * FROM postings WHERE seq = 1 ON CONFLICT (seq) DO UPDATE SET amount = 0",
])
async def test_what_was_written_stays_written(site: Site, statement: str) -> None:
    await refuses(site, statement)


OF_ITS_OWN = {
    "sqlite": [f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1" for table in ("audit", "postings", "cdrs")],
    "postgresql": [
        "TRUNCATE audit CASCADE", "TRUNCATE audit, audit_notes, monitoring_notes, postings, cdrs", "TRUNCATE cdrs CASCADE",
        "UPDATE ONLY audit SET actor = 'nobody'",
        "WITH gone AS (DELETE FROM postings RETURNING 1) SELECT count(*) FROM gone",
        "MERGE INTO audit USING people ON true WHEN MATCHED THEN DELETE",
    ],
}


async def test_nor_is_there_another_way_of_this_database(site: Site) -> None:
    for statement in OF_ITS_OWN[site.url.partition(":")[0]]:
        await refuses(site, statement)


async def refuses(site: Site, statement: str) -> None:
    await site.records.close(ended(request("c1"), decision("c1")))
    before = [await count(site, table) for table in (audit, cdrs, postings)]
    with pytest.raises(IntegrityError):
        await site.store.write(lambda conn: conn.execute(text(statement)).close())
    assert [await count(site, table) for table in (audit, cdrs, postings)] == before
    assert await site.store.read(verify_audit) == []


async def test_the_outbox_gives_a_row_to_one_worker_until_its_lease_ends(site: Site) -> None:
    await site.records.close(ended(request("c1"), decision("c1")))
    (row,) = await site.store.write(TakeOutbox(AT))
    assert await site.store.write(TakeOutbox(AT)) == []
    site.clock.pass_by(61)
    (again,) = await site.store.write(TakeOutbox(site.clock.wall()))
    assert (again.id, again.attempts) == (row.id, 2)
    await site.store.write(DoneOutbox((row.id,), site.clock.wall()))
    await site.store.write(DoneOutbox((row.id,), site.clock.wall()))
    site.clock.pass_by(61)
    assert await site.store.write(TakeOutbox(site.clock.wall())) == []
    assert await count(site, outbox) == 1


async def test_a_privileged_record_says_so_from_its_opening(site: Site) -> None:
    decided = decision("p1", SOLICITOR, privacy=Privacy.PRIVILEGED, rate=None)
    await site.records.open(request("p1", SOLICITOR), ANN, decided)
    (row,) = await site.store.read(lambda conn: list_calls(conn, live=True))
    assert row.privileged
    assert row.to == str(SOLICITOR)


async def test_an_answering_machine_that_was_hung_up_on_costs_neither_money_nor_minutes_of_a_bundle(site: Site) -> None:
    reason = EndReason(EndedBy.PERSON, Why.HUNG_UP, "answering machine (a beep of 1000 Hz), not charged")
    for call, free in (("c1", True), ("c2", False)):
        asked, decided = request(call), replace(decision(call), bundle="b1", bundle_seconds=5)
        await site.records.open(asked, ANN, decided)
        closed = ended(asked, decided, talked=20.0, reason=reason)
        await site.records.close(replace(closed, ending=replace(closed.ending, uncharged=free)))
    shown = await site.store.read(lambda conn: conn.execute(select(cdrs).order_by(cdrs.c.id)).fetchall())
    assert [(row.charged > 0, row.bundle_seconds) for row in shown] == [(False, 0), (True, 5)]
    assert shown[0].talk_ms == 20_000
    assert shown[0].end_note == reason.note
    assert await site.store.read(verify_books) == []


async def test_what_waits_in_the_journal_stays_uncharged(site: Site) -> None:
    asked, decided = request("c1"), decision("c1")
    await site.records.open(asked, ANN, decided)
    closed = ended(asked, decided, talked=20.0)
    await site.records.journal(replace(closed, ending=replace(closed.ending, uncharged=True)))
    assert await site.records.settle() == 1
    assert await site.store.read(lambda conn: read_balance(conn, ANN)) == 500_000
