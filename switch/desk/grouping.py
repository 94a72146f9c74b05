"""Rows of a load of contacts that are one party's: by a reference that the file gives them, and by nothing else.

A name is never enough, nor a name with a date of birth: two people taken for one would share consent, a child's level and orders
against contact. Rows that look alike are told, for whoever made the file to give them a reference.
"""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from switch.core.facts import ContactState
from switch.core.ids import PersonId, loaded_id
from switch.desk.asking import Problem
from switch.ports.contacts import Party, PartyKind
from switch.ports.desk import Changes, Contact

Lined = tuple[int, Contact]
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Group:
    """Rows by their lines: of one reference, and so one party; or (`reference` empty) that only look alike."""

    establishment: str
    reference: str
    name: str
    lines: tuple[int, ...]
    known: bool = False
    """The party came with an earlier load."""


def grouped(changes: Changes, rows: Sequence[Lined], homes: Mapping[PersonId, str]
            ) -> tuple[list[Problem], list[Lined], list[Group]]:
    """What speaks against a reference, the rows with their party's id in its place, and the groups. A reference is that of the
    establishment where the person in prison is, and means the same party in every load."""
    problems, ready, groups = list[Problem](), [one for one in rows if not one[1].party], list[Group]()
    for (establishment, reference), some in _by(((homes[one.person], one.party), (line, one)) for line, one in rows if one.party):
        (line, first), id = some[0], loaded_id(establishment, reference)
        before = changes.party(id)
        said = Party(id, _kind(first), first.name, first.born) if before is None else before
        found = [Problem("party-differs", f"{reference} at {establishment} is {said.name!r}"
                         f"{' of an earlier load' if before else f' on line {line}'}: another name, birth or kind", at)
                 for at, one in some if (_kind(one), one.name, one.born) != (said.kind, said.name, said.born)]
        if before is not None and changes.denials(id):
            found += [Problem("denied", f"{reference} at {establishment} does not agree to be rung", at)
                      for at, one in some if one.state is ContactState.APPROVED]
        problems += found
        ready += [(at, replace(one, party=id)) for at, one in some if not found]
        if len(some) > 1 or before is not None:
            groups.append(Group(establishment, reference, said.name, tuple(at for at, _ in some), before is not None))
    return problems, sorted(ready, key=lambda one: one[0]), groups


def alike(rows: Sequence[Lined], homes: Mapping[PersonId, str]) -> list[Group]:
    """Rows of one establishment with the same name and date of birth that are not said to be one party's."""
    stated = (((homes[one.person], one.name.casefold(), one.born), (line, one)) for line, one in rows if one.born)
    return [Group(place, "", some[0][1].name, tuple(line for line, _ in some)) for (place, _, _), some in _by(stated)
            if len({one.party or str(line) for line, one in some}) > 1]


def _by(pairs: Iterable[tuple[Key, Lined]]) -> Iterable[tuple[Key, list[Lined]]]:
    found: dict[Key, list[Lined]] = {}
    for key, row in pairs:
        found.setdefault(key, []).append(row)
    return found.items()


def _kind(one: Contact) -> PartyKind:
    return PartyKind.ORGANISATION if one.organisation else PartyKind.PERSON
