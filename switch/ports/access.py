"""Keys by which other systems ask the desk: what a key may do, and how it is kept."""
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from switch.core.ids import StaffId


class Scope(StrEnum):
    """What the holder of a key may ask for; each word is one group of use cases."""

    READ = "read"
    PEOPLE = "people"
    PLACES = "places"
    ORDERS = "orders"
    TASKS = "tasks"
    MONEY = "money"
    CONTACTS = "contacts"
    SUPPLIER = "supplier"
    """The supplier API, and nothing of our own."""
    BULK = "bulk"
    PUBLIC = "public"
    """What a website asks for somebody outside: to be left alone."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. `until` None: it ends only when it is revoked."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created_by: StaffId
    created_at: datetime
    until: datetime | None = None
    revoked_at: datetime | None = None

    def good_at(self, at: datetime) -> bool:
        return self.revoked_at is None and (self.until is None or at < self.until)


class AccessChanges(Protocol):
    def access_key(self, key: str) -> tuple[Key, str] | None:
        """With the hash of its secret; those that ended are among them."""

    def access_keys(self) -> list[Key]:
        """All there ever were, oldest first."""

    def add_key(self, key: Key, hashed: str) -> None: ...

    def revoke_key(self, key: str) -> None: ...
