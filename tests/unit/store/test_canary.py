"""The canary's rows, names with a sound, and cuts of the switch's own calls, on either database."""
from datetime import timedelta

from sqlalchemy import insert, select

from dialplans.plan import Naming
from switch.call.placed import PlacedKind
from switch.core.ids import CallId, PersonId, PhoneId, StaffId
from switch.media.prompts import PromptLibrary
from switch.media.sounds import SoundShelf
from switch.ports.canary import Canary, CanaryRun, Traces, Verdict
from switch.ports.names import SpokenName, Whose
from switch.ports.placed import DueCall, PlacedCall, PlacedState
from switch.store.listing import list_calls
from switch.store.orders import OrderCut
from switch.store.placed import SqlPlacedRecords
from switch.store.stamps import stamp
from switch.store.tables import alarms, cdrs, people
from switch.store.unit_of_work import SqlUnitOfWork
from tests.unit.store.site import AT, MUM, Site

WHO = StaffId("officer")


async def test_a_canary_its_runs_and_what_a_call_left(site: Site) -> None:
    work = SqlUnitOfWork(site.store, {"old": "wingline"})
    place = await site.store.read(lambda conn: conn.execute(select(people.c.establishment)).scalars().first())
    made = Canary(str(place), PhoneId("canary"), PersonId(f"canary:{place}"), str(MUM), "old", "p1", AT, WHO)
    await work.run(WHO, AT, lambda changes: changes.add_canary(made, "secret", "governor"))
    assert await work.look(WHO, AT, lambda changes: changes.canaries()) == [made]
    assert made.person not in [one.id for one in await work.look(WHO, AT, lambda changes: changes.people())]
    assert made.phone not in [one.id for one in await work.look(WHO, AT, lambda changes: changes.phones())]
    first, second = CanaryRun("r1", made.establishment, AT), CanaryRun("r2", made.establishment, AT + timedelta(hours=1))
    for run in (first, second):
        await work.run(WHO, AT, lambda changes, run=run: changes.begin_canary(run))  # type: ignore[misc]  # binds it now
    over = CanaryRun("r1", made.establishment, AT, AT + timedelta(minutes=1), Verdict.PASSED, CallId("c1"), ("a", "b"))
    await work.run(WHO, AT, lambda changes: changes.end_canary(over))
    assert await work.look(WHO, AT, lambda changes: changes.canary_runs(made.establishment)) == [second, over]
    assert await work.look(WHO, AT, lambda changes: changes.last_passed(made.establishment)) == over.ended_at
    row = {"id": "c1", "node": "n", "started_at": stamp(AT), "phone": "canary", "dialled": str(MUM), "privileged": True,
           "metered": False, "ring_ms": 0, "talk_ms": 0, "charged": 0, "closed_at": stamp(AT), "outcome": "connected",
           "end_why": "hung-up"}
    await site.store.write(lambda conn: conn.execute(insert(cdrs), row))
    for _ in range(2):
        await work.run(WHO, AT, lambda changes: changes.raise_alarm("a1", "canary-failed", "text", CallId("c1")))
    assert await site.store.read(lambda conn: conn.execute(select(alarms.c.id)).scalars().all()) == ["a1"]
    left = await work.look(WHO, AT, lambda changes: changes.traces(made.phone, AT))
    assert left == Traces(CallId("c1"), True, "connected", "hung-up", None), "an alarm about it keeps nothing of it"


async def test_a_call_of_the_switch_says_who_asks_and_is_cut_by_its_id(site: Site) -> None:
    who = PersonId(str(await site.store.read(lambda conn: conn.exec_driver_sql("SELECT person FROM contacts").scalar())))
    work, shelf = SqlUnitOfWork(site.store, {}), SoundShelf(PromptLibrary.load("en"))
    books = SqlPlacedRecords(site.store, "node", shelf)
    name = SpokenName("name-1", Whose.PERSON, who, "", 0.5, AT, WHO)
    await work.run(WHO, AT, lambda changes: changes.put_spoken_name(name, b"\xd5" * 4000))
    assert await work.look(WHO, AT, lambda changes: changes.spoken_names()) == [name]
    wanted = PlacedCall("r1", PlacedKind.CONSENT, who, str(MUM), PlacedState.DUE, WHO, AT, AT)
    await work.run(WHO, AT, lambda changes: changes.add_placed_call(wanted))
    due = DueCall("r1", PlacedKind.CONSENT, who, str(MUM))
    assert await books.introduce(due, Naming.PERSON) == ("placed-about", "name-1")
    assert shelf.alaw("name-1") == b"\xd5" * 4000
    assert await books.open_attempt(CallId("c1"), due, AT) is None
    (shown,) = await site.store.read(lambda conn: list_calls(conn, live=True))
    assert (shown.id, shown.kind, shown.person, shown.to) == ("c1", "placed-consent", who, str(MUM))
    await site.store.write(OrderCut("o1", "c1", "a mistake", WHO, AT))
    (order,) = await books.live_orders([CallId("c1"), CallId("c2")], AT)
    assert (order.call, order.reason, order.staff) == ("c1", "a mistake", WHO)
