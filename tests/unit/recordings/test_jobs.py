"""Transcripts as work, on both databases: no job is lost and none done twice, whatever dies."""
import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy import Connection, func, insert, select, update

from recordings.objects import folder_objects
from recordings.transcribe.jobs import STREAM, TranscriptWorker
from recordings.transcript import Channel, Transcript
from recordings.vault import Vault
from switch.live.stream import JobStream
from switch.ports.transcripts import JobState
from switch.store.tables import alarms, outbox, quarantined_calls, quarantines, transcript_words, transcripts
from switch.store.transcripts import (
    READY,
    TRIES,
    AskTranscript,
    ClaimTranscript,
    EndTranscript,
    FailTranscript,
    KeepClaim,
    again_after,
    drop_transcript,
    due,
    jobs,
    requeue,
)
from tests.unit.live.conftest import Server, server
from tests.unit.recordings.slow_engine import SlowEngine
from tests.unit.recordings.transcribing import make_worker, wall
from tests.unit.store.site import AT, Site
from tests.vaults import close_recorded, keep, make_vault, voices

__all__ = ["server"]
HOUR = timedelta(hours=1)
LEASE = timedelta(seconds=60)


def vault_of(site: Site) -> Vault:
    return make_vault(site.store, site.folder / "spool", wall, objects=folder_objects(site.folder / "objects"))


async def recorded(site: Site, call: str, seconds: float = 3.0, at: timedelta = timedelta()) -> None:
    """A call with its recording in the vault, to be transcribed."""
    await keep(vault_of(site), site.store, site.folder / "spool", call, voices(seconds), at=AT + at)
    assert await site.store.write(AskTranscript(call, wall()))


async def state(site: Site, call: str) -> JobState:
    return (await site.store.read(lambda conn: jobs(conn, recording=call)))[0].state


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 90.0) -> None:
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110  # another process has no event of ours
            await asyncio.sleep(0.05)


async def all_done(site: Site, *calls: str) -> None:
    async def done() -> bool:
        return all([await state(site, call) is JobState.DONE for call in calls])

    await until(done)


async def done_once(site: Site, call: str, seconds: int = 3) -> None:
    """One transcript, one row of the index, one thing that follows."""
    data = await vault_of(site).part(call, "transcript")
    assert data is not None
    assert [word.text for word in Transcript.from_json(data).channel(Channel.LEFT)] == [f"left{at}" for at in range(seconds)]

    def counted(conn: Connection) -> tuple[int, int]:
        rows = conn.execute(select(func.count(transcript_words.c.id)).where(transcript_words.c.recording == call)).scalar()
        told = conn.execute(select(func.count()).select_from(outbox).where(
            outbox.c.kind == READY, outbox.c.subject == call)).scalar()
        return int(rows or 0), int(told or 0)

    assert await site.store.read(counted) == (1, 1)


@asynccontextmanager
async def at_work(*workers: TranscriptWorker) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for worker in workers:
            worker.close()


async def test_many_workers_do_each_recording_once(site: Site, server: Server) -> None:
    calls = [f"c{number}" for number in range(6)]
    for number, call in enumerate(calls):
        await recorded(site, call, at=number * HOUR)
    engine = SlowEngine(0.02)
    workers = [make_worker(site.store, site.folder, server.url, name, engine) for name in ("w1", "w2", "w3")]
    stream = JobStream(server.url, STREAM, "look")

    async def nothing_held() -> bool:
        return not await stream.held()

    async with at_work(*workers):
        await all_done(site, *calls)
        await until(nothing_held)
    for call in calls:
        await done_once(site, call)
    assert engine.ears == 2 * len(calls), "each was heard once, on each side"
    await stream.close()


async def test_a_worker_killed_in_the_middle_loses_nothing(site: Site, server: Server) -> None:
    """kill -9 while it works: another has its job, after the lease, and its half is nowhere."""
    await recorded(site, "c1")
    argv = [sys.executable, "-m", "tests.unit.recordings.transcribing", site.url, server.url, str(site.folder), "5"]
    doomed = subprocess.Popen(argv, cwd=Path(__file__).parents[3])  # noqa: ASYNC220  # a fork

    async def running() -> bool:
        return await state(site, "c1") is JobState.RUNNING

    try:
        await until(running)
    finally:
        doomed.kill()
        doomed.wait()
    assert await vault_of(site).part("c1", "transcript") is None
    async with at_work(make_worker(site.store, site.folder, server.url, "alive", SlowEngine())):
        await all_done(site, "c1")
    await done_once(site, "c1")
    (job,) = await site.store.read(jobs)
    assert job.attempts == 2


async def test_an_emptied_valkey_loses_no_job(site: Site, server: Server) -> None:
    for call in ("c1", "c2", "c3"):
        await recorded(site, call)
    engine = SlowEngine(0.2)
    async with at_work(make_worker(site.store, site.folder, server.url, "w1", engine)):
        async def one_runs() -> bool:
            return any([await state(site, call) is JobState.RUNNING for call in ("c1", "c2", "c3")])

        await until(one_runs)
        redis: Redis = Redis.from_url(server.url)
        await redis.flushall()
        await redis.aclose()
        await all_done(site, "c1", "c2", "c3")
    for call in ("c1", "c2", "c3"):
        await done_once(site, call)
    assert engine.ears == 6


async def test_without_redis_the_jobs_are_taken_from_the_database(site: Site, server: Server) -> None:
    await recorded(site, "c1")
    server.kill()
    async with at_work(make_worker(site.store, site.folder, server.url, "w1", SlowEngine()),
                       make_worker(site.store, site.folder, None, "w2", SlowEngine())):
        await all_done(site, "c1")
    await done_once(site, "c1")


async def test_what_fails_is_tried_again_later_each_time_and_then_left_to_staff(site: Site) -> None:
    await recorded(site, "c1")
    waits = []
    for _ in range(TRIES):
        worker = make_worker(site.store, site.folder, None, "w1", SlowEngine(fail="the model is broken"))
        assert await worker.do((await site.store.read(jobs))[0].recording)
        assert not await worker.do((await site.store.read(jobs))[0].recording), "it is not due at once"
        worker.close()
        (job,) = await site.store.read(jobs)
        waits.append((job.next_at - wall()).total_seconds())
        await site.store.write(lambda conn: conn.execute(update(transcripts).values(next_at="2026-01-01T00:00:00.000Z")))
    assert job.state is JobState.DEAD
    assert job.error == "the model is broken"
    assert waits[:-1] == pytest.approx([60, 240, 960, 3840], abs=5)
    told = await site.store.read(lambda conn: conn.execute(select(alarms.c.kind, alarms.c.call)).all())
    assert list(map(tuple, told)) == [("transcript-dead", "c1")]
    assert await site.store.write(lambda conn: requeue(conn, [JobState.DEAD], wall())) == 1
    worker = make_worker(site.store, site.folder, None, "w1", SlowEngine())
    assert await worker.do(job.recording)
    worker.close()
    await done_once(site, "c1")


async def test_a_job_that_kills_its_workers_is_given_up(site: Site) -> None:
    """Nobody lived to say that it failed: each claim counts."""
    await recorded(site, "c1")
    at = wall()
    for number in range(TRIES):
        assert await site.store.write(ClaimTranscript("c1", f"t{number}", "w", at, LEASE)) is not None
        at += 2 * LEASE
    assert await site.store.write(ClaimTranscript("c1", "last", "w", at, LEASE)) is None
    (job,) = await site.store.read(jobs)
    assert (job.state, job.error) == (JobState.DEAD, "its workers died of it")


async def test_only_who_holds_the_claim_may_end_it(site: Site) -> None:
    await recorded(site, "c1")
    at = wall()
    assert await site.store.write(ClaimTranscript("c1", "slow", "w1", at, LEASE)) is not None
    assert await site.store.write(ClaimTranscript("c1", "other", "w2", at + LEASE - timedelta(seconds=1), LEASE)) is None
    assert await site.store.write(KeepClaim("c1", "slow", at + LEASE))
    assert await site.store.write(ClaimTranscript("c1", "fast", "w2", at + LEASE, LEASE)) is not None
    assert not await site.store.write(KeepClaim("c1", "slow", at + 3 * LEASE))
    assert not await site.store.write(EndTranscript("c1", "slow", "e", "m", 1, (("aaaa",),), at))
    assert await site.store.write(FailTranscript("c1", "slow", "late", at)) is None
    assert await site.store.write(EndTranscript("c1", "fast", "e", "m", 1, (("aaaa",),), at))
    assert not await site.store.write(EndTranscript("c1", "fast", "e", "m", 1, (("aaaa",),), at))


async def test_nothing_is_asked_of_a_call_that_may_not_be_heard(site: Site) -> None:
    await recorded(site, "c2")
    await keep(vault_of(site), site.store, site.folder / "spool", "c1", voices(1.0))
    await close_recorded(site.store, "c3", voices(1.0))
    assert await site.store.write(ClaimTranscript("c2", "t", "w1", wall(), LEASE)) is not None

    def lock_away(conn: Connection) -> None:
        conn.execute(insert(quarantines), {"id": "q1", "number": "+447700900123", "since": "x", "found_at": "x", "found_by": "x",
                                           "agreed_by": "y"})
        conn.execute(insert(quarantined_calls), [{"call": call, "quarantine": "q1"} for call in ("c1", "c2")])

    await site.store.write(lock_away)
    assert not await site.store.write(AskTranscript("c1", wall())), "it is in quarantine"
    assert not await site.store.write(AskTranscript("c3", wall())), "nothing of it was sealed"
    assert not await site.store.write(EndTranscript("c2", "t", "e", "m", 1, (("aaaa",),), wall())), "found while it was worked on"
    assert await state(site, "c2") is JobState.GONE
    assert await site.store.read(lambda conn: conn.execute(select(func.count()).select_from(transcript_words)).scalar()) == 0


async def test_erasure_takes_the_job_and_the_index_with_it(site: Site) -> None:
    await recorded(site, "c1")
    await recorded(site, "c2")
    worker = make_worker(site.store, site.folder, None, "w1", SlowEngine())
    first, second = [job.recording for job in await site.store.read(jobs)]
    assert await worker.do(first)
    await done_once(site, first)
    for call in (first, second):
        await vault_of(site).erase(call, "retention")
        assert not await worker.do(call)
        assert not await site.store.write(AskTranscript(call, wall()))
    worker.close()
    assert await site.store.read(jobs) == []
    assert await site.store.read(lambda conn: conn.execute(select(func.count()).select_from(transcript_words)).scalar()) == 0


async def test_the_newest_first_and_a_few_of_many(site: Site) -> None:
    for number in range(5):
        await recorded(site, f"c{number}", 1.0, number * HOUR)
    worker = make_worker(site.store, site.folder, None, "w1", SlowEngine())
    assert await worker.next(3) == ["c4", "c3", "c2"]
    assert [job.recording for job in await site.store.read(lambda conn: due(conn, wall(), 2))] == ["c4", "c3"]
    worker.close()
    await site.store.write(lambda conn: drop_transcript(conn, "c4"))
    assert [job.recording for job in await site.store.read(jobs)] == ["c3", "c2", "c1", "c0"]


def test_the_waits() -> None:
    assert [again_after(tries) for tries in range(1, TRIES + 1)] == [
        timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=16), timedelta(minutes=64), None]
