"""A person's money as staff see and change it: records, and the part of a transaction that is about it.

Amounts are thousandths of a penny. A balance is what may be spent now: what a running call holds is out of it.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dialplans.plan import Bundle
from switch.core.ids import CallId, PersonId
from switch.core.money import Millipence


class Entry(StrEnum):
    """What one line of a statement is."""

    CALL = "call"
    TOP_UP = "top-up"
    REFUND = "refund"
    BUNDLE = "bundle"
    PAID_OUT = "paid-out"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Line:
    """One movement, or one call that rang or was answered, free ones included. `balance` is what was left after it, holds
    apart."""

    at: datetime
    entry: Entry
    reference: str
    amount: Millipence
    """Below zero where it was taken."""
    balance: Millipence
    number: str | None = None
    """The number dialled: `+E.164` or a short code."""
    seconds: float = 0.0
    told: str = ""
    """What became of a call, in plain words, where it was not simply charged; that a bundle was a subscription's."""


@dataclass(frozen=True, slots=True)
class Credit:
    """What somebody has: free to spend, and set aside for a call that runs."""

    person: PersonId
    free: Millipence
    held: Millipence


@dataclass(frozen=True, slots=True)
class Movement:
    """What one reference gave to or took from a person (taken: below zero), and what was free when it had."""

    reference: str
    person: PersonId
    amount: Millipence
    balance: Millipence


@dataclass(frozen=True, slots=True)
class Charge:
    """What a call cost its person; `closed` is False while it runs."""

    call: CallId
    person: PersonId | None
    charged: Millipence
    closed: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A bundle that somebody bought; `seconds` and `texts` as it was sold, one of which is 0."""

    id: str
    person: PersonId
    name: str
    since: datetime
    until: datetime
    seconds: int
    price: Millipence
    texts: int = 0


@dataclass(frozen=True, slots=True)
class Left:
    """What a bundle in force still has: seconds of talk, or texts. Nothing is drawn from texts until they come."""

    id: str
    name: str
    until: datetime
    seconds: int
    texts: int


class MoneyChanges(Protocol):
    """Credit and what is bought with it. Nothing here asks whether it may be done."""

    def credit(self, person: PersonId) -> Credit: ...

    def movement(self, reference: str) -> Movement | None:
        """What was booked of this name, with the balance of that moment: the same for ever, as postings only grow."""

    def top_up(self, person: PersonId, reference: str, amount: Millipence) -> Movement: ...

    def call_charge(self, call: CallId) -> Charge | None: ...

    def give_back(self, person: PersonId, reference: str, amount: Millipence, income: bool) -> Movement:
        """From what calls brought in, or from the public purse."""

    def bundle(self, reference: str) -> Held | None: ...

    def sell_bundle(self, person: PersonId, offer: Bundle, reference: str) -> Held:
        """With its own audit row. Raises where the free balance does not pay: ask first."""

    def bundles_left(self, person: PersonId) -> Sequence[Left]:
        """Those in force that have something left, the one that ends first before the others."""

    def spent_this_week(self, person: PersonId) -> Millipence:
        """Since local Monday: charges of calls begun, and bundles bought."""

    def opening(self, person: PersonId, since: datetime) -> Millipence:
        """What was there before a moment, holds apart."""

    def lines(self, person: PersonId, since: datetime, until: datetime, most: int | None = None) -> list[Line]:
        """Oldest first, from `since` to before `until`; the newest `most`. Their balances count from nothing."""

    def book_problems(self) -> Sequence[str]:
        """What is wrong with the books as a whole, in sentences."""
