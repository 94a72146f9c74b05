"""The monitoring queue at the desk: filed once, taken by one, closed with what is asked for, moved by authority, counted."""
import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import insert, select, update

from dialplans.monitoring import due_at, is_drawn
from switch.build.monitoring import file_sealed, monitoring_jobs, monitoring_steps
from switch.build.site import SystemClock
from switch.core.authority import AuthorityKind, Ground, Leave, may_listen
from switch.core.grants import Privacy
from switch.core.ids import CallId, PersonId, PhoneId, StaffId
from switch.core.monitoring import ItemState, NoteKind, Outcome, Side, Tier, Translation
from switch.core.numbers import E164, Number
from switch.desk import authority, connections, drawing, filing, monitoring, monitoring_reports
from switch.desk.asking import Desk
from switch.desk.audit import erase_words
from switch.desk.monitoring_reports import HeardRow, OverdueRow
from switch.ports.monitoring import Item
from switch.store.audit import verify_audit
from switch.store.outbox import TakeOutbox
from switch.store.stamps import stamp
from switch.store.tables import audit, monitoring_items, monitoring_notes, monitoring_seeds, people, recordings
from switch.store.unit_of_work import SqlUnitOfWork
from tests.postgres import PostgresServer
from tests.unit.desk.office import CountingMint, good, why
from tests.unit.dialplans.world import plan
from tests.unit.store.site import (
    ANN,
    AT,
    BEN,
    CELL_1,
    CELL_2,
    MUM,
    SOLICITOR,
    Site,
    StandingClock,
    decision,
    ended,
    make_site,
    request,
)

ALL = plan('[[random]]\nfrom = 2026-11-01\npercent = 100\nsource = "a test"\n')
NONE = plan('[[random]]\nfrom = 2026-11-01\npercent = 0\nsource = "a test"\n')
HALF = plan('[[random]]\nfrom = 2026-11-01\npercent = 50\nsource = "a test"\n')
WORKER, OFFICER, OTHER = StaffId("worker"), StaffId("officer"), StaffId("other")
LATER = AT + timedelta(hours=1)
CLAIM = timedelta(minutes=60)
DUE = due_at(ALL.monitoring, Tier.RANDOM, LATER, ZoneInfo("Europe/London"))


@dataclass
class Queue:
    site: Site
    desk: Desk

    async def call(self, call: str, person: PersonId = ANN, number: Number = MUM, phone: PhoneId = CELL_1, at: datetime = AT,
                   recorded: bool = True, privacy: Privacy = Privacy.MONITORED) -> None:
        """One call of a minute, over, its recording sealed."""
        asked, decided = request(call, number, phone, at), decision(call, number, privacy=privacy)
        await self.site.records.open(asked, person, decided)
        await self.site.records.close(ended(asked, decided, person, recording=call if recorded else None))

    async def filed(self, call: str, at: datetime = LATER, **about: object) -> Item:
        await self.call(call, **about)  # type: ignore[arg-type]  # a keyword bag
        item = good(await filing.file_recording(self.desk, WORKER, at, call))
        assert item is not None
        return item

    async def played(self, call: str, who: StaffId = OFFICER, seconds: int = 60) -> None:
        """A playing of its recording, as `recordings.access` notes it at its end."""
        await self.desk.work.run(who, LATER, lambda changes: changes.audit(
            "recording-played", {"call": call, "authority": "random", "playing": "p"}, {"seconds": seconds, "rule": "x"}))

    async def next(self, who: StaffId = OFFICER, at: datetime = LATER) -> str | None:
        item = good(await monitoring.next_item(self.desk, who, at, "HMP")).item
        return None if item is None else item.call

    async def audited(self, like: str = "monitoring-%") -> list[str]:
        rows = await self.site.store.read(lambda conn: conn.execute(
            select(audit.c.action).where(audit.c.action.like(like)).order_by(audit.c.seq)).scalars().all())
        return list(rows)

    async def count(self) -> int:
        return len(await self.site.store.read(lambda conn: conn.execute(select(monitoring_items.c.call)).all()))


both = pytest.mark.parametrize("queue", ["sqlite", "postgres"], indirect=True)
"""Where it is SQL that is asked; the rest is the same on either."""


@pytest_asyncio.fixture
async def queue(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Queue]:
    postgres: PostgresServer | None = (
        request.getfixturevalue("postgres") if getattr(request, "param", "") == "postgres" else None)
    url = postgres.fresh() if postgres else ""
    made = await make_site(tmp_path, url, patience=30, reading=30)
    yield Queue(made, Desk(SqlUnitOfWork(made.store, {}), CountingMint(), plan=ALL, listening=ALL.listening))
    assert await made.store.read(verify_audit) == []
    await made.close()
    if postgres:
        postgres.drop(url)


@both
async def test_a_recording_is_filed_once_however_often_it_is_told(queue: Queue) -> None:
    first = await queue.filed("c1")
    assert (first.state, first.tier, first.due) == (ItemState.WAITING, Tier.RANDOM, DUE)
    assert (first.establishment, first.wing, first.person, first.number) == ("HMP", "A", ANN, str(MUM))
    assert (first.day, first.percent, first.plan, first.drawn) == (AT.date(), 100, ALL.label, True)
    again = await asyncio.gather(*(filing.file_recording(queue.desk, WORKER, LATER + timedelta(days=1), "c1") for _ in range(4)))
    assert again == [first] * 4
    assert await queue.count() == 1
    assert await queue.audited() == ["monitoring-seed-made", "monitoring-filed"]


async def test_what_nobody_may_hear_or_was_not_sealed_has_no_item(queue: Queue) -> None:
    await queue.call("private", number=SOLICITOR, privacy=Privacy.PRIVILEGED)
    await queue.call("plain", recorded=False)
    await queue.site.records.open(request("runs", at=LATER), ANN, decision("runs"))
    before = await queue.audited("%")
    # even if a recorder broke the first rule of all, and left a recording of it
    await queue.call("leaked", number=SOLICITOR, privacy=Privacy.PRIVILEGED, recorded=True)
    assert good(await filing.file_recording(queue.desk, WORKER, LATER, "leaked")) is None
    for call in ("plain", "runs", "none"):
        assert why(await filing.file_recording(queue.desk, WORKER, LATER, call)) == ["not-sealed"]
    assert await queue.count() == 0
    assert await queue.next() is None
    told = (await queue.audited("%"))[len(before):]
    assert [one for one in told if one.startswith("monitoring")] == ["monitoring-filed-refused"] * 3
    blind = replace(queue.desk, plan=None)
    assert why(await filing.file_recording(blind, WORKER, LATER, "plain")) == ["no-plan"]
    assert why(await monitoring.next_item(blind, OFFICER, LATER, "HMP")) == ["no-plan"]
    assert why(await monitoring.claim_item(blind, OFFICER, LATER, "c1")) == ["no-plan"]


async def test_what_is_not_drawn_is_kept_and_waits_for_nobody(queue: Queue) -> None:
    queue.desk = replace(queue.desk, plan=NONE)
    item = await queue.filed("c1")
    assert (item.state, item.tier, item.due, item.drawn) == (ItemState.UNLISTED, None, None, False)
    assert await queue.next() is None
    assert await queue.audited() == ["monitoring-seed-made"], "nothing was listed, and nothing is told of it"
    assert good(await monitoring.items(queue.desk, OFFICER, LATER, "HMP", ItemState.UNLISTED)) == [item]


@both
async def test_a_draw_is_done_again_by_whoever_has_the_seed(queue: Queue) -> None:
    queue.desk = replace(queue.desk, plan=HALF)
    for number in range(12):
        await queue.filed(f"c{number}", at=LATER)
    seed = await queue.site.store.read(lambda conn: conn.execute(select(monitoring_seeds.c.seed)).scalar_one())
    rightly = tuple(sorted(f"c{n}" for n in range(12) if is_drawn(seed, f"c{n}", AT.date(), 50)))
    assert 0 < len(rightly) < 12
    done = good(await drawing.redraw(queue.desk, OFFICER, LATER, "HMP", "2026-11-23"))
    assert (done.drawn, done.wrong, done.recordings, done.digest) == (rightly, (), 12, drawing.digest_of(seed))
    assert done.seed is None, "the month runs: it would foretell what will be drawn"
    told = await queue.site.store.read(lambda conn: conn.execute(
        select(audit.c.detail).where(audit.c.action == "monitoring-seed-made")).scalar_one())
    assert done.digest in told
    assert seed not in told
    after = good(await drawing.redraw(queue.desk, OFFICER, AT + timedelta(days=31), "HMP", "2026-11-23"))
    assert after.seed == seed
    await queue.site.store.write(lambda conn: conn.execute(
        update(monitoring_items).where(monitoring_items.c.call == rightly[0]).values(drawn=False)))
    found = good(await drawing.redraw(queue.desk, OFFICER, LATER, "HMP", "2026-11-23"))
    assert found.wrong == (rightly[0],)
    assert why(await drawing.redraw(queue.desk, OFFICER, LATER, "HMP", "2026-10-23")) == ["no-draw"]
    assert why(await drawing.redraw(queue.desk, OFFICER, LATER, "HMP", "yesterday")) == ["bad-day"]


@both
async def test_the_first_due_comes_first_and_an_officer_keeps_what_is_in_hand(queue: Queue) -> None:
    await queue.filed("late", at=LATER + timedelta(days=1))
    await queue.filed("early", at=LATER)
    assert await queue.next() == "early"
    assert await queue.next() == "early", "the same until it is done"
    assert await queue.next(OTHER) == "late"
    assert await queue.next(StaffId("third")) is None
    assert why(await monitoring.next_item(queue.desk, OFFICER, LATER, "none")) == ["unknown-establishment"]


@both
async def test_two_officers_cannot_take_one_item(queue: Queue) -> None:
    for number in range(3):
        await queue.filed(f"c{number}")
    officers = [StaffId(f"officer-{number}") for number in range(8)]
    found = await asyncio.gather(*(queue.next(one) for one in officers))
    assert sorted(call for call in found if call) == ["c0", "c1", "c2"]
    assert found.count(None) == 5


@both
async def test_a_claim_ends_at_its_moment(queue: Queue) -> None:
    await queue.filed("c1")
    assert await queue.next() == "c1"
    almost, over = LATER + CLAIM - timedelta(milliseconds=1), LATER + CLAIM
    assert await queue.next(OTHER, almost) is None
    assert why(await monitoring.claim_item(queue.desk, OTHER, almost, "c1")) == ["in-hand"]
    assert await queue.next(OTHER, over) == "c1"
    assert why(await monitoring.close_listened(queue.desk, OFFICER, over, "c1", Outcome.NOTHING)) == ["in-hand"]
    kept = good(await monitoring.claim_item(queue.desk, OTHER, over + CLAIM / 2, "c1"))
    assert kept.claimed_until == over + CLAIM * 1.5, "as long again"
    assert why(await monitoring.release_item(queue.desk, OFFICER, over, "c1")) == ["in-hand"]
    good(await monitoring.release_item(queue.desk, OTHER, over, "c1"))
    assert why(await monitoring.release_item(queue.desk, OTHER, over, "c1")) == ["not-in-hand"]
    assert await queue.next(OFFICER, over) == "c1"


async def test_an_item_is_closed_once_with_its_outcome_or_a_reason(queue: Queue) -> None:
    await queue.filed("c1")
    await queue.filed("c2")
    words = "asked to bring it in on Sunday"
    close = monitoring.close_listened
    for who, seconds, call in ((OTHER, 60, "c1"), (OFFICER, 0, "c1"), (OFFICER, 60, "c2")):
        await queue.played(call, who, seconds)
        assert why(await close(queue.desk, OFFICER, LATER, "c1", Outcome.POLICE, words)) == ["not-played"]
    await queue.played("c1")
    heard = good(await monitoring.close_listened(queue.desk, OFFICER, LATER, "c1", Outcome.POLICE, words))
    assert (heard.state, heard.outcome, heard.closed_by, heard.closed_at) == (ItemState.LISTENED, Outcome.POLICE, OFFICER, LATER)
    assert why(await monitoring.close_not_needed(queue.desk, OFFICER, LATER, "c2", " ")) == ["no-reason"]
    left = good(await monitoring.close_not_needed(queue.desk, OFFICER, LATER, "c2", "an answering machine"))
    assert (left.state, left.outcome) == (ItemState.NOT_NEEDED, None)
    for call in ("c1", "c2"):
        assert why(await monitoring.close_listened(queue.desk, OFFICER, LATER, call, Outcome.NOTHING)) == ["closed"]
        assert why(await monitoring.claim_item(queue.desk, OFFICER, LATER, call)) == ["closed"]
    assert why(await monitoring.close_listened(queue.desk, OFFICER, LATER, "c9", Outcome.NOTHING)) == ["unknown-item"]
    assert await queue.next() is None
    shown = good(await monitoring.show_item(queue.desk, OFFICER, LATER, "c1"))
    assert [(one.kind, one.text) for one in shown.notes] == [(NoteKind.CLOSED, words)]


@pytest.mark.parametrize(("language", "foreign"), [("en", False), ("cy", False), ("pl", True)])
async def test_a_foreign_language_item_is_not_closed_without_a_translation_decision(
    queue: Queue, language: str, foreign: bool,
) -> None:
    await queue.site.store.write(lambda conn: conn.execute(update(people).where(people.c.id == ANN).values(language=language)))
    await queue.filed("c1")
    refusal = ["no-translation-decision"]
    if foreign:
        assert why(await monitoring.close_listened(queue.desk, OFFICER, LATER, "c1", Outcome.NOTHING)) == refusal
        assert why(await monitoring.close_not_needed(queue.desk, OFFICER, LATER, "c1", "a machine")) == refusal
        decide = monitoring.translate
        assert why(await decide(queue.desk, OFFICER, LATER, "c1", Translation.NOT_NEEDED, " ")) == ["no-reason"]
        decided = good(await decide(queue.desk, OFFICER, LATER, "c1", Translation.REQUESTED, "nobody here speaks it"))
        assert (decided.translation, decided.translated_by, decided.translated_at) == (Translation.REQUESTED, OFFICER, LATER)
        shown = good(await monitoring.show_item(queue.desk, OFFICER, LATER, "c1"))
        assert [(one.kind, one.by, one.text) for one in shown.notes] == [
            (NoteKind.TRANSLATION, OFFICER, "nobody here speaks it")]  # fmt: skip
    await queue.played("c1")
    closed = good(await monitoring.close_listened(queue.desk, OFFICER, LATER, "c1", Outcome.NOTHING))
    assert closed.state is ItemState.LISTENED
    assert "monitoring-closed" in await queue.audited()


@both
async def test_notes_and_bookmarks_stand_beside_the_audit_and_can_be_erased(queue: Queue) -> None:
    await queue.filed("c1")
    good(await monitoring.note_item(queue.desk, OFFICER, LATER, "c1", " a brother called Eb is spoken of "))
    marked = good(await monitoring.bookmark(queue.desk, OTHER, LATER, "c1", 60, Side.CONTACT, "names a street"))
    assert [(one.kind, one.by, one.second, one.side, one.text) for one in marked.notes] == [
        (NoteKind.NOTE, OFFICER, None, None, "a brother called Eb is spoken of"),
        (NoteKind.BOOKMARK, OTHER, 60, Side.CONTACT, "names a street")]
    for second, code in ((-1, "bad-second"), (61, "bad-second")):
        assert why(await monitoring.bookmark(queue.desk, OFFICER, LATER, "c1", second, Side.BOTH, "x")) == [code]
    assert why(await monitoring.note_item(queue.desk, OFFICER, LATER, "c1", " ")) == ["no-words"]
    assert why(await monitoring.note_item(queue.desk, OFFICER, LATER, "c1", "x" * 4001)) == ["bad-words"]
    rows = await queue.site.store.read(lambda conn: " ".join(conn.execute(select(audit.c.detail)).scalars()))
    assert "brother" not in rows
    assert "street" not in rows
    written = await queue.site.store.read(lambda conn: conn.execute(select(monitoring_notes.c.seq)).scalars().all())
    for seq in written:
        good(await erase_words(queue.desk, OFFICER, LATER, seq, "written about the wrong call", "K. Marsh"))
    shown = good(await monitoring.show_item(queue.desk, OFFICER, LATER, "c1"))
    assert [one.text for one in shown.notes] == [None, None]


@both
async def test_calls_found_privileged_later_are_gone_from_the_queue(queue: Queue) -> None:
    await queue.filed("c1")
    assert await queue.next() == "c1"
    since = AT - timedelta(hours=1)
    await queue.desk.work.run(OFFICER, LATER, lambda changes: changes.quarantine(
        "q1", str(MUM), since, "governor", [CallId("c1")]))
    assert await queue.next() is None
    assert good(await monitoring.items(queue.desk, OFFICER, LATER, "HMP")) == []
    assert good(await monitoring_reports.heard(queue.desk, OFFICER, LATER, "HMP", date(2026, 11, 1), date(2026, 12, 1))) == []
    assert good(await monitoring_reports.overdue(queue.desk, OFFICER, DUE, "HMP")) == []
    for asked in (monitoring.show_item(queue.desk, OFFICER, LATER, "c1"),
                  monitoring.note_item(queue.desk, OFFICER, LATER, "c1", "heard a name"),
                  monitoring.close_listened(queue.desk, OFFICER, LATER, "c1", Outcome.NOTHING)):
        assert why(await asked) == ["unknown-item"]


@both
async def test_the_list_is_in_the_order_of_the_queue_and_narrowed(queue: Queue) -> None:
    await queue.filed("b", at=LATER + timedelta(days=1))
    await queue.filed("a", at=LATER)
    await queue.filed("c", person=BEN, phone=CELL_2, at=LATER)
    desk = queue.desk

    async def listed(at: datetime = LATER, **narrowed: object) -> list[str]:
        return [one.call for one in good(await monitoring.items(desk, OFFICER, at, "HMP", **narrowed))]  # type: ignore[arg-type]

    assert await listed() == ["a", "c", "b"]
    assert await listed(most=1) == ["a"]
    assert await listed(tier=Tier.LEAD) == []
    assert await listed(overdue=True, at=DUE - timedelta(milliseconds=1)) == []
    assert await listed(overdue=True, at=DUE) == ["a", "c"]
    assert why(await monitoring.items(desk, OFFICER, LATER, "HMP", most=1001)) == ["bad-most"]


@both
async def test_what_is_overdue_is_counted_by_tier_and_age(queue: Queue) -> None:
    await queue.filed("a", at=LATER)
    await queue.filed("b", at=LATER, person=BEN, phone=CELL_2)
    await queue.filed("c", at=LATER + timedelta(days=1))
    day = timedelta(days=1)
    report = monitoring_reports.overdue
    assert good(await report(queue.desk, OFFICER, DUE - timedelta(milliseconds=1), "HMP")) == []
    assert good(await report(queue.desk, OFFICER, DUE + day, "HMP")) == [
        OverdueRow(Tier.RANDOM, 1, 2, AT), OverdueRow(Tier.RANDOM, 0, 1, AT)]
    await queue.played("a")
    good(await monitoring.close_listened(queue.desk, OFFICER, LATER, "a", Outcome.NOTHING))
    late = good(await report(queue.desk, OFFICER, DUE + day - timedelta(milliseconds=1), "HMP"))
    assert late == [OverdueRow(Tier.RANDOM, 0, 1, AT)]
    assert monitoring_reports.overdue_csv(late) == (
        f"tier,days_overdue,items,oldest_call\nrandom,0,1,{AT.isoformat()}\n")
    assert why(await report(queue.desk, OFFICER, LATER, "none")) == ["unknown-establishment"]


@both
async def test_what_was_heard_is_counted_by_week_wing_and_tier(queue: Queue) -> None:
    """AT is a Monday; the call before local midnight is of the week before."""
    sunday = datetime(2026, 11, 22, 23, 59, 59, tzinfo=AT.tzinfo)
    await queue.filed("sunday", at=LATER)  # begun on Monday like the next two
    await queue.filed("b", at=LATER, person=BEN, phone=CELL_2)
    await queue.filed("c", at=LATER)
    await queue.call("before", at=sunday)
    good(await filing.file_recording(queue.desk, WORKER, LATER, "before"))
    queue.desk = replace(queue.desk, plan=NONE)
    await queue.filed("undrawn", at=LATER)
    await queue.played("sunday")
    good(await monitoring.close_listened(queue.desk, OFFICER, LATER, "sunday", Outcome.NOTHING))
    good(await monitoring.close_not_needed(queue.desk, OFFICER, LATER, "b", "a machine"))
    monday, week = date(2026, 11, 23), timedelta(days=7)
    rows = good(await monitoring_reports.heard(queue.desk, OFFICER, LATER, "HMP", monday - week, monday + week))
    assert rows == [
        HeardRow(monday - week, "A", Tier.RANDOM, 1, 0, 0, 1, 0),
        HeardRow(monday, "A", Tier.RANDOM, 2, 1, 0, 1, 500),
        HeardRow(monday, "A", None, 1, 0, 0, 0, 0),
        HeardRow(monday, "B", Tier.RANDOM, 1, 0, 1, 0, 0)]
    only = good(await monitoring_reports.heard(queue.desk, OFFICER, LATER, "HMP", monday, monday + timedelta(days=1)))
    assert only == rows[1:]
    assert monitoring_reports.heard_csv(only).splitlines()[:2] == [
        "week,wing,tier,recordings,listened,not_needed,waiting,share_heard", "2026-11-23,A,random,2,1,0,1,0.500"]
    for since, until in ((monday, monday), (monday, monday + timedelta(days=401)), (date.max, date.min)):
        assert why(await monitoring_reports.heard(queue.desk, OFFICER, LATER, "HMP", since, until)) == ["bad-period"]
    nowhere = await monitoring_reports.heard(queue.desk, OFFICER, LATER, "x", monday, monday + week)
    assert why(nowhere) == ["unknown-establishment"]




async def test_the_worker_files_what_follows_a_call_and_again_after_a_failure(queue: Queue) -> None:
    """The outbox row that closes a recorded call brings its item; a step that failed is taken anew, and files it once."""
    await queue.call("c1")
    clock, planless, fails = SystemClock(), replace(queue.desk, plan=None), [True]

    async def step(call: str, _body: str) -> None:
        await file_sealed(planless if fails.pop() else queue.desk, clock, call)
        fails.append(False)

    rows = await queue.site.store.write(TakeOutbox(LATER))
    (sealed,) = [row for row in rows if row.kind == "recording-sealed"]
    with pytest.raises(RuntimeError, match="the plan cannot be read"):
        await step(sealed.subject, sealed.body)
    assert await queue.count() == 0
    fails.append(False)
    for _ in range(2):
        await step(sealed.subject, sealed.body)
    assert await queue.count() == 1
    assert await queue.audited() == ["monitoring-seed-made", "monitoring-filed"]


async def granted(queue: Queue, kind: AuthorityKind, until: datetime = AT + timedelta(days=30), person: str = "",
                  number: str = "", since: datetime | None = None) -> str:
    """An authorisation on two names, as the worker follows it."""
    shown = good(await authority.apply(
        queue.desk, OFFICER, AT, kind, Ground.CRIME, "threats were made by telephone", "only calls to one number", until,
        person=person, number=number, since=since))
    id = shown.written.authority.id
    good(await authority.grant(queue.desk, StaffId("governor"), AT, id, "necessary and proportionate"))
    return id


@both
async def test_the_order_is_mandatory_offence_intelligence_lead_random(queue: Queue) -> None:
    """Filed in the wrong order, and each by another way: what covers person, number, or the one to the other."""
    await queue.filed("random", person=ANN, number=MUM)
    await queue.filed("lead", person=ANN, number=MUM)
    by = {Tier.INTELLIGENCE: await granted(queue, AuthorityKind.INTELLIGENCE, person=BEN),
          Tier.OFFENCE: await granted(queue, AuthorityKind.OFFENCE, number=str(SOLICITOR)),
          Tier.MANDATORY: await granted(queue, AuthorityKind.MANDATORY, person=BEN, number="07700900555")}
    await queue.filed("intelligence", person=BEN, phone=CELL_2)
    await queue.filed("offence", person=BEN, number=SOLICITOR, phone=CELL_2)  # two cover it: the first in the order is named
    await queue.filed("mandatory", person=BEN, number=E164("447700900555"), phone=CELL_2)
    good(await filing.file_lead(queue.desk, WORKER, LATER, "lead", "lead-1"))
    found = [good(await monitoring.next_item(queue.desk, StaffId(f"o{n}"), LATER, "HMP")).item for n in range(5)]
    assert [one and (one.call, one.tier, one.authority, one.lead) for one in found] == [
        ("mandatory", Tier.MANDATORY, by[Tier.MANDATORY], None), ("offence", Tier.OFFENCE, by[Tier.OFFENCE], None),
        ("intelligence", Tier.INTELLIGENCE, by[Tier.INTELLIGENCE], None), ("lead", Tier.LEAD, None, "lead-1"),
        ("random", Tier.RANDOM, None, None)]
    assert [one.call for one in good(await monitoring.items(queue.desk, OFFICER, LATER, "HMP"))] == [
        "mandatory", "offence", "intelligence", "lead", "random"]


@both
async def test_a_grant_moves_what_was_recorded_since_it_began_and_an_end_moves_it_back(queue: Queue) -> None:
    queue.desk = replace(queue.desk, plan=NONE)
    await queue.filed("before", at=LATER)
    after = AT + timedelta(hours=2)
    await queue.call("after", at=after)
    good(await filing.file_recording(queue.desk, WORKER, after, "after"))
    id = await granted(queue, AuthorityKind.OFFENCE, person=ANN, since=after)
    steps = monitoring_steps(queue.desk, StandingClock(after))
    rows = {row.kind: row for row in await queue.site.store.write(TakeOutbox(after, most=100))}
    for _ in range(2):
        await steps["authority-granted"](rows["authority-granted"].subject, rows["authority-granted"].body)
    found = good(await monitoring.next_item(queue.desk, OFFICER, after, "HMP")).item
    assert found is not None
    assert (found.call, found.tier, found.authority) == ("after", Tier.OFFENCE, id)
    assert found.due == due_at(NONE.monitoring, Tier.OFFENCE, after, ZoneInfo("Europe/London"))
    assert good(await monitoring.show_item(queue.desk, OFFICER, after, "before")).item.state is ItemState.UNLISTED
    assert await queue.next(OTHER, after) is None
    assert (await queue.audited()).count("monitoring-moved") == 1, "done again, nothing moved"
    late = await queue.filed("sealed-late", at=after)
    assert (late.state, late.authority) == (ItemState.UNLISTED, None), "it was filed since, and begun before"
    good(await authority.cancel(queue.desk, OFFICER, after, id, "no longer necessary"))
    rows = {row.kind: row for row in await queue.site.store.write(TakeOutbox(after, most=100))}
    await steps["authority-ended"](rows["authority-ended"].subject, rows["authority-ended"].body)
    item = good(await monitoring.show_item(queue.desk, OFFICER, after, "after")).item
    assert (item.state, item.tier, item.authority, item.due) == (ItemState.UNLISTED, None, None, None)
    assert await queue.next(OFFICER, after) is None
    with pytest.raises(RuntimeError, match="no such authorisation"):
        await steps["authority-ended"]("none", "{}")


async def test_what_ends_by_time_alone_is_not_given_out_any_more(queue: Queue) -> None:
    until = LATER + timedelta(days=1)
    await granted(queue, AuthorityKind.INTELLIGENCE, until=until, person=ANN)
    for call in ("a", "b", "c"):
        await queue.filed(call)
    almost = until - timedelta(milliseconds=1)
    item = good(await monitoring.next_item(queue.desk, OFFICER, almost, "HMP")).item
    assert item is not None
    assert item.tier is Tier.INTELLIGENCE
    fallen = good(await monitoring.next_item(queue.desk, OFFICER, until, "HMP")).item
    assert fallen is not None
    assert (fallen.call, fallen.tier, fallen.authority, fallen.due) == ("a", Tier.RANDOM, None, DUE), "due as if filed so"
    assert [one.tier for one in good(await monitoring.items(queue.desk, OFFICER, until, "HMP"))] == [Tier.RANDOM] * 3
    assert (await queue.audited()).count("monitoring-moved") == 1


async def test_what_was_reviewed_too_late_falls_and_rises_again_with_the_day(queue: Queue) -> None:
    queue.desk = replace(queue.desk, plan=NONE)
    id = await granted(queue, AuthorityKind.INTELLIGENCE, until=AT + timedelta(days=60), person=ANN)
    await queue.filed("a")
    overdue = AT + timedelta(days=NONE.listening.intelligence_days.value)
    follow = next(job for job in monitoring_jobs(queue.desk, WORKER) if job.name == "follow-authorities").work
    await follow("", overdue - timedelta(milliseconds=1))
    assert await queue.next(at=overdue - timedelta(milliseconds=1)) == "a"
    await follow("", overdue)
    assert await queue.next(at=overdue) is None
    good(await authority.review(queue.desk, StaffId("governor"), overdue, id, "still necessary"))
    await follow("", overdue)
    assert await queue.next(at=overdue) == "a"


async def test_a_lead_moves_an_item_up_once_and_brings_back_what_was_not_needed(queue: Queue) -> None:
    for call in ("a", "b", "c"):
        await queue.filed(call)
    good(await monitoring.close_not_needed(queue.desk, OFFICER, LATER, "a", "a machine"))
    await queue.played("b")
    good(await monitoring.close_listened(queue.desk, OFFICER, LATER, "b", Outcome.NOTHING))
    steps = monitoring_steps(queue.desk, StandingClock(LATER))
    for call in ("a", "b", "c"):
        for lead in ("first", "second"):
            await steps["lead-raised"](f"{lead}-{call}", f'{{"call": "{call}"}}')
    told = {call: good(await monitoring.show_item(queue.desk, OFFICER, LATER, call)).item for call in ("a", "b", "c")}
    assert (told["a"].state, told["a"].tier, told["a"].lead, told["a"].closed_by) == (
        ItemState.WAITING, Tier.LEAD, "first-a", None)  # fmt: skip
    assert (told["b"].state, told["b"].tier, told["b"].lead) == (ItemState.LISTENED, Tier.RANDOM, "first-b")
    assert (told["c"].state, told["c"].tier, told["c"].lead) == (ItemState.WAITING, Tier.LEAD, "first-c")
    await queue.call("d")
    await steps["lead-raised"]("early", '{"call": "d"}')
    early = good(await monitoring.show_item(queue.desk, OFFICER, LATER, "d")).item
    assert (early.tier, early.lead) == (Tier.LEAD, "early"), "it came before the recording was filed"
    blind = replace(queue.desk, plan=None)
    for asked in (filing.file_lead(blind, WORKER, LATER, "d", "x"), filing.follow_authority(blind, WORKER, LATER, "x"),
                  filing.follow_all(blind, WORKER, LATER)):
        assert why(await asked) == ["no-plan"]


@both
async def test_nobody_gets_an_item_of_somebody_to_whom_they_are_connected(queue: Queue) -> None:
    await queue.filed("ann", at=LATER)
    await queue.filed("ben", person=BEN, phone=CELL_2, at=LATER + timedelta(days=1))
    told = good(await connections.declare(queue.desk, OFFICER, LATER, ANN))
    assert await queue.next(StaffId("Officer")) == "ben"
    assert [one.call for one in good(await monitoring.items(queue.desk, OFFICER, LATER, "HMP"))] == ["ben"]
    for asked in (monitoring.claim_item(queue.desk, OFFICER, LATER, "ann"),
                  monitoring.show_item(queue.desk, OFFICER, LATER, "ann"),
                  monitoring.note_item(queue.desk, OFFICER, LATER, "ann", "x"),
                  monitoring.close_listened(queue.desk, OFFICER, LATER, "ann", Outcome.NOTHING),
                  monitoring.translate(queue.desk, OFFICER, LATER, "ann", Translation.NOT_NEEDED, "x")):
        assert why(await asked) == ["connected"]
    assert await queue.next(OTHER) == "ann"
    good(await monitoring.release_item(queue.desk, OTHER, LATER, "ann"))
    good(await connections.end(queue.desk, OTHER, LATER, told.id, "it was a namesake", "governor"))
    assert good(await monitoring.claim_item(queue.desk, OFFICER, LATER, "ann")).claimed_by == OFFICER


async def test_what_is_drawn_may_be_heard_and_what_is_not_may_not(queue: Queue) -> None:
    await queue.filed("drawn")
    queue.desk = replace(queue.desk, plan=NONE)
    await queue.filed("undrawn")
    for call, allowed in (("drawn", True), ("undrawn", False)):
        facts = await queue.desk.work.look(OFFICER, LATER, lambda changes, call=call: changes.listen_facts(  # type: ignore[misc]
            CallId(call), OFFICER))  # binds it now
        assert facts is not None
        over = LATER + timedelta(days=ALL.listening.random_days.value)
        assert isinstance(may_listen(facts, over - timedelta(milliseconds=1)), Leave) is allowed
        assert not isinstance(may_listen(facts, over), Leave)


def sealed(call: str, **changes: object) -> dict[str, object]:
    """The vault's row of a recording."""
    return {"id": call, "establishment": "HMP", "person": ANN, "number": str(MUM), "started_at": stamp(AT), "seconds": 60.0,
            "samples": 480_000, "audio_sha256": "", "wav_sha256": "", "object": "", "manifest": "", "manifest_sha256": "",
            "sealed_at": stamp(AT), "kek": "k", "key": "x"} | changes


@both
async def test_what_was_erased_meanwhile_is_not_given_out(queue: Queue) -> None:
    await queue.filed("a", at=LATER)
    await queue.filed("b", at=LATER + timedelta(days=1))
    gone = {"key": None, "erased_at": stamp(LATER), "erased_why": "retention"}
    await queue.site.store.write(lambda conn: conn.execute(insert(recordings), [sealed("a") | gone, sealed("b") | {
        "erased_at": None, "erased_why": None}]))
    assert await queue.next() == "b"


async def test_what_a_crash_left_is_filed_once_it_is_in_the_vault(queue: Queue) -> None:
    """Its record names no recording."""
    await queue.call("left", recorded=False)
    assert why(await filing.file_recording(queue.desk, WORKER, LATER, "left")) == ["not-sealed"]
    await queue.site.store.write(lambda conn: conn.execute(insert(recordings), sealed("left")))
    item = good(await filing.file_recording(queue.desk, WORKER, LATER, "left"))
    assert item is not None
    assert item.state is ItemState.WAITING


@both
async def test_a_recorded_call_without_an_item_is_told_by_the_draw_done_again(queue: Queue) -> None:
    """AT is in London's winter: its local day is that of UTC."""
    await queue.filed("filed")
    midnight = datetime(2026, 11, 23, tzinfo=AT.tzinfo)
    for call, at, recorded in (("first", midnight, True), ("before", midnight - timedelta(milliseconds=1), True),
                               ("last", midnight + timedelta(days=1, milliseconds=-1), True),
                               ("after", midnight + timedelta(days=1), True), ("plain", AT, False)):
        await queue.call(call, at=at, recorded=recorded)
    await queue.call("private", number=SOLICITOR, privacy=Privacy.PRIVILEGED)
    done = good(await drawing.redraw(queue.desk, OFFICER, LATER, "HMP", "2026-11-23"))
    assert (done.recordings, done.unfiled) == (1, ("first", "last"))
    assert why(await drawing.redraw(queue.desk, OFFICER, LATER, "none", "2026-11-23")) == ["unknown-establishment"]
