"""Names as sound, as a use case changes them (`switch.ports.names.NameChanges`)."""
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from switch.core.ids import StaffId
from switch.ports.names import SpokenName, Whose
from switch.store.stamps import stamp, unstamp
from switch.store.tables import spoken_names


class NameWork:
    """The part of a transaction that is about names."""

    conn: Connection
    at: datetime

    def spoken_names(self) -> list[SpokenName]:
        asked = select(*(column for column in spoken_names.c if column.name != "sound"))
        return [SpokenName(row.id, Whose(row.whose), row.of, row.text, row.seconds, unstamp(row.made_at), StaffId(row.made_by))
                for row in self.conn.execute(asked.order_by(spoken_names.c.whose, spoken_names.c.of))]

    def put_spoken_name(self, name: SpokenName, alaw: bytes) -> None:
        self.drop_spoken_name(name.whose, name.of)
        self.conn.execute(insert(spoken_names), {
            "id": name.id, "whose": name.whose, "of": name.of, "text": name.text, "sound": alaw, "seconds": name.seconds,
            "made_at": stamp(name.made_at), "made_by": name.made_by})

    def drop_spoken_name(self, whose: Whose, of: str) -> bool:
        return bool(self.conn.execute(
            delete(spoken_names).where(spoken_names.c.whose == whose, spoken_names.c.of == of)).rowcount)
