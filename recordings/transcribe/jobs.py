"""Transcripts made from recordings, by as many workers as there are: taken from the stream or from SQL, tried again, given up.

One that dies leaves its job to another after its lease; whatever is taken twice is claimed once, in SQL. Without Redis the same
jobs are taken from SQL, a little later. Engines work on threads of low priority: on a machine that carries calls, those go first.
"""
import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from dialplans.plan import TranscribingRules
from dialplans.transcribing import turn, wanted
from recordings.transcribe.engine import EngineProblem, Transcriber, transcribe
from recordings.transcribe.index import Hasher
from recordings.transcript import KIND, Transcript
from recordings.vault import Erased, NotKept, Quarantined
from switch.core.ids import CallId, RecordingId
from switch.live.stream import JobStream, StreamAway, Taken
from switch.ports.transcripts import JobState, TranscriptJob
from switch.store.database import Store
from switch.store.orders import PlaceAlarm
from switch.store.transcripts import ClaimTranscript, EndTranscript, FailTranscript, KeepClaim, due

log = structlog.get_logger("transcripts")
STREAM = "transcripts"
WINDOW = 8
"""Jobs in the stream at once for each that this machine does at once: the fewer, the sooner a mandatory call has its turn."""
LEASE = timedelta(seconds=60)
"""After this a job whose worker says nothing is anybody's."""
SWEEP = 15.0
"""Seconds between looks at SQL for what the stream does not have."""
PIECE = 160_000
"""Octets of audio read at once: ten seconds."""
NICE = 10


class Audio(Protocol):
    """The vault, as far as transcribing needs it."""

    async def size(self, recording: str) -> int: ...

    async def read(self, recording: str, start: int, stop: int) -> bytes: ...

    async def put_part(self, recording: str, kind: str, data: bytes) -> None: ...


class Stopped(Exception):
    """The work was told to stop, or is somebody else's by now."""


def work_threads(number: int) -> ThreadPoolExecutor:
    """Threads for engines, which leave the processor to everything else."""
    return ThreadPoolExecutor(
        number, "wingline-transcribe", lambda: os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE))


class TranscriptWorker:
    """`worker` names it; `token` makes claims; `at_once` is how many recordings it does at once. `run` is its one task."""

    def __init__(self, store: Store, audio: Audio, engine: Transcriber, hasher: Hasher, rules: TranscribingRules,
                 wall: Callable[[], datetime], token: Callable[[], str], worker: str, stream: JobStream | None = None,
                 *, at_once: int = 1, lease: timedelta = LEASE, sweep: float = SWEEP, pool: ThreadPoolExecutor | None = None
                 ) -> None:
        self._store, self._audio, self._engine, self._hasher, self._rules = store, audio, engine, hasher, rules
        self._wall, self._token, self._worker, self._stream = wall, token, worker, stream
        self._at_once, self._lease, self._sweep = at_once, lease, sweep
        self._pool = pool or work_threads(at_once)

    async def run(self) -> None:
        """Until cancelled. A database or Redis that is away is waited for."""
        async with asyncio.TaskGroup() as group:
            if self._stream is not None:
                group.create_task(self._feed(self._stream))
            for _ in range(self._at_once):
                group.create_task(self._work())

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def next(self, most: int = 1) -> list[RecordingId]:
        """What is to be done now, the first first."""
        found = await self._store.read(lambda conn: due(conn, self._wall(), most))
        jobs = [job for job in found if wanted(self._rules, job.tier)]
        return [job.recording for job in sorted(jobs, key=lambda job: turn(self._rules, job.tier, job.started_at))][:most]

    async def _feed(self, stream: JobStream) -> None:
        """Keeps a few jobs in the stream; one that was emptied is filled again from SQL."""
        while True:
            try:
                window = WINDOW * self._at_once
                held = await stream.held()
                if len(held) < window:
                    fresh = [job for job in await self.next(window) if job not in held]
                    if fresh:
                        await stream.publish(fresh[: window - len(held)])
            except StreamAway as error:
                log.info("transcripts.stream-away", error=str(error))
            except Exception as error:  # the store is away: it is all in there
                log.warning("transcripts.away", error=repr(error))
            await asyncio.sleep(self._sweep)

    async def _work(self) -> None:
        while True:
            try:
                if not await self._once():
                    await asyncio.sleep(min(self._sweep, 2.0))
            except Exception as error:
                log.warning("transcripts.away", error=repr(error))
                await asyncio.sleep(min(self._sweep, 5.0))

    async def _once(self) -> bool:
        """One job, if there is one."""
        if self._stream is not None:
            try:
                taken = await self._stream.take(self._lease.total_seconds(), min(self._sweep, 2.0))
            except StreamAway:
                pass
            else:
                if taken is None:
                    return True  # it has waited already
                await self.do(RecordingId(taken.job), taken)
                return True
        return any([await self.do(recording) for recording in await self.next()])

    async def do(self, recording: RecordingId, taken: Taken | None = None) -> bool:
        """One recording, from claim to end. False where it is not to be done now, or is in other hands."""
        claim, stop = self._token(), threading.Event()
        job = await self._store.write(ClaimTranscript(recording, claim, self._worker, self._wall(), self._lease))
        if job is not None:
            work = asyncio.create_task(self._transcribe(recording, stop))
            alive = asyncio.create_task(self._keep(recording, claim, taken, stop))
            try:
                await self._end(job, claim, await work)
            except Exception as error:
                await self._fail(job, claim, error)
            finally:
                stop.set()
                work.cancel()
                alive.cancel()
        if taken is not None and self._stream is not None:
            try:
                await self._stream.done(taken)
            except StreamAway:
                pass  # whoever takes it again finds nothing to claim
        return job is not None

    async def _transcribe(self, recording: RecordingId, stop: threading.Event) -> Transcript:
        loop = asyncio.get_running_loop()
        size = await self._audio.size(recording)

        def pieces() -> Iterator[bytes]:
            for start in range(0, size, PIECE):
                if stop.is_set():
                    raise Stopped(recording)
                read = asyncio.run_coroutine_threadsafe(self._audio.read(recording, start, min(start + PIECE, size)), loop)
                yield read.result()

        return await loop.run_in_executor(self._pool, lambda: transcribe(self._engine, pieces()))

    async def _keep(self, recording: RecordingId, claim: str, taken: Taken | None, stop: threading.Event) -> None:
        """Says that the job goes on; where it is not ours any more, the work stops."""
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 4)
            try:
                if not await self._store.write(KeepClaim(recording, claim, self._wall() + self._lease)):
                    stop.set()
                    return
                if taken is not None and self._stream is not None:
                    await self._stream.touch(taken)
            except Exception as error:  # tried again before the lease is over
                log.info("transcripts.not-kept-alive", recording=recording, error=repr(error))

    async def _end(self, job: TranscriptJob, claim: str, made: Transcript) -> None:
        await self._audio.put_part(job.recording, KIND, await asyncio.to_thread(made.to_json))
        stretches = await asyncio.to_thread(self._hasher.stretches, made)
        ours = await self._store.write(EndTranscript(job.recording, claim, made.engine, made.model, len(made.words), stretches,
                                                     self._wall()))
        log.info("transcripts.done" if ours else "transcripts.done-by-another", recording=job.recording, words=len(made.words))

    async def _fail(self, job: TranscriptJob, claim: str, error: Exception) -> None:
        """Errors name recordings, files and engines; never words."""
        gone = isinstance(error, Erased | NotKept | Quarantined)
        text = str(error) if gone or isinstance(error, EngineProblem) else repr(error)
        state = await self._store.write(FailTranscript(job.recording, claim, text, self._wall(), gone))
        log.warning("transcripts.failed", recording=job.recording, attempts=job.attempts, state=state, error=text)
        if state is JobState.DEAD:
            said = f"The recording of call {job.recording} could not be transcribed: {text}"
            alarm = PlaceAlarm(f"transcript:{job.recording}", "transcript-dead", said, CallId(job.recording), self._wall())
            await self._store.write(alarm)
