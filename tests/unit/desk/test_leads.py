"""Leads, on both databases: raised from words and the records, owned, decided, learned from, hidden, gone with a recording."""
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import insert, select

from recordings.transcript import Channel
from recordings.watch.rank import PATIENCE
from recordings.watch.sound import Finding
from switch.core.facts import ContactState
from switch.core.ids import StaffId
from switch.core.numbers import E164
from switch.core.processing import Processing, kind_of
from switch.desk import alarms, connections, leads, watch_words
from switch.ports.leads import Lead, LeadDecision, LeadKind
from switch.ports.watch import WatchKind, WatchWord
from switch.store.leads import drop_leads
from switch.store.recordings import EraseRecording
from switch.store.stamps import stamp
from switch.store.tables import cdrs, outbox, quarantined_calls, quarantines, recordings
from switch.store.tables import leads as leads_table
from tests.unit.desk.office import ANN, AT, BEN, FEN, GOVERNOR, MOOR, OFFICER, PLAN, Office, good, make_office, why
from tests.unit.recordings.talk import talk

CAT = "A9012CD"
NUMBER = "+447700900123"
OTHER = StaffId("other")
FALSE, USEFUL, PASSED_ON = LeadDecision.FALSE, LeadDecision.USEFUL, LeadDecision.PASSED_ON


@pytest_asyncio.fixture
async def office(tmp_path: Path, url: str) -> AsyncIterator[Office]:
    made = await make_office(tmp_path, url)
    for number, cell, place in ((ANN, "M1", MOOR), (BEN, "M2", MOOR), (CAT, "F1", FEN)):
        await made.receive(number, cell, place)
    yield replace(made, desk=replace(made.desk, plan=PLAN))
    assert await made.whole(), "the audit chain"
    made.mint.hasher.close()
    await made.site.close()


async def call(office: Office, id: str, person: str | None = ANN, phone: str = "m1", **more: object) -> str:
    """The record of a call that was made, and nothing else of it."""
    row = {"id": id, "node": "n", "started_at": stamp(AT), "phone": phone, "person": person, "dialled": NUMBER,
           "service": "contact", "privileged": False, "metered": True, "ring_ms": 0, "talk_ms": 60_000, "charged": 0,
           "closed_at": stamp(AT)} | more
    await office.site.store.write(lambda conn: conn.execute(insert(cdrs), row))
    return id


async def sealed(office: Office, id: str) -> None:
    row = {"id": id, "establishment": MOOR, "number": NUMBER, "started_at": stamp(AT), "seconds": 60.0, "samples": 1,
           "audio_sha256": "", "wav_sha256": "", "object": "o", "manifest": "", "manifest_sha256": "", "sealed_at": stamp(AT),
           "kek": "k", "key": "a2V5"}
    await office.site.store.write(lambda conn: conn.execute(insert(recordings), row))


async def quarantine(office: Office, id: str) -> None:
    found = {"id": id, "number": NUMBER, "since": stamp(AT), "found_at": stamp(AT), "found_by": "a", "agreed_by": "b"}
    await office.site.store.write(lambda conn: conn.execute(insert(quarantines), found))
    await office.site.store.write(lambda conn: conn.execute(insert(quarantined_calls), {"call": id, "quarantine": id}))


async def watch(office: Office, text: str = "parcel", establishment: str | None = None, **more: object) -> WatchWord:
    made = await watch_words.add_list(office.desk, OFFICER, AT, text, establishment)
    return good(await watch_words.add_word(office.desk, OFFICER, AT, good(made).id, WatchKind.WORDS, text, **more))  # type: ignore[arg-type]


async def waiting(office: Office, actor: StaffId = OFFICER, establishment: str | None = None) -> list[Lead]:
    return await leads.listed(office.desk, actor, AT, establishment)


async def test_what_was_heard_becomes_leads_once(office: Office) -> None:
    here, everywhere, elsewhere = await watch(office, "parcel", MOOR), await watch(office, "gun", weight=90), \
        await watch(office, "knife", FEN)
    await call(office, "c1")
    words = [*talk("a parcel and a gun and a knife", confidence=0.8), *talk("which parcel", Channel.RIGHT, 20.0)]
    before = await office.audited()
    raised = good(await leads.hear(office.desk, OFFICER, AT, "c1", words, live=True))
    assert [(one.word, one.start, one.channel, one.live) for one in raised] == [
        (here.id, pytest.approx(0.3), "left", True), (everywhere.id, pytest.approx(1.2), "left", True),
        (here.id, pytest.approx(20.3), "right", True)]
    assert {one.people for one in raised} == {(ANN,)}
    assert elsewhere.id not in {one.word for one in raised}
    later = [replace(word, start=word.start + 0.4, end=word.end + 0.4) for word in words]
    assert good(await leads.hear(office.desk, OFFICER, AT, "c1", later)) == [], "heard live and again in the recording: one lead"
    again = talk("the parcel", Channel.RIGHT, 40.0)
    assert len(good(await leads.hear(office.desk, OFFICER, AT, "c1", [*later, *again]))) == 1, "said again, later: another"
    found = await waiting(office)
    assert [round(one.score, 2) for one in found] == [0.72, 0.5, 0.5, 0.4], "best first"
    rows = (await office.audit())[before:]
    assert [subject for action, subject, _ in rows if action == "leads-raised"] == [{"call": "c1"}] * 2
    assert "parcel" not in str(rows)
    kept = await office.site.store.read(lambda conn: str(conn.execute(select(leads_table)).all()))
    assert "parcel" not in kept, "no word that was said is kept in the clear"
    told = await office.site.store.read(lambda conn: conn.execute(
        select(outbox.c.subject, outbox.c.body).where(outbox.c.kind == "lead-raised")).all())
    assert {(row.subject, row.body) for row in told} == {(one.id, '{"call":"c1"}') for one in found}


async def test_a_word_that_is_heard_while_its_call_runs_is_an_alarm_once_for_each_entry_and_call(office: Office) -> None:
    word = await watch(office)
    await call(office, "c1")
    await call(office, "c2", BEN, "m2")
    assert [one.id for one in good(await leads.looked_for(office.desk, OFFICER, AT, "c1"))] == [word.id]

    async def told(who: StaffId = OTHER) -> list[tuple[str | None, str]]:
        return [(one.call, one.text) for one in good(await alarms.list_alarms(office.desk, who, AT, kind="watch-word"))]

    good(await leads.hear(office.desk, OFFICER, AT, "c2", talk("a parcel")))
    assert await told() == [], "from a transcript: it waits in the queue"
    (first,) = good(await leads.hear(office.desk, OFFICER, AT, "c1", talk("a parcel", start=61.0), live=True))
    (second,) = good(await leads.hear(office.desk, OFFICER, AT, "c1", talk("a parcel", start=91.0), live=True))
    text = f"A watch word was heard in call c1, which runs: 1:01 in, from the person in prison (lead {first.id})"
    assert await told() == [("c1", text)]
    assert second.live
    good(await connections.declare(office.desk, GOVERNOR, AT, ANN, "Officer"))
    assert await told(OFFICER) == [], "the lead is not there for them, and so is its alarm not"
    (alarm,) = good(await alarms.list_alarms(office.desk, OTHER, AT))
    assert why(await alarms.acknowledge(office.desk, OFFICER, AT, alarm.id, "seen")) == ["unknown-alarm"]
    await quarantine(office, "c1")
    assert await told() == []
    assert why(await leads.looked_for(office.desk, OFFICER, AT, "c1")) == ["not-heard"]


@pytest.mark.parametrize("how", ["unknown", "privileged", "quarantined", "erased"])
async def test_nothing_is_looked_for_where_nobody_may_hear(office: Office, how: str) -> None:
    await watch(office)
    if how != "unknown":
        await call(office, "c1", privileged=how == "privileged")
    if how == "quarantined":
        await quarantine(office, "c1")
    if how == "erased":
        await sealed(office, "c1")
        await office.site.store.write(EraseRecording("c1", "retention", "worker", AT))
    assert why(await leads.hear(office.desk, OFFICER, AT, "c1", talk("a parcel"))) == ["not-heard"]
    assert await waiting(office) == []


async def test_a_lead_has_one_owner_who_decides(office: Office) -> None:
    await watch(office)
    await call(office, "c1")
    (lead,) = good(await leads.hear(office.desk, OFFICER, AT, "c1", talk("parcel")))
    assert why(await leads.decide(office.desk, OFFICER, AT, lead.id, USEFUL)) == ["not-yours"]
    assert why(await leads.give_back(office.desk, OFFICER, AT, lead.id)) == ["not-yours"]
    assert good(await leads.take(office.desk, OFFICER, AT, lead.id)).owner == OFFICER
    assert good(await leads.take(office.desk, OFFICER, AT, lead.id)).owner == OFFICER, "taken twice is taken"
    assert why(await leads.take(office.desk, OTHER, AT, lead.id)) == ["taken"]
    assert why(await leads.decide(office.desk, OTHER, AT, lead.id, USEFUL)) == ["not-yours"]
    assert good(await leads.give_back(office.desk, OFFICER, AT, lead.id)).owner is None
    assert good(await leads.take(office.desk, OTHER, AT, lead.id)).owner == OTHER
    assert good(await leads.decide(office.desk, OTHER, AT, lead.id, PASSED_ON, " to security ")).decision is PASSED_ON
    assert why(await leads.decide(office.desk, OTHER, AT, lead.id, FALSE)) == ["decided"]
    assert why(await leads.take(office.desk, OTHER, AT, lead.id)) == ["decided"]
    assert why(await leads.take(office.desk, OTHER, AT, "lead-0")) == ["unknown-lead"]
    assert await waiting(office) == []
    (done,) = await leads.listed(office.desk, OFFICER, AT, MOOR, decided=True)
    assert (done.id, done.decision, done.decided_at, done.owner) == (lead.id, PASSED_ON, AT, OTHER)
    assert "to security" in await office.notes()
    assert "security" not in str(await office.audit())


async def test_decisions_move_a_word_in_the_queue(office: Office) -> None:
    """Two words of one weight; the leads of one are found false until it ranks below the other."""
    loud, quiet = await watch(office, "parcel", weight=50), await watch(office, "debt", weight=40)
    for at in range(PATIENCE + 1):
        await call(office, f"c{at}", person=None)
        (lead,) = good(await leads.hear(office.desk, OFFICER, AT, f"c{at}", talk("parcel")))
        good(await leads.take(office.desk, OFFICER, AT, lead.id))
        good(await leads.decide(office.desk, OFFICER, AT, lead.id, FALSE))
    await call(office, "new")
    good(await leads.hear(office.desk, OFFICER, AT, "new", talk("parcel debt")))
    assert [one.word for one in await waiting(office)] == [quiet.id, loud.id]
    (first, second) = await waiting(office)
    assert (second.useful, second.false, leads.rank(first)) == (0, PATIENCE + 1, pytest.approx(0.4))
    assert leads.rank(second) == pytest.approx(0.5 * 2 * PATIENCE / (3 * PATIENCE + 1))
    for one, decision in ((first, USEFUL), (second, PASSED_ON)):
        good(await leads.take(office.desk, OFFICER, AT, one.id))
        good(await leads.decide(office.desk, OFFICER, AT, one.id, decision))
    (parcel, debt) = [word for one in await watch_words.lists(office.desk, OFFICER, AT) for word in one.words if word][::-1]
    assert {(word.text, word.useful, word.false) for word in (parcel, debt)} == {("parcel", 1, PATIENCE + 1), ("debt", 1, 0)}


async def test_whoever_is_connected_to_somebody_has_no_lead_of_theirs(office: Office) -> None:
    await watch(office)
    await call(office, "c1")
    (lead,) = good(await leads.hear(office.desk, OFFICER, AT, "c1", talk("parcel")))
    good(await connections.declare(office.desk, GOVERNOR, AT, ANN, "Officer"))
    assert await waiting(office, OFFICER) == []
    for verb in (leads.take, leads.give_back):
        assert why(await verb(office.desk, OFFICER, AT, lead.id)) == ["unknown-lead"]
    assert why(await leads.decide(office.desk, OFFICER, AT, lead.id, FALSE)) == ["unknown-lead"]
    assert await waiting(office, OTHER) == [lead]


async def test_a_lead_goes_with_its_recording_and_what_it_taught_stays(office: Office) -> None:
    word = await watch(office)
    for id in ("c1", "c2"):
        await call(office, id)
        await sealed(office, id)
        good(await leads.hear(office.desk, OFFICER, AT, id, talk("parcel")))
    (one, other) = await waiting(office)
    good(await leads.take(office.desk, OFFICER, AT, one.id))
    good(await leads.decide(office.desk, OFFICER, AT, one.id, FALSE))
    assert one.recording is not None
    await office.site.store.write(EraseRecording(one.recording, "retention", "worker", AT))
    left = [*await waiting(office), *await leads.listed(office.desk, OFFICER, AT, decided=True)]
    assert [lead.id for lead in left] == [other.id]
    (kept,) = [entry for found in await watch_words.lists(office.desk, OFFICER, AT) for entry in found.words]
    assert (kept.id, kept.false) == (word.id, 1)
    await quarantine(office, str(other.recording))
    assert await waiting(office) == []
    assert why(await leads.take(office.desk, OFFICER, AT, other.id)) == ["unknown-lead"]
    assert await office.site.store.write(lambda conn: drop_leads(conn, str(other.recording))) == 1


async def test_what_is_beyond_words_becomes_leads_once(office: Office) -> None:
    await call(office, "c1")
    divert = Finding(LeadKind.DIVERT, Channel.RIGHT, 3.02, 4.68, 0.9, {"sign": "keys", "times": 11, "gap": 1})
    silence = Finding(LeadKind.SILENCE, Channel.LEFT, 10.0, 75.0, 1.0, {"seconds": 65})
    (one, other) = good(await leads.found(office.desk, OFFICER, AT, "c1", [divert, silence]))
    assert (one.kind, one.start, one.channel, one.people) == (LeadKind.DIVERT, 3.02, "right", (ANN,))
    assert one.score == pytest.approx(0.54)
    assert await waiting(office) == [other, one], "the surer one first"
    assert good(await leads.found(office.desk, OFFICER, AT, "c1", [divert, silence])) == []
    await call(office, "private", privileged=True)
    assert why(await leads.found(office.desk, OFFICER, AT, "private", [divert])) == ["not-heard"]
    good(await leads.take(office.desk, OFFICER, AT, one.id))
    assert good(await leads.decide(office.desk, OFFICER, AT, one.id, USEFUL)).decision is USEFUL


async def look_back(office: Office, at: datetime = AT) -> list[Lead]:
    good(await leads.look_back(office.desk, OFFICER, at, MOOR))
    return await waiting(office)


def strict(office: Office, **more: int) -> Office:
    """As the plan says, but for some thresholds."""
    changed = {name: replace(getattr(PLAN.watch, name), value=value) for name, value in more.items()}
    return replace(office, desk=replace(office.desk, plan=replace(PLAN, watch=replace(PLAN.watch, **changed))))


async def test_many_people_who_ring_one_number(office: Office) -> None:
    office = strict(office, shared_number_people=2)
    long_ago = stamp(AT - timedelta(days=PLAN.watch.days.value, seconds=1))
    await call(office, "c1")
    await call(office, "c2")
    for at, more in enumerate(({"started_at": long_ago}, {"talk_ms": 0}, {"privileged": True}, {"service": "helpline"},
                               {"phone": "f1"}, {"dialled": "+441632960456"})):
        await call(office, f"other{at}", BEN, **more)
    assert await look_back(office) == []
    await call(office, "b", BEN, "m2")
    await quarantine(office, "b")
    assert await look_back(office) == []
    await call(office, "b2", BEN, "m2")
    (lead,) = await look_back(office)
    combined = [row for row in await office.audit() if kind_of(row[0]) is Processing.COMBINATION]
    told = [(subject, detail["leads"]) for _, subject, detail in combined]
    assert told == [({"establishment": MOOR}, ids) for ids in ("", "", lead.id)]
    assert (lead.kind, lead.about, lead.people, lead.score, lead.evidence) == (
        LeadKind.SHARED_NUMBER, NUMBER, (ANN, BEN), 0.5, {"about": NUMBER, "times": 3, "people": 2})
    assert await look_back(office) == [lead], "told once"
    good(await connections.declare(office.desk, GOVERNOR, AT, BEN, OTHER))
    assert await waiting(office, OTHER) == [], "one of several is enough"


async def test_a_number_that_several_people_applied_for(office: Office) -> None:
    office = strict(office, applied_number_people=2)
    number = E164(NUMBER[1:])
    await office.contact(ANN, number)
    await office.contact(CAT, number)
    assert await look_back(office) == [], "of another establishment"
    await office.contact(BEN, number, ContactState.REFUSED)
    assert await look_back(office) == []
    await office.contact(BEN, E164("441632960456"), ContactState.PENDING)
    await office.contact(ANN, E164("441632960456"), ContactState.PENDING)
    (lead,) = await look_back(office)
    assert (lead.kind, lead.about, lead.people) == (LeadKind.APPLIED_BY_MANY, "+441632960456", (ANN, BEN))


async def test_somebodys_pin_on_a_telephone_that_is_not_theirs(office: Office) -> None:
    office = strict(office, borrowed_pin_calls=2)
    wrong = {"talk_ms": 0, "end_why": "not-your-phone", "outcome": "refused", "service": None}
    await call(office, "c1", ANN, "m2", **wrong)
    await call(office, "c2", ANN, "f1", **wrong)
    await call(office, "c3", None, "m2", **wrong)
    await call(office, "c4", ANN, "m2", **wrong | {"end_why": "no-credit"})
    assert await look_back(office) == []
    await call(office, "c5", ANN, "m2", **wrong)
    (lead,) = await look_back(office)
    assert (lead.kind, lead.about, lead.people, lead.score, lead.evidence) == (
        LeadKind.BORROWED_PIN, f"{ANN} m2", (ANN,), 0.5, {"about": f"{ANN} m2", "times": 2, "people": 1})


async def test_leads_of_no_recording_are_kept_as_long_as_the_plan_says(office: Office) -> None:
    office = strict(office, shared_number_people=2)
    await call(office, "c1")
    await call(office, "c2", BEN, "m2")
    assert len(await look_back(office)) == 1
    kept = timedelta(days=PLAN.watch.keep_days.value)
    assert good(await leads.look_back(office.desk, OFFICER, AT + kept, MOOR)) == leads.LookedBack(0, 0)
    assert good(await leads.look_back(office.desk, OFFICER, AT + kept + timedelta(seconds=1), MOOR)) == leads.LookedBack(0, 1)
    assert why(await leads.look_back(office.desk, OFFICER, AT, "nowhere")) == ["unknown-establishment"]
    assert why(await leads.look_back(replace(office.desk, plan=None), OFFICER, AT, MOOR)) == ["no-plan"]


async def test_a_lead_of_the_same_thing_comes_again_when_the_days_are_over(office: Office) -> None:
    office = strict(office, borrowed_pin_calls=1)
    await call(office, "c1", ANN, "m2", end_why="not-your-phone")
    (lead,) = await look_back(office)
    later = AT + timedelta(days=PLAN.watch.days.value)
    await call(office, "c2", ANN, "m2", end_why="not-your-phone", started_at=stamp(later))
    assert await look_back(office, later) == [lead]
    assert len(await look_back(office, later + timedelta(seconds=1))) == 2
