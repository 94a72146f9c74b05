"""Where somebody is in the menu. Every change of it is in `steps`."""
from dataclasses import dataclass
from enum import Enum, auto

from dialplans.model import Decision
from switch.core.ids import PersonId
from switch.core.menu_facts import Section
from switch.core.numbers import Number


class Screen(Enum):
    MAIN = auto()
    LIMITED = auto()  # nobody could be identified: helplines alone
    DIAL = auto()  # a number, or one digit for a speed dial
    READING = auto()  # the store is asked
    LIST = auto()  # one item of calls, contacts or news
    PICKING = auto()  # the speed-dial key for an item
    LANGUAGE = auto()  # a key for each language
    KEEPING = auto()  # the store writes the key or the language


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a list: what is said, and the number that it is about; None for what cannot be rung."""

    said: tuple[str, ...]
    number: Number | None


@dataclass(frozen=True, slots=True)
class Menu:
    screen: Screen
    said: tuple[str, ...] = ()
    """What is said again after a silence."""
    keys: str = ""
    tries: int = 0
    """Numbers that could not be read, in a row."""
    silences: int = 0
    section: Section | None = None
    slot: int | None = None
    language: str | None = None
    """In KEEPING: the language that was chosen, where it is no key."""
    items: tuple[Item, ...] = ()
    at: int = 0


@dataclass(frozen=True, slots=True)
class Left:
    """The menu as it was when a number was chosen in it, for the person to come back to from a refusal."""

    menu: Menu
    person: PersonId | None
    decision: Decision | None
    """That which let them into the menu."""
