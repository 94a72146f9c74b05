"""The worker role: follows each sealed recording to its disk and compares it with what was sealed."""
import asyncio
import json
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack

import structlog

from recordings.custody import differs
from recordings.quarantine import lock_away
from switch.build.site import START_PATIENCE, Site, SystemClock, open_store
from switch.core.ids import CallId, RecordingId
from switch.ports.media import SealedRecording
from switch.runtime.drain import Lifeline, asked_to_stop
from switch.runtime.outbox import OutboxLoop
from switch.store.database import Store
from switch.store.orders import PlaceAlarm
from switch.store.outbox import DoneOutbox, OutboxRow, TakeOutbox
from switch.store.privileged import is_quarantined

log = structlog.get_logger("worker")


class StoreOutbox:
    """`runtime.outbox.Outbox` on the store."""

    def __init__(self, store: Store, clock: SystemClock) -> None:
        self._store, self._clock = store, clock

    async def take(self) -> Sequence[OutboxRow]:
        return await self._store.write(TakeOutbox(self._clock.wall()))

    async def done(self, rows: tuple[int, ...]) -> None:
        await self._store.write(DoneOutbox(rows, self._clock.wall()))


async def run_worker(site: Site) -> None:
    """Serve until told to stop."""
    lifeline = Lifeline.of(os.environ)
    async with AsyncExitStack() as stack:
        store = open_store(site.settings, START_PATIENCE)
        stack.push_async_callback(store.close)

        async def quarantined(call: str, _body: str) -> None:
            """A call that still runs has its file locked away when it is sealed, by the row that says so."""
            if not await asyncio.to_thread(lock_away, site.settings.recordings.dir, CallId(call)):
                log.warning("recording.none-to-lock-away", call=call)

        async def recording_sealed(call: str, body: str) -> None:
            if await store.read(lambda conn: is_quarantined(conn, call)):
                await quarantined(call, body)
                return
            said = json.loads(body)
            sealed = SealedRecording(RecordingId(said["recording"]), said["path"], said["seconds"], said["sha256"])
            if problem := await asyncio.to_thread(differs, sealed):
                log.error("recording.differs", call=call)
                await store.write(PlaceAlarm(f"recording:{call}", "recording-differs", problem, call, site.clock.wall()))

        steps = {"recording-sealed": recording_sealed, "recording-quarantined": quarantined}
        loop = OutboxLoop(StoreOutbox(store, site.clock), steps)
        task = asyncio.create_task(loop.run())
        stack.callback(task.cancel)
        lifeline.ready()
        log.info("worker.ready")
        log.info("worker.stopping", why=await asked_to_stop(lifeline))


def main(site: Site) -> None:
    """The worker as a process of its own."""
    asyncio.run(run_worker(site))
