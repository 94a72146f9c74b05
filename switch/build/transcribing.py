"""The worker's part in transcripts: its model opened, its jobs done."""
import asyncio
import os
from collections.abc import Awaitable, Callable

import structlog

from recordings.keys import KeyProblem, load_master
from recordings.transcribe.engine import EngineProblem, Transcriber
from recordings.transcribe.jobs import STREAM, TranscriptWorker, work_threads
from recordings.transcribe.models import open_model
from recordings.transcribe.search import open_hasher
from recordings.vault import Vault
from switch.build.site import Site, SystemIds
from switch.core.ids import CallId
from switch.live.stream import JobStream
from switch.store.database import Store
from switch.store.errors import StoreError
from switch.store.transcripts import AskTranscript

log = structlog.get_logger("transcripts")
LOOK_EVERY = 10.0
"""Seconds until a key or a database that was away is asked for again."""


class Transcribing:
    """`vault` opens the worker's, and raises KeyProblem while it cannot; `live` follows calls that run, for ever, with the same
    model."""

    def __init__(self, site: Site, store: Store, vault: Callable[[], Awaitable[Vault]],
                 live: Callable[[Transcriber], Awaitable[None]] | None = None) -> None:
        self._site, self._store, self._vault, self._live = site, store, vault, live

    async def sealed(self, call: CallId) -> None:
        """A recording is in the vault: it waits for its transcript, also where there is no model yet."""
        await self._store.write(AskTranscript(call, self._site.clock.wall()))

    async def run(self) -> None:
        """Transcribe until cancelled; without a model nothing is, and that is told once."""
        told = self._site.settings.transcription
        pool = work_threads(told.jobs)
        at_once = told.jobs + (0 if self._live is None else min(self._site.plan.transcribing.live, os.cpu_count() or 1))
        loop = asyncio.get_running_loop()
        try:
            engine = await loop.run_in_executor(pool, open_model, told.engine, told.models, told.model, told.language, at_once)
        except EngineProblem as error:
            log.warning("transcripts.no-model", problem=str(error))
            pool.shutdown(wait=False)
            return
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._batch(engine))
                if self._live is not None:
                    group.create_task(self._while_they_run(engine, self._live))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    async def _batch(self, engine: Transcriber) -> None:
        worker = await self._worker(engine)
        log.info("transcripts.ready", engine=engine.engine, model=engine.model, at_once=self._site.settings.transcription.jobs)
        try:
            await worker.run()
        finally:
            worker.close()

    @staticmethod
    async def _while_they_run(engine: Transcriber, live: Callable[[Transcriber], Awaitable[None]]) -> None:
        """A fault in it is begun anew, and ends no transcript."""
        while True:
            try:
                return await live(engine)
            except Exception as error:
                log.error("transcripts.live-failed", error=repr(error))
            await asyncio.sleep(LOOK_EVERY)

    async def _worker(self, engine: Transcriber) -> TranscriptWorker:
        settings, ids = self._site.settings, SystemIds()
        while True:
            try:
                vault = await self._vault()
                hasher = await open_hasher(self._store, await asyncio.to_thread(load_master, settings.recordings.master_key))
                break
            except (KeyProblem, StoreError, OSError) as error:
                log.warning("transcripts.waiting", problem=str(error))
                await asyncio.sleep(LOOK_EVERY)
        name = f"{settings.node.name}-{ids.token()[:6]}"
        stream = None if settings.redis_url is None else JobStream(settings.redis_url, STREAM, name)
        return TranscriptWorker(self._store, vault, engine, hasher, self._site.plan.transcribing, self._site.clock.wall,
                                ids.token, name, stream, at_once=settings.transcription.jobs)
