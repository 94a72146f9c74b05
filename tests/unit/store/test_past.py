"""The facts of a decision stand beside it, and come back as the past that a changed plan is tried on."""
from dataclasses import replace
from datetime import timedelta

from dialplans.plan import Plan
from dialplans.replay import Effect
from switch.build import what_if
from switch.build.what_if import Tally, as_csv, as_text, try_some
from switch.core.facts import Facts
from switch.core.ids import PersonId
from switch.core.reasons import EndedBy, EndReason, Why
from switch.store import codec
from switch.store.listing import read_decision
from switch.store.past import people_who_called, read_past, without_facts
from tests.unit.dialplans.world import NOT_LISTED, plan
from tests.unit.store.site import ANN, AT, BEN, CELL_2, Site, decision, ended, request

LONG_AGO = AT - timedelta(days=30)
NOBODY, EVERYBODY = PersonId("A"), PersonId("Z")


async def talked(site: Site, call: str, person: PersonId, seconds: float, **changes: object) -> Facts:
    """A call of a person, by the facts that the store had; it ends ten seconds after its talk."""
    asked = request(call, **changes)  # type: ignore[arg-type]  # what `request` takes
    known = replace(await site.records.facts(asked, person), listed=NOT_LISTED)  # the node's list, as the hands add it
    decided = decision(call)
    assert await site.records.open(asked, person, decided, known) is None
    ending = ended(asked, decided, person, seconds)
    await site.records.close(replace(ending, facts=known, closed_at=asked.at + timedelta(seconds=seconds + 10)))
    return known


async def test_facts_come_back_as_they_were(site: Site) -> None:
    known = await talked(site, "c1", ANN, 90)
    (person, past), = await site.store.read(lambda conn: list(read_past(conn, LONG_AGO, NOBODY, EVERYBODY)))
    assert person == ANN
    assert past.facts == known
    assert (past.talked, past.lead, past.why, past.metered) == (90.0, 10.0, Why.HUNG_UP, True)
    assert past.dialled == request("c1").dialled
    found = await site.store.read(lambda conn: read_decision(conn, "c1"))
    assert found == (decision("c1"), known)


async def test_a_refused_call_keeps_its_facts_too(site: Site) -> None:
    asked = request("r1")
    known = await site.records.facts(asked, ANN)
    ending = ended(asked, decision("r1"), ANN, 0.0, EndReason(EndedBy.POLICY, Why.NO_CREDIT))
    await site.records.close(replace(ending, facts=known))
    (_, past), = await site.store.read(lambda conn: list(read_past(conn, LONG_AGO, NOBODY, EVERYBODY)))
    assert (past.facts, past.why, past.talked) == (known, Why.NO_CREDIT, 0.0)


async def test_a_crashed_call_keeps_the_facts_it_was_opened_with(site: Site) -> None:
    asked = request("c1")
    known = await site.records.facts(asked, ANN)
    await site.records.open(asked, ANN, decision("c1"), known)
    await site.records.close(ended(asked, decision("c1"), ANN, 5.0, EndReason(EndedBy.SWITCH, Why.CRASHED)))
    (_, past), = await site.store.read(lambda conn: list(read_past(conn, LONG_AGO, NOBODY, EVERYBODY)))
    assert past.facts == known


async def test_by_person_and_time_and_only_those_asked_for(site: Site) -> None:
    await talked(site, "b1", BEN, 10, phone=CELL_2)
    await talked(site, "a2", ANN, 10, at=AT + timedelta(hours=1))
    await talked(site, "a1", ANN, 10)
    rows = await site.store.read(lambda conn: list(read_past(conn, LONG_AGO, NOBODY, EVERYBODY)))
    assert [(person, past.at) for person, past in rows] == [(ANN, AT), (ANN, AT + timedelta(hours=1)), (BEN, AT)]
    assert await site.store.read(lambda conn: people_who_called(conn, LONG_AGO)) == [ANN, BEN]
    assert await site.store.read(lambda conn: people_who_called(conn, AT + timedelta(minutes=1))) == [ANN]
    assert [person for person, _ in await site.store.read(lambda conn: list(read_past(conn, LONG_AGO, BEN, BEN)))] == [BEN]


async def test_older_calls_without_facts_are_counted_and_not_tried(site: Site) -> None:
    await site.records.close(ended(request("old"), decision("old"), ANN, 10.0))
    assert await site.store.read(lambda conn: list(read_past(conn, LONG_AGO, NOBODY, EVERYBODY))) == []
    assert await site.store.read(lambda conn: without_facts(conn, LONG_AGO)) == 1


async def test_facts_are_kept_without_what_says_nothing(site: Site) -> None:
    known = await talked(site, "c1", ANN, 90)
    kept = codec.lean(known)
    assert "permits" not in kept
    assert "recording_room" not in kept
    assert codec.loads(Facts, kept) == known
    assert len(kept) < len(codec.dumps(known)) * 2 / 3


def shorter() -> Plan:
    return plan('[hours]\nevery_day = ["00:00-24:00"]\n[length]\nsocial = 60\n[call]\ngap_seconds = 600\n')


async def test_a_shorter_plan_on_the_whole_past(site: Site) -> None:
    await talked(site, "a1", ANN, 90)
    await talked(site, "a2", ANN, 90, at=AT + timedelta(minutes=5))
    await talked(site, "b1", BEN, 90, phone=CELL_2)
    tally = try_some(site.url, shorter(), LONG_AGO, ANN, BEN)
    assert tally.requests == 3
    calls = {(effect, reason): calls for (effect, reason, _), calls in tally.calls.items()}
    assert calls[Effect.CUT, "time"] == 1
    assert calls[Effect.REFUSED, "gap-over"] == 1
    assert tally.touched >= 1
    assert tally.charged < 0
    assert as_csv(tally).splitlines()[0] == "effect,rule,wing,calls,minutes,people"
    assert "3 requests tried" in as_text(tally, shorter())[0]


def test_nothing_otherwise_is_said_so() -> None:
    assert as_text(Tally(requests=2, without_facts=1), shorter())[1:] == [
        "1 calls are older than the facts that are kept, and were not tried.", "Nothing would have been otherwise."]


def test_pieces_hold_everybody_once() -> None:
    people = [PersonId(f"A{n:04}AA") for n in range(37)]
    pieces = list(what_if._pieces(people, 8))
    assert [person for first, last in pieces for person in people if first <= person <= last] == people


async def test_a_machine_that_was_not_charged_is_told_as_such(site: Site) -> None:
    for call, note, free in (("m1", "answering machine (a beep), not charged", True), ("u1", "", False)):
        asked = request(call)
        known = await site.records.facts(asked, ANN)
        assert await site.records.open(asked, ANN, decision(call), known) is None
        closed = ended(asked, decision(call), ANN, 12.0, EndReason(EndedBy.PERSON, Why.HUNG_UP, note))
        await site.records.close(replace(closed, facts=known, ending=replace(closed.ending, uncharged=free)))
    found = await site.store.read(lambda conn: list(read_past(conn, LONG_AGO, NOBODY, EVERYBODY)))
    assert [(past.uncharged, past.charged > 0) for _, past in found] == [(True, False), (False, True)]
