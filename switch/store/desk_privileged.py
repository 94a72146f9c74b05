"""Privileged numbers as a use case works with them (`switch.ports.privileged.PrivilegedChanges`), on one connection."""
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select

from dialplans.privileged import Accepted
from switch.core.ids import CallId, StaffId
from switch.ports.privileged import PLAY_ACTIONS, MonitoredCall, Play
from switch.store.privileged import read_accepted, read_listed_name, standing_quarantines
from switch.store.stamps import stamp, unstamp
from switch.store.tables import audit, cdrs, quarantine_undoings, quarantined_calls, quarantines


class PrivilegedWork:
    """The part of a transaction that is about privileged numbers."""

    conn: Connection
    actor: StaffId
    at: datetime

    def accepted_list(self) -> Accepted | None:
        return read_accepted(self.conn)

    def listed_name(self, number: str) -> str | None:
        return read_listed_name(self.conn, number)

    def monitored_calls(self, number: str, since: datetime) -> list[MonitoredCall]:
        asked = select(cdrs.c.id, cdrs.c.started_at, cdrs.c.closed_at).where(
            cdrs.c.dialled == number, cdrs.c.started_at >= stamp(since), cdrs.c.privileged.is_(False),
            or_(cdrs.c.recording.is_not(None), cdrs.c.closed_at.is_(None)),
            cdrs.c.id.not_in(select(quarantined_calls.c.call)),
        ).order_by(cdrs.c.started_at, cdrs.c.id)
        return [MonitoredCall(CallId(row.id), unstamp(row.started_at), row.closed_at is None) for row in self.conn.execute(asked)]

    def quarantine(self, id: str, number: str, since: datetime, agreed_by: str, calls: Sequence[CallId]) -> None:
        self.conn.execute(insert(quarantines), {
            "id": id, "number": number, "since": stamp(since), "found_at": stamp(self.at), "found_by": self.actor,
            "agreed_by": agreed_by})
        if calls:
            self.conn.execute(insert(quarantined_calls), [{"call": call, "quarantine": id} for call in calls])

    def findings(self, number: str) -> list[str]:
        return standing_quarantines(self.conn, number)

    def release(self, findings: Sequence[str], agreed_by: str) -> list[CallId]:
        theirs = quarantined_calls.c.quarantine.in_(findings)
        asked = select(quarantined_calls.c.call).where(theirs).order_by(quarantined_calls.c.call)
        calls = self.conn.execute(asked).scalars().all()
        self.conn.execute(insert(quarantine_undoings), [
            {"quarantine": id, "undone_at": stamp(self.at), "undone_by": self.actor, "agreed_by": agreed_by} for id in findings])
        self.conn.execute(delete(quarantined_calls).where(theirs))
        return [CallId(call) for call in calls]

    def plays(self, calls: Sequence[CallId]) -> list[Play]:
        wanted = set(calls)
        rows = self.conn.execute(select(audit.c.at, audit.c.actor, audit.c.action, audit.c.subject)
                                 .where(audit.c.action.in_(PLAY_ACTIONS)).order_by(audit.c.seq))
        return [Play(CallId(call), row.actor, unstamp(row.at), row.action) for row in rows
                if (call := json.loads(row.subject).get("call")) in wanted]
