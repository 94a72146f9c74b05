"""`AlarmChanges` (switch.ports.alarms) on SQL."""
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from switch.core.ids import StaffId
from switch.ports.alarms import Alarm
from switch.store.stamps import stamp, unstamp
from switch.store.tables import alarms


class AlarmWork:
    conn: Connection
    actor: StaffId
    at: datetime

    def alarms(self, all: bool, kind: str, most: int) -> list[Alarm]:
        wanted = select(alarms).order_by(alarms.c.at.desc(), alarms.c.id.desc()).limit(most)
        if not all:
            wanted = wanted.where(alarms.c.acknowledged_at.is_(None))
        if kind:
            wanted = wanted.where(alarms.c.kind == kind)
        return [_alarm(row) for row in reversed(self.conn.execute(wanted).all())]

    def alarm(self, id: str) -> Alarm | None:
        row = self.conn.execute(select(alarms).where(alarms.c.id == id)).first()
        return _alarm(row) if row else None

    def acknowledge_alarm(self, id: str) -> None:
        self.conn.execute(update(alarms).where(alarms.c.id == id).values(
            acknowledged_at=stamp(self.at), acknowledged_by=self.actor))


def _alarm(row: Row[Any]) -> Alarm:
    taken = row.acknowledged_at
    return Alarm(row.id, unstamp(row.at), row.kind, row.text, row.call, unstamp(taken) if taken else None, row.acknowledged_by)
