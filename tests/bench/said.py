"""A PostgreSQL of the bench's own with an index of transcripts in it: who talked with whom, and the hashes of what was said.

All invented. Words are drawn as speech has them (Zipf, 30,000 stems), each by itself; a call has from 100 to 200, about half of
them each side's. The calls are those of a retention of ninety days, so that one person's are some two hundred.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from operator import add

import numpy as np

from recordings.transcribe.index import Hasher
from switch.store.stamps import stamp
from tests.bench.estate import bare
from tests.postgres import PostgresServer
from tests.unit.store.site import AT

STEMS, PEOPLE, NUMBERS, SITES = 30_000, 4_400, 12_000, 40
LEAST, MOST = 100, 200
DAYS, DRAWN_DAYS, DRAWN = 90, 28, 20
"""Kept for so many days; one in twenty is drawn at random and may be heard for 28 days, as the estate's plan has it."""
BATCH = 5_000
HASHER = Hasher(bytes(32))


@dataclass(frozen=True, slots=True)
class Said:
    """What came of it. `sides` are those of some calls, as numbers of stems."""

    url: str
    gigabytes: float
    sides: list[list[int]]


def hashed(stem: int) -> str:
    return HASHER.hash(f"w{stem}")


def person(number: int) -> str:
    return f"P{number % PEOPLE:05d}"


def fill(server: PostgresServer, calls: int) -> Said:
    """A migrated database, filled by COPY, indexed, vacuumed and analysed as a running site's is by itself."""
    url = server.fresh()
    kept: list[list[int]] = []
    with server.connect(url.partition("@/")[2].partition("?")[0]) as conn:
        conn.execute("SET session_replication_role = replica")  # foreign keys are right by how the rows are made
        names = "recording, establishment, person, number, started_at"
        with bare(conn, "transcripts", "transcript_words"), conn.cursor() as cursor:
            jobs = f"COPY transcripts ({names}, seconds, state, attempts, asked_at, next_at) FROM STDIN"
            with cursor.copy(jobs.encode()) as copy:
                for number in range(calls):
                    about = _about(number, calls)
                    copy.write(f"{about}\t300\tdone\t1\t{about[-24:]}\t{about[-24:]}\n")
            with cursor.copy(f"COPY transcript_words ({names}, tokens) FROM STDIN".encode()) as copy:
                for lines in _words(calls, kept):
                    copy.write(lines)
        conn.execute(
            "INSERT INTO random_draws SELECT recording, started_at, %s FROM transcripts"
            " WHERE started_at > %s AND right(recording, 4)::int %% %s = 7",
            (stamp(AT + timedelta(days=DRAWN_DAYS)), stamp(AT - timedelta(days=DRAWN_DAYS)), DRAWN))
        conn.execute("VACUUM (ANALYZE)")
        size = conn.execute("SELECT pg_total_relation_size('transcript_words')").fetchone()
    assert size is not None
    return Said(url, int(str(size[0])) / 1e9, kept)


def _about(number: int, calls: int) -> str:
    """Who, with whom, where and when, as COPY takes it; the newest first."""
    mixed = number * 7919
    at = stamp(AT - timedelta(days=DAYS) * (number / calls))
    return f"c{number:08d}\tS{mixed % SITES:03d}\t{person(mixed)}\t+4477009{mixed // 3 % NUMBERS:05d}\t{at}"


def _words(calls: int, kept: list[list[int]]) -> Iterator[str]:
    """Lines of COPY as `switch.store.transcript_words.written` would have them, but for the order."""
    chance = np.random.default_rng(7)
    hashes = [hashed(stem) for stem in range(STEMS)]
    named, first, last = [f"{one}:" for one in hashes], [one[:1] for one in hashes], [one[-2:] for one in hashes]
    places = [f"{place} " for place in range(1, MOST + 1)]
    upto = np.cumsum(1 / np.arange(1, STEMS + 1))
    upto /= upto[-1]
    for begin in range(0, calls, BATCH):
        lengths = chance.integers(LEAST // 2, MOST // 2, 2 * BATCH)
        stems = np.searchsorted(upto, chance.random(int(lengths.sum()))).tolist()
        lines, at = list[str](), 0
        for number in range(begin, min(begin + BATCH, calls)):
            tokens = ""
            for side in (0, 1):
                length = int(lengths[2 * (number - begin) + side])
                said, at = stems[at : at + length], at + length
                tokens += "".join(map(add, map(named.__getitem__, said), places[side * MOST // 2 :]))
                tokens += " ".join(map(add, map(first.__getitem__, said), map(last.__getitem__, said[1:]))) + " "
                if len(kept) < 4_000 and number % 97 == 0:
                    kept.append(said)
            lines.append(f"{_about(number, calls)}\t{tokens}\n")
        yield "".join(lines)
