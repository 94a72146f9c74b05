"""Double entry: every transaction moves money between accounts and sums to zero; nothing is ever changed, only added to."""
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from switch.core.ids import CallId, PersonId
from switch.core.money import Millipence

Account = NewType("Account", str)
"""`person:<id>`, `held:<call>` for what a running call has set aside, or one of the `SiteAccount`s."""
Reference = NewType("Reference", str)
"""Names a transaction once and for all: a second one of the same reference is the same one again."""


class SiteAccount(StrEnum):
    """The accounts that belong to the establishment."""

    INCOME_CALLS = "income:calls"
    PUBLIC_EXPENSE = "public:expense"
    """What the public purse gives: goodwill, refunds of a fault."""
    CASH = "cash:site"
    """Money paid in for people in prison, seen from the site: below zero by what people hold."""
    PAID_OUT = "payout:site"
    """Credit given back to those who leave."""


class Unbalanced(ValueError):
    """A transaction whose postings do not sum to zero, or that has no reference or no postings."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One line: above zero adds to the account's balance, below zero takes from it."""

    account: Account
    amount: Millipence
    reference: Reference


@dataclass(frozen=True, slots=True)
class Transaction:
    """Postings that belong together. Raises Unbalanced unless they sum to zero and share the one reference."""

    reference: Reference
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        if not self.reference or not self.postings:
            raise Unbalanced("a transaction has a reference and postings")
        if any(posting.reference != self.reference for posting in self.postings):
            raise Unbalanced(f"{self.reference}: a posting of another reference")
        if len({posting.account for posting in self.postings}) != len(self.postings):
            raise Unbalanced(f"{self.reference}: two postings to one account")
        if total := sum(posting.amount for posting in self.postings):
            raise Unbalanced(f"{self.reference}: off by {total} thousandths of a penny")


def person_account(person: PersonId) -> Account:
    return Account(f"person:{person}")


def held_account(call: CallId) -> Account:
    """What one running call may cost at most, out of its person's reach until it ends."""
    return Account(f"held:{call}")


def hold_reference(call: CallId) -> Reference:
    """The reference of the one hold that a call can have."""
    return Reference(f"hold:{call}")


def move(reference: str, source: str, target: str, amount: Millipence) -> Transaction:
    """One sum from one account to another. ValueError below one thousandth of a penny."""
    if amount <= 0:
        raise ValueError(f"{reference}: {amount} is no sum to move")
    name = Reference(reference)
    return Transaction(name, (
        Posting(Account(source), Millipence(-amount), name),
        Posting(Account(target), amount, name),
    ))


def call_reference(call: CallId) -> Reference:
    """The reference of the one charge that a call can have."""
    return Reference(f"call:{call}")


def balance(account: Account, postings: Iterable[Posting]) -> Millipence:
    """An account's balance is the sum of its postings; there is no other."""
    return Millipence(sum(posting.amount for posting in postings if posting.account == account))
