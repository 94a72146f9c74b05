"""`DecisionReads` (switch.ports.decisions) on SQL."""
from datetime import datetime

from sqlalchemy import Connection

from dialplans.model import Decision
from switch.core.facts import Facts
from switch.core.ids import CallId, PersonId, PhoneId
from switch.core.numbers import Dialled, Unreadable
from switch.ports.records import CallRequest
from switch.store.facts import phone_of, read_facts
from switch.store.listing import read_decision


class DecisionWork:
    conn: Connection
    at: datetime

    def decided(self, call: CallId) -> tuple[Decision, Facts | None] | None:
        return read_decision(self.conn, call)

    def facts_now(self, person: PersonId, dialled: Dialled | Unreadable) -> Facts | None:
        phone = phone_of(self.conn, person)
        if phone is None:
            return None
        return read_facts(self.conn, CallRequest(CallId("explained"), PhoneId(phone), dialled, self.at), person)
