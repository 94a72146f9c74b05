"""Calls that the switch places itself, consents, and how a contact is announced: the records, and the store as these need it."""
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dialplans.plan import Naming
from switch.call.placed import Answer, CloseAttempt, PlacedKind
from switch.core.facts import StopScope, Voice
from switch.core.ids import CallId, PersonId, StaffId
from switch.core.reasons import Why
from switch.ports.records import LiveOrder


class PlacedState(StrEnum):
    DUE = "due"
    PLACING = "placing"
    ANSWERED = "answered"
    GAVE_UP = "gave-up"
    """As often as the plan allows, and no key was pressed."""
    REFUSED = "refused"
    """The number may not be rung: stopped, barred, of a barred class, a helpline, or the person is gone."""
    CANCELLED = "cancelled"


WAITING = frozenset({PlacedState.DUE, PlacedState.PLACING})


@dataclass(frozen=True, slots=True)
class PlacedCall:
    """One request, and what came of it. `number` as `+E.164`; `person` is None where a number is asked about itself."""

    id: str
    kind: PlacedKind
    person: PersonId | None
    number: str
    state: PlacedState
    requested_by: StaffId
    requested_at: datetime
    not_before: datetime
    attempts: int = 0
    answer: Answer | None = None
    why: str | None = None
    """How the last try ended, or why there is none."""
    stop_request: str | None = None
    """The request to stop contact, or to take a stop back, that the number is to confirm."""


@dataclass(frozen=True, slots=True)
class Relief:
    """Leave for an establishment to use the short announcement, and who authorised it."""

    establishment: str
    authorised_by: str
    since: datetime


@dataclass(frozen=True, slots=True)
class TextCode:
    """A code that was texted to the number of a request, as its hash."""

    request: str
    hashed: str
    until: datetime


class PlacedChanges(Protocol):
    """Requests, relief and voices as a use case changes them."""

    def placed_call(self, id: str) -> PlacedCall | None: ...

    def placed_calls(self, person: PersonId | None = None) -> list[PlacedCall]:
        """Oldest first."""

    def add_placed_call(self, call: PlacedCall, code: str | None = None) -> None:
        """`code` is spoken to who asks for it on the call."""

    def cancel_placed_call(self, id: str) -> bool:
        """False for one that is being placed or over."""

    def consented(self, person: PersonId, number: str) -> datetime | None:
        """When the one who has this number last agreed to calls from this person, where that still stands."""

    def set_text_code(self, code: TextCode) -> None:
        """The newest alone is good."""

    def text_codes(self, number: str | None) -> list[TextCode]:
        """Those in force that were sent to this number, or to any, for requests that wait."""

    def count_wrong_code(self, number: str, most: int) -> None:
        """A code that fits none of this number's; at the `most`-th they are good no more."""

    def keep_text_answer(self, request: str, answer: Answer, prompt: str) -> bool:
        """With its own audit row, and what follows from the answer. False for a request that does not wait."""

    def relief(self, establishment: str) -> Relief | None: ...

    def allow_relief(self, relief: Relief) -> None: ...

    def end_relief(self, establishment: str) -> None: ...

    def set_voice(self, person: PersonId, number: str, voice: Voice) -> None: ...


@dataclass(frozen=True, slots=True)
class StopAsked:
    """What the number is to confirm, and the code that went to it."""

    request: str
    scope: StopScope
    person: PersonId | None
    code: str


@dataclass(frozen=True, slots=True)
class DueCall:
    """A request whose time has come, as the switch takes it up: in a person's name, or about a stop."""

    id: str
    kind: PlacedKind
    person: PersonId | None
    number: str
    stop: StopAsked | None = None
    code: str = field(default="", repr=False)
    """What is spoken on a call about a code: drawn as it is taken up, and kept nowhere but as a hash once it was spoken."""

    @property
    def named(self) -> PersonId:
        """In whose name it is; a call about a stop is in nobody's."""
        assert self.person is not None
        return self.person


@dataclass(frozen=True, slots=True)
class Tries:
    """How often the plan has a number tried, and minutes between."""

    most: int
    spacing_minutes: int


class PlacedRecords(Protocol):
    """Each change is one transaction with its audit row."""

    async def due(self, at: datetime, most: int) -> Sequence[DueCall]: ...

    async def introduce(self, due: DueCall, naming: Naming) -> tuple[str, ...]:
        """What says who asks, to be played before the question: prompts, and the sounds of names, which the switch now has.
        Nothing where no name was given a sound."""

    async def refuse(self, due: DueCall, why: Why, at: datetime) -> None:
        """It is never placed; staff get a task."""

    async def open_attempt(self, call: CallId, due: DueCall, at: datetime) -> Why | None:
        """On the record before anything is dialled. A reason where it may not be now: cancelled, stopped, an order, gone."""

    async def keep_answer(self, call: CallId, due: DueCall, answer: Answer, prompts: tuple[str, ...], at: datetime) -> None:
        """The answer, the consent that it gives or ends, and what staff have to do about it. Idempotent."""

    async def close_attempt(self, call: CallId, due: DueCall, closing: CloseAttempt, tries: Tries, at: datetime) -> None:
        """Idempotent. A request without an answer waits for its next try, or is given up."""

    async def live_orders(self, running: Sequence[CallId], at: datetime) -> Sequence[LiveOrder]:
        """What ends those that run: cuts and the kill switch, a stop, a bar, an order against contact; at most one a call."""

    async def recover(self, tries: Tries, at: datetime) -> int:
        """Close what this node left open when it died; how many."""
