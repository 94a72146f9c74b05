"""The estate's list of privileged numbers, `privileged.toml`: read, and compared with the one accepted before it.

A supplier's list once shrank from 1,300 numbers to 72 in an upgrade, and nobody noticed. So a list names every number that it
lost, with the order and who gave it, and its serial only grows. Who signed it is not asked here: this is text in, problems out.
"""
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import TypeVar

from dialplans.model import Source
from dialplans.reading import PlanProblem, Section, Sourced, nodes
from switch.core.numbers import Number, Unreadable, read_number

_AT_LINE = re.compile(r"\(at line (\d+)")
MOST = 2**31 - 1


class ListedKind(StrEnum):
    """Whose number it is."""

    SOLICITOR = "solicitor"
    PARLIAMENT = "parliament"
    COURT = "court"
    OMBUDSMAN = "ombudsman"
    REGULATOR = "regulator"
    HELPLINE = "helpline"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Listed:
    """One number that nobody may listen to, and where it was verified as genuine."""

    number: Number
    name: str
    kind: ListedKind
    since: date
    verified: str
    source: Source


@dataclass(frozen=True, slots=True)
class Removed:
    """A number that is no longer on the list: by which order, and who gave it."""

    number: Number
    order: str
    name: str
    source: Source


T = TypeVar("T", Listed, Removed)


@dataclass(frozen=True, slots=True)
class PrivilegedList:
    """One list. `digest` is the SHA-256 of its text; removals stay in it, so that a node which missed a list still finds them."""

    file: str
    serial: int
    digest: str
    numbers: Mapping[Number, Listed]
    removed: Mapping[Number, Removed]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is remembered of the last list that was accepted, wherever it is remembered. Numbers as `+E.164` or a short code."""

    serial: int
    digest: str
    numbers: frozenset[str]


def accepted(list_: PrivilegedList) -> Accepted:
    """What is to be remembered of a list."""
    return Accepted(list_.serial, list_.digest, frozenset(str(number) for number in list_.numbers))


def read_privileged(text: str, file: str, country: str = "GB") -> PrivilegedList | tuple[PlanProblem, ...]:
    """The list, or everything that is wrong with it, by line; a syntax error comes alone."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = _AT_LINE.search(str(error))
        line = int(match.group(1)) if match else text.count("\n") + 1
        return (PlanProblem(file, line, f"this is not TOML: {error}; nothing else was read"),)
    problems: list[PlanProblem] = []
    top = Section(nodes(data, text, file), "", problems)
    serial = top.integer("serial", 1, MOST, "lists so far", needed=True)
    numbers: dict[Number, Listed] = {}
    for section in top.sections("number"):
        number, name = _number(section, country), section.text("name", "whose number it is", needed=True)
        kind = section.text("kind", f"one of {', '.join(ListedKind)}", needed=True)
        since, verified = section.day("since", needed=True), section.text("verified", "where it was verified as genuine", True)
        section.close()
        if kind is not None and kind.value not in list(ListedKind):
            section.complain(f'"{kind.value}" is no kind: {", ".join(ListedKind)}', kind.source)
        elif number and name and kind and since and verified:
            _add(section, numbers, Listed(number.value, name.value, ListedKind(kind.value), since.value, verified.value,
                                          section.source))
    removed: dict[Number, Removed] = {}
    for section in top.sections("removed"):
        number, order = _number(section, country), section.text("order", "the order that removed it", needed=True)
        name = section.text("name", "who gave the order", needed=True)
        section.close()
        if number and number.value in numbers:
            section.complain(f"{number.value} is on the list and removed from it: say one", number.source)
        elif number and order and name:
            _add(section, removed, Removed(number.value, order.value, name.value, section.source))
    top.close()
    if not numbers and not problems:
        top.complain("there is no [[number]]: an empty list protects nobody")
    if problems or serial is None:
        return tuple(sorted(problems, key=lambda problem: (problem.line, problem.text)))
    return PrivilegedList(file, serial.value, sha256(text.encode()).hexdigest(), numbers, removed)


def lost(before: Accepted, now: PrivilegedList) -> tuple[PlanProblem, ...]:
    """Why a list may not follow the one accepted before: an older serial, another text under the same one, each number lost."""
    problems = []
    if now.serial < before.serial:
        problems.append(f"serial {now.serial} is older than {before.serial}, which was accepted: a serial only grows")
    elif now.serial == before.serial and now.digest != before.digest:
        problems.append(f"serial {now.serial} was accepted with another text: a changed list takes a new serial")
    there = {str(number) for number in now.numbers} | {str(number) for number in now.removed}
    problems += [
        f"{number} was on the accepted list {before.serial} and is lost: put it back, or name the order in a [[removed]]"
        for number in sorted(before.numbers - there)
    ]
    return tuple(PlanProblem(now.file, 1, problem) for problem in problems)


def _number(section: Section, country: str) -> Sourced[Number] | None:
    text = section.text("number", "a telephone number in quotes", needed=True)
    if text is None:
        return None
    number = read_number(text.value, country)
    if isinstance(number, Unreadable):
        section.complain(f'"{text.value}" is not a telephone number: {number.why}', text.source)
        return None
    return Sourced(number, text.source)


def _add(section: Section, found: dict[Number, T], one: T) -> None:
    """All spellings of a number are one number, so it stands here once."""
    if (first := found.setdefault(one.number, one)) is not one:
        section.complain(f"{one.number} stands on line {first.source.line} already", one.source)
