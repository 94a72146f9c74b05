"""Subscriptions: bundles that are bought anew each period. Records, and the part of a transaction that is about them.

Amounts are thousandths of a penny. Nothing here asks whether it may be done.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialplans.plan import Bundle
from dialplans.subscriptions import Period
from switch.core.ids import PersonId, StaffId
from switch.core.money import Millipence
from switch.ports.money import Held


@dataclass(frozen=True, slots=True)
class Subscription:
    """One that was begun, on the terms of then. `until` is the end of the period that it is in, or was in last."""

    id: str
    person: PersonId
    name: str
    seconds: int
    texts: int
    price: Millipence
    monthly: bool
    period: Period
    until: datetime
    begun_at: datetime
    begun_by: StaffId
    cancelled_at: datetime | None = None
    """It runs to the end of its period, and is not renewed."""
    lapsed_at: datetime | None = None
    """It was not renewed, for `why`, and is tried again."""
    ended_at: datetime | None = None
    why: str | None = None
    """The code of why it lapsed or ended."""


class SubscriptionChanges(Protocol):
    def subscription(self, id: str) -> Subscription | None: ...

    def subscriptions(self, person: PersonId) -> Sequence[Subscription]:
        """All of theirs, those that are over included, oldest first."""

    def subscriptions_due(self, establishment: str) -> Sequence[str]:
        """The ids of those whose period is over and that are not ended, of people who are there, oldest first."""

    def begin_subscription(self, subscription: Subscription) -> None: ...

    def set_subscription(self, subscription: Subscription) -> None:
        """Its period and what became of it; the terms stay as they were agreed."""

    def sell_period(self, subscription: Subscription, offer: Bundle) -> Held | None:
        """The bundle of the period that it is in, paid for, with an audit row; None where it was sold before."""

    def end_subscriptions(self, person: PersonId, why: str) -> int:
        """At once, each with its audit row; how many. What is left of a period that was paid for stays the person's."""
