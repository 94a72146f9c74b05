"""The rows of loads and exports: text to record, with every reason why it is none, and back."""
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date
from enum import StrEnum

from switch.core.facts import ContactKind, ContactState
from switch.core.ids import PhoneId
from switch.desk.asking import Problem, bad_name, bad_number, bad_place, place_name, prison_number, to_ring
from switch.desk.people import Newcomer, read_newcomer
from switch.desk.table import Row
from switch.ports.desk import Cell, Contact, Flags, Incentive, Person, Phone


class Kind(StrEnum):
    """What can be loaded and exported."""

    PEOPLE = "people"
    PHONES = "phones"
    CONTACTS = "contacts"
    CELLS = "cells"


COLUMNS: dict[Kind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Kind.PEOPLE: (("number", "name", "establishment"),
                  ("cell", "incentive", "foreign_national", "legal", "at_risk", "language", "needs", "status")),
    Kind.PHONES: (("phone", "establishment", "cell", "network"), ("pin_required",)),
    Kind.CONTACTS: (("person", "number", "name", "kind"), ("state", "organisation", "relay", "party", "born")),
    Kind.CELLS: (("establishment", "wing", "cell"), ("capacity",)),
}
"""The columns that a table must have, and those that it may."""
YES_NO = {"yes": True, "no": False, "": None}

Record = Person | Phone | Contact | Cell
Records = Sequence[tuple[int, Record]]
"""Each with its line."""


def read_rows(kind: Kind, table: Sequence[tuple[int, Row]], networks: AbstractSet[str]) -> tuple[Records, list[Problem]]:
    """The rows that can be read, and every problem of the others; a row that comes twice is bad the second time."""
    records: list[tuple[int, Record]] = []
    problems: list[Problem] = []
    first: dict[object, int] = {}
    for line, row in table:
        found = _read(kind, row, networks)
        if not isinstance(found, list):
            if (before := first.setdefault(_key(found), line)) == line:
                records.append((line, found))
                continue
            found = [Problem("twice", f"the same as on line {before}")]
        problems.extend(replace(problem, line=line) for problem in found)
    return records, problems


def line_of(record: Record) -> list[str]:
    """The row that reads back as this record."""
    match record:
        case Person(flags=flags):
            return [record.id, record.name, record.establishment, record.cell or "", record.incentive,
                    _yes(flags.foreign_national), _yes(flags.legal), _yes(flags.at_risk),
                    flags.language, " ".join(flags.needs), record.status]
        case Phone():
            return [record.id, record.establishment, record.cell, record.network, _yes(record.pin_required)]
        case Contact():
            return [record.person, record.number, record.name, record.kind, record.state, _yes(record.organisation),
                    _yes(record.relay), record.party, record.born.isoformat() if record.born else ""]
        case Cell():
            return [record.establishment, record.wing, record.id, "" if record.capacity is None else str(record.capacity)]


def _read(kind: Kind, row: Row, networks: AbstractSet[str]) -> Record | list[Problem]:
    match kind:
        case Kind.PEOPLE:
            return _person(row)
        case Kind.PHONES:
            return _phone(row, networks)
        case Kind.CONTACTS:
            return _contact(row)
        case Kind.CELLS:
            return _cell(row)


def _person(row: Row) -> Record | list[Problem]:
    problems: list[Problem] = []
    yes = {name: _read_yes(row, name, problems) for name in ("foreign_national", "legal", "at_risk")}
    flags = Flags(**yes, language=row.get("language") or "en", needs=tuple(row.get("needs", "").split()))
    if row.get("status", "here") not in ("here", ""):
        problems.append(Problem("bad-status", f"somebody who is {row['status']} is not received: leave them out"))
    newcomer = Newcomer(row["number"], row["name"], row["establishment"], row.get("cell") or None,
                        row.get("incentive") or Incentive.STANDARD, flags)
    person, more = read_newcomer(newcomer)
    return person if person and not problems else problems + list(more)


def _phone(row: Row, networks: AbstractSet[str]) -> Record | list[Problem]:
    problems: list[Problem] = []
    name = place_name(row["phone"])
    if name is None:
        problems.append(bad_place("name of a telephone", row["phone"]))
    if row["network"] not in networks:
        known = ", ".join(sorted(networks)) or "none"
        problems.append(Problem("unknown-network", f"there is no access network {row['network']!r}; the settings have {known}"))
    pin = _read_yes(row, "pin_required", problems, default=True)
    if name is None or problems:
        return problems
    return Phone(PhoneId(name), row["cell"], "", row["establishment"], row["network"], pin)


def _contact(row: Row) -> Record | list[Problem]:
    problems: list[Problem] = []
    person, number = prison_number(row["person"]), to_ring(row["number"])
    if person is None:
        problems.append(bad_number(row["person"]))
    if isinstance(number, Problem):
        problems.append(number)
    problems.extend(bad_name(row["name"]))
    kind, state = row["kind"].lower(), row.get("state", "").lower() or ContactState.PENDING
    if kind not in list(ContactKind):
        problems.append(Problem("bad-kind", f"{row['kind']!r} is no kind of contact: {', '.join(ContactKind)}"))
    if state not in list(ContactState):
        problems.append(Problem("bad-state", f"{row['state']!r} is no state of a contact: {', '.join(ContactState)}"))
    if kind == ContactKind.PRIVILEGED and state == ContactState.APPROVED:
        problems.append(Problem("unverified", "a privileged contact is verified as genuine first: load it as pending"))
    organisation, relay = _read_yes(row, "organisation", problems), _read_yes(row, "relay", problems)
    party, born = row.get("party", ""), _read_day(row, "born", problems)
    if len(party) > 64 or not party.isprintable() or party[:1] in tuple("=+-@"):
        problems.append(Problem("bad-party", "a reference has at most 64 characters, and begins with none of = + - @"))
    if person is None or problems:
        return problems
    return Contact(person, str(number), row["name"], ContactKind(kind), ContactState(state), organisation, relay, party, born)


def _cell(row: Row) -> Record | list[Problem]:
    problems: list[Problem] = []
    for what in ("wing", "cell"):
        if place_name(row[what]) is None:
            problems.append(bad_place(what, row[what]))
    capacity = row.get("capacity", "")
    if capacity and not (capacity.isascii() and capacity.isdecimal() and len(capacity) < 5):
        problems.append(Problem("bad-capacity", f"{capacity!r} is no capacity: a whole number"))
    return problems or Cell(row["cell"], row["wing"], row["establishment"], int(capacity) if capacity else None)


def _key(record: Record) -> object:
    match record:
        case Contact():
            return record.person, record.number
        case Cell():
            return record.establishment, record.id
        case _:
            return record.id


def _read_day(row: Row, name: str, problems: list[Problem]) -> date | None:
    text = row.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        problems.append(Problem("bad-date", f"{text!r} is no date such as 1980-01-31"))
        return None


def _read_yes(row: Row, name: str, problems: list[Problem], default: bool = False) -> bool:
    text = row.get(name, "").lower()
    if text not in YES_NO:
        problems.append(Problem("bad-yes-no", f"{name} is yes or no, not {row[name]!r}"))
    found = YES_NO.get(text)
    return default if found is None else found


def _yes(value: bool) -> str:
    return "yes" if value else "no"
