"""A worker of transcripts as a process of its own, for a test to kill: arguments are URL, REDIS, DIR and PACE."""
import asyncio
import secrets
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from recordings.objects import folder_objects
from recordings.transcribe.index import Hasher
from recordings.transcribe.jobs import STREAM, TranscriptWorker
from switch.live.stream import JobStream
from switch.store.database import Store
from tests.unit.dialplans.test_transcribing import RULES
from tests.unit.recordings.slow_engine import SlowEngine
from tests.vaults import make_vault

KEY = bytes(range(32))
LEASE = timedelta(seconds=1)


def wall() -> datetime:
    return datetime.now(UTC)


def make_worker(store: Store, folder: Path, redis: str | None, name: str, engine: SlowEngine) -> TranscriptWorker:
    stream = None if redis is None else JobStream(redis, STREAM, name)
    vault = make_vault(store, folder / "spool", wall, objects=folder_objects(folder / "objects"))
    return TranscriptWorker(store, vault, engine, Hasher(KEY), RULES, wall, lambda: secrets.token_hex(8), name, stream,
                            lease=LEASE, sweep=0.2)


async def main(url: str, redis: str, folder: str, pace: str) -> None:
    store = Store(url)
    print("ready", flush=True)
    await make_worker(store, Path(folder), redis, f"w-{secrets.token_hex(2)}", SlowEngine(float(pace))).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
