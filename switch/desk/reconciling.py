"""The nightly reconciliation of calls and recordings, and what staff make of what it found."""
from collections.abc import Sequence
from datetime import datetime, timedelta

from recordings import reconcile
from recordings.reconcile import Stores
from switch.core.ids import StaffId
from switch.desk.asking import Desk, Refused, attempt, refused, unreasoned
from switch.ports.desk import Changes
from switch.ports.keeping import Found, Incident

BACK = timedelta(days=3)
"""So far back that nights on which no worker ran are made up."""
SETTLING = timedelta(hours=1)
"""Calls that ended since are left to the next night: their recordings are being sealed."""
ALARM = "recording-incident"


async def reconcile_calls(desk: Desk, actor: StaffId, at: datetime, stores: Stores) -> list[Found] | Refused:
    """Compare the calls of the last days with the recordings, and these with what is on the disks. Each thing that is wrong is
    one incident with an alarm, however often it is found; gives back what was not known before."""
    since, until = at - BACK, at - SETTLING

    def work(changes: Changes) -> list[Found]:
        found = reconcile.missing(changes.mismatched(since, until))
        found += reconcile.gone(changes.sound_objects(since, until), stores)
        found += _one_a_call(reconcile.kept(changes.privileged_kept(since)),
                             reconcile.strays(stores, changes.call_kinds(reconcile.calls_of(stores))))
        return [one for one in found if _new(changes, one)]

    return await attempt(desk, actor, at, "reconciled", {}, work, apart=True)


async def incidents(desk: Desk, actor: StaffId, at: datetime, every: bool = False) -> Sequence[Incident]:
    """Those that are open, or all there ever were; oldest first."""
    return await desk.work.look(actor, at, lambda changes: changes.incidents(every=every))


async def close(desk: Desk, actor: StaffId, at: datetime, incident: str, reason: str) -> Incident | Refused:
    """Somebody looked, and says what came of it. What may not be kept and is found again opens it again."""
    if problem := unreasoned(reason):
        return problem

    def work(changes: Changes) -> Incident | Refused:
        found = changes.incident(incident)
        if found is None:
            return refused("unknown-incident", f"there is no incident {incident}: `wingline incidents list` has the open ones")
        if found.closed_at is not None:
            return refused("as-it-is", f"{found.closed_by} closed it on {found.closed_at:%Y-%m-%d}")
        changes.close_incident(incident, reason.strip())
        changes.audit("incident-closed", {"incident": incident, "call": found.call}, {"kind": found.kind}, note=reason.strip())
        return found

    return await attempt(desk, actor, at, "incident-closed", {"incident": incident}, work)


def _one_a_call(kept: list[Found], strays: list[Found]) -> list[Found]:
    """What the books and the disks keep of one privileged call is one finding."""
    found = {one.id: one for one in kept}
    for one in strays:
        before = found.get(one.id)
        found[one.id] = one if before is None else Found(
            one.kind, one.call, one.establishment, f"{before.text}; {one.text.rpartition('call: ')[2]}")
    return list(found.values())


def _new(changes: Changes, found: Found) -> bool:
    """Written down, with an alarm, unless it is known and open, or was closed for good."""
    before = changes.incident(found.id)
    if before is not None and (before.closed_at is None or not found.kind.reopens):
        return False
    changes.open_incident(found)
    again = "" if before is None else f":{changes.at:%Y-%m-%d}"
    changes.raise_alarm(f"{ALARM}:{found.id}{again}", ALARM, f"Call {found.call}: {found.text}", found.call)
    changes.audit("incident-opened", {"incident": found.id, "call": found.call}, {"kind": found.kind})
    return True

