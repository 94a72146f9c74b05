"""What needs somebody: alarms listed, and taken on by name."""
from dataclasses import replace
from datetime import datetime

from switch.core.ids import CallId, StaffId
from switch.desk.asking import Desk, Refused, attempt, refused
from switch.desk.leads import ALARM as LEAD
from switch.ports.alarms import Alarm
from switch.ports.desk import Changes

MOST = 1000


async def list_alarms(desk: Desk, actor: StaffId, at: datetime, all: bool = False, kind: str = "", most: int = MOST
                      ) -> list[Alarm] | Refused:
    """The newest alarms, oldest first: those that nobody has taken on, or all; of one kind, or any."""
    if not 1 <= most <= MOST:
        return refused("bad-most", f"at most {MOST} alarms are listed at once, and at least one")

    def look(changes: Changes) -> list[Alarm]:
        return [one for one in changes.alarms(all, kind.strip(), most) if not _kept_from(changes, actor, one)]

    return await desk.work.look(actor, at, look)


async def acknowledge(desk: Desk, actor: StaffId, at: datetime, alarm: str, done: str) -> Alarm | Refused:
    """Somebody has taken an alarm on, and says what was done; it is listed no more, and kept."""
    if not done.strip():
        return refused("no-reason", "say what was done: it is kept with the alarm")

    def work(changes: Changes) -> Alarm | Refused:
        found = changes.alarm(alarm)
        if found is None or _kept_from(changes, actor, found):
            return refused("unknown-alarm", f"there is no alarm {alarm[:64]}")
        if found.acknowledged_by is not None:
            return refused("acknowledged", f"{found.acknowledged_by} took it on at {found.acknowledged_at:%Y-%m-%d %H:%M} UTC")
        changes.acknowledge_alarm(alarm)
        changes.audit("alarm-acknowledged", {"alarm": alarm}, {"kind": found.kind}, note=done.strip())
        return replace(found, acknowledged_at=at, acknowledged_by=actor)

    return await attempt(desk, actor, at, "alarm-acknowledged", {}, work)


def _kept_from(changes: Changes, actor: StaffId, alarm: Alarm) -> bool:
    """An alarm of a lead is not there for whom the lead is not: staff who are connected to the person, and anybody once the call
    is in quarantine."""
    if alarm.kind != LEAD or alarm.call is None:
        return False
    facts = changes.listen_facts(CallId(alarm.call), actor)
    return facts is None or facts.connected or facts.quarantined
