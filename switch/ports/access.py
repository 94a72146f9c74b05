"""What may be asked of the desk at all, and the keys by which other systems ask (accounts of staff: `switch.ports.staff`)."""
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from switch.core.ids import StaffId


class Scope(StrEnum):
    """The one list of permissions: what the holder of a key, or of a role (`switch.ports.staff`), may ask for. Each word is one
    group of use cases; which use case is in which group is said once, in `admin.api.offers`."""

    READ = "read"
    PEOPLE = "people"
    PLACES = "places"
    ORDERS = "orders"
    TASKS = "tasks"
    MONEY = "money"
    CONTACTS = "contacts"
    SUPPLIER = "supplier"
    """The supplier API, and nothing of our own."""
    AUTHORITY = "authority"
    """Authorisations to listen, and who is connected to whom: by a key of the member of staff alone."""
    RECORDINGS = "recordings"
    """Holds, incidents, and copies of recordings; to hear one, or a call that runs, takes a written authority beside."""
    BULK = "bulk"
    MONITORING = "monitoring"
    """What is done with calls that were recorded: their queue, watch words, leads."""
    DISCLOSURE = "disclosure"
    """What leaves the house: subject access."""
    AUDIT = "audit"
    """The log of who did what, with the reasons and names beside it."""
    PUBLIC = "public"
    """What a website asks for somebody outside: to be left alone."""
    LIVE = "live"
    """The board of calls as they run, in the console. To hear one is `RECORDINGS`."""
    STAFF = "staff"
    """Accounts of staff, their roles and their sessions: in the console and on the machine, by no key."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. `until` None: it ends only when it is revoked. `holder` is the one member of staff in whose name
    it acts; None for a system's, which can only say for whom it asks."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created_by: StaffId
    created_at: datetime
    until: datetime | None = None
    revoked_at: datetime | None = None
    holder: StaffId | None = None

    def good_at(self, at: datetime) -> bool:
        return self.revoked_at is None and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Kept:
    """The first answer to a request that its sender gave a name (`Idempotency-Key`). `asked` is a digest of the request; `sealed`
    is the answer under a key that only the sender has."""

    key: str
    name: str
    asked: str
    status: int
    sealed: bytes
    until: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one member of staff asked for and a second one, named by the first, has yet to confirm. `asked` is the request as it
    came, in JSON; it is forgotten once it is done or over. `key` None: it was asked on a page of the console, by an account."""

    id: str
    operation: str
    asked: str
    staff: StaffId
    key: str | None
    second: StaffId
    at: datetime
    until: datetime


class AccessChanges(Protocol):
    def kept(self, key: str, name: str) -> Kept | None:
        """What was answered to this key under this name, and is not over."""

    def keep(self, answer: Kept) -> None:
        """With those that are over forgotten."""

    def proposal(self, proposal: str) -> Proposal | None:
        """One that waits and is not over."""

    def proposals(self) -> list[Proposal]:
        """All that wait, oldest first."""

    def add_proposal(self, proposal: Proposal) -> None: ...

    def finish_proposal(self, proposal: str) -> bool:
        """False for one that waits no longer."""

    def access_key(self, key: str) -> tuple[Key, str] | None:
        """With the hash of its secret; those that ended are among them."""

    def access_keys(self) -> list[Key]:
        """All there ever were, oldest first."""

    def add_key(self, key: Key, hashed: str) -> None: ...

    def revoke_key(self, key: str) -> None: ...
