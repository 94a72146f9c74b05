"""Exceptions in time of orders against contact as a use case changes them (`switch.ports.no_contact.OpeningChanges`)."""
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select, update

from dialplans.openings import shown_hours
from switch.core.ids import StaffId
from switch.ports.no_contact import CourtOpening
from switch.store.openings import opening_from
from switch.store.stamps import stamp, unstamp
from switch.store.tables import no_contact, no_contact_openings


class OpeningWork:
    """The part of a transaction that is about what orders leave open."""

    conn: Connection
    actor: StaffId
    at: datetime

    def no_contact_person(self, order: str) -> str | None:
        asked = select(no_contact.c.person).where(
            no_contact.c.id == order, no_contact.c.lifted_at.is_(None),
            or_(no_contact.c.until_at.is_(None), no_contact.c.until_at > stamp(self.at)))
        return self.conn.execute(asked).scalar()

    def openings(self, order: str | None = None) -> list[CourtOpening]:
        table = no_contact_openings
        asked = select(table).where(
            table.c.ended_at.is_(None), or_(table.c.until_at.is_(None), table.c.until_at > stamp(self.at)))
        if order is not None:
            asked = asked.where(table.c.no_contact == order)
        rows = self.conn.execute(asked.order_by(table.c.added_at, table.c.id))
        return [CourtOpening(row.no_contact, row.court, opening_from(row), unstamp(row.added_at), row.added_by, row.second)
                for row in rows]

    def add_opening(self, opening: CourtOpening) -> None:
        one = opening.opening
        self.conn.execute(insert(no_contact_openings), {
            "id": one.id, "no_contact": opening.order, "court": opening.court, "from_at": stamp(one.since) if one.since else None,
            "until_at": stamp(one.until) if one.until else None, "hours": shown_hours(one.hours), "zone": one.zone,
            "number": None if one.number is None else str(one.number), "added_at": stamp(opening.added_at),
            "added_by": opening.added_by, "second": opening.second})

    def end_opening(self, opening: str) -> bool:
        ended = update(no_contact_openings).where(no_contact_openings.c.id == opening, no_contact_openings.c.ended_at.is_(None))
        return bool(self.conn.execute(ended.values(ended_at=stamp(self.at), ended_by=self.actor)).rowcount)
