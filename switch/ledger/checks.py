"""Checks on a ledger: each returns all the problems that it finds, and raises none of them."""
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from switch.ledger.postings import Posting, Reference


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


def problems(postings: Iterable[Posting]) -> list[LedgerProblem]:
    """Every problem of every check."""
    lines = list(postings)
    return unbalanced(lines) + duplicated(lines)
