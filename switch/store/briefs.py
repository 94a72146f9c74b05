"""What is known of the two sides of calls on the board (`switch.ports.calls.CallReads.briefs`), for hundreds at once."""
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sqlalchemy import Connection, select

from switch.core.facts import ContactState
from switch.ports.calls import Brief, Parties
from switch.store.tables import cdrs, cells, contacts, parties, people, phones, placed_attempts, placed_calls

AT_ONCE = 400
"""Ids in one statement: SQLite of old takes 999 values."""


def read_briefs(conn: Connection, asked: Sequence[Parties]) -> list[Brief]:
    """One for each, in their order."""
    there = {row.id: row for ids in _parts({one.phone for one in asked if one.phone})
             for row in conn.execute(select(phones.c.id, phones.c.establishment, phones.c.wing, phones.c.cell)
                                     .where(phones.c.id.in_(ids)))}
    homes = people.outerjoin(cells, (cells.c.establishment == people.c.establishment) & (cells.c.id == people.c.cell))
    who = {row.id: row for ids in _parts({one.person for one in asked if one.person})
           for row in conn.execute(select(people.c.id, people.c.name, people.c.establishment, people.c.cell, people.c.at_risk,
                                          cells.c.wing).select_from(homes).where(people.c.id.in_(ids)))}
    rung = {}
    known = contacts.join(parties, parties.c.id == contacts.c.party)
    for ids in _parts(set(who)):
        numbers = {one.number for one in asked if one.person in ids}
        for some in _parts(numbers):
            for row in conn.execute(select(contacts.c.person, contacts.c.number, contacts.c.kind, parties.c.name)
                                    .select_from(known).where(contacts.c.person.in_(ids), contacts.c.number.in_(some),
                                                              contacts.c.state == ContactState.APPROVED)):
                rung[row.person, row.number] = row
    return [_brief(one, there.get(one.phone), who.get(one.person), rung.get((one.person, one.number))) for one in asked]


def read_parties(conn: Connection, call: str) -> Parties | None:
    row = conn.execute(select(cdrs.c.phone, cdrs.c.person, cdrs.c.dialled).where(cdrs.c.id == call)).first()
    if row is not None:
        return Parties(call, row.phone, row.person, row.dialled)
    ours = placed_attempts.join(placed_calls, placed_calls.c.id == placed_attempts.c.request)
    placed = conn.execute(select(placed_calls.c.person, placed_calls.c.number).select_from(ours)
                          .where(placed_attempts.c.id == call)).first()
    return Parties(call, "", placed.person, placed.number) if placed is not None else None


def _brief(one: Parties, there: object, who: object, rung: object) -> Brief:
    place = there or who
    return Brief(
        one.call, one.person, one.number, getattr(who, "name", ""), getattr(place, "establishment", None),
        getattr(place, "wing", None), getattr(place, "cell", None), getattr(rung, "name", ""), getattr(rung, "kind", ""),
        bool(getattr(who, "at_risk", False)))


def _parts(ids: Iterable[str]) -> Iterator[list[str]]:
    left = iter(sorted(ids))
    while part := list(islice(left, AT_ONCE)):
        yield part
