"""Speed dials, bulletins and names as a use case changes them (`switch.ports.menu.MenuChanges`)."""
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from switch.core.ids import PersonId, StaffId
from switch.ports.menu import Bulletin, ContactName, SpeedDial
from switch.store.stamps import stamp, unstamp
from switch.store.tables import bulletins, contact_names, contacts, speed_dials


class MenuWork:
    """The part of a transaction that is about the menu."""

    conn: Connection
    at: datetime

    def speed_dials(self, person: PersonId) -> list[SpeedDial]:
        asked = select(speed_dials).where(speed_dials.c.person == person).order_by(speed_dials.c.slot)
        return [SpeedDial(PersonId(row.person), row.slot, row.number) for row in self.conn.execute(asked)]

    def set_speed_dial(self, dial: SpeedDial) -> None:
        put_speed_dial(self.conn, dial, self.at)

    def clear_speed_dial(self, person: PersonId, slot: int) -> bool:
        gone = delete(speed_dials).where(speed_dials.c.person == person, speed_dials.c.slot == slot)
        return bool(self.conn.execute(gone).rowcount)

    def add_bulletin(self, bulletin: Bulletin, alaw: bytes) -> None:
        self.conn.execute(insert(bulletins), {
            "id": bulletin.id, "establishment": bulletin.establishment, "wing": bulletin.wing, "text": bulletin.text,
            "sound": alaw, "seconds": bulletin.seconds, "from_at": stamp(bulletin.start), "until_at": stamp(bulletin.until),
            "published_at": stamp(bulletin.published_at), "published_by": bulletin.published_by})

    def bulletins(self, establishment: str | None = None) -> list[Bulletin]:
        asked = select(*(column for column in bulletins.c if column.name != "sound")).where(
            bulletins.c.withdrawn_at.is_(None), bulletins.c.until_at > stamp(self.at))
        if establishment is not None:
            asked = asked.where(bulletins.c.establishment == establishment)
        return [
            Bulletin(row.id, row.establishment, row.wing, row.text, row.seconds, unstamp(row.from_at), unstamp(row.until_at),
                     unstamp(row.published_at), StaffId(row.published_by))
            for row in self.conn.execute(asked.order_by(bulletins.c.from_at.desc(), bulletins.c.id.desc()))]

    def withdraw_bulletin(self, bulletin: str) -> bool:
        stands = (bulletins.c.id == bulletin) & bulletins.c.withdrawn_at.is_(None) & (bulletins.c.until_at > stamp(self.at))
        return bool(self.conn.execute(update(bulletins).where(stands).values(withdrawn_at=stamp(self.at))).rowcount)


    def put_name(self, name: ContactName, alaw: bytes) -> None:
        delete_names(self.conn, contact_names.c.contact == name.contact)
        self.conn.execute(insert(contact_names), {
            "contact": name.contact, "id": name.id, "sound": alaw, "seconds": name.seconds, "made_at": stamp(name.made_at),
            "made_by": name.made_by})

    def delete_name(self, contact: str) -> bool:
        return bool(delete_names(self.conn, contact_names.c.contact == contact))

    def names(self, person: PersonId) -> list[ContactName]:
        asked = (select(*(column for column in contact_names.c if column.name != "sound"))
                 .join(contacts, contacts.c.id == contact_names.c.contact).where(contacts.c.person == person))
        return [ContactName(row.contact, row.id, row.seconds, unstamp(row.made_at), StaffId(row.made_by))
                for row in self.conn.execute(asked.order_by(contact_names.c.contact))]


def delete_names(conn: Connection, which: ColumnElement[bool]) -> int:
    """Names go for good; how many."""
    return conn.execute(delete(contact_names).where(which)).rowcount


def put_speed_dial(conn: Connection, dial: SpeedDial, at: datetime) -> None:
    conn.execute(delete(speed_dials).where(speed_dials.c.person == dial.person, speed_dials.c.slot == dial.slot))
    conn.execute(insert(speed_dials), {"person": dial.person, "slot": dial.slot, "number": dial.number, "set_at": stamp(at)})
