"""Privileged numbers as a use case works with them (`switch.ports.privileged.PrivilegedChanges`), on one connection."""
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select

from dialplans.privileged import Accepted
from switch.core.ids import CallId, StaffId
from switch.ports.privileged import PLAY_ACTIONS, MonitoredCall, Play
from switch.store.audit import canonical
from switch.store.privileged import read_accepted, read_listed_name, standing_quarantines
from switch.store.stamps import stamp, unstamp
from switch.store.tables import audit, cdrs, outbox, quarantine_undoings, quarantined_calls, quarantines


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
            self._take_out("recording-released", calls)
            self.conn.execute(insert(outbox), [
                {"kind": "recording-quarantined", "subject": call, "body": canonical({"call": call, "quarantine": id}),
                 "at": stamp(self.at), "attempts": 0} for call in calls])

    def findings(self, number: str) -> list[str]:
        return standing_quarantines(self.conn, number)

    def release(self, findings: Sequence[str], agreed_by: str) -> list[CallId]:
        theirs = quarantined_calls.c.quarantine.in_(findings)
        rows = self.conn.execute(select(quarantined_calls.c.call, quarantined_calls.c.quarantine, cdrs.c.media).join(
            cdrs, cdrs.c.id == quarantined_calls.c.call, isouter=True).where(theirs).order_by(quarantined_calls.c.call)).all()
        self.conn.execute(insert(quarantine_undoings), [
            {"quarantine": id, "undone_at": stamp(self.at), "undone_by": self.actor, "agreed_by": agreed_by} for id in findings])
        self.conn.execute(delete(quarantined_calls).where(theirs))
        self._take_out("recording-quarantined", [row.call for row in rows])
        released = [
            {"kind": "recording-released", "subject": row.call, "at": stamp(self.at), "attempts": 0,
             "body": canonical({"call": row.call, "quarantine": row.quarantine, "path": path})}
            for row in rows if (path := _path(row.media))]
        if released:
            self.conn.execute(insert(outbox), released)
        return [CallId(row.call) for row in rows]

    def _take_out(self, kind: str, calls: Sequence[str]) -> None:
        """What was to follow, or followed, an earlier word about these calls: a call has one row of a kind."""
        self.conn.execute(delete(outbox).where(outbox.c.kind == kind, outbox.c.subject.in_(calls)))

    def plays(self, calls: Sequence[CallId]) -> list[Play]:
        wanted = set(calls)
        rows = self.conn.execute(select(audit.c.at, audit.c.actor, audit.c.action, audit.c.subject)
                                 .where(audit.c.action.in_(PLAY_ACTIONS)).order_by(audit.c.seq))
        return [Play(CallId(call), row.actor, unstamp(row.at), row.action) for row in rows
                if (call := json.loads(row.subject).get("call")) in wanted]


def _path(media: str | None) -> str | None:
    """Where a recording was sealed; None where the call left none."""
    recording = json.loads(media).get("recording") if media else None
    return str(recording["path"]) if recording else None
