"""The store as the telephone's own menu needs it, and speed dials as the desk changes them."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from switch.core.ids import CallId, PersonId, StaffId
from switch.core.menu_facts import MenuData, Section
from switch.core.numbers import Number


@dataclass(frozen=True, slots=True)
class SpeedDial:
    """A number on one of the keys 1 to 9 of a person's menu, as `+E.164` or a short code. It opens nothing: the plan decides."""

    person: PersonId
    slot: int
    number: str


@dataclass(frozen=True, slots=True)
class Bulletin:
    """News of an establishment, or of one of its wings, as it is told in the telephones' menu; `text` where it was written."""

    id: str
    establishment: str
    wing: str | None
    text: str
    seconds: float
    start: datetime
    until: datetime
    published_at: datetime
    published_by: StaffId


@dataclass(frozen=True, slots=True)
class ContactName:
    """The sound of one contact's name. `contact` is the approval's id; `id` is the sound's."""

    contact: str
    id: str
    seconds: float
    made_at: datetime
    made_by: StaffId


class Sounds(Protocol):
    """What a switch can play beside its prompts."""

    def keeps(self, sound: str) -> bool: ...

    def keep(self, sound: str, alaw: bytes) -> None:
        """Those kept longest are let go beyond a bound."""


class Voice(Protocol):
    """A telephone's sound (A-law, 8 kHz) from a recording or from words; off the loop. ValueError says in plain words why not."""

    async def recorded(self, wav: bytes) -> bytes: ...

    async def spoken(self, text: str) -> bytes: ...


class MenuRecords(Protocol):
    """Each raises when the store cannot say: the menu tells so, and goes on."""

    async def read(self, section: Section, person: PersonId, at: datetime) -> MenuData: ...

    async def slot(self, person: PersonId, slot: int) -> Number | None: ...

    async def keep_slot(self, call: CallId, person: PersonId, slot: int, number: Number, at: datetime) -> None:
        """In one transaction with its audit row."""

    async def keep_language(self, call: CallId, person: PersonId, language: str, at: datetime) -> None:
        """In one transaction with its audit row."""


class MenuChanges(Protocol):
    """Speed dials, bulletins and names. Nothing here asks whether it may be done: that is the use case's part."""

    def speed_dials(self, person: PersonId) -> Sequence[SpeedDial]:
        """By key."""

    def set_speed_dial(self, dial: SpeedDial) -> None:
        """In place of what was on that key."""

    def clear_speed_dial(self, person: PersonId, slot: int) -> bool:
        """False where nothing was."""

    def add_bulletin(self, bulletin: Bulletin, alaw: bytes) -> None: ...

    def bulletins(self, establishment: str | None = None) -> Sequence[Bulletin]:
        """Those in force and to come, newest first."""

    def withdraw_bulletin(self, bulletin: str) -> bool:
        """False for one that is unknown, over or withdrawn already."""

    def put_name(self, name: ContactName, alaw: bytes) -> None:
        """In place of the one before."""

    def delete_name(self, contact: str) -> bool:
        """False where there is none."""

    def names(self, person: PersonId) -> Sequence[ContactName]:
        """Those of this person's contacts, by contact."""
