"""`UnitOfWork` (switch.ports.desk) on the store: what a use case does in one transaction, its audit row included."""
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, insert

from switch.core.ids import PersonId, StaffId
from switch.ports.desk import Changes, Detail
from switch.store.audit import append_audit, canonical
from switch.store.consents import ConsentWork
from switch.store.database import Store
from switch.store.desk_access import AccessWork
from switch.store.desk_alarms import AlarmWork
from switch.store.desk_audit import AuditWork
from switch.store.desk_calls import CallWork
from switch.store.desk_canary import CanaryWork
from switch.store.desk_copies import CopyWork
from switch.store.desk_decisions import DecisionWork
from switch.store.desk_disclosure import DisclosureWork
from switch.store.desk_finding import FindingWork
from switch.store.desk_keeping import KeepingWork
from switch.store.desk_leads import LeadWork
from switch.store.desk_listening import ListeningWork
from switch.store.desk_menu import MenuWork
from switch.store.desk_money import MoneyWork
from switch.store.desk_monitoring import MonitoringWork
from switch.store.desk_names import NameWork
from switch.store.desk_no_contact import OpeningWork
from switch.store.desk_numbers import NumberWork, StopWork
from switch.store.desk_orders import OrderWork
from switch.store.desk_people import PeopleWork
from switch.store.desk_permits import PermitWork
from switch.store.desk_placed import PlacedWork
from switch.store.desk_places import PlaceWork
from switch.store.desk_privileged import PrivilegedWork
from switch.store.desk_staff import StaffWork
from switch.store.desk_subscriptions import SubscriptionWork
from switch.store.desk_supplied import SuppliedWork
from switch.store.desk_transcripts import TranscriptWork
from switch.store.desk_watch import WatchWork
from switch.store.stamps import stamp
from switch.store.tables import outbox
from switch.store.visits import VisitWork

T = TypeVar("T")


class SqlChanges(PeopleWork, PlaceWork, OrderWork, MenuWork, PlacedWork, PermitWork, AccessWork, NumberWork, StopWork,
                 MoneyWork, PrivilegedWork, DecisionWork, SuppliedWork, ConsentWork, OpeningWork, NameWork, SubscriptionWork,
                 CallWork, CanaryWork, AlarmWork, ListeningWork, WatchWork, MonitoringWork, KeepingWork, DisclosureWork,
                 AuditWork, LeadWork, TranscriptWork, CopyWork, StaffWork, FindingWork, VisitWork):
    """`Changes` on one connection, for the length of its transaction."""

    def __init__(self, conn: Connection, actor: StaffId, at: datetime, realms: Mapping[str, str]) -> None:
        self.conn, self.actor, self.at, self.realms = conn, actor, at, realms

    def audit(self, action: str, subject: Mapping[str, str], detail: Detail | None = None, note: str = "",
              person: PersonId | None = None, recipient: str = "") -> None:
        words = {"reason": note, "recipient": recipient}
        append_audit(self.conn, self.at, self.actor, action, subject, detail,
                     {name: text for name, text in words.items() if text}, person)

    def publish(self, kind: str, subject: str, body: Mapping[str, str | int]) -> None:
        self.conn.execute(insert(outbox), {"kind": kind, "subject": subject, "body": canonical(body), "at": stamp(self.at),
                                           "attempts": 0})


class SqlUnitOfWork:
    """`realms`: the digest realm of each access network, by name."""

    def __init__(self, store: Store, realms: Mapping[str, str]) -> None:
        self._store, self._realms = store, realms

    async def run(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        return await self._store.write(lambda conn: work(SqlChanges(conn, actor, at, self._realms)))

    async def run_apart(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        return await self._store.write_apart(lambda conn: work(SqlChanges(conn, actor, at, self._realms)))

    async def look(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        return await self._store.read(lambda conn: work(SqlChanges(conn, actor, at, self._realms)))

    async def look_apart(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        return await self._store.read_apart(lambda conn: work(SqlChanges(conn, actor, at, self._realms)))
