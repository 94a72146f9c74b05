"""The worker role: takes recordings into the vault, carries the outbox on, and does what is due once a day."""
import asyncio
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, time

import structlog

from switch.build.audit import CheckpointLoop
from switch.build.canary import CanaryWatch
from switch.build.keeping_jobs import keeping_jobs
from switch.build.live_words import LiveWords
from switch.build.money_jobs import money_jobs
from switch.build.monitoring import file_sealed, monitoring_jobs, monitoring_steps
from switch.build.sealing import Sealing
from switch.build.site import START_PATIENCE, Site, SystemClock, open_store
from switch.build.staff import SystemMint, make_desk
from switch.build.transcribing import Transcribing
from switch.build.vault import open_objects
from switch.build.watching import Watching, lead_jobs
from switch.core.ids import CallId, StaffId
from switch.desk import parties
from switch.desk.asking import Desk, Refused
from switch.runtime.daily import DailyJob, DailyLoop
from switch.runtime.drain import Lifeline, asked_to_stop
from switch.runtime.outbox import OutboxLoop
from switch.store.daily import SqlDailyRecords
from switch.store.database import Store
from switch.store.outbox import DoneOutbox, OutboxRow, TakeOutbox
from switch.store.pins import PinHasher

log = structlog.get_logger("worker")
ACTOR = StaffId("daily")
"""Who does what nobody asked for, in the audit."""


class StoreOutbox:
    """`runtime.outbox.Outbox` on the store."""

    def __init__(self, store: Store, clock: SystemClock) -> None:
        self._store, self._clock = store, clock

    async def take(self, most: int) -> Sequence[OutboxRow]:
        return await self._store.write(TakeOutbox(self._clock.wall(), most))

    async def done(self, rows: tuple[int, ...]) -> None:
        await self._store.write(DoneOutbox(rows, self._clock.wall()))


def daily_jobs(desk: Desk) -> tuple[DailyJob, ...]:
    """Everything that is done once a day: docs/operations.md has a line for each."""

    async def verify_numbers(establishment: str, at: datetime) -> None:
        due = await parties.due_for_verification(desk, ACTOR, at, establishment)
        if isinstance(due, Refused):
            raise RuntimeError(str(due))

    return (DailyJob("verify-numbers", time(5), verify_numbers),)


async def run_worker(site: Site) -> None:
    """Serve until told to stop."""
    lifeline = Lifeline.of(os.environ)
    async with AsyncExitStack() as stack:
        store = open_store(site.settings, START_PATIENCE)
        stack.push_async_callback(store.close)
        mint = SystemMint(PinHasher())
        stack.callback(mint.close)
        desk = make_desk(site.settings, store, mint)

        async def filed(call: CallId) -> None:
            await file_sealed(desk, site.clock, call)

        async def watched(call: CallId) -> None:
            await watching.sealed(call)

        async def asked(call: CallId) -> None:
            await transcribing.sealed(call)

        sealing = Sealing(site, store, (filed, watched, asked))
        watching = Watching(desk, site.clock, ACTOR, sealing.vault)
        transcribing = Transcribing(site, store, sealing.vault, lambda engine: LiveWords(site, desk, engine).run())
        steps = {
            "recording-sealed": sealing.recording_sealed,
            "recording-released": sealing.released,
            **monitoring_steps(desk, site.clock),
            **watching.steps(),
        }
        loop = OutboxLoop(StoreOutbox(store, site.clock), steps)
        task = asyncio.create_task(loop.run())
        stack.callback(task.cancel)
        behind = asyncio.create_task(sealing.left_behind())
        stack.callback(behind.cancel)
        jobs = (
            *daily_jobs(desk),
            *sealing.jobs(),
            *keeping_jobs(desk, store, sealing.vault, lambda: open_objects(site.settings), site.settings.recordings.spools,
                          ACTOR),
            *money_jobs(desk, store, site.settings.store_url, ACTOR),
            *monitoring_jobs(desk, ACTOR),
            *lead_jobs(desk, ACTOR),
        )
        daily = asyncio.create_task(DailyLoop(SqlDailyRecords(store), jobs, site.clock, str(site.plan.zone)).run())
        stack.callback(daily.cancel)
        signing = asyncio.create_task(CheckpointLoop(site.settings, store, site.clock).run())
        stack.callback(signing.cancel)
        words = asyncio.create_task(transcribing.run())
        stack.callback(words.cancel)
        canary = asyncio.create_task(CanaryWatch(site.settings, desk, site.clock).run())
        stack.callback(canary.cancel)
        lifeline.ready()
        log.info("worker.ready")
        log.info("worker.stopping", why=await asked_to_stop(lifeline))


def main(site: Site) -> None:
    """The worker as a process of its own."""
    asyncio.run(run_worker(site))
