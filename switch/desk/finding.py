"""Finding somebody or some place, for those who look at pages: `within` is where whoever asks may look, None for everywhere."""
from datetime import datetime

from switch.core.ids import StaffId
from switch.desk.asking import Desk, prison_number
from switch.ports.desk import Changes, Establishment, Person
from switch.ports.staff import Place

MOST = 50
Within = tuple[Place, ...] | None


async def establishments(desk: Desk, actor: StaffId, at: datetime) -> tuple[Establishment, ...]:
    """Every one, by code."""
    return await desk.work.look(actor, at, lambda changes: tuple(changes.establishments()))


async def find_people(desk: Desk, actor: StaffId, at: datetime, words: str, within: Within = None, most: int = MOST
                      ) -> list[Person]:
    """Those whose number, name, or a number that they ring is like these words, the likeliest first; nobody for no words."""
    asked = " ".join(words.split())[:120]
    if not asked or within == ():
        return []
    return await desk.work.look(actor, at, lambda changes: changes.find_people(asked, within, min(most, MOST)))


async def whereabouts(desk: Desk, actor: StaffId, at: datetime, person: str) -> Place | None:
    """Where somebody lives, for a guard: it shows nobody anything."""
    number = prison_number(person)
    if number is None:
        return None

    def look(changes: Changes) -> Place | None:
        found = changes.person(number)
        if found is None:
            return None
        room = changes.cell(found.establishment, found.cell) if found.cell else None
        return Place(found.establishment, room.wing if room else None)

    return await desk.work.look(actor, at, look)
