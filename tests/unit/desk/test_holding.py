"""Holds: what they keep past the end of its time, who must say what, when they are late, and who lets go; on both databases."""
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from switch.core.ids import StaffId
from switch.desk import holding
from switch.desk.asking import Refused
from switch.ports.keeping import Hold, HoldCause, HoldReach
from switch.store.holds import held_by
from switch.store.recordings import EraseRecording
from switch.store.tables import alarms
from tests.unit.desk.keeping import DAY, NUMBER, recorded
from tests.unit.desk.office import ANN, AT, BEN, FEN, GOVERNOR, MOOR, OFFICER, Office, good, make_office, why
from tests.unit.dialplans.world import plan

UNTIL = AT + 30 * DAY


@pytest_asyncio.fixture
async def office(tmp_path: Path, url: str) -> AsyncIterator[Office]:
    made = await make_office(tmp_path, url)
    made.desk = replace(made.desk, plan=plan('[[keep]]\nestablishments = ["fen"]\ndays = 30\n'))
    yield made
    assert await made.whole(), "the audit chain"
    made.mint.hasher.close()
    await made.site.close()


async def hold(office: Office, reach: HoldReach = HoldReach.RECORDING, target: str = "c1", governor: str = "Gov. Pike",
               necessity: str = "A charge of assault.", proportionality: str = "This call alone.", until: datetime = UNTIL
               ) -> Hold | Refused:
    return await holding.place(office.desk, OFFICER, AT, reach, target, StaffId(governor), necessity, proportionality, until)


WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"governor": " "}, ["bad-governor"]),
    ({"necessity": ""}, ["bad-necessity"]),
    ({"proportionality": " "}, ["bad-proportionality"]),
    ({"until": AT}, ["bad-until"]),
    ({"until": AT + timedelta(seconds=1)}, []),
    ({"until": AT + holding.LONGEST}, []),
    ({"until": AT + holding.LONGEST + timedelta(seconds=1)}, ["bad-until"]),
    ({"reach": HoldReach.PERSON, "target": "x"}, ["bad-number"]),
    ({"reach": HoldReach.PERSON, "target": BEN}, ["unknown-person"]),
    ({"reach": HoldReach.NUMBER, "target": "x"}, ["bad-telephone"]),
    ({"target": " "}, ["bad-recording"]),
    ({"target": "c9"}, ["unknown-recording"]),
    ({"governor": "", "necessity": "", "proportionality": "", "until": AT, "target": ""},
     ["bad-recording", "bad-governor", "bad-necessity", "bad-proportionality", "bad-until"]),
]


async def test_a_hold_needs_a_governor_both_reasons_and_an_end(office: Office) -> None:
    await recorded(office, "c1")
    for wrong, codes in WRONG:
        placed = await hold(office, **wrong)
        assert (why(placed) if codes else []) == codes, wrong
        standing = [] if isinstance(placed, Refused) else [placed]
        assert await holding.standing(office.desk, OFFICER, AT) == standing
        for one in standing:
            good(await holding.release(office.desk, OFFICER, AT, one.id, "next"))


async def test_what_is_kept_of_a_hold(office: Office) -> None:
    await recorded(office, "c1")
    before = await office.audited()
    placed = good(await hold(office))
    assert placed == Hold(placed.id, HoldReach.RECORDING, "c1", StaffId("Gov. Pike"), "A charge of assault.", "This call alone.",
                          HoldCause.ASKED, OFFICER, AT, UNTIL)
    assert await office.audit(before) == [("hold-placed", {"hold": placed.id, "recording": "c1"}, {
        "reach": "recording", "cause": "asked", "until": "2026-12-23"})]
    assert await office.notes() == ["Governor: Gov. Pike. Necessary: A charge of assault. Proportionate: This call alone."]
    assert why(await hold(office)) == ["as-it-is"]
    longer = good(await hold(office, until=UNTIL + DAY))
    good(await hold(office, governor="Gov. Rook"))
    let_go = good(await holding.release(office.desk, GOVERNOR, AT + DAY, placed.id, "the charge was dropped"))
    assert let_go == placed
    assert why(await holding.release(office.desk, GOVERNOR, AT + DAY, placed.id, "again")) == ["unknown-hold"]
    assert why(await holding.release(office.desk, GOVERNOR, AT + DAY, longer.id, " ")) == ["no-reason"]
    every = await office.desk.work.look(OFFICER, AT, lambda changes: changes.holds(every=True))
    assert (every[0].released_by, every[0].release_why) == (GOVERNOR, "the charge was dropped")
    assert len(await holding.standing(office.desk, OFFICER, AT)) == 2


async def due(office: Office, at: datetime, place: str = MOOR) -> list[str]:
    return [one.id for one in await holding.due(office.desk, OFFICER, at, place)]


@pytest.mark.parametrize(("reach", "target"), [
    (HoldReach.RECORDING, "c1"), (HoldReach.PERSON, ANN), (HoldReach.NUMBER, "07700 900123")])
async def test_what_is_held_is_not_due_however_late_the_hold_is(office: Office, reach: HoldReach, target: str) -> None:
    await office.receive()
    await recorded(office, "c1", erase_at=AT + 10 * DAY)
    await recorded(office, "c2", erase_at=AT + 10 * DAY, person=BEN, number="+441632960001")
    held = good(await hold(office, reach, target, until=AT + 5 * DAY))
    await recorded(office, "c3", erase_at=AT + 10 * DAY, person=ANN if reach is HoldReach.PERSON else BEN,
                   number=NUMBER if reach is HoldReach.NUMBER else "+441632960001")
    theirs = ["c1"] if reach is HoldReach.RECORDING else ["c1", "c3"]
    others = [one for one in ("c1", "c2", "c3") if one not in theirs]
    assert await due(office, AT + 200 * DAY) == others
    for one in ("c1", "c2", "c3"):
        assert await office.site.store.read(lambda conn, one=one: held_by(conn, one)) == ([held.id] if one in theirs else [])
    good(await holding.release(office.desk, GOVERNOR, AT + 20 * DAY, held.id, "over"))
    assert await due(office, AT + 200 * DAY) == ["c1", "c2", "c3"]


async def test_nobody_holds_what_is_erased(office: Office) -> None:
    await recorded(office, "c1")
    await office.site.store.write(EraseRecording("c1", "retention", "daily", AT))
    assert why(await hold(office)) == ["erased"]


DUE: list[tuple[str, timedelta | None, timedelta]] = [
    (MOOR, 90 * DAY, 90 * DAY),
    # a plan that keeps for less counts at once, one that keeps for more does not reach back
    (MOOR, 120 * DAY, 90 * DAY), (MOOR, 60 * DAY, 60 * DAY),
    # nothing was written: the plan's word alone
    (MOOR, None, 90 * DAY),
    # an establishment with a word of its own
    (FEN, 90 * DAY, 30 * DAY), (FEN, None, 30 * DAY),
]
"""Place, what the sealing wrote, and when it is due, both from the call's end."""


async def test_when_a_recording_is_due(office: Office) -> None:
    for index, (place, erase_at, _) in enumerate(DUE):
        await recorded(office, f"c{index}", 600, AT, erase_at=None if erase_at is None else AT + erase_at, establishment=place)
    for index, (place, _, after) in enumerate(DUE):
        assert f"c{index}" not in await due(office, AT + after - timedelta(milliseconds=1), place), DUE[index]
        assert f"c{index}" in await due(office, AT + after, place), DUE[index]
        assert f"c{index}" not in await due(office, AT + 500 * DAY, MOOR if place == FEN else FEN)


async def test_without_a_plan_only_what_the_sealing_wrote_counts(office: Office) -> None:
    await recorded(office, "c1", erase_at=AT + 10 * DAY)
    await recorded(office, "c2")
    office.desk = replace(office.desk, plan=None)
    assert await due(office, AT + 500 * DAY) == ["c1"]


async def test_a_hold_that_is_late_is_told_every_day_and_still_holds(office: Office) -> None:
    await recorded(office, "c1", erase_at=AT + DAY)
    late, other = good(await hold(office)), good(await hold(office, governor="Gov. Rook", until=UNTIL + 60 * DAY))
    told = [await holding.tell_overdue(office.desk, OFFICER, moment) for moment in (
        UNTIL - timedelta(seconds=1), UNTIL, UNTIL + timedelta(hours=1), UNTIL + DAY)]
    assert told == [[], [late.id], [late.id], [late.id]]
    raised = await office.site.store.read(lambda conn: conn.execute(select(alarms.c.id, alarms.c.kind, alarms.c.text)).all())
    assert [(row.id, row.kind) for row in raised] == [
        (f"hold-overdue:{late.id}:2026-12-23", "hold-overdue"), (f"hold-overdue:{late.id}:2026-12-24", "hold-overdue")]
    assert late.id in raised[0].text
    assert await holding.standing(office.desk, OFFICER, UNTIL, overdue=True) == [late]
    assert await holding.standing(office.desk, OFFICER, UNTIL) == [late, other]
    assert await due(office, UNTIL + DAY) == []
