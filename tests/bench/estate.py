"""A PostgreSQL of the bench's own with an estate in it: everybody in prison, all their contacts, and calls to count.

All invented. Numbers are Ofcom's for drama, eighteen ranges of a thousand, so that many parties share one, which costs a read
more than it would in truth. Everything is made on the server, in SQL, in the order of time: one person's calls lie far apart.
"""
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

import psycopg

from switch.store.stamps import stamp
from tests.postgres import PostgresServer

NOW = datetime(2026, 11, 22, 19, 30, tzinfo=UTC)
"""A Sunday evening: the week's calls are nearly all there to count."""
SETTINGS = {
    "shared_buffers": "1GB", "maintenance_work_mem": "512MB", "work_mem": "128MB", "max_wal_size": "8GB",
    "synchronous_commit": "off",
}
"""Beside the tests' own: memory as a small server of a site has it. What the planner goes by stays as it comes."""
DRAMA = (
    "+447700900", "+441632960", "+441134960", "+441144960", "+441154960", "+441164960", "+441174960", "+441184960",
    "+441214960", "+441314960", "+441414960", "+441514960", "+441614960", "+442079460", "+441914980", "+442896496",
    "+442920180", "+443069990",
)
"""Ofcom, "Telephone numbers for use in TV and radio drama programmes": each with three more digits."""
CALLS_A_DAY = (0, 1, 1, 2, 2, 3, 3, 4, 6)
"""Of one person in nine each: 892 calls a year in the middle; 76 million of 88,000 people are 864."""
YEAR = 365
WHOLE_YEAR = 44
"""One person in so many has a year of calls and postings, and those are asked about; the others have the last `days`."""


@dataclass(frozen=True, slots=True)
class Estate:
    """How much there is. Calls that nobody counts any more are there for those who are asked about, and else only make it big."""

    people: int = 88_000
    contacts: int = 1_700_000
    days: int = 21


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of it."""

    url: str
    calls: int
    postings: int
    gigabytes: float
    asked: list[tuple[str, str, list[str]]]
    """Those with a whole year: person, telephone, numbers of their contacts."""


def fill(server: PostgresServer, estate: Estate) -> Filled:
    """A migrated database, filled, indexed, vacuumed and analysed as a running site's is by itself."""
    url = server.fresh()
    with server.connect(url.partition("@/")[2].partition("?")[0]) as conn:
        conn.execute("SET session_replication_role = replica")  # foreign keys are right by how the rows are made
        words: dict[str, object] = {
            "people": estate.people, "contacts": estate.contacts, "days": estate.days, "year": YEAR, "whole": WHOLE_YEAR,
            "drama": list(DRAMA), "numbers": len(DRAMA) * 1000, "rates": list(CALLS_A_DAY), "now": stamp(NOW),
        }
        given = psycopg.ClientCursor(conn)  # the server cannot tell the type of a parameter that stands in two places
        for statement in (*_PEOPLE, *_CONTACTS, *_ORDERS):
            given.execute(statement, words)
        with bare(conn, "cdrs", "postings"):
            for statement in _CALLS:
                given.execute(statement, words)
        conn.execute("VACUUM (ANALYZE)")
        counts = conn.execute("SELECT (SELECT count(*) FROM cdrs), (SELECT count(*) FROM postings),"
                              " pg_database_size(current_database())").fetchone()
        asked = given.execute(_ASKED).fetchall()
    assert counts is not None
    calls, postings, size = (int(str(one)) for one in counts)
    people = [(str(person), str(phone), str(numbers).split()) for person, phone, numbers in asked]
    return Filled(url, calls, postings, size / 1e9, people)


@contextmanager
def bare(conn: "psycopg.Connection[tuple[object, ...]]", *tables: str) -> Iterator[None]:
    """Tables without indexes, and outside the log, while they are filled; afterwards they have them again."""
    again = []
    for kinds in ("f", "pu"):  # foreign keys go first, and come back last
        constraints = conn.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = ANY(%s::regclass[]) AND strpos(%s, contype::text) > 0", (list(tables), kinds)).fetchall()
        for table, name, definition in constraints:
            conn.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
            again.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for table in tables:
        indexes = conn.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", (table,)).fetchall()
        for name, definition in indexes:
            conn.execute(f"DROP INDEX {name}".encode())
            again.append(str(definition))
        conn.execute(f"ALTER TABLE {table} SET UNLOGGED".encode())
    yield
    for definition in reversed(again):
        conn.execute(definition.encode())


_PEOPLE: tuple[LiteralString, ...] = (
    """INSERT INTO establishments (id, name, zone)
       SELECT 'S' || lpad(n::text, 3, '0'), 'HMP Invented ' || n, 'Europe/London' FROM generate_series(0, 119) n""",
    """INSERT INTO site_state SELECT id, true, %(now)s, 'bench', NULL FROM establishments""",
    """INSERT INTO announcement_relief SELECT id, 'bench', %(now)s FROM establishments WHERE id < 'S060'""",
    """INSERT INTO phones (id, network, realm, ha1_md5, ha1_sha256, cell, wing, establishment, pin_required)
       SELECT 'p' || lpad(n::text, 6, '0'), 'new', 'wingline', md5(n::text), md5(n::text) || md5(n::text), 'C' || n %% 400,
              'W' || n %% 8, 'S' || lpad((n %% 120)::text, 3, '0'), true FROM generate_series(0, %(people)s / 2) n""",
    """INSERT INTO people (id, keypad, name, active, establishment, phone, cell, incentive)
       SELECT 'A' || lpad(n::text, 6, '0'), '2' || lpad(n::text, 6, '0'), 'Person Invented ' || n, true,
              'S' || lpad((n / 2 %% 120)::text, 3, '0'), 'p' || lpad((n / 2)::text, 6, '0'), 'C' || n / 2 %% 400,
              (ARRAY['basic', 'standard', 'standard', 'enhanced'])[n %% 4 + 1] FROM generate_series(0, %(people)s - 1) n""",
)
_CONTACTS: tuple[LiteralString, ...] = (
    """CREATE TEMP TABLE made AS
       SELECT m, 'A' || lpad((m %% %(people)s)::text, 6, '0') AS person, left(md5('party' || m), 20) AS party,
              (%(drama)s::text[])[h / 1000 + 1] || lpad((h %% 1000)::text, 3, '0') AS number
       FROM (SELECT m, (m::bigint * 7919 + m / %(people)s * 641) %% %(numbers)s AS h
             FROM generate_series(0, %(contacts)s - 1) m) numbered""",
    """INSERT INTO parties (id, kind, name, child, child_level, prisoner)
       SELECT party, CASE WHEN m %% 12 = 0 THEN 'organisation' ELSE 'person' END, 'Contact Invented ' || m, m %% 9 = 0,
              CASE WHEN m %% 9 = 0 THEN 3 END, CASE WHEN m %% 500 = 7 THEN 'A' || lpad((m %% 1000)::text, 6, '0') END
       FROM made""",
    """INSERT INTO party_numbers (party, number, since) SELECT party, number, %(now)s FROM made""",
    """INSERT INTO contacts (person, number, party, id, kind, state, relationship, relay, allow_monitor, override, alert,
                             call_allowed, legal)
       SELECT person, number, party, left(md5('id' || m), 20), CASE WHEN m %% 12 = 0 THEN 'official' ELSE 'social' END,
              CASE WHEN m %% 20 = 3 THEN 'pending' ELSE 'approved' END, 0, false, true, false, false, true, false FROM made""",
    """INSERT INTO consents (id, party, number, consent, how, said_at, said_by, prompts)
       SELECT left(md5('consent' || m), 20), party, number, 'given', CASE WHEN m %% 5 = 0 THEN 'keypad' ELSE 'staff' END,
              %(now)s, 'bench', '[]' FROM made WHERE m %% 20 <> 3""",
    """INSERT INTO contact_voices (person, number, voice) SELECT person, number, 'child' FROM made WHERE m %% 40 = 0""",
)
_ORDERS: tuple[LiteralString, ...] = (
    """INSERT INTO no_contact (id, person, kind, party, other, court, from_at, exceptions, placed_at, placed_by)
       SELECT 'n' || m, person, 'court', CASE WHEN m %% 3 > 0 THEN party END,
              CASE WHEN m %% 3 = 0 THEN 'A' || lpad((m %% 1000)::text, 6, '0') END, 'Invented Crown Court', %(now)s, '[]',
              %(now)s, 'bench' FROM made WHERE m %% 700 = 0""",
    """INSERT INTO stops (id, number, scope, person, placed_at, placed_by)
       SELECT 's' || m, number, 'person', person, %(now)s, 'call:' || m FROM made WHERE m %% 170 = 1""",
    """INSERT INTO number_lists (id, number, kind, level, target, victim, cut_live, reason, added_by, added_at, from_at)
       SELECT 'l' || m, number, 'bar', 'person', person, m %% 2 = 0, true, 'invented', 'bench', %(now)s, %(now)s
       FROM made WHERE m %% 340 = 2""",
    """INSERT INTO wrong_numbers (id, number, person, at, verified_at)
       SELECT 'w' || m, number, person, %(now)s, %(now)s FROM made WHERE m %% 1000 = 4""",
    """INSERT INTO permits (id, person, number, kind, from_at, until_at, once, given_by, agreed_by, given_at)
       SELECT 'l' || m, person, number, 'hospital', %(now)s, %(now)s, true, 'one', 'two', %(now)s FROM made WHERE m %% 300 = 5""",
    """INSERT INTO quarantines (id, number, since, found_at, found_by, agreed_by)
       SELECT 'q' || m, number, %(now)s, %(now)s, 'one', 'two' FROM made WHERE m < 40""",
    """INSERT INTO orders (id, kind, scope, target, establishment, reason, staff, placed_at, from_at, lifted_at, cut_live,
                           helplines_too)
       SELECT 'o' || n, 'kill', 'wing', 'W' || n %% 8, 'S' || lpad((n %% 120)::text, 3, '0'), 'a fight', 'bench', %(now)s,
              %(now)s, CASE WHEN n > 20 THEN %(now)s END, true, false FROM generate_series(1, 5000) n""",
    """INSERT INTO bundles (id, person, name, from_at, until_at, seconds, price, sold_by)
       SELECT 'bundle-' || n || '-' || w, 'A' || lpad(n::text, 6, '0'), '100 minutes',
              to_char((%(now)s::timestamptz - w * interval '7 days' - interval '3 days') AT TIME ZONE 'UTC',
                      'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
              to_char((%(now)s::timestamptz - w * interval '7 days' + interval '4 days') AT TIME ZONE 'UTC',
                      'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 6000, 300000, 'bench'
       FROM generate_series(0, %(people)s - 1, 4) n, generate_series(0, 9) w""",
)
_CALLS: tuple[LiteralString, ...] = (
    """CREATE TEMP TABLE numbers AS
       SELECT person, (array_agg(number ORDER BY m)) AS known FROM made GROUP BY person""",
    """CREATE TEMP TABLE callers AS
       SELECT n, id AS person, phone, n %% %(whole)s = 0 AS whole, (%(rates)s::int[])[n / %(whole)s %% 9 + 1] AS rate, known
       FROM (SELECT substr(id, 2)::int AS n, id, phone FROM people) numbered JOIN numbers ON numbers.person = id""",
    """INSERT INTO cdrs (id, node, started_at, phone, person, dialled, service, privileged, metered, closed_at, outcome, end_by,
                         end_why, ring_ms, talk_ms, charged, bundle, bundle_seconds)
       SELECT lpad(to_hex(extract(epoch FROM began)::bigint), 8, '0') || '-' || left(md5(n || '/' || day || '/' || slot), 16),
              'node-' || n %% 4, to_char(began AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), phone, person,
              known[h %% cardinality(known) + 1], 'contact', false, true,
              to_char((began + interval '20 seconds' + talk * interval '1 second') AT TIME ZONE 'UTC',
                      'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
              CASE WHEN talk > 0 THEN 'connected' ELSE 'no-answer' END, 'person', 'hung-up', 8000, talk * 1000, talk * 92,
              CASE WHEN n %% 4 = 0 AND day < 3 THEN 'bundle-' || n || '-0' END,
              CASE WHEN n %% 4 = 0 AND day < 3 THEN talk ELSE 0 END
       FROM (SELECT day, slot, n, person, phone, known, h, CASE WHEN h %% 5 = 0 THEN 0 ELSE 60 + h %% 540 END AS talk,
                    date_trunc('day', %(now)s::timestamptz) - day * interval '1 day' + interval '7 hours'
                    + slot * interval '2 hours' + h %% 7000 * interval '1 second' AS began
             FROM generate_series(%(year)s - 1, 0, -1) day, generate_series(0, 5) slot, callers,
                  LATERAL (SELECT (n * 37 + day * 101 + slot * 773) %% 99991 AS h) hashed
             WHERE slot < rate AND (whole OR day < %(days)s)) asked
       WHERE began < %(now)s::timestamptz - interval '10 minutes'""",
    """INSERT INTO postings (reference, account, amount, at)
       SELECT 'opening:' || person, 'person:' || person,
              rate * 60000 * (CASE WHEN whole THEN %(year)s ELSE %(days)s END) + 200000, %(now)s FROM callers""",
    """INSERT INTO postings (reference, account, amount, at)
       SELECT kind || id, 'person:' || person, amount, at
       FROM cdrs, LATERAL (VALUES ('hold:', -55200, started_at), ('call:', 55200 - charged, closed_at)) two (kind, amount, at)""",
)
_ASKED: LiteralString = """SELECT person, phone, array_to_string(known, ' ') FROM callers WHERE whole AND rate > 0 ORDER BY n"""
