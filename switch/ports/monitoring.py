"""The monitoring queue as staff work through it: one item a recording, and what they wrote about it."""
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from switch.core.ids import CallId, PersonId, StaffId
from switch.core.monitoring import ItemState, NoteKind, Outcome, Side, Tier, Translation


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A call of which a recording was sealed, as far as the queue needs to know it. `zone` is the establishment's."""

    call: CallId
    person: PersonId | None
    number: str
    establishment: str
    wing: str
    zone: str
    language: str
    """The person's; empty where nobody said which."""
    started_at: datetime
    seconds: float
    private: bool
    """Privileged, or in quarantine since: nobody hears it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One recording in the queue. What it stands on: `authority` and `lead` by their ids, `drawn` by the plan's share."""

    call: CallId
    establishment: str
    wing: str
    person: PersonId | None
    number: str
    language: str
    started_at: datetime
    day: date
    """The local day on which the call began."""
    seconds: float
    filed_at: datetime
    state: ItemState
    tier: Tier | None = None
    authority: str | None = None
    lead: str | None = None
    drawn: bool = False
    percent: int = 0
    """The share by which it was drawn or not."""
    plan: str = ""
    due: datetime | None = None
    claimed_by: StaffId | None = None
    claimed_until: datetime | None = None
    closed_at: datetime | None = None
    closed_by: StaffId | None = None
    outcome: Outcome | None = None
    translation: Translation | None = None
    translated_at: datetime | None = None
    translated_by: StaffId | None = None


@dataclass(frozen=True, slots=True)
class ItemNote:
    """What staff wrote about an item; of a bookmark, at which second and about whose voice. `text` is None once it was erased."""

    kind: NoteKind
    at: datetime
    by: StaffId
    text: str | None
    second: int | None = None
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many items of a wing, a local day and a tier are in a state."""

    wing: str
    day: date
    tier: Tier | None
    state: ItemState
    items: int


@dataclass(frozen=True, slots=True)
class Late:
    """How many items of a tier were due at one moment and wait still, and when the oldest call among them began."""

    tier: Tier
    due: datetime
    items: int
    oldest: datetime


class MonitoringChanges(Protocol):
    """Nothing here asks whether it may be done. Items of calls in quarantine are not given, as if there were none."""

    def recorded_call(self, call: CallId) -> RecordedCall | None:
        """None where there is no such call, it still runs, or no recording of it was sealed."""

    def seed(self, month: str) -> str | None: ...

    def add_seed(self, month: str, seed: str) -> None: ...

    def item(self, call: CallId) -> Item | None: ...

    def played(self, call: CallId, since: datetime, by: StaffId) -> bool:
        """Whether this one played a second or more of its recording, from then on, and closed it again."""

    def add_item(self, item: Item) -> None: ...

    def set_item(self, item: Item) -> None: ...

    def first_waiting(self, establishment: str, officer: StaffId, but: Collection[PersonId]) -> Item | None:
        """The first in order that nobody else has in hand, of nobody among `but`; what the officer has in hand before all."""

    def items(self, establishment: str, states: Collection[ItemState], tier: Tier | None = None, overdue: bool = False,
              but: Collection[PersonId] = (), most: int = 1000) -> list[Item]:
        """In the order of the queue."""

    def items_about(self, authority: str, person: PersonId | None, number: str | None, since: datetime) -> list[Item]:
        """Those that nobody has listened to and that name this authorisation, or are of calls that it covers, begun from then
        on: of the person, to the number, or with both, of the one to the other."""

    def unfiled(self, establishment: str, since: datetime, until: datetime) -> list[CallId]:
        """Calls begun in [since, until) that were recorded, may be heard, and have no item."""

    def items_of_day(self, establishment: str, day: date) -> list[Item]:
        """All that were filed of calls begun on a local day, by call."""

    def mark_item(self, call: CallId, kind: NoteKind, second: int | None = None, side: Side | None = None) -> None:
        """The note of the audit row that was written last is about this item, and this place in it."""

    def item_notes(self, call: CallId) -> list[ItemNote]:
        """Oldest first."""

    def waiting_items(self, establishment: str) -> int: ...

    def overdue_items(self, establishment: str) -> Sequence[Late]: ...

    def tallies(self, establishment: str, since: date, until: date) -> Sequence[Tally]:
        """Of calls begun on local days in [since, until)."""
