"""Who may listen: every reason that says no, and both sides of each edge in time."""
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from switch.core.authority import (
    RANDOM,
    SENTENCES,
    Authority,
    AuthorityKind,
    Because,
    Ground,
    Leave,
    ListenFacts,
    NoLeave,
    Standing,
    may_listen,
    standing,
)
from switch.core.grants import Privacy, RecordingWarrant
from switch.core.ids import CallId, PersonId, StaffId

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
ANN, BEN, MUM = PersonId("A1234BC"), PersonId("A5678DE"), "+447700900123"
FULL = Authority("a1", AuthorityKind.OFFENCE, Ground.CRIME, ANN, None, NOON - HOUR, NOON + 2 * HOUR, StaffId("applicant"), True,
                 StaffId("governor"), NOON + HOUR)
FACTS = ListenFacts(CallId("c1"), StaffId("listener"), ANN, MUM, runs=False,
                    warrant=RecordingWarrant(CallId("c1"), Privacy.MONITORED), privileged=False,
                    quarantined=False, connected=False, authorities=(FULL,))


@pytest.mark.parametrize(("changes", "at", "expected"), [
    ({}, NOON, Standing.IN_FORCE),
    ({}, FULL.since - TICK, Standing.TO_COME),
    ({}, FULL.since, Standing.IN_FORCE),
    ({}, NOON + HOUR - TICK, Standing.IN_FORCE),
    ({}, NOON + HOUR, Standing.OVERDUE),
    ({}, FULL.until - TICK, Standing.OVERDUE),
    ({}, FULL.until, Standing.EXPIRED),
    ({"review_by": FULL.until}, FULL.until - TICK, Standing.IN_FORCE),
    ({"review_by": FULL.until}, FULL.until, Standing.EXPIRED),
    ({"review_by": None}, NOON, Standing.OVERDUE),
    ({"granted": None, "decided_by": None}, NOON, Standing.APPLIED),
    ({"granted": None, "decided_by": None}, FULL.until, Standing.APPLIED),
    ({"granted": False}, NOON, Standing.REFUSED),
    ({"decided_by": None}, NOON, Standing.REFUSED),
    ({"decided_by": StaffId(" APPLICANT")}, NOON, Standing.REFUSED),
    ({"decided_by": StaffId("applicants")}, NOON, Standing.IN_FORCE),
    ({"cancelled": True}, NOON, Standing.CANCELLED),
    ({"cancelled": True, "granted": None}, NOON, Standing.CANCELLED),
])
def test_where_an_authorisation_stands(changes: dict[str, object], at: datetime, expected: Standing) -> None:
    assert standing(replace(FULL, **changes), at) is expected  # type: ignore[arg-type]  # a keyword bag


@pytest.mark.parametrize(("person", "number", "covers"), [
    (ANN, None, True), (BEN, None, False), (None, MUM, True), (None, "+447700900124", False),
    (ANN, MUM, True), (ANN, "+447700900124", False), (BEN, MUM, False), (None, None, False),
])
def test_whose_calls_it_covers(person: PersonId | None, number: str | None, covers: bool) -> None:
    one = replace(FULL, person=person, number=number)
    assert one.covers(ANN, MUM) is covers
    found = may_listen(replace(FACTS, authorities=(one,)), NOON)
    assert (found == Leave("a1", "offence-related", FULL.ends)) if covers else (found == NoLeave(Because.NO_AUTHORITY))


def test_a_call_of_nobody_is_covered_by_its_number_alone() -> None:
    assert not FULL.covers(None, MUM)
    assert replace(FULL, person=None, number=MUM).covers(None, MUM)


@pytest.mark.parametrize(("changes", "live", "because"), [
    ({"privileged": True}, False, Because.PRIVILEGED),
    ({"privileged": True, "runs": True}, True, Because.PRIVILEGED),
    ({"privileged": True, "quarantined": True, "warrant": None, "connected": True}, False, Because.PRIVILEGED),
    ({"quarantined": True, "warrant": None, "connected": True}, False, Because.QUARANTINED),
    ({"warrant": None, "connected": True}, False, Because.NO_WARRANT),
    ({"warrant": None, "drawn_until": NOON + HOUR}, False, Because.NO_WARRANT),
    ({"connected": True}, False, Because.CONNECTED),
    ({"connected": True, "drawn_until": NOON + HOUR}, False, Because.CONNECTED),
    ({}, True, Because.NOT_RUNNING),
    ({"authorities": ()}, False, Because.NO_AUTHORITY),
    ({"authorities": (), "drawn_until": NOON}, False, Because.DRAW_OVER),
    ({"authorities": (), "drawn_until": NOON + HOUR, "runs": True}, True, Because.NO_AUTHORITY),
])
def test_what_nobody_hears(changes: dict[str, object], live: bool, because: Because) -> None:
    found = may_listen(replace(FACTS, **changes), NOON, live=live)  # type: ignore[arg-type]  # a keyword bag
    assert found == NoLeave(because)
    assert isinstance(found, NoLeave)
    assert found.text == SENTENCES[because]


@pytest.mark.parametrize(("at", "changes", "because"), [
    (FULL.since - TICK, {}, Because.TO_COME), (NOON + HOUR, {}, Because.OVERDUE), (FULL.until, {}, Because.EXPIRED),
    (NOON, {"granted": None}, Because.APPLIED), (NOON, {"cancelled": True}, Because.CANCELLED),
    (NOON, {"granted": False}, Because.REFUSED),
])
def test_an_authorisation_that_is_not_in_force_says_why(at: datetime, changes: dict[str, object], because: Because) -> None:
    one = replace(FULL, **changes)  # type: ignore[arg-type]  # a keyword bag
    for live in (False, True):
        assert may_listen(replace(FACTS, authorities=(one,), runs=live), at, live=live) == NoLeave(because)


def test_of_several_the_one_in_force_that_lasts_longest_gives_leave() -> None:
    longer = replace(FULL, id="a2", kind=AuthorityKind.INTELLIGENCE, review_by=NOON + HOUR + TICK)
    others = (replace(FULL, id="a3", granted=False), FULL, longer, replace(FULL, id="a4", person=BEN, review_by=FULL.until))
    assert may_listen(replace(FACTS, authorities=others), NOON) == Leave("a2", "intelligence-led", NOON + HOUR + TICK)
    gone = (replace(FULL, id="a3", granted=False), replace(FULL, id="a5", cancelled=True), replace(FULL, id="a6", granted=None))
    assert may_listen(replace(FACTS, authorities=gone), NOON) == NoLeave(Because.APPLIED)


def test_a_live_call_is_heard_by_an_authorisation_and_a_recording_also_by_the_draw() -> None:
    assert may_listen(replace(FACTS, runs=True), NOON, live=True) == Leave("a1", "offence-related", NOON + HOUR)
    drawn = replace(FACTS, authorities=(), drawn_until=NOON + HOUR)
    assert may_listen(drawn, NOON + HOUR - TICK) == Leave(RANDOM, RANDOM, NOON + HOUR)
    assert may_listen(drawn, NOON + HOUR) == NoLeave(Because.DRAW_OVER)
    assert may_listen(replace(drawn, authorities=(FULL,)), NOON) == Leave("a1", "offence-related", NOON + HOUR)


def test_nobody_hears_a_call_that_nobody_knows() -> None:
    assert may_listen(None, NOON) == NoLeave(Because.UNKNOWN)


def test_every_reason_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Because)
