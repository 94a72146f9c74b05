"""What a call costs, as transactions: held at its most before it is dialled, captured and released when it ends.

Per second from the beep, never past the limit that the person was told.
"""
from dataclasses import dataclass
from math import isfinite

from dialplans.model import Decision
from dialplans.tariff import affordable, bundle_used, charge, charge_of
from switch.core.ids import CallId, PersonId
from switch.core.money import Millipence
from switch.ledger.postings import (
    Account,
    Posting,
    SiteAccount,
    Transaction,
    call_reference,
    held_account,
    hold_reference,
    move,
    person_account,
)

__all__ = ["Due", "affordable", "call_due", "call_transaction", "charge", "hold_of", "hold_transaction"]

NOTHING = Millipence(0)


@dataclass(frozen=True, slots=True)
class Due:
    """What a call takes from its person: credit in thousandths of a penny, and started seconds of its bundle."""

    cost: Millipence = NOTHING
    bundle_seconds: int = 0


def call_due(decision: Decision | None, talked: float, uncharged: bool = False) -> Due:
    """What `talked` seconds of a call take as it was decided. Nothing where nothing was decided, nor of one that ended uncharged:
    this is the one place that says so."""
    if decision is None or uncharged:
        return Due()
    return Due(charge_of(decision, talked), bundle_used(decision, talked))


def hold_of(decision: Decision) -> Millipence:
    """The most that a call may cost as it was decided: its whole time, less what a bundle pays. A free call holds nothing."""
    if decision.rate is None or decision.limit is None or not isfinite(decision.limit.seconds):
        return Millipence(0)
    return charge_of(decision, decision.limit.seconds)


def hold_transaction(call: CallId, person: PersonId | None, amount: Millipence) -> Transaction | None:
    """The postings that set a call's most aside; None where there is nothing to hold or nobody to hold it for."""
    if amount <= 0 or person is None:
        return None
    return move(hold_reference(call), person_account(person), held_account(call), amount)


def call_transaction(
    call: CallId, person: PersonId | None, cost: Millipence, held: Millipence = NOTHING,
) -> Transaction | None:
    """What a call's end books: its hold undone, its cost taken, the rest given back, all in one. None where nothing moves."""
    if person is None or (cost <= 0 and held <= 0):
        return None
    name = call_reference(call)
    sums = ((held_account(call), -held), (SiteAccount.INCOME_CALLS, cost), (person_account(person), held - cost))
    return Transaction(name, tuple(Posting(Account(account), Millipence(amount), name) for account, amount in sums if amount))
