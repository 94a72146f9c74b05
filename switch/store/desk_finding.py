"""People found by what staff remember of them (`switch.ports.desk.PeopleChanges.find_people`)."""
from sqlalchemy import Connection, and_, case, false, func, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from switch.ports.desk import Person, Status
from switch.ports.staff import Place
from switch.store.desk_people import person_of
from switch.store.tables import cells, contacts, people

ESCAPE = "\\"


class FindingWork:
    """The part of a transaction that looks for somebody."""

    conn: Connection

    def find_people(self, words: str, within: tuple[Place, ...] | None, most: int) -> list[Person]:
        number, parts = _escaped(words.upper()), [_escaped(part) for part in words.lower().split()]
        digits = "".join(sign for sign in words if sign in "0123456789")
        name = and_(*(func.lower(people.c.name).like(f"%{part}%", escape=ESCAPE) for part in parts))
        rings: ColumnElement[bool] = false()
        if len(digits) >= 5:
            rings = people.c.id.in_(select(contacts.c.person).where(contacts.c.number.like(f"%{digits.lstrip('0')}")))
        asked = select(people).where(
            people.c.status.in_(list(Status)), _inside(within),
            or_(people.c.id.like(f"{number}%", escape=ESCAPE), name, rings))
        rank = case((people.c.id == words.upper(), 0), (people.c.id.like(f"{number}%", escape=ESCAPE), 1), else_=2)
        return [person_of(row) for row in self.conn.execute(asked.order_by(rank, people.c.name, people.c.id).limit(most))]


def _inside(within: tuple[Place, ...] | None) -> ColumnElement[bool]:
    if within is None:
        return true()
    wings = select(cells.c.id).where(cells.c.establishment == people.c.establishment)
    return or_(false(), *(
        people.c.establishment == place.establishment if place.wing is None else
        and_(people.c.establishment == place.establishment, people.c.cell.in_(wings.where(cells.c.wing == place.wing)))
        for place in within))


def _escaped(text: str) -> str:
    for sign in (ESCAPE, "%", "_"):
        text = text.replace(sign, ESCAPE + sign)
    return text
