"""Values as they are spoken, one grammar a language: numbers, sums, lengths and moments, as ids of the prompts that say them.

A language is a module beside this one that keeps to `Speech`, and its line in `SPEECHES`. One without borrows the English order
of the pieces, in its own recordings.
"""
from datetime import date, datetime
from typing import Protocol

from dialplans.prompts import english, welsh
from dialplans.prompts.pieces import Said


class Speech(Protocol):
    """How a language says values. Every id is in its table, or in the English one where it has none of its own."""

    def digits(self, text: str, /) -> Said:
        """Each digit by itself; anything else in the text is passed over."""

    def number(self, value: int, /) -> Said:
        """A whole number from 0 to 999,999. ValueError for any other."""

    def money(self, amount: int, /) -> Said:
        """A sum in thousandths of a penny, to the whole penny below; less than nothing is said as nothing."""

    def length(self, seconds: float, /) -> Said:
        """So long, to the second; from an hour on to the minute."""

    def day(self, at: date, today: date, /) -> Said:
        """Today, yesterday, or the weekday with its date."""

    def moment(self, at: datetime, today: date, /) -> Said:
        """When something was: local time, and the local day that it now is."""


SPEECHES: dict[str, Speech] = {"en": english, "cy": welsh}


def speech(language: str) -> Speech:
    """The grammar of a language, by its code."""
    return SPEECHES.get(language, english)
