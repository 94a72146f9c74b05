"""The monitoring queue: what the worker does for it after a call, and its answers as lines."""
from typing import Any

from switch.build.site import SystemClock
from switch.core.ids import StaffId
from switch.desk import filing
from switch.desk.asking import Desk, Refused
from switch.desk.drawing import Draw
from switch.desk.monitoring_reports import HeardRow, OverdueRow
from switch.ports.monitoring import Item, ItemNote
from switch.store import codec

FILER = StaffId("worker")
"""Who files, in the audit."""


async def file_sealed(desk: Desk, clock: SystemClock, call: str) -> None:
    """A step of the outbox: what was sealed has its item, once. Raises where it has to be tried again."""
    filed = await filing.file_recording(desk, FILER, clock.wall(), call)
    if isinstance(filed, Refused):
        raise RuntimeError(str(filed))


def monitoring_row(kind: str, record: Item | ItemNote | Draw | OverdueRow | HeardRow) -> dict[str, Any]:
    """One line of `--json`, as `as_row` makes those of other records."""
    return {"record": kind, **codec.plain(record)}
