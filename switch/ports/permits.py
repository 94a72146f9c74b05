"""Leave of staff to ring one number free, as the desk gives it and takes it back."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from switch.core.facts import PermitKind
from switch.core.ids import PersonId, StaffId
from switch.core.numbers import Number


@dataclass(frozen=True, slots=True)
class Permit:
    """One person, one number, one window. `agreed_by` is the second name, where its kind asks for one."""

    id: str
    person: PersonId
    number: Number
    kind: PermitKind
    since: datetime
    until: datetime
    given_by: StaffId
    agreed_by: StaffId | None = None
    once: bool = True
    used: bool = False


class PermitChanges(Protocol):
    def permits(self, person: PersonId) -> Sequence[Permit]:
        """Those that were not withdrawn and are not over, the first to end before the others."""

    def permit(self, permit: str) -> Permit | None:
        """One that was not withdrawn."""

    def give(self, permit: Permit) -> None:
        """With its own audit row."""

    def withdraw(self, permit: str) -> None:
        """With its own audit row."""
