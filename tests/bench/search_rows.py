"""The rows about search: words and phrases in 1,000,000 transcripts on PostgreSQL, as staff ask for them under authority."""
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, create_engine, select

from switch.core.authority import Authority, AuthorityKind, Ground
from switch.core.ids import PersonId, StaffId
from switch.ports.transcripts import Phrase, Sought
from switch.store.stamps import stamp
from switch.store.tables import random_draws
from switch.store.transcript_words import covered, find
from tests.bench.bench_site import RunningSite
from tests.bench.estate import SETTINGS
from tests.bench.machine import percentile
from tests.bench.said import LEAST, MOST, PEOPLE, SITES, STEMS, Said, fill, hashed, person
from tests.bench.words import Row, Size
from tests.postgres import PostgresServer
from tests.unit.store.site import AT

PROMISED_MS = 200.0
SHOWN = 40
"""As the desk asks: twice what is shown."""
AUTHORISED = 120
"""People under an authorisation in force, of those whose calls are kept."""
Phrases = tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class _Asker:
    """Draws what is asked for: words by how often they are said, and phrases that were said in some call."""

    chance: random.Random
    sides: list[list[int]]

    def word(self, low: int = 0, high: int = STEMS) -> Phrase:
        return (hashed(self.chance.randrange(low, high)),)

    def any_word(self) -> Phrase:
        """As a word comes up in speech, from everywhere to rare."""
        return (hashed(self.chance.choice(self.chance.choice(self.sides))),)

    def phrase(self, length: int) -> Phrase:
        side = self.chance.choice(self.sides)
        at = self.chance.randrange(len(side) - length)
        return tuple(map(hashed, side[at : at + length]))


KINDS: dict[str, Callable[[_Asker], Phrases]] = {
    "one word": lambda ask: (ask.word(*ask.chance.choice(((0, 50), (50, 500), (500, 5_000), (5_000, STEMS)))),),
    "two words": lambda ask: (ask.word(*ask.chance.choice(((50, 500), (500, 5_000)))), ask.any_word()),
    "a phrase of two": lambda ask: (ask.phrase(2),),
    "a phrase of three": lambda ask: (ask.phrase(3),),
    "a phrase and a word": lambda ask: (ask.phrase(2), ask.word(50, 5_000)),
}


def searching(_site: RunningSite, size: Size) -> list[Row]:
    server = PostgresServer(**SETTINGS | {"maintenance_work_mem": "3GB"})  # an index of words is made in memory, or takes long
    try:
        server.start()
        began = time.monotonic()
        said = fill(server, size.transcripts)
        made = time.monotonic() - began
        note = f"{size.transcripts:,} calls of {LEAST} to {MOST} words, {said.gigabytes:.1f} GB, made in {made:.0f} s"
        return list(measured(said, size, note))
    finally:
        server.remove()


def measured(said: Said, size: Size, note: str) -> Iterator[Row]:
    """Under authority first, as the desk lets staff ask; then by somebody who might hear everything, which nobody may."""
    engine = create_engine(said.url.replace("postgresql:", "postgresql+psycopg:"))
    drawn = select(random_draws.c.recording).where(random_draws.c.until_at > stamp(AT))
    allowed = covered([_authority(number) for number in range(AUTHORISED)], drawn, [person(2)])
    try:
        with engine.connect() as conn:
            for who, limit in ((f"under {AUTHORISED} authorisations and a month's draws", allowed), ("over everything", None)):
                every, parts = list[float](), list[str]()
                for kind, make in KINDS.items():
                    ask, took = _Asker(random.Random(kind), said.sides), list[float]()
                    for number in range(size.searches):
                        took.append(_took(conn, _narrowed(make(ask), number, ask.chance), limit))
                    parts.append(f"{kind} {percentile(took, 0.95):.0f}")
                    every += took
                p95 = percentile(every, 0.95)
                yield Row(f"Search of transcripts, {who}",
                          f"p50 {percentile(every, 0.5):.1f}, p95 {p95:.1f}, p99 {percentile(every, 0.99):.1f} ms",
                          f"promised under {PROMISED_MS:.0f} ms at p95", "", f"{note}; p95 of {', of '.join(parts)} ms",
                          p95 >= PROMISED_MS)
                note = "the same"
    finally:
        engine.dispose()


def _took(conn: Connection, sought: Sought, allowed: object) -> float:
    began = time.perf_counter()
    with conn.begin():
        find(conn, sought, allowed, SHOWN)  # type: ignore[arg-type]
    return (time.perf_counter() - began) * 1000


def _narrowed(phrases: Phrases, number: int, chance: random.Random) -> Sought:
    """Every second as it is; the others to a person, an establishment, or a week."""
    match number % 6:
        case 0:
            return Sought(phrases, PersonId(person(chance.randrange(PEOPLE))))
        case 2:
            return Sought(phrases, establishment=f"S{chance.randrange(SITES):03d}")
        case 4:
            since = AT - timedelta(days=chance.randrange(7, 80))
            return Sought(phrases, since=since, until=since + timedelta(days=7))
    return Sought(phrases)


def _authority(number: int) -> Authority:
    about = PersonId(person(number * 37))
    return Authority(f"a{number}", AuthorityKind.OFFENCE, Ground.CRIME, about, None, AT - timedelta(days=9),
                     AT + timedelta(days=9), StaffId("bench"), granted=True)
