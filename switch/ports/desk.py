"""What staff's work is about, as plain records, and the one transaction that a piece of it runs in.

A use case of `switch.desk` hands `UnitOfWork.run` a plain function of `Changes`; it looks, decides, changes and writes its audit
row, and all of that is committed together or not at all. It runs on the store's own thread: nothing in it waits.
"""
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from switch.core.facts import ContactKind, ContactState
from switch.core.ids import CallId, PersonId, PhoneId, StaffId
from switch.core.money import Millipence
from switch.ports.access import AccessChanges
from switch.ports.alarms import AlarmChanges
from switch.ports.audit import AuditChanges
from switch.ports.calls import CallReads
from switch.ports.canary import CanaryChanges
from switch.ports.consents import ConsentChanges
from switch.ports.contacts import ContactChanges
from switch.ports.copies import CopyChanges
from switch.ports.decisions import DecisionReads
from switch.ports.disclosure import DisclosureReads
from switch.ports.families import VisitChanges
from switch.ports.keeping import KeepingChanges
from switch.ports.leads import LeadChanges
from switch.ports.listening import ListeningChanges
from switch.ports.menu import MenuChanges
from switch.ports.money import MoneyChanges
from switch.ports.monitoring import MonitoringChanges
from switch.ports.names import NameChanges
from switch.ports.no_contact import OpeningChanges
from switch.ports.numbers import NumberChanges, StopChanges
from switch.ports.permits import PermitChanges
from switch.ports.placed import PlacedChanges
from switch.ports.privileged import PrivilegedChanges
from switch.ports.staff import Place, StaffChanges
from switch.ports.subscriptions import SubscriptionChanges
from switch.ports.supplied import SuppliedChanges
from switch.ports.transcripts import TranscriptChanges
from switch.ports.watch import WatchChanges

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Detail = Mapping[str, str | int | bool | None]


class Status(StrEnum):
    """Where somebody is, as far as their telephone is concerned."""

    HERE = "here"
    COURT = "court"
    HOSPITAL = "hospital"
    RELEASED = "released"
    DEAD = "dead"


AWAY = frozenset({Status.COURT, Status.HOSPITAL})
"""For a while: the account stays open, the cell stays theirs, and its telephone is nobody's."""
GONE = frozenset({Status.RELEASED, Status.DEAD})


class Incentive(StrEnum):
    BASIC = "basic"
    STANDARD = "standard"
    ENHANCED = "enhanced"


class Reach(StrEnum):
    """How far an order of staff reaches."""

    SITE = "site"
    WING = "wing"
    CELL = "cell"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Flags:
    """What must be known of somebody to serve them rightly. `needs` are codes such as `hearing`, `large-print`."""

    foreign_national: bool = False
    legal: bool = False
    at_risk: bool = False
    language: str = "en"
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in prison. `cell` is where they live; `phone` its telephone, None while there is none or they are away."""

    id: PersonId
    name: str
    establishment: str
    cell: str | None = None
    phone: PhoneId | None = None
    status: Status = Status.HERE
    incentive: Incentive = Incentive.STANDARD
    flags: Flags = Flags()


@dataclass(frozen=True, slots=True)
class Establishment:
    id: str
    name: str
    zone: str
    capacity: int | None = None
    open: bool = True
    reason: str = ""
    """Why it is closed, in staff's words."""


@dataclass(frozen=True, slots=True)
class Cell:
    id: str
    wing: str
    establishment: str
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Phone:
    id: PhoneId
    cell: str
    wing: str
    establishment: str
    network: str
    pin_required: bool = True


@dataclass(frozen=True, slots=True)
class Contact:
    """One approval, as it is loaded and exported. `number` as `+E.164` or a short code."""

    person: PersonId
    number: str
    name: str
    kind: ContactKind
    state: ContactState
    organisation: bool = False
    relay: bool = False
    party: str = ""
    """Whose number it is, where several rows are the same party's: in a file a reference of its own, else the party's id."""
    born: date | None = None


@dataclass(frozen=True, slots=True)
class Pins:
    """Hashes of the PINs of one person; None where there is none."""

    hash: str | None
    duress: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """A standing order: no new calls, and with `cut` none that run. `establishment` says whose wing or cell it is."""

    id: str
    reach: Reach
    target: str
    establishment: str | None
    cut: bool
    helplines_too: bool
    reason: str
    staff: StaffId
    placed_at: datetime
    start: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Something that staff have still to do. `about` holds ids and counts, as text."""

    id: str
    kind: str
    establishment: str
    person: PersonId | None
    about: Mapping[str, str]
    created_at: datetime
    due_at: datetime
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """A person whom three wrong PINs locked out of one telephone."""

    phone: PhoneId
    since: datetime


class PeopleChanges(ContactChanges, Protocol):
    """People, their PINs and their contacts. Nothing here asks whether it may be done: that is the use case's part."""

    def person(self, person: PersonId) -> Person | None: ...

    def people(self, establishment: str | None = None) -> list[Person]:
        """Everybody who is or was here, by number."""

    def find_people(self, words: str, within: tuple[Place, ...] | None, most: int) -> list[Person]:
        """By part of a name, the beginning of a number, or the end of a telephone number that they may ring; where nobody is so
        found, by a name or number that is one slip of the hand away."""

    def known(self, people: Sequence[PersonId]) -> set[PersonId]:
        """Which of these numbers are taken."""

    def residents(self, establishment: str, cell: str) -> list[PersonId]: ...

    def add_people(self, people: Sequence[Person]) -> None: ...

    def set_person(self, person: Person) -> None:
        """Everything but the number, as given; the account is open unless the person is gone."""

    def pins(self, person: PersonId) -> Pins: ...

    def set_pins(self, hashes: Mapping[PersonId, str]) -> None:
        """New PINs; a duress PIN stays."""

    def set_duress(self, person: PersonId, hashed: str | None) -> None: ...

    def drop_pins(self, person: PersonId) -> None: ...

    def locks(self, person: PersonId) -> list[Lock]: ...

    def clear_failures(self, person: PersonId) -> int:
        """Every count and lock of this person, on every telephone; how many there were."""

    def contacts(self, person: PersonId | None = None) -> list[Contact]: ...

    def add_contacts(self, contacts: Sequence[Contact]) -> None: ...

    def rest_numbers(self, person: PersonId, until: datetime) -> int:
        """Withdraw every contact that is not refused, stopped or withdrawn already; how many."""

    def wake_numbers(self, person: PersonId) -> int:
        """Give back what rests, has not lapsed and was not stopped meanwhile; how many."""

    def open_calls(self, person: PersonId) -> list[CallId]: ...

    def balance(self, person: PersonId) -> Millipence: ...

    def pay_out(self, person: PersonId, reference: str, amount: Millipence) -> None: ...


class PlaceChanges(Protocol):
    def establishment(self, establishment: str) -> Establishment | None: ...

    def establishments(self) -> list[Establishment]: ...

    def add_establishment(self, establishment: Establishment) -> None: ...

    def set_establishment(self, establishment: Establishment) -> None:
        """Name, zone, capacity, open or closed."""

    def wings(self, establishment: str) -> list[str]: ...

    def add_wing(self, establishment: str, wing: str) -> None: ...

    def cell(self, establishment: str, cell: str) -> Cell | None: ...

    def cells(self, establishment: str | None = None) -> list[Cell]: ...

    def put_cell(self, cell: Cell) -> None:
        """A new cell, or the wing and capacity of one that is there."""

    def phone(self, phone: PhoneId) -> Phone | None: ...

    def phones(self, establishment: str | None = None) -> list[Phone]: ...

    def phone_of(self, establishment: str, cell: str) -> PhoneId | None:
        """The telephone of a cell; the first by name where there are several."""

    def add_phones(self, phones: Sequence[Phone], passwords: Mapping[PhoneId, str]) -> None:
        """The passwords themselves are not kept."""

    def set_phone(self, phone: Phone) -> None:
        """Where it stands, and whether it asks for a PIN."""

    def set_password(self, phone: PhoneId, password: str) -> None: ...

    def settle_phone(self, establishment: str, cell: str) -> int:
        """Give those who live in a cell, and are here, its telephone; how many that changed."""


class OrderChanges(Protocol):
    def order(self, order: str) -> Order | None:
        """One that was not lifted and has not lapsed."""

    def orders(self) -> list[Order]:
        """All that stand, those to come included, oldest first."""

    def place(self, order: Order) -> None:
        """With its own audit row."""

    def lift(self, order: str) -> None:
        """With its own audit row."""

    def cut_call(self, id: str, call: CallId, reason: str) -> None:
        """End one call that runs, with its own audit row."""


class TaskChanges(Protocol):
    def add_task(self, task: Task) -> None: ...

    def tasks(self, establishment: str | None = None, person: PersonId | None = None) -> list[Task]:
        """What is still to do, first due first."""

    def finish_task(self, task: str) -> bool:
        """False for one that is done or unknown."""


class Changes(PeopleChanges, PlaceChanges, OrderChanges, TaskChanges, MenuChanges, PlacedChanges, PermitChanges,
              AccessChanges, NumberChanges, StopChanges, MoneyChanges, PrivilegedChanges, DecisionReads, SuppliedChanges,
              ConsentChanges, OpeningChanges, NameChanges, SubscriptionChanges, CallReads, CanaryChanges, AlarmChanges,
              ListeningChanges, WatchChanges, MonitoringChanges, KeepingChanges, DisclosureReads, AuditChanges, LeadChanges,
              TranscriptChanges, CopyChanges, StaffChanges, VisitChanges, Protocol):
    """One transaction by one member of staff at one moment."""

    actor: StaffId
    at: datetime

    def audit(self, action: str, subject: Mapping[str, str], detail: Detail | None = None, note: str = "",
              person: PersonId | None = None, recipient: str = "") -> None:
        """What was done to which ids. `note` is staff's own words, `recipient` who got what left the house: both are sealed
        beside the audit row, as is a `second` name in `detail`, of which the row says only that there was one."""

    def publish(self, kind: str, subject: str, body: Mapping[str, str | int]) -> None:
        """Something that must follow the commit (an outbox row)."""


class UnitOfWork(Protocol):
    async def run(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        """One transaction: what `work` did is durable when this returns. Raises what it raised, or that the store cannot."""

    async def run_apart(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        """As `run`, for work that takes long: calls and other work go on meanwhile where the database lets them."""

    async def look(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        """One read of one moment."""

    async def look_apart(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        """As `look`, for what takes long: a whole prison's people."""


class Minting(Protocol):
    """Ids and secrets made on the spot, and the hashing of PINs off the loop."""

    def id(self) -> str: ...

    def pin(self, digits: int) -> str: ...

    def password(self) -> str: ...

    async def hashes(self, pins: Sequence[str]) -> list[str]: ...

    async def hash_of_password(self, password: str) -> str:
        """What is kept of a password of staff (argon2id)."""

    async def fits(self, hashed: str | None, pin: str) -> bool: ...
