"""The worker's part in the vault: what waits, what is told to staff, and that nothing is lost while a store or a key is away, nor
by kill -9 of the worker itself meanwhile."""
import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import delete, insert, select

from recordings.keys import KeyProblem, load_master
from recordings.spool import spool_of, write_spool
from recordings.vault import NotClosed
from switch.build import example
from switch.build.sealing import LEFT_FOR, Sealing
from switch.build.site import SystemClock, open_store, read_site
from switch.core.ids import CallId, PersonId
from switch.store.database import Store
from switch.store.recordings import list_recordings
from switch.store.stamps import stamp
from switch.store.tables import alarms, quarantine_undoings, quarantined_calls, quarantines
from tests.s3 import S3
from tests.unit.store.site import AT
from tests.vaults import close_recorded, voices

ANN = PersonId("A1001AA")
AUDIO = voices(2.5)
CLOSED = json.dumps({"recording": "c1", "seconds": 2.5})


@dataclass
class Worker:
    """A worker's sealing on an example site, whose clock a test sets."""

    folder: Path
    at: datetime = AT + timedelta(minutes=1)
    followed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.site = read_site(self.folder, SystemClock(self.at - datetime.now(UTC)))
        self.store: Store = open_store(self.site.settings)
        self.sealing = Sealing(self.site, self.store, (self.follow,))

    async def follow(self, call: CallId) -> None:
        self.followed.append(call)

    @property
    def spools(self) -> Path:
        return self.site.settings.recordings.spools

    def spool(self, call: str, audio: bytes = AUDIO) -> None:
        write_spool(spool_of(self.spools, call), call, AT, audio, load_master(self.site.settings.recordings.master_key))

    async def told(self) -> list[str]:
        return list(await self.store.read(lambda conn: conn.execute(select(alarms.c.kind).order_by(alarms.c.at)).scalars().all()))

    async def whole(self, *calls: str) -> None:
        """These recordings are in the vault, once, as they were said, and nothing waits."""
        vault = await self.sealing.vault()
        assert [one.id for one in await self.store.read(list_recordings)] == list(calls)
        for call in calls:
            assert await vault.verify(call) == []
            assert await vault.read(call, 0, len(AUDIO)) == AUDIO
        assert list(self.spools.iterdir()) == []


@pytest_asyncio.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    await asyncio.to_thread(example.write, tmp_path / "site")
    made = Worker(tmp_path / "site")
    yield made
    await made.store.close()


async def test_what_is_closed_is_sealed_once_and_what_follows_follows(worker: Worker) -> None:
    worker.spool("c1")
    with pytest.raises(NotClosed):
        await worker.sealing.recording_sealed("c1", CLOSED)
    await close_recorded(worker.store, "c1", AUDIO, person=ANN)
    await worker.sealing.recording_sealed("c1", CLOSED)
    await worker.sealing.recording_sealed("c1", CLOSED)
    await worker.whole("c1")
    assert worker.followed == ["c1"] * 2, "idempotent steps, told again in case the first was broken off"
    assert await worker.told() == []


async def test_a_recording_that_is_nowhere_is_told_and_one_of_another_node_is_left_to_it(worker: Worker) -> None:
    await close_recorded(worker.store, "c1", AUDIO, person=ANN)
    with pytest.raises(LookupError, match="is on node node-1"):
        await worker.sealing.recording_sealed("c1", CLOSED)
    assert await worker.told() == []
    settings = replace(worker.site.settings, node=replace(worker.site.settings.node, name="node-1"))
    here = Sealing(replace(worker.site, settings=settings), worker.store)
    await here.recording_sealed("c1", CLOSED)
    assert await worker.told() == ["recording-lost"]


async def test_a_spool_that_is_not_what_its_record_says_stays_and_is_told(worker: Worker) -> None:
    worker.spool("c1", voices(2.5, left=500))
    await close_recorded(worker.store, "c1", AUDIO, person=ANN)
    await worker.sealing.recording_sealed("c1", CLOSED)
    assert (await worker.told(), worker.followed) == (["recording-differs"], [])
    assert spool_of(worker.spools, "c1").exists()


async def test_without_the_key_all_waits_and_with_it_all_goes_on(worker: Worker) -> None:
    key = worker.site.settings.recordings.master_key
    worker.spool("c1")
    await close_recorded(worker.store, "c1", AUDIO, person=ANN)
    key.rename(key.with_suffix(".away"))
    for _ in range(2):
        with pytest.raises(KeyProblem, match="put it back"):
            await worker.sealing.recording_sealed("c1", CLOSED)
    assert await worker.told() == ["recordings-key"], "once"
    key.with_suffix(".away").rename(key)
    await worker.sealing.recording_sealed("c1", CLOSED)
    await worker.whole("c1")


async def test_what_was_left_behind_is_sealed_after_its_time(worker: Worker) -> None:
    """A disk was full: the record names no recording, and the spool has what was said until then."""
    for call in ("c1", "runs"):
        worker.spool(call)
    await close_recorded(worker.store, "c1", None, person=ANN)
    await worker.sealing.look()
    assert spool_of(worker.spools, "c1").exists(), "its own row of the outbox comes first"
    late = replace(worker, at=AT + timedelta(minutes=2) + LEFT_FOR, followed=[])
    await late.sealing.look()
    await late.store.close()
    assert (late.followed, await worker.told()) == (["c1"], [])
    assert [path.stem for path in worker.spools.iterdir()] == ["runs"], "nobody's call is over"


async def test_nothing_follows_for_a_call_in_quarantine_until_it_is_out_of_it(worker: Worker) -> None:
    worker.spool("c1")
    await close_recorded(worker.store, "c1", AUDIO, person=ANN)
    await worker.store.write(lambda conn: conn.execute(insert(quarantines), {
        "id": "q", "number": "+447700900123", "since": stamp(AT), "found_at": stamp(AT), "found_by": "a", "agreed_by": "b"}))
    await worker.store.write(lambda conn: conn.execute(insert(quarantined_calls), {"call": "c1", "quarantine": "q"}))
    await worker.sealing.recording_sealed("c1", CLOSED)
    assert (worker.followed, list(worker.spools.iterdir())) == ([], [])
    body = json.dumps({"call": "c1"})
    await worker.sealing.released("q c1", body)
    assert worker.followed == [], "it is in quarantine still"
    await worker.store.write(lambda conn: conn.execute(insert(quarantine_undoings), {
        "quarantine": "q", "undone_at": stamp(AT), "undone_by": "a", "agreed_by": "b"}))
    await worker.store.write(lambda conn: conn.execute(delete(quarantined_calls)))
    await worker.sealing.released("q c1", body)
    await worker.sealing.released("q c2", json.dumps({"call": "c2"}))
    assert worker.followed == ["c1"], "of c2 there is no recording"


async def test_a_seal_that_was_broken_off_is_swept_in_the_night(worker: Worker) -> None:
    stray = worker.site.settings.recordings.vault / "2026/11/20/c0/audio-abc"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x")
    os.utime(stray, (0, 0))
    (job,) = worker.sealing.jobs()
    await job.work("", AT)
    assert not stray.exists()


async def until(true: Callable[[], object], role: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(60):
        while not true():  # another process has no event of ours
            assert role.poll() is None, "the worker ended"
            await asyncio.sleep(0.02)


async def test_kill_9_of_the_worker_and_a_store_that_is_down_lose_nothing(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The role itself: killed while the store refuses, killed again between the store and the database, then left alone."""
    s3, folder = S3(), tmp_path / "site"
    await asyncio.to_thread(example.write, folder)
    for name, value in {"RECORDINGS__OBJECTS": f"s3://{s3.bucket}/prison", "RECORDINGS__S3_ENDPOINT": s3.endpoint,
                        "RECORDINGS__S3_KEY": "test", "RECORDINGS__S3_SECRET": "test", "REDIS__URL": "off"}.items():
        monkeypatch.setenv(f"WINGLINE_{name}", value)
    worker = Worker(folder)
    for call in ("c1", "c2"):
        worker.spool(call)
        await close_recorded(worker.store, call, AUDIO, person=ANN)

    def role(minutes: int) -> subprocess.Popen[bytes]:
        """From so many minutes on, when what a killed worker had taken is taken again."""
        at = (AT + timedelta(minutes=minutes)).isoformat()
        return subprocess.Popen([sys.executable, "-m", "switch.cli", "worker", "--dir", str(folder), "--now", at],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kinds() -> list[str]:
        with worker.store.database.reading().connect() as conn:
            return list(conn.execute(select(alarms.c.kind)).scalars())

    s3.stop()
    first = role(3)
    await until(lambda: "recordings-store" in kinds(), first)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert sorted(path.stem for path in worker.spools.iterdir()) == ["c1", "c2"]
    assert await worker.store.read(list_recordings) == []
    s3.again()
    second = role(6)
    await until(lambda: len(s3.everything()), second)
    second.send_signal(signal.SIGKILL)
    second.wait()
    third = role(9)
    await until(lambda: not list(worker.spools.iterdir()), third)
    third.terminate()
    third.wait(30)

    await worker.whole("c1", "c2")
    vault = await worker.sealing.vault()
    await vault.sweep(timedelta(days=-36_500))  # the store stamps by its own clock, which is not the test's
    await worker.whole("c1", "c2")
    kept = s3.everything()
    assert len(kept) == 4 + len([name for name in kept if "/audit/" in name]), "sound and peaks of each"
    for data in (*kept.values(), *(path.read_bytes() for path in folder.rglob("*") if path.is_file())):
        assert not any(AUDIO[at : at + 16] in data for at in range(0, len(AUDIO), 800))
    await worker.store.close()
    s3.stop()


async def test_calls_that_end_together_are_sealed_in_one_vault(worker: Worker) -> None:
    assert len(set(await asyncio.gather(*(worker.sealing.vault() for _ in range(8))))) == 1
