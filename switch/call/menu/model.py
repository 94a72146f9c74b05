"""Where somebody is in the menu. Every change of it is in `steps`."""
from dataclasses import dataclass
from enum import Enum, auto

from switch.core.menu_facts import Section
from switch.core.numbers import Number


class Screen(Enum):
    MAIN = auto()
    LIMITED = auto()  # nobody could be identified: helplines alone
    DIAL = auto()  # a number, or one digit for a speed dial
    READING = auto()  # the store is asked
    LIST = auto()  # one item of calls, contacts or news
    PICKING = auto()  # the speed-dial key for an item
    KEEPING = auto()  # the store writes it


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
    items: tuple[Item, ...] = ()
    at: int = 0
