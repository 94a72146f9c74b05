"""Watch words, as staff keep them by establishment and subject."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from switch.core.ids import StaffId


class WatchKind(StrEnum):
    WORDS = "words"
    """A word or a phrase."""
    NUMBER = "number"
    """A telephone number, however it is spoken."""
    AMOUNT = "amount"
    """A sum of money: that one, or with `least` as much or more."""


@dataclass(frozen=True, slots=True)
class WatchList:
    """Words of one subject, for one establishment; for every establishment where it names none."""

    id: str
    establishment: str | None
    subject: str
    added_at: datetime
    added_by: StaffId


@dataclass(frozen=True, slots=True)
class WatchWord:
    """One entry of a list. `text` is the word or phrase, a number as `+E.164` or short code, or a sum in pence.

    `language` is `en`, whose words are inflected by rule, `cy`, whose words mutate by rule, or the code of another, of which only
    what is given is found. `forms` are other ways to say it. `gap` is how many words may stand between two of a phrase, `weight`
    from 1 to 100 how much a hit matters. `useful` and `false` count what staff decided of its leads.
    """

    id: str
    list: str
    kind: WatchKind
    text: str
    language: str = "en"
    forms: tuple[str, ...] = ()
    gap: int = 0
    weight: int = 50
    least: bool = False
    useful: int = 0
    false: int = 0


class WatchChanges(Protocol):
    def watch_lists(self, establishment: str | None = None) -> Sequence[WatchList]:
        """Those in use, by establishment and subject; with an establishment, those that hold there."""

    def watch_list(self, id: str) -> WatchList | None:
        """One that is in use."""

    def add_watch_list(self, one: WatchList) -> None: ...

    def end_watch_list(self, id: str) -> int:
        """It and its words are used no more; how many words."""

    def watch_words(self, lists: Sequence[str]) -> Sequence[WatchWord]:
        """The words in use of these lists, in the order in which they were added."""

    def watch_word(self, id: str) -> WatchWord | None: ...

    def add_watch_words(self, words: Sequence[WatchWord]) -> None: ...

    def end_watch_word(self, id: str) -> None: ...
