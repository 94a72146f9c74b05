"""The store as the telephone's own menu needs it, and speed dials as the desk changes them."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from switch.core.ids import CallId, PersonId
from switch.core.menu_facts import MenuData, Section
from switch.core.numbers import Number


@dataclass(frozen=True, slots=True)
class SpeedDial:
    """A number on one of the keys 1 to 9 of a person's menu, as `+E.164` or a short code. It opens nothing: the plan decides."""

    person: PersonId
    slot: int
    number: str


class MenuRecords(Protocol):
    """Each raises when the store cannot say: the menu tells so, and goes on."""

    async def read(self, section: Section, person: PersonId, at: datetime) -> MenuData: ...

    async def slot(self, person: PersonId, slot: int) -> Number | None: ...

    async def keep_slot(self, call: CallId, person: PersonId, slot: int, number: Number, at: datetime) -> None:
        """In one transaction with its audit row."""


class MenuChanges(Protocol):
    """Speed dials. Nothing here asks whether it may be done: that is the use case's part."""

    def speed_dials(self, person: PersonId) -> Sequence[SpeedDial]:
        """By key."""

    def set_speed_dial(self, dial: SpeedDial) -> None:
        """In place of what was on that key."""

    def clear_speed_dial(self, person: PersonId, slot: int) -> bool:
        """False where nothing was."""
