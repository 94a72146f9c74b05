"""What the worker does once a day about how long recordings are kept: what is due is erased, and books and disks are compared."""
import asyncio
import time as machine
from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TypeVar

import structlog

from recordings.objects import Objects
from recordings.reconcile import Stores
from recordings.vault import Held, Vault
from switch.core.ids import StaffId
from switch.desk import holding, reconciling
from switch.desk.asking import Desk, Refused
from switch.runtime.daily import DailyJob
from switch.store.database import Store

T = TypeVar("T")
log = structlog.get_logger("keeping")
OVER = "its time was over"
"""Why a recording is erased, as its row and the audit keep it."""
FORGET_TRIES, FORGET_AGAIN = 30, 1.0


def keeping_jobs(desk: Desk, store: Store, vault: Callable[[], Awaitable[Vault]], objects: Callable[[], Objects], spools: Path,
                 actor: StaffId) -> tuple[DailyJob, ...]:
    """`vault` and `objects` open what they name, once they are needed; `spools` is the folder of live spools of this machine."""

    async def tell_overdue(_estate: str, at: datetime) -> None:
        _done(await holding.tell_overdue(desk, actor, at))

    async def erase(establishment: str, at: datetime) -> None:
        due = await holding.due(desk, actor, at, establishment)
        erased = 0
        for one in due:
            try:
                erased += await (await vault()).erase(one.id, OVER, actor)
            except Held:
                log.info("recording.held", recording=one.id)  # since it was listed
        if erased:
            log.info("recordings.erased", establishment=establishment, recordings=erased)
            await _forgotten(store)

    async def reconcile(_estate: str, at: datetime) -> None:
        stores = await look_at_disks(objects(), spools, at)
        found = _done(await reconciling.reconcile_calls(desk, actor, at, stores))
        log.info("recordings.reconciled", incidents=len(found), objects=len(stores.objects), spools=len(stores.spools))

    return (DailyJob("reconcile-recordings", time(4, 30), reconcile, estate=True),
            DailyJob("erase-recordings", time(6), erase),
            DailyJob("tell-overdue-holds", time(7), tell_overdue, estate=True))


async def look_at_disks(objects: Objects, spools: Path, at: datetime) -> Stores:
    """The spools of this machine that are no longer written to, and the objects of the days that are compared."""
    days = [f"{at - timedelta(days=ago):%Y/%m/%d}" for ago in range(reconciling.BACK.days + 2)]
    names = {one.name for day in days for one in await objects.every(day)}
    still = machine.time() - reconciling.SETTLING.total_seconds()  # files have the machine's own time
    return Stores(await asyncio.to_thread(_spools, spools, still), frozenset(names), frozenset(days))


def _spools(folder: Path, until: float) -> frozenset[str]:
    found = set()
    for path in folder.glob("*.spool"):
        try:
            if path.stat().st_mtime < until:
                found.add(path.stem)
        except FileNotFoundError:
            continue  # sealed meanwhile
    return frozenset(found)


async def _forgotten(store: Store) -> None:
    """What readers hold on to for a moment is asked for again; then it waits for the next night."""
    for _ in range(FORGET_TRIES):
        if await store.forget():
            return
        await asyncio.sleep(FORGET_AGAIN)
    log.warning("recordings.keys-in-log", why="somebody reads what the database was before")


def _done(answer: T | Refused) -> T:
    """A refusal is no use case's fault here: the job failed."""
    if isinstance(answer, Refused):
        raise RuntimeError(str(answer))
    return answer
