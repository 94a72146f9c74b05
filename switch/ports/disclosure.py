"""What is read of somebody for a subject access request and is asked for nowhere else."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from switch.core.ids import CallId, PersonId
from switch.ports.consents import ConsentSaid
from switch.ports.contacts import NoContact, PartyNumber

Scalars = Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row of the audit, without what staff wrote beside it."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: Scalars
    detail: Scalars


@dataclass(frozen=True, slots=True)
class PartyCall:
    """A call to a number that was a party's then, by somebody whose contact it is. Seconds."""

    call: CallId
    number: str
    started_at: datetime
    privileged: bool
    outcome: str | None
    ring_seconds: float
    talk_seconds: float
    recorded: bool


@dataclass(frozen=True, slots=True)
class NumberStop:
    """Somebody at a number stopped calls to it; `undone_at` None while that stands."""

    number: str
    everyone: bool
    source: str
    placed_at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeptSound:
    """Until when the recording of a call is kept, and when it was erased."""

    call: CallId
    until: datetime | None
    erased_at: datetime | None


class DisclosureReads(Protocol):
    def kept_sounds(self, person: PersonId) -> Sequence[KeptSound]:
        """Of every recording of a person's calls that was sealed."""

    def audit_about(self, id: str) -> Sequence[AuditRow]:
        """Every row whose ids or details name this person or party, oldest first."""

    def all_numbers(self, party: str) -> Sequence[PartyNumber]:
        """Those that the party has and had."""

    def all_consents(self, party: str) -> Sequence[ConsentSaid]:
        """What stands and what is over, oldest first."""

    def orders_about(self, party: str) -> Sequence[NoContact]:
        """Orders against contact that name the party, lifted and over ones too."""

    def stops_at(self, numbers: Sequence[str]) -> Sequence[NumberStop]: ...

    def calls_to_party(self, party: str) -> Sequence[PartyCall]:
        """Calls by people who have or had this party as a contact at that number, while it was the party's."""

