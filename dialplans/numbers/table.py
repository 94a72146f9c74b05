"""The number table: every number gets one class, by the longest prefix that fits."""
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from switch.core.numbers import E164, Number

CLASSES = frozenset({
    "geographic", "mobile", "corporate-uk", "freephone", "special", "premium", "directory", "personal", "voip", "pager",
    "short", "emergency", "relay", "return-codes", "crown", "satellite", "international", "unassigned",
})
"""Every class that a plan may name."""


@dataclass(frozen=True, slots=True)
class NumberClass:
    """What kind of number it is, which entry says so, and when that entry was last held against its source."""

    name: str
    prefix: str
    dated: date
    source: str


class NumberTableError(ValueError):
    """A number table that cannot be used; `problems` has every fault found."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True, slots=True)
class NumberTable:
    """One country's classes: `prefixes` for full numbers, `codes` for whole short codes, `stems` for those that end in `*`."""

    country: str
    dated: date
    prefixes: dict[str, NumberClass]
    codes: dict[str, NumberClass]
    stems: dict[str, NumberClass]

    def classify(self, number: Number) -> NumberClass | None:
        """The class of a number; None where no entry fits, which a plan takes as a refusal."""
        if isinstance(number, E164):
            return _longest(self.prefixes, number.digits)
        if number.country != self.country:
            return None
        return self.codes.get(number.digits) or _longest(self.stems, number.digits)


def _longest(entries: dict[str, NumberClass], digits: str) -> NumberClass | None:
    return next((entries[digits[:size]] for size in range(len(digits), -1, -1) if digits[:size] in entries), None)


def parse_table(text: str) -> NumberTable:
    """A table from TOML text; raises NumberTableError with every fault, or tomllib.TOMLDecodeError."""
    data = tomllib.loads(text)
    problems: list[str] = []
    table = NumberTable(str(data.get("country", "")), data.get("dated", date.min), {}, {}, {})
    if not table.country or not isinstance(data.get("dated"), date):
        problems.append("the table needs `country` and `dated` (a date)")
    for index, entry in enumerate(data.get("class", []), 1):
        problems += [f"class {index}: {fault}" for fault in _enter(table, entry)]
    if problems:
        raise NumberTableError(problems)
    return table


def _enter(table: NumberTable, entry: dict[str, Any]) -> Iterator[str]:
    name, dated, source = entry.get("name"), entry.get("dated"), entry.get("source")
    if name not in CLASSES:
        yield f"{name!r} is not a class; it is one of {', '.join(sorted(CLASSES))}"
    if not isinstance(dated, date) or not source:
        yield f"{name!r} needs `dated` (a date) and `source`"
        return
    for prefix in entry.get("prefixes", []):
        digits = prefix.removeprefix("+")
        if prefix[:1] != "+" or (digits and not digits.isdecimal()):
            yield f"prefix {prefix!r} is not a plus and digits"
        elif digits in table.prefixes:
            yield f"prefix {prefix!r} stands twice"
        else:
            table.prefixes[digits] = NumberClass(str(name), prefix, dated, source)
    for code in entry.get("short", []):
        stem = code.removesuffix("*")
        place = table.stems if code.endswith("*") else table.codes
        if not stem.isdecimal():
            yield f"short code {code!r} is not digits"
        elif stem in place:
            yield f"short code {code!r} stands twice"
        else:
            place[stem] = NumberClass(str(name), code, dated, source)


@cache
def load_table(country: str = "GB") -> NumberTable:
    """The table that ships for a country; FileNotFoundError when there is none."""
    return parse_table((files(__package__) / f"{country.lower()}.toml").read_text("utf-8"))


@lru_cache(maxsize=65536)
def classify(number: Number, country: str = "GB") -> NumberClass | None:
    """The class of a number as seen from a country; None where the table has no entry that fits."""
    return load_table(country).classify(number)
