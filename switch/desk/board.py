"""The live board as the desk fills it in: whose calls they are and where, kept to where whoever looks may look.

What a call does is the board's to say (`switch.live.board`), and is nothing that the books would be asked for each time.
"""
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from switch.core.authority import AuthorityKind
from switch.core.ids import PersonId, StaffId
from switch.desk.asking import Desk
from switch.ports.calls import Brief, Parties
from switch.ports.desk import Changes
from switch.ports.staff import Place

Within = tuple[Place, ...] | None


async def brief(desk: Desk, actor: StaffId, at: datetime, calls: Sequence[Parties], within: Within = None) -> list[Brief]:
    """Of those calls on the board that are where whoever asks may look (None: everywhere), with the authorisations that cover
    them; the others are not in the answer, and nobody's look at them is noted."""
    if not calls or within == ():
        return []

    def look(changes: Changes) -> list[Brief]:
        found = [one for one in changes.briefs(calls) if is_within(place_of(one), within)]
        kinds = _authorities(changes, actor, [Parties(one.call, "", one.person, one.number) for one in found])
        return [replace(one, authority=kind) for one, kind in zip(found, kinds, strict=True)]

    return await desk.work.look(actor, at, look)


async def authorities(desk: Desk, actor: StaffId, at: datetime, calls: Sequence[Parties]) -> list[str]:
    """The kind of an authorisation in force for each of these calls, empty where none is or who asks is connected to the person.
    Whether one of them may be heard is asked when somebody begins (`switch.desk.listening`)."""
    return await desk.work.look(actor, at, lambda changes: _authorities(changes, actor, calls))


async def whereabouts(desk: Desk, actor: StaffId, at: datetime, call: str) -> Place | None:
    """Where a call is, for a guard: it shows nobody anything. None for one that nobody knows."""

    def look(changes: Changes) -> Place | None:
        parties = changes.parties_of(call)
        return place_of(changes.briefs([parties])[0]) if parties is not None else None

    return await desk.work.look(actor, at, look)


def place_of(one: Brief) -> Place:
    """Where nothing is known, it is nowhere: only whoever may look everywhere sees it."""
    return Place(one.establishment or "", one.wing)


def is_within(place: Place, within: Within) -> bool:
    return within is None or any(one.establishment == place.establishment and one.wing in (None, place.wing) for one in within)


def _authorities(changes: Changes, actor: StaffId, calls: Sequence[Parties]) -> list[str]:
    order = list(AuthorityKind)
    standing = sorted(changes.in_force(), key=lambda one: order.index(one.kind))
    connected = changes.connected(actor)
    return [
        "" if one.person in connected else
        next((str(held.kind) for held in standing if held.covers(PersonId(one.person) if one.person else None, one.number)), "")
        for one in calls]
