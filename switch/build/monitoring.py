"""The monitoring queue: what the worker does for it after a call, and its answers as lines."""
import json
from datetime import datetime, time
from typing import Any

from switch.core.ids import StaffId
from switch.desk import filing
from switch.desk.asking import Desk, Refused
from switch.desk.drawing import Draw
from switch.desk.monitoring_reports import HeardRow, OverdueRow
from switch.ports.clock import Clock
from switch.ports.monitoring import Item, ItemNote
from switch.runtime.daily import DailyJob
from switch.runtime.outbox import Step
from switch.store import codec

FILER = StaffId("worker")
"""Who files, in the audit."""


async def file_sealed(desk: Desk, clock: Clock, call: str) -> None:
    """A step of the outbox: what was sealed has its item, once. Raises where it has to be tried again."""
    _done(await filing.file_recording(desk, FILER, clock.wall(), call))


def monitoring_steps(desk: Desk, clock: Clock) -> dict[str, Step]:
    """Steps of the outbox: what moves items in the queue."""

    async def follow(authority: str, _body: str) -> None:
        _done(await filing.follow_authority(desk, FILER, clock.wall(), authority))

    async def lead(lead: str, body: str) -> None:
        _done(await filing.file_lead(desk, FILER, clock.wall(), json.loads(body)["call"], lead))

    return {"authority-granted": follow, "authority-ended": follow, "lead-raised": lead}


def _done(result: object) -> None:
    """A step that was refused has to be tried again."""
    if isinstance(result, Refused):
        raise RuntimeError(str(result))


def monitoring_jobs(desk: Desk, actor: StaffId) -> tuple[DailyJob, ...]:
    """What moves in the queue though nobody did anything that day."""

    async def follow(_estate: str, at: datetime) -> None:
        _done(await filing.follow_all(desk, actor, at))

    return (DailyJob("follow-authorities", time(0, 30), follow, estate=True),)


def monitoring_row(kind: str, record: Item | ItemNote | Draw | OverdueRow | HeardRow) -> dict[str, Any]:
    """One line of `--json`, as `as_row` makes those of other records."""
    return {"record": kind, **codec.plain(record)}
