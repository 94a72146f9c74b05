"""Numbers that long answered nothing: the worker's morning makes tasks of them, and calls that ask."""
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from switch.build.worker_role import daily_jobs
from switch.call.placed import Answer, PlacedKind
from switch.core.facts import ContactKind, ContactState
from switch.core.ids import CallId, PersonId
from switch.core.numbers import E164
from switch.desk import parties, placed, rolls
from switch.media.languages import Languages
from switch.media.sounds import SoundShelf
from switch.ports.placed import PlacedCall, PlacedState
from switch.runtime.daily import DailyLoop
from switch.store.daily import SqlDailyRecords
from switch.store.placed import SqlPlacedRecords
from switch.store.seeding import AddContact
from tests.unit.desk.office import ANN, BEN, FEN, OFFICER, Office, good
from tests.unit.dialplans.world import plan
from tests.unit.store.site import AT, MUM

LATER = AT + timedelta(days=190)


@dataclass
class Clock:
    now: datetime

    def wall(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return 0.0


async def calls(office: Office, person: str = ANN) -> list[PlacedCall]:
    return [one.call for one in good(await placed.show(office.desk, OFFICER, LATER, person))]


async def tasks(office: Office) -> list[str]:
    return [task.kind for task in await rolls.waiting(office.desk, OFFICER, LATER)]


async def test_one_of_two_workers_has_everybody_asked_each_once(office: Office) -> None:
    await office.receive()
    await office.receive(BEN, "F1", FEN)
    await office.contact(ANN)
    await office.contact(BEN)
    clock = Clock(AT + timedelta(days=170))
    workers = [DailyLoop(SqlDailyRecords(office.site.store), daily_jobs(office.desk), clock, "Europe/London") for _ in range(2)]
    for day in range(170, 200):
        clock.now = AT + timedelta(days=day)
        for worker in workers:
            await worker.look()
    for person in (ANN, BEN):
        (one,) = await calls(office, person)
        assert (one.kind, one.number, one.state, one.requested_by) == (PlacedKind.VERIFY, str(MUM), PlacedState.DUE, "daily")
    assert await tasks(office) == ["check-number"] * 2
    books = SqlPlacedRecords(office.site.store, "node", SoundShelf(Languages.load()))
    for due in await books.due(clock.now, 5):
        assert await books.open_attempt(CallId(f"c-{due.person}"), due, clock.now) is None
        await books.keep_answer(CallId(f"c-{due.person}"), due, Answer.YES, ("placed-verify",), clock.now)
    assert await tasks(office) == [], "a yes does the check"


@pytest.mark.parametrize(("kind", "organisation", "rung"), [
    (ContactKind.SOCIAL, False, True), (ContactKind.SOCIAL, True, False), (ContactKind.OFFICIAL, False, False),
    (ContactKind.PRIVILEGED, False, False)])
async def test_only_private_contacts_are_rung_the_others_are_staffs(office: Office, kind: ContactKind, organisation: bool,
                                                                    rung: bool) -> None:
    await office.receive()
    other = E164("441632960009")
    await office.site.store.write(AddContact(PersonId(ANN), other, "x", kind, ContactState.APPROVED, "test", AT, organisation))
    assert len(good(await parties.due_for_verification(office.desk, OFFICER, LATER))) == 1
    assert bool(await calls(office)) is rung
    assert await tasks(office) == ["check-number"]


async def test_who_is_asked_already_or_under_a_plan_that_places_none_is_not_rung(office: Office) -> None:
    await office.receive()
    await office.contact(ANN)
    good(await placed.request(office.desk, OFFICER, LATER, PlacedKind.VERIFY, ANN, str(MUM)))
    good(await parties.due_for_verification(office.desk, OFFICER, LATER))
    assert len(await calls(office)) == 1
    await office.contact(ANN, E164("447700900124"))
    none = replace(office.desk, plan=plan("[placed]\nat_once = 0\n"))
    assert len(good(await parties.due_for_verification(none, OFFICER, LATER + timedelta(days=190)))) == 1
    assert len(await calls(office)) == 1
