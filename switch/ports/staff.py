"""Members of staff who enter the console: their accounts, the roles that they hold and where, and their sessions."""
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from switch.core.ids import StaffId
from switch.ports.access import Scope


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: an establishment, and a wing of it where that is known."""

    establishment: str
    wing: str | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """A name for what somebody may do. What it allows is data, and takes effect at the next request of whoever holds it."""

    name: str
    permissions: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class Grant:
    """One role given to one member of staff: everywhere (`establishment` None), at one establishment, or on one wing of it. A
    role that is no more allows nothing."""

    id: str
    user: StaffId
    role: str
    permissions: frozenset[Scope]
    establishment: str | None
    wing: str | None
    given_by: StaffId
    given_at: datetime
    until: datetime | None = None

    def covers(self, place: Place) -> bool:
        """A grant for a wing covers that wing alone, and nothing of which the wing is not known."""
        return self.establishment is None or (
            self.establishment == place.establishment and self.wing in (None, place.wing))


@dataclass(frozen=True, slots=True)
class User:
    """An account. `failures` since somebody last got in; `ended_at` is set once, and nobody enters by it again."""

    id: StaffId
    name: str
    language: str
    created_by: StaffId
    created_at: datetime
    failures: int = 0
    locked_until: datetime | None = None
    ended_at: datetime | None = None

    def open_at(self, at: datetime) -> bool:
        return self.ended_at is None and (self.locked_until is None or self.locked_until <= at)


@dataclass(frozen=True, slots=True)
class Proofs:
    """What an account is proved by. `totp` is sealed for the console's processes; `totp_used` is the last step of time whose code
    was taken, so that none is taken twice."""

    password: str
    totp: str
    totp_used: int


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that somebody signed in with. `id` is a hash: what the browser holds is nowhere else."""

    id: str
    user: StaffId
    made_at: datetime
    seen_at: datetime
    proved_at: datetime
    """When a code was last shown."""
    until: datetime
    ended_at: datetime | None = None

    def good_at(self, at: datetime, idle: timedelta) -> bool:
        return self.ended_at is None and at < self.until and at < self.seen_at + idle


class StaffChanges(Protocol):
    def user(self, user: str) -> User | None: ...

    def users(self) -> list[User]:
        """All there ever were, by name."""

    def proofs(self, user: StaffId) -> Proofs: ...

    def add_user(self, user: User, proofs: Proofs) -> None: ...

    def set_user(self, user: User) -> None:
        """Name, language, failures, lock and end, as given."""

    def set_proofs(self, user: StaffId, proofs: Proofs) -> None: ...

    def roles(self) -> list[Role]: ...

    def put_role(self, role: Role) -> None:
        """A new role, or what one that is there allows from now on."""

    def grants(self, user: StaffId | None = None) -> list[Grant]:
        """Those in force at the moment of the transaction."""

    def add_grant(self, grant: Grant) -> None: ...

    def end_grant(self, grant: str) -> bool:
        """False for one that is not in force."""

    def session(self, id: str) -> Session | None: ...

    def sessions(self, user: StaffId | None = None) -> list[Session]:
        """Those that were not ended and are not past their end, newest first."""

    def add_session(self, session: Session) -> None:
        """With those that are long over forgotten."""

    def set_session(self, session: Session) -> None:
        """When it was last seen, proved, and ended."""


class Seals(Protocol):
    """Keeps short secrets unreadable to whoever has the database alone. `about` binds each to what it is of."""

    def seal(self, text: str, about: str) -> str: ...

    def unseal(self, sealed: str, about: str) -> str | None:
        """None for what was sealed under another key, or of something else."""
