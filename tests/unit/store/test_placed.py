"""The switch's own calls on either database: taken up once, answered once, put off, recovered."""
from datetime import timedelta

from switch.call.placed import Answer, PlacedKind
from switch.core.ids import CallId, PersonId, StaffId
from switch.core.reasons import Why
from switch.media.languages import Languages
from switch.media.sounds import SoundShelf
from switch.ports.placed import PlacedCall, PlacedState, Tries
from switch.store.consents import agreed_there
from switch.store.placed import SqlPlacedRecords
from switch.store.unit_of_work import SqlUnitOfWork
from tests.unit.store.site import AT, MUM, Site

TRIES = Tries(3, 60)


async def test_a_request_from_its_time_to_its_answer(site: Site) -> None:
    who = await site.store.read(lambda conn: conn.exec_driver_sql("SELECT person FROM contacts").scalar())
    person, books = PersonId(str(who)), SqlPlacedRecords(site.store, "node", SoundShelf(Languages.load()))
    wanted = PlacedCall("r1", PlacedKind.CONSENT, person, str(MUM), PlacedState.DUE, StaffId("officer"), AT, AT)
    await SqlUnitOfWork(site.store, {}).run(StaffId("officer"), AT, lambda changes: changes.add_placed_call(wanted))
    (due,) = await books.due(AT, 5)
    assert await books.open_attempt(CallId("c1"), due, AT) is None
    assert await books.open_attempt(CallId("c2"), due, AT) is Why.CUT
    assert await books.live_orders([CallId("c1")], AT) == []
    assert await books.recover(TRIES, AT) == 1
    assert await books.due(AT, 5) == []
    later = AT + timedelta(minutes=60)
    (due,) = await books.due(later, 5)
    assert await books.open_attempt(CallId("c3"), due, later) is None
    await books.keep_answer(CallId("c3"), due, Answer.YES, ("placed-consent",), later)
    assert await site.store.read(lambda conn: agreed_there(conn, person, str(MUM))) == later
    assert await books.recover(TRIES, later) == 1
    assert await books.due(later + timedelta(days=1), 5) == []
