"""Loads and exports as CSV: people, telephones, contacts, cells. A load is one transaction; a dry run finds all that it would."""
import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from switch.core.ids import PersonId, PhoneId, StaffId
from switch.desk.asking import Desk, Problem, Refused, attempt, nameless
from switch.desk.grouping import Group, Lined, alike, grouped
from switch.desk.rows import COLUMNS, Kind, Record, Records, line_of, read_rows
from switch.desk.table import read_table, write_table
from switch.ports.desk import Cell, Changes, Contact, Person, Phone

T = TypeVar("T")
PINS_A_TIME = 64


class Made(StrEnum):
    """What a load makes on the spot for each row."""

    PIN = "pin"
    PASSWORD = "password"


@dataclass(frozen=True, slots=True)
class Loaded:
    """`secrets` are (id, PIN or password), told this once. Nothing was changed, and none were made, in a dry run."""

    kind: Kind
    rows: int
    dry_run: bool
    secrets: tuple[tuple[str, str], ...] = ()
    made: Made | None = None
    groups: tuple[Group, ...] = ()
    """Of contacts: rows that are one party's, and rows that may be."""


async def load(desk: Desk, actor: StaffId, at: datetime, kind: Kind, text: str, dry_run: bool = False) -> Loaded | Refused:
    """Every bad row is told by its line, and then nothing is loaded. The audit has the file's SHA-256 and every id in it."""
    if problem := nameless(actor):
        return problem
    needed, optional = COLUMNS[kind]
    table, unreadable = read_table(text, needed, optional)
    records, problems = read_rows(kind, table, desk.networks)
    problems += unreadable
    if not records and not problems:
        return Refused((Problem("empty", "there are no rows under the heading"),))
    problems += await desk.work.look_apart(actor, at, lambda changes: _clashes(changes, kind, records)[0])
    if kind is Kind.CONTACTS:  # whom it is safe to record is not known, so nobody new may be rung
        remembered = await desk.work.look(actor, at, lambda changes: changes.accepted_list())
        problems += [Problem("privileged-list", text) for text in await asyncio.to_thread(desk.distrust, remembered)]
    if problems:
        found = Refused(tuple(sorted(problems, key=lambda one: one.line)))
        return found if dry_run else await attempt(desk, actor, at, f"{kind}-loaded", {}, lambda _: found)
    groups = await desk.work.look(actor, at, lambda changes: tuple(_sorted(changes, records)[2])) if kind is Kind.CONTACTS else ()
    if dry_run:
        return Loaded(kind, len(records), True, groups=groups)
    secrets = _secrets(desk, kind, records)
    hashes = await _hashes(desk, secrets) if kind is Kind.PEOPLE else {}
    digest, id = hashlib.sha256(text.encode()).hexdigest(), desk.mint.id()

    def work(changes: Changes) -> Loaded | Refused:
        problems, ready = _clashes(changes, kind, records)  # somebody may have been at work meanwhile
        if problems:
            return Refused(tuple(problems))
        _write(changes, kind, ready, hashes, secrets)
        changes.audit(f"{kind}-loaded", {"load": id}, {"rows": len(ready), "sha256": digest,
                                                       "ids": " ".join(dict.fromkeys(_id(one) for one in ready))})
        return Loaded(kind, len(ready), False, tuple(secrets.items()), _made(kind), groups)

    return await attempt(desk, actor, at, f"{kind}-loaded", {"load": id}, work, apart=True)


async def export(desk: Desk, actor: StaffId, at: datetime, kind: Kind, establishment: str | None = None) -> str | Refused:
    """The table that a load of the same kind reads; no PIN and no password is in it. Who took it out is in the audit."""

    def work(changes: Changes) -> str | Refused:
        lines = [line_of(one) for one in _everything(changes, kind, establishment)]
        changes.audit(f"{kind}-exported", {"establishment": establishment} if establishment else {}, {"rows": len(lines)})
        needed, optional = COLUMNS[kind]
        return write_table((*needed, *optional), lines)

    return await attempt(desk, actor, at, f"{kind}-exported", {}, work, apart=True)


def _clashes(changes: Changes, kind: Kind, records: Records) -> tuple[list[Problem], list[Record]]:
    """What the rows run into in the books as they are, and the rows as they would be written."""
    check = {Kind.PEOPLE: _people, Kind.PHONES: _phones, Kind.CONTACTS: _contacts, Kind.CELLS: _cells}[kind]
    return check(changes, records)


def _people(changes: Changes, records: Records) -> tuple[list[Problem], list[Record]]:
    places, phones = _Places(changes), _phones_by_cell(changes)
    people = [(line, one) for line, one in records if isinstance(one, Person)]
    known = changes.known([one.id for _, one in people])
    problems, ready = [], list[Record]()
    for line, one in people:
        if one.id in known:
            problems.append(Problem("taken", f"{one.id} is known already", line))
        elif wrong := places.missing(one.establishment, one.cell):
            problems.append(Problem("unknown-place", wrong, line))
        else:
            phone = phones.get((one.establishment, one.cell)) if one.cell else None
            ready.append(Person(one.id, one.name, one.establishment, one.cell, phone, one.status, one.incentive, one.flags))
    return problems, ready


def _phones(changes: Changes, records: Records) -> tuple[list[Problem], list[Record]]:
    places, known = _Places(changes), {one.id for one in changes.phones()}
    problems, ready = [], list[Record]()
    for line, one in records:
        assert isinstance(one, Phone)
        if one.id in known:
            problems.append(Problem("taken", f"there is a telephone {one.id} already", line))
        elif wrong := places.missing(one.establishment, one.cell):
            problems.append(Problem("unknown-place", wrong, line))
        else:
            wing = places.wing(one.establishment, one.cell)
            ready.append(Phone(one.id, one.cell, wing, one.establishment, one.network, one.pin_required))
    return problems, ready


def _contacts(changes: Changes, records: Records) -> tuple[list[Problem], list[Record]]:
    problems, ready, _ = _sorted(changes, records)
    return problems, [one for _, one in ready]


def _sorted(changes: Changes, records: Records) -> tuple[list[Problem], list[Lined], list[Group]]:
    """As `_contacts`, each row with its line, and the groups: those of a reference, and those that only look alike."""
    contacts = [(line, one) for line, one in records if isinstance(one, Contact)]
    people = list(dict.fromkeys(one.person for _, one in contacts))
    everybody = changes.people() if len(people) > 1000 else filter(None, map(changes.person, people))
    homes = {one.id: one.establishment for one in everybody}
    there = {(one.person, one.number) for one in (changes.contacts() if len(people) > 1000 else
                                                  [one for person in people for one in changes.contacts(person)])}
    problems, ready = [], list[Lined]()
    for line, one in contacts:
        if one.person not in homes:
            problems.append(Problem("unknown-person", f"{one.person}: nobody here has this number", line))
        elif (one.person, one.number) in there:
            problems.append(Problem("taken", f"{one.person} has the number on line {line} already", line))
        else:
            ready.append((line, one))
    against, named, groups = grouped(changes, ready, homes)
    return problems + against, named, groups + alike(ready, homes)


def _cells(changes: Changes, records: Records) -> tuple[list[Problem], list[Record]]:
    places = _Places(changes)
    problems, ready = [], list[Record]()
    for line, one in records:
        assert isinstance(one, Cell)
        if wrong := places.missing(one.establishment, None):
            problems.append(Problem("unknown-place", wrong, line))
        elif not places.missing(one.establishment, one.id):
            problems.append(Problem("taken", f"{one.establishment} has a cell {one.id} already", line))
        else:
            ready.append(one)
    return problems, ready


class _Places:
    """Which establishments and cells there are, read once."""

    def __init__(self, changes: Changes) -> None:
        self._establishments = {one.id for one in changes.establishments()}
        self._wings = {(one.establishment, one.id): one.wing for one in changes.cells()}

    def missing(self, establishment: str, cell: str | None) -> str:
        if establishment not in self._establishments:
            return f"there is no establishment {establishment!r}"
        return "" if cell is None or (establishment, cell) in self._wings else f"{establishment} has no cell {cell!r}"

    def wing(self, establishment: str, cell: str) -> str:
        return self._wings[establishment, cell]


def _phones_by_cell(changes: Changes) -> dict[tuple[str, str], PhoneId]:
    found: dict[tuple[str, str], PhoneId] = {}
    for one in changes.phones():
        found.setdefault((one.establishment, one.cell), one.id)
    return found


def _write(changes: Changes, kind: Kind, ready: list[Record], hashes: Mapping[PersonId, str], secrets: Mapping[str, str]) -> None:
    if kind is Kind.PEOPLE:
        changes.add_people([one for one in ready if isinstance(one, Person)])
        changes.set_pins(hashes)
    elif kind is Kind.PHONES:
        phones = [one for one in ready if isinstance(one, Phone)]
        changes.add_phones(phones, {PhoneId(id): secret for id, secret in secrets.items()})
        for place, cell in {(one.establishment, one.cell) for one in phones}:
            changes.settle_phone(place, cell)
    elif kind is Kind.CONTACTS:
        changes.add_contacts([one for one in ready if isinstance(one, Contact)])
    else:
        _write_cells(changes, [one for one in ready if isinstance(one, Cell)])


def _write_cells(changes: Changes, cells: list[Cell]) -> None:
    wings = {place: set(changes.wings(place)) for place in {one.establishment for one in cells}}
    for one in cells:
        if one.wing not in wings[one.establishment]:
            wings[one.establishment].add(one.wing)
            changes.add_wing(one.establishment, one.wing)
        changes.put_cell(one)


def _everything(changes: Changes, kind: Kind, establishment: str | None) -> list[Record]:
    if kind is Kind.PEOPLE:
        return [*changes.people(establishment)]
    if kind is Kind.PHONES:
        return [*changes.phones(establishment)]
    if kind is Kind.CELLS:
        return [*changes.cells(establishment)]
    found = changes.contacts()
    often = Counter(one.party for one in found)
    told = [one if often[one.party] > 1 else replace(one, party="") for one in found]  # a reference says what belongs together
    here = None if establishment is None else {one.id for one in changes.people(establishment)}
    return [one for one in told if here is None or one.person in here]


def _secrets(desk: Desk, kind: Kind, records: Records) -> dict[str, str]:
    make: dict[Kind, Callable[[], str]] = {Kind.PEOPLE: lambda: desk.mint.pin(desk.pin_digits), Kind.PHONES: desk.mint.password}
    return {_id(one): make[kind]() for _, one in records} if kind in make else {}


async def _hashes(desk: Desk, secrets: Mapping[str, str]) -> dict[PersonId, str]:
    """Some at a time: each takes about 20 ms of a core."""
    people, made = list(secrets), dict[PersonId, str]()
    for start in range(0, len(people), PINS_A_TIME):
        some = people[start : start + PINS_A_TIME]
        hashes = await desk.mint.hashes([secrets[one] for one in some])
        made.update({PersonId(one): hashed for one, hashed in zip(some, hashes, strict=True)})
    return made


def _made(kind: Kind) -> Made | None:
    return {Kind.PEOPLE: Made.PIN, Kind.PHONES: Made.PASSWORD}.get(kind)


def _id(one: Record) -> str:
    return one.person if isinstance(one, Contact) else one.id
