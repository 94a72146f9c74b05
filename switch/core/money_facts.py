"""What somebody's payments were, as the telephone tells them: plain data, read by `switch.store.spoken_money`, put into words by
`dialplans.prompts.spoken_money`."""
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from switch.core.money import Millipence

LAST_PAYMENTS = 5
"""How many are told, the newest first."""


class Payment(StrEnum):
    """What moved somebody's credit, calls apart."""

    PAID_IN = "paid-in"
    REFUND = "refund"
    """A call was given back."""
    GIVEN = "given"
    """From the public purse, for a fault."""
    BUNDLE = "bundle"
    PAID_OUT = "paid-out"


@dataclass(frozen=True, slots=True)
class LastPayment:
    """One movement. `amount` is what moved, never below zero; `at` is local time."""

    kind: Payment
    amount: Millipence
    at: datetime


@dataclass(frozen=True, slots=True)
class BundleLeft:
    """A bundle in force with something left: seconds of talk, or texts. `until` is local time."""

    seconds: int
    until: datetime
    texts: int = 0


@dataclass(frozen=True, slots=True)
class Payments:
    """The newest payments, newest first, and what bundles still hold, the one that ends first before the others."""

    today: date
    """The local day, for "today" and "yesterday"."""
    last: tuple[LastPayment, ...]
    bundles: tuple[BundleLeft, ...]
