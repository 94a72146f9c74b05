"""Whom people in prison may ring, as plain records, and what a use case may change of it."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from switch.core.contacts import RefusalReason as RefusalReason
from switch.core.facts import ContactKind, ContactState
from switch.core.ids import PersonId


class PartyKind(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"




class OrderKind(StrEnum):
    """What an order against contact rests on."""

    NO_CONTACT = "no-contact"
    CO_DEFENDANT = "co-defendant"
    WITNESS = "witness"
    LICENCE = "licence"


@dataclass(frozen=True, slots=True)
class Party:
    """A person or organisation outside, or (`prisoner`) somebody in another prison. A level has two names."""

    id: str
    kind: PartyKind
    name: str
    born: date | None = None
    address: str | None = None
    child: bool = False
    child_level: int | None = None
    child_level_names: tuple[str, ...] = ()
    prisoner: PersonId | None = None


@dataclass(frozen=True, slots=True)
class PartyNumber:
    """One number that a party has or had. `asked_again_at` while it waits to be verified once more."""

    party: str
    number: str
    since: datetime
    until: datetime | None = None
    verified_at: datetime | None = None
    asked_again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Flags:
    """What the supplier API says of a number. All are kept and shown; `call_allowed` bars where false, and no other is read by a
    decision."""

    allow_monitor: bool = True
    override: bool = False
    alert: bool = False
    call_allowed: bool = True
    legal: bool = False


PLAIN = Flags()


@dataclass(frozen=True, slots=True)
class Approval:
    """One person, one number of one party, from application on. `relationship` is the supplier API's id, 0 to 36."""

    id: str
    person: PersonId
    party: str
    number: str
    kind: ContactKind
    state: ContactState
    reason: str | None = None
    relationship: int = 0
    relay: bool = False
    flags: Flags = PLAIN
    applied_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoContact:
    """An order that a person may not ring a party, a number or somebody else in prison: one of the three. `exceptions` are
    numbers that it leaves open."""

    id: str
    person: PersonId
    kind: OrderKind
    court: str
    start: datetime
    placed_at: datetime
    placed_by: str
    party: str | None = None
    number: str | None = None
    other: PersonId | None = None
    until: datetime | None = None
    exceptions: tuple[str, ...] = ()


class ContactChanges(Protocol):
    """Parties, numbers, approvals and orders against contact. Nothing here asks whether it may be done."""

    def party(self, party: str) -> Party | None: ...

    def add_party(self, party: Party) -> None: ...

    def set_party(self, party: Party) -> None: ...

    def party_numbers(self, party: str) -> list[PartyNumber]:
        """Those that it has, oldest first."""

    def put_number(self, number: PartyNumber) -> None:
        """A new one, or another state of one that is there."""

    def approval(self, approval: str) -> Approval | None: ...

    def approvals(self, *, person: PersonId | None = None, party: str | None = None, number: str | None = None
                  ) -> list[Approval]:
        """By person, number and party; at least one of the three must be said."""

    def add_approval(self, approval: Approval) -> None: ...

    def set_approval(self, approval: Approval) -> None:
        """Everything but person and party, as given."""

    def checks(self, approval: Approval) -> dict[str, bool]:
        """Kinds of task (`check-…`) that there were for it, and whether every one of that kind is done."""

    def stopped(self, person: PersonId, number: str) -> bool:
        """Whether a stop of those outside stands on this number for this person."""

    def no_contacts(self, person: PersonId | None = None) -> list[NoContact]:
        """Orders that were not lifted and are not over, those to come included, oldest first."""

    def add_no_contact(self, order: NoContact) -> None: ...

    def lift_no_contact(self, order: str, second: str) -> bool:
        """False for one that does not stand."""

    def agreements(self, person: PersonId, other: PersonId) -> set[str]:
        """Establishments that agreed that the first rings the second."""

    def agree(self, person: PersonId, other: PersonId, establishment: str) -> None: ...

    def disagree(self, person: PersonId, other: PersonId, establishment: str) -> None: ...

    def unanswered(self, since: datetime, establishment: str | None = None) -> Sequence[Approval]:
        """Approved ones of those who are in prison, or at one establishment, whose number had an approved use for longer, was not
        verified since, answered no call since, and is not asked again already."""
