"""The page for families as a transaction sees it: visits, and how a number stands without a word about anybody in prison."""
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from switch.core.facts import Consent, ContactState
from switch.core.visits import Visit
from switch.ports.consents import ConsentHow


@dataclass(frozen=True, slots=True)
class AtNumber:
    """One private approval of a number: what a page may decide by, of which it shows none but the state."""

    party: str
    state: ContactState
    relief: bool
    """Whether the establishment, where whoever it is about is now, may use the short announcement."""
    consent: Consent
    how: ConsentHow | None


class VisitChanges(Protocol):
    def add_visit(self, visit: Visit, token: str) -> None:
        """`token` is a hash, by which it is found. Forgets visits of long ago that say nothing about being rung."""

    def visit(self, token: str) -> Visit | None: ...

    def visits_since(self, number: str, since: datetime) -> int: ...

    def count_visit_try(self, visit: str, most: int) -> bool:
        """False where there were as many already."""

    def enter_visit(self, visit: str, token: str, until: datetime) -> bool:
        """The code is used up, and it is found by another token. False where it was used before."""

    def leave_visit(self, visit: str) -> None: ...

    def let_ring(self, number: str) -> int:
        """The number may be rung about codes again; how often it had said that it may not."""

    def approvals_at(self, number: str) -> list[AtNumber]:
        """Private ones alone, by party."""

    def wrong_number(self, number: str) -> bool:
        """Whether it was answered as the wrong one, and is not verified since."""
