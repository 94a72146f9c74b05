"""Decisions as they were made, and what a new one would be made from."""
from typing import Protocol

from dialplans.model import Decision
from switch.core.facts import Facts
from switch.core.ids import CallId, PersonId
from switch.core.numbers import Dialled, Unreadable


class DecisionReads(Protocol):
    def decided(self, call: CallId) -> tuple[Decision, Facts | None] | None:
        """The decision of a call as it was stored, with its facts where they were kept; None where nothing was decided."""

    def facts_now(self, person: PersonId, dialled: Dialled | Unreadable) -> Facts | None:
        """As the switch would read them from the person's own telephone now; None for somebody who has none."""
