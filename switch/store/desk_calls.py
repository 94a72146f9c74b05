"""`CallReads` (switch.ports.calls) on SQL."""
from datetime import datetime

from sqlalchemy import Connection

from switch.core.ids import PersonId
from switch.ports.calls import CallRow
from switch.store.listing import list_calls, show_call


class CallWork:
    conn: Connection

    def calls(self, live: bool, person: PersonId | None, since: datetime | None, until: datetime | None, most: int
              ) -> list[CallRow]:
        return list_calls(self.conn, live=live, most=most, person=person, since=since, until=until)

    def call(self, call: str) -> CallRow | None:
        return show_call(self.conn, call)
