"""People found by what staff remember of them (`switch.ports.desk.PeopleChanges.find_people`)."""
from typing import Any

from sqlalchemy import Connection, Select, and_, case, false, func, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from switch.core.similar import all_nearly, nearly, pieces
from switch.ports.desk import Person, Status
from switch.ports.staff import Place
from switch.store.desk_people import person_of
from switch.store.tables import cells, contacts, people

ESCAPE = "\\"
MANY = 500


class FindingWork:
    """The part of a transaction that looks for somebody."""

    conn: Connection

    def find_people(self, words: str, within: tuple[Place, ...] | None, most: int) -> list[Person]:
        number, parts = _escaped(words.upper()), [_escaped(part) for part in words.lower().split()]
        digits = "".join(sign for sign in words if sign in "0123456789")
        name = and_(*(_holds(part) for part in parts))
        rings: ColumnElement[bool] = false()
        if len(digits) >= 5:
            rings = people.c.id.in_(select(contacts.c.person).where(contacts.c.number.like(f"%{digits.lstrip('0')}")))
        here = select(people).where(people.c.status.in_(list(Status)), _inside(within))
        begins = people.c.id.like(f"{number}%", escape=ESCAPE)
        rank = case((people.c.id == words.upper(), 0), (begins, 1), else_=2)
        asked = here.where(or_(begins, name, rings)).order_by(rank, people.c.name, people.c.id).limit(most)
        found = [person_of(row) for row in self.conn.execute(asked)]
        return found or self._nearly(here, words.lower().split(), most)

    def _nearly(self, here: Select[Any], words: list[str], most: int) -> list[Person]:
        """Those whose name, or number, is one slip away in each word."""
        longest = max(words, key=len)
        held = [_escaped(piece) for piece in pieces(longest)]
        if not held:
            return []
        like = or_(*(_holds(piece) for piece in held), *(people.c.id.like(f"%{piece.upper()}%", escape=ESCAPE) for piece in held))
        near = [id for id, name in self.conn.execute(here.where(like).with_only_columns(people.c.id, people.c.name))
                if all_nearly(words, name.lower().split()) or (len(words) == 1 and nearly(words[0], id.lower()))]
        asked = select(people).where(people.c.id.in_(near[:MANY])).order_by(people.c.name, people.c.id).limit(most)
        return [person_of(row) for row in self.conn.execute(asked)]


def _holds(part: str) -> ColumnElement[bool]:
    return func.lower(people.c.name).like(f"%{part}%", escape=ESCAPE)


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
