"""The canary at the desk: what a run that left anything means, who may have one, when one is too old, and who is told."""
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from switch.core.facts import SignedListFacts
from switch.core.ids import CallId, PersonId, PhoneId
from switch.core.numbers import E164, Dialled
from switch.desk import canary, kill, people, permits, places, rolls, shown
from switch.desk.canary import Seen, judge
from switch.ports.canary import Traces, Verdict
from switch.ports.desk import Reach
from switch.ports.records import CallRequest
from switch.store.facts import read_facts, read_phone
from switch.store.stamps import stamp
from switch.store.tables import alarms, cdrs, outbox, quarantined_calls, quarantines, recording_parts, recordings
from tests.unit.desk.office import AT, FEN, GOVERNOR, MOOR, OFFICER, Office, good, why

NUMBER, PHONE = "+441632960199", PhoneId("canary-moor")
CALL = CallId("c1")
FINE = Seen(talked=True, cell_heard=canary.ENOUGH, outside_heard=canary.ENOUGH, looked=1)
PRIVATE = Traces(CALL, True, "connected", "hung-up", None)


@pytest.mark.parametrize(("seen", "traces", "verdict", "says"), [
    (FINE, PRIVATE, Verdict.PASSED, ()),
    # whatever listened or was kept
    (replace(FINE, tapped=("tapped has c1",)), PRIVATE, Verdict.FAILED, ("something listened",)),
    (replace(FINE, files=("/r/x (its sound)",)), PRIVATE, Verdict.FAILED, ("in what is kept",)),
    (FINE, replace(PRIVATE, privileged=False), Verdict.FAILED, ("does not say that it is privileged",)),
    (FINE, replace(PRIVATE, recording="c1"), Verdict.FAILED, ("names the recording c1",)),
    (FINE, replace(PRIVATE, kept=("work transcribe", "a row of texts")), Verdict.FAILED, ("work transcribe", "a row of texts")),
    (Seen("nobody answered it"), replace(PRIVATE, privileged=False, outcome="unanswered"), Verdict.FAILED, ("privileged",)),
    (Seen("no switch runs here", files=("/r/x (its sound)",)), None, Verdict.FAILED, ("in what is kept",)),
    (Seen("refused"), replace(PRIVATE, privileged=False, outcome="refused", kept=("work x",)), Verdict.FAILED, ("work x",)),
    # a call without sound, without a record, or at which nobody looked, proves nothing
    (replace(FINE, cell_heard=canary.ENOUGH - 1), PRIVATE, Verdict.FAILED, ("the cell heard 49 frames",)),
    (replace(FINE, outside_heard=0), PRIVATE, Verdict.FAILED, ("the outside heard 0 frames",)),
    (replace(FINE, looked=0), PRIVATE, Verdict.FAILED, ("were not asked",)),
    (FINE, None, Verdict.FAILED, ("no record",)),
    # not rung is neither passed nor failed
    (Seen("no switch runs here"), None, Verdict.NOT_RUN, ("no switch runs here",)),
    (Seen(), None, Verdict.NOT_RUN, ("did not reach the switch",)),
    (Seen("the switch said bye"), Traces(CALL, False, "refused", "orders", None), Verdict.NOT_RUN, ("refused: orders", "bye")),
    (Seen("nobody answered it"), replace(PRIVATE, outcome="unanswered", end_why="unreachable"), Verdict.NOT_RUN,
     ("unanswered: unreachable", "nobody answered")),
])
def test_what_was_seen_is_judged(seen: Seen, traces: Traces | None, verdict: Verdict, says: tuple[str, ...]) -> None:
    found, problems = judge(seen, traces)
    assert found is verdict
    assert len(problems) == len(says), problems
    assert all(word in problem for word, problem in zip(says, problems, strict=True)), problems


@pytest.fixture
def listed(office: Office) -> Office:
    """An office whose signed list has the canary's number alone."""

    def on_list(_accepted: Any, dialled: Any) -> SignedListFacts:
        mine = isinstance(dialled, Dialled) and str(dialled.number) == NUMBER
        return SignedListFacts(3, "The canary" if mine else None, "")

    return replace(office, desk=replace(office.desk, on_list=on_list))


async def add(office: Office, establishment: str = MOOR) -> Any:
    return await canary.add(office.desk, OFFICER, AT, establishment, "old", NUMBER, GOVERNOR)


async def call(office: Office, *, call: str = "c1", after: float = 1.0, **values: Any) -> None:
    """A closed record of the canary's telephone, as the switch leaves one."""
    row = {"id": call, "node": "n", "started_at": stamp(AT + timedelta(seconds=after)), "phone": PHONE, "person": "canary:moor",
           "dialled": NUMBER, "service": "contact", "privileged": True, "metered": False, "ring_ms": 0, "talk_ms": 4000,
           "charged": 0, "closed_at": stamp(AT + timedelta(seconds=after + 5)), "outcome": "connected", "end_by": "person",
           "end_why": "hung-up"} | values
    await office.site.store.write(lambda conn: conn.execute(insert(cdrs), row))
    ended = {"kind": "call-ended", "subject": call, "body": "{}", "at": stamp(AT), "attempts": 0}
    await office.site.store.write(lambda conn: conn.execute(insert(outbox), ended))


async def alarmed(office: Office) -> list[tuple[str, str | None]]:
    rows = await office.site.store.read(lambda conn: conn.execute(select(alarms.c.kind, alarms.c.call)).all())
    return [(row.kind, row.call) for row in rows]


async def rung(office: Office, seen: Seen, at: timedelta = timedelta()) -> canary.CanaryRun:
    begun = good(await canary.begin(office.desk, OFFICER, AT + at, MOOR))
    return good(await canary.record(office.desk, OFFICER, AT + at + timedelta(minutes=1), begun.run.id, seen))


async def test_one_an_establishment_at_a_listed_number_on_two_names(listed: Office) -> None:
    desk = listed.desk
    for asked, code in (
        ((MOOR, "nowhere", NUMBER, GOVERNOR), "unknown-network"), ((MOOR, "old", "nothing", GOVERNOR), "bad-telephone"),
        ((MOOR, "old", NUMBER, OFFICER), "one-name"), (("no where", "old", NUMBER, GOVERNOR), "bad-place"),
        (("nowhere", "old", NUMBER, GOVERNOR), "unknown-establishment"),
        ((MOOR, "old", "+441632960198", GOVERNOR), "not-listed"),
    ):
        assert why(await canary.add(desk, OFFICER, AT, *asked)) == [code]
    assert why(await canary.begin(desk, OFFICER, AT, MOOR)) == ["no-canary"]
    made = good(await add(listed))
    assert (made.phone, made.number) == (PHONE, NUMBER)
    assert why(await add(listed)) == ["as-it-is"]
    good(await places.add_phone(desk, OFFICER, AT, "canary-fen", FEN, "F1", "old"))
    assert why(await add(listed, FEN)) == ["taken"]


async def test_it_is_removed_by_two_and_may_be_given_again(listed: Office) -> None:
    good(await add(listed))
    desk, gone = listed.desk, canary.remove
    ended = await rung(listed, FINE)
    assert why(await gone(desk, OFFICER, AT, MOOR, OFFICER, " ")) == ["one-name", "no-reason"]
    assert why(await gone(desk, OFFICER, AT, FEN, GOVERNOR, "it moves")) == ["no-canary"]
    begun = good(await canary.begin(desk, OFFICER, AT + timedelta(minutes=2), MOOR))
    assert why(await gone(desk, OFFICER, AT + timedelta(minutes=3), MOOR, GOVERNOR, "it moves")) == ["running"]
    late = AT + timedelta(minutes=13)
    good(await gone(desk, OFFICER, late, MOOR, GOVERNOR, "the prison is closed"))
    assert (await listed.audit())[-1] == ("canary-removed", {"establishment": MOOR, "phone": PHONE}, {"second": True})
    assert why(await gone(desk, OFFICER, late, MOOR, GOVERNOR, "again")) == ["no-canary"]
    assert why(await canary.begin(desk, OFFICER, late, MOOR)) == ["no-canary"]
    assert why(await canary.record(desk, OFFICER, late, begun.run.id, FINE)) == ["no-canary"], "it was broken off"
    assert await canary.read(desk, OFFICER, late) == []
    assert why(await places.move_phone(desk, OFFICER, late, PHONE, "M1")) == ["canary"], "nobody is given its telephone either"
    assert good(await canary.tell_late(desk, OFFICER, late + timedelta(days=9))) == []
    assert PHONE not in [one.id for one in await desk.work.look(OFFICER, late, lambda changes: changes.phones())]
    asked = CallRequest(CallId("c9"), PHONE, Dialled(E164(NUMBER[1:])), late)
    facts = await listed.site.store.read(lambda conn: read_facts(conn, asked, PersonId("canary:moor")))
    assert (facts.person is None or not facts.person.active, facts.permits) == (True, ())
    assert ended in await canary.runs(desk, OFFICER, late, MOOR), "what came of its runs stays"
    good(await add(listed))
    assert [one.canary.phone for one in await canary.read(desk, OFFICER, late)] == [PHONE]
    good(await canary.begin(desk, OFFICER, late, MOOR))


async def test_its_subscriber_is_in_no_list_of_people_or_telephones(listed: Office) -> None:
    await listed.receive()
    before = good(await rolls.roll_check(listed.desk, OFFICER, AT))
    good(await add(listed))
    assert [one.id for one in good(await shown.list_people(listed.desk, OFFICER, AT))] == ["A1234BC"]
    assert good(await rolls.roll_check(listed.desk, OFFICER, AT)) == before
    assert why(await places.move_phone(listed.desk, OFFICER, AT, PHONE, "M1")) == ["canary"], "nobody is ever given it"
    assert why(await people.change(listed.desk, OFFICER, AT, "canary:moor", name="Somebody")) == ["bad-number"]
    assert why(await permits.list_permits(listed.desk, OFFICER, AT, "canary:moor")) == ["bad-number"]


async def test_the_facts_of_its_call_are_those_of_a_person_with_leave_and_no_contact(listed: Office) -> None:
    """So nothing but the signed list can make it private; an order stops it as anybody."""
    good(await add(listed))
    dialled = Dialled(E164(NUMBER[1:]))
    request = CallRequest(CALL, PHONE, dialled, AT + timedelta(minutes=1))
    phone = await listed.site.store.read(lambda conn: read_phone(conn, PHONE))
    assert phone is not None
    assert (phone.cell, phone.wing, phone.establishment, phone.pin_required) == ("", "", MOOR, False)
    assert phone.people == (PersonId("canary:moor"),), "nobody is asked who calls"
    facts = await listed.site.store.read(lambda conn: read_facts(conn, request, PersonId("canary:moor")))
    assert facts.person is not None
    assert (facts.person.active, facts.contact, facts.found_privileged, facts.orders) == (True, None, False, ())
    assert [(str(one.number), one.once) for one in facts.permits] == [(NUMBER, False)]
    good(await kill.place(listed.desk, OFFICER, AT, Reach.SITE, MOOR, "a fight", cut=False))
    facts = await listed.site.store.read(lambda conn: read_facts(conn, request, PersonId("canary:moor")))
    assert [one.scope for one in facts.orders] == ["site"]


async def test_a_run_is_kept_once_with_what_came_of_it(listed: Office) -> None:
    good(await add(listed))
    begun = good(await canary.begin(listed.desk, OFFICER, AT, MOOR))
    assert begun.canary.phone == PHONE
    assert why(await canary.begin(listed.desk, OFFICER, AT + timedelta(minutes=9), MOOR)) == ["running"]
    assert await canary.closed(listed.desk, OFFICER, AT, PHONE, AT) is None
    await call(listed, call="before", after=-5.0)
    await call(listed, call="runs", closed_at=None)
    assert await canary.closed(listed.desk, OFFICER, AT, PHONE, AT) is None, "neither an older call nor one that runs"
    await call(listed)
    assert await canary.closed(listed.desk, OFFICER, AT, PHONE, AT) == PRIVATE
    done = good(await canary.record(listed.desk, OFFICER, AT + timedelta(seconds=30), begun.run.id, FINE))
    assert (done.verdict, done.call, done.problems) == (Verdict.PASSED, CALL, ())
    assert why(await canary.record(listed.desk, OFFICER, AT, begun.run.id, FINE)) == ["as-it-is"]
    assert good(await canary.runs(listed.desk, OFFICER, AT, MOOR)) == [done]
    assert await alarmed(listed) == []
    good(await canary.begin(listed.desk, OFFICER, AT + timedelta(minutes=20), MOOR))
    good(await canary.begin(listed.desk, OFFICER, AT + timedelta(minutes=31), MOOR)), "the one before was broken off"


async def test_what_the_database_keeps_of_it_fails_it_and_is_an_alarm(listed: Office) -> None:
    good(await add(listed))
    await call(listed, recording="c1")
    work = {"kind": "recording-sealed", "subject": "c1", "body": "{}", "at": stamp(AT), "attempts": 0}
    await listed.site.store.write(lambda conn: conn.execute(insert(outbox), work))
    await listed.site.store.write(lambda conn: conn.execute(insert(quarantines), {
        "id": "q", "number": NUMBER, "since": stamp(AT), "found_at": stamp(AT), "found_by": "a", "agreed_by": "b"}))
    await listed.site.store.write(lambda conn: conn.execute(insert(quarantined_calls), {"call": "c1", "quarantine": "q"}))
    sealed = {"id": "c1", "establishment": MOOR, "number": NUMBER, "seconds": 1.0, "samples": 8000, **{name: "x" for name in (
        "started_at", "audio_sha256", "wav_sha256", "object", "manifest", "manifest_sha256", "sealed_at", "kek", "key")}}
    await listed.site.store.write(lambda conn: conn.execute(insert(recordings), sealed))
    await listed.site.store.write(lambda conn: conn.execute(insert(recording_parts), {
        "recording": "c1", "kind": "peaks", "object": "x", "made_at": "x"}))
    done = await rung(listed, FINE)
    assert done.verdict is Verdict.FAILED
    assert set(done.problems) == {
        "the database has work recording-sealed about it", "the database has a row of quarantined_calls about it",
        "the database has a row of recordings about it", "the database has a row of recording_parts about it",
        "its record names the recording c1"}
    assert await alarmed(listed) == [("canary-failed", "c1")]
    assert [one.fresh for one in good(await canary.read(listed.desk, OFFICER, AT))] == [False]


async def test_one_that_passed_stands_for_26_hours_and_who_is_late_is_told_once_a_day(listed: Office) -> None:
    desk, ended = listed.desk, timedelta(minutes=1)
    good(await add(listed))
    (state,) = good(await canary.read(desk, OFFICER, AT))
    assert (state.last, state.fresh) == (None, False)
    assert await canary.tell_late(desk, OFFICER, AT + canary.GOOD_FOR) == [], "a new one has a day"
    assert await canary.tell_late(desk, OFFICER, AT + canary.GOOD_FOR + timedelta(seconds=1)) == [MOOR]
    await call(listed)
    assert (await rung(listed, FINE)).verdict is Verdict.PASSED
    for after, fresh in ((canary.GOOD_FOR, True), (canary.GOOD_FOR + timedelta(seconds=1), False)):
        (state,) = good(await canary.read(desk, OFFICER, AT + ended + after))
        assert (state.fresh, state.passed_at) == (fresh, AT + ended)
    assert await canary.tell_late(desk, OFFICER, AT + ended + canary.GOOD_FOR) == []
    tomorrow = AT + timedelta(days=2)
    assert await canary.tell_late(desk, OFFICER, tomorrow) == [MOOR]
    assert await canary.tell_late(desk, OFFICER, tomorrow + timedelta(hours=1)) == [MOOR]
    assert [kind for kind, _ in await alarmed(listed)] == ["canary-late", "canary-late"], "one of yesterday, one of today"


async def test_not_run_leaves_what_passed_and_what_failed_as_they_were(listed: Office) -> None:
    good(await add(listed))
    await call(listed)
    assert (await rung(listed, FINE)).verdict is Verdict.PASSED
    not_run = await rung(listed, Seen("no switch runs here"), timedelta(hours=2))
    assert (not_run.verdict, not_run.problems) == (Verdict.NOT_RUN, ("no switch runs here",))
    (state,) = good(await canary.read(listed.desk, OFFICER, AT + timedelta(hours=3)))
    assert state.fresh
    assert state.last == not_run
    assert (await rung(listed, Seen(files=("x",)), timedelta(hours=4))).verdict is Verdict.FAILED
    await rung(listed, Seen("no switch runs here"), timedelta(hours=5))
    (state,) = good(await canary.read(listed.desk, OFFICER, AT + timedelta(hours=6)))
    assert not state.fresh, "that it could not be rung since does not mend what failed"
