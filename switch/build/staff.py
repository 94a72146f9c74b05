"""The desk on a site: its transactions on the store, ids, PINs and passwords from the machine, and its answers as lines."""
import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from dialplans.decide import BUILT_IN_HELPLINES, pin_digits
from switch.build.mint import SystemMint
from switch.build.privileged import read_standing
from switch.build.seals import TokenSeals
from switch.build.shelf import with_shelf
from switch.build.signing import signature
from switch.build.site import SiteProblems, SystemClock, open_store, read_plan
from switch.build.transcripts import reader_of
from switch.core.ids import StaffId
from switch.desk.asking import Desk
from switch.desk.authority import Shown
from switch.desk.consulting import consulted
from switch.desk.parties import Standing
from switch.desk.placed import Placing
from switch.desk.rolls import RollProblem
from switch.media.voice import TelephoneVoice
from switch.ports.access import Key
from switch.ports.alarms import Alarm
from switch.ports.contacts import NoContact
from switch.ports.copies import Copy
from switch.ports.desk import Cell, Establishment, Order, Person, Phone, Task
from switch.ports.keeping import Hold, Incident
from switch.ports.leads import Lead
from switch.ports.listening import Connection
from switch.ports.menu import Bulletin, ContactName, SpeedDial
from switch.ports.names import SpokenName
from switch.ports.no_contact import CourtOpening
from switch.ports.numbers import Entry, Stop
from switch.ports.watch import WatchWord
from switch.settings.tree import Settings
from switch.store import codec
from switch.store.database import Store
from switch.store.errors import StoreError
from switch.store.pins import PinHasher
from switch.store.unit_of_work import SqlUnitOfWork

T = TypeVar("T")
Use = Callable[[Desk, StaffId, datetime], Awaitable[T]]
__all__ = ["StoreError", "SystemMint", "Use", "as_row", "at_desk", "make_desk"]
Row = (Person | Order | Task | RollProblem | Establishment | Cell | Phone | SpeedDial | Bulletin | Placing | Key | Entry
       | Stop | Standing | NoContact | CourtOpening | SpokenName | ContactName | Alarm | Shown | Connection | WatchWord | Hold
       | Incident | Lead | Copy)


def make_desk(settings: Settings, store: Store, mint: SystemMint) -> Desk:
    """A plan that cannot be read keeps nobody from throwing the kill switch: PINs then have the usual four digits."""
    try:
        plan = read_plan(settings)
    except SiteProblems:
        plan = None
    helplines = frozenset(map(str, BUILT_IN_HELPLINES if plan is None else plan.helplines))
    realms = {network.name: network.realm for network in settings.network}
    return Desk(SqlUnitOfWork(store, realms), mint, pin_digits(plan), frozenset(realms), helplines, plan,
                lambda accepted: read_standing(settings, accepted).problems, TelephoneVoice(),
                lambda accepted, dialled: read_standing(settings, accepted).facts(dialled),
                contact=None if plan is None else plan.contact, listening=None if plan is None else plan.listening,
                sign=_signer(settings.listening.signing_key), transcripts=reader_of(settings, store),
                seals=TokenSeals(settings.token_key))


def _signer(key: Path) -> Callable[[bytes], bytes] | None:
    """Reads the key each time, so that one which cannot be used stops listening and nothing else."""
    return (lambda text: signature(text, key)) if key.is_file() else None


def at_desk(settings: Settings, clock: SystemClock, who: StaffId, use: Use[T]) -> T:
    """One use case, asked now. Raises StoreError when the store does not answer."""
    store, mint = open_store(settings), SystemMint(PinHasher())  # files and migrations, before there is a loop to hold up
    desk = consulted(with_shelf(make_desk(settings, store, mint), settings, store, clock.wall)[0])

    async def run() -> T:
        try:
            return await use(desk, who, clock.wall())
        finally:
            await store.close()
            mint.close()

    return asyncio.run(run())


def as_row(kind: str, record: Row) -> dict[str, Any]:
    """One line of `--json`: the record's own fields, and what it is."""
    return {"record": kind, **codec.plain(record)}

