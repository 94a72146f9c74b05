"""Speed dials as a use case changes them (`switch.ports.menu.MenuChanges`)."""
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from switch.core.ids import PersonId
from switch.ports.menu import SpeedDial
from switch.store.stamps import stamp
from switch.store.tables import speed_dials


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


def put_speed_dial(conn: Connection, dial: SpeedDial, at: datetime) -> None:
    conn.execute(delete(speed_dials).where(speed_dials.c.person == dial.person, speed_dials.c.slot == dial.slot))
    conn.execute(insert(speed_dials), {"person": dial.person, "slot": dial.slot, "number": dial.number, "set_at": stamp(at)})
