"""Checks on a ledger: each returns all the problems that it finds, and raises none of them."""
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from switch.core.ids import CallId
from switch.core.money import Millipence
from switch.ledger.postings import Account, Posting, Reference, SiteAccount, call_reference, held_account

INCOME = Account(SiteAccount.INCOME_CALLS)


@dataclass(frozen=True, slots=True)
class LedgerProblem:
    """One thing that is wrong with the books, in a plain sentence."""

    reference: Reference
    text: str


def unbalanced(postings: Iterable[Posting]) -> list[LedgerProblem]:
    """References whose postings do not sum to zero."""
    sums: defaultdict[Reference, int] = defaultdict(int)
    for posting in postings:
        sums[posting.reference] += posting.amount
    return [LedgerProblem(name, f"off by {total} thousandths of a penny") for name, total in sums.items() if total]


def duplicated(postings: Iterable[Posting]) -> list[LedgerProblem]:
    """References that touch one account twice: something was booked again."""
    seen = Counter((posting.reference, posting.account) for posting in postings)
    return [LedgerProblem(name, f"booked {times} times to {account}") for (name, account), times in seen.items() if times > 1]


def overdrawn(balances: Mapping[Account, int]) -> list[LedgerProblem]:
    """People who owe, and holds that gave more than they had: neither can be."""
    return [LedgerProblem(Reference(account), f"stands at {total} thousandths of a penny, below nothing")
            for account, total in balances.items() if total < 0 and account.startswith(("person:", "held:"))]


def stuck(balances: Mapping[Account, int], running: AbstractSet[CallId]) -> list[LedgerProblem]:
    """Money that is still held although its call does not run."""
    lawful = {held_account(call) for call in running}
    return [LedgerProblem(Reference(account), f"still holds {total} thousandths of a penny, and its call does not run")
            for account, total in balances.items() if account.startswith("held:") and total > 0 and account not in lawful]


def mischarged(charges: Iterable[tuple[CallId, Millipence, Millipence]]) -> list[LedgerProblem]:
    """Calls whose record and books differ: call, what the record says, what was taken."""
    return [LedgerProblem(call_reference(call), f"charged {charged} on the record, booked {booked}")
            for call, charged, booked in charges if charged != booked]


def balances(postings: Iterable[Posting]) -> dict[Account, int]:
    """Every account, added up."""
    sums: defaultdict[Account, int] = defaultdict(int)
    for posting in postings:
        sums[posting.account] += posting.amount
    return dict(sums)


def problems(
    postings: Iterable[Posting], running: AbstractSet[CallId] = frozenset(), charges: Mapping[CallId, Millipence] | None = None,
) -> list[LedgerProblem]:
    """Every problem of every check. `charges`: what the records of all closed calls say; None where no records are at hand."""
    lines = list(postings)
    accounts = balances(lines)
    found = unbalanced(lines) + duplicated(lines) + overdrawn(accounts) + stuck(accounts, running)
    if charges is not None:
        took = {line.reference: line.amount for line in lines if line.account == INCOME}
        found += mischarged((call, charged, took.get(call_reference(call), Millipence(0))) for call, charged in charges.items())
    return found
