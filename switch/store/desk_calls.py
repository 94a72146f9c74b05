"""`CallReads` (switch.ports.calls) on SQL."""
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from switch.core.ids import PersonId
from switch.ports.calls import Brief, CallRow, Parties
from switch.store.briefs import read_briefs, read_parties
from switch.store.listing import list_calls, show_call


class CallWork:
    conn: Connection

    def calls(self, live: bool, person: PersonId | None, since: datetime | None, until: datetime | None, most: int
              ) -> list[CallRow]:
        return list_calls(self.conn, live=live, most=most, person=person, since=since, until=until)

    def call(self, call: str) -> CallRow | None:
        return show_call(self.conn, call)

    def briefs(self, asked: Sequence[Parties]) -> list[Brief]:
        return read_briefs(self.conn, asked)

    def parties_of(self, call: str) -> Parties | None:
        return read_parties(self.conn, call)
