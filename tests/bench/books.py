"""`python -m tests.bench.books [--postings N]`: the books of a large site added up again, on SQLite and on PostgreSQL.

A site of the past is made by this script: people with top-ups, and calls that held, cost and gave back, five postings each, with
their records. Then `verify-books` runs in a process of its own; told are its seconds and the most memory that it took.
"""
import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from switch.core.ids import CallId, PersonId
from switch.core.money import Millipence
from switch.ledger.charge import call_transaction, hold_transaction
from switch.ledger.postings import SiteAccount, Transaction, move, person_account
from switch.store.books import verify_books_at
from switch.store.engine import Bound, database_at
from switch.store.migrate import upgrade
from switch.store.stamps import stamp
from switch.store.tables import cdrs, postings
from tests.postgres import PostgresServer

BEGAN = datetime(2026, 1, 1, 8, tzinfo=UTC)
CALLS_EACH = 200
A_TIME = 20_000
"""Calls in one transaction."""
HOLD, CHARGED = Millipence(60_000), Millipence(27_500)


def lines(transaction: Transaction | None, at: str) -> list[dict[str, Any]]:
    assert transaction is not None
    return [{"reference": one.reference, "account": one.account, "amount": one.amount, "at": at} for one in transaction.postings]


def made(count: int) -> Iterator[tuple[dict[str, Any] | None, list[dict[str, Any]]]]:
    """A record, where there is one, with the postings that it wants: until there are so many."""
    written = number = 0
    while written < count:
        who, nth = divmod(number, CALLS_EACH)
        person, call = PersonId(f"A{who % 10_000:04}{chr(65 + who // 10_000)}A"), CallId(f"call-{number:08}")
        at = stamp(BEGAN + timedelta(hours=3 * nth))
        if nth % 20 == 0:
            paid = lines(move(f"topup:{call}", SiteAccount.CASH, person_account(person), Millipence(1_000_000)), at)
            written += len(paid)
            yield None, paid
        row = {"id": call, "node": "node-1", "started_at": at, "phone": "101", "person": person, "dialled": "+447700900123",
               "service": "contact", "privileged": False, "metered": True, "closed_at": at, "outcome": "connected",
               "end_by": "person", "end_why": "hung-up", "ring_ms": 8000, "talk_ms": 300_000, "charged": CHARGED,
               "bundle_seconds": 0}
        booked = lines(hold_transaction(call, person, HOLD), at) + lines(call_transaction(call, person, CHARGED, HOLD), at)
        written, number = written + len(booked), number + 1
        yield row, booked


def fill(url: str, count: int) -> int:
    upgrade(url)
    database = database_at(url)
    bound, total = Bound(database.writing(60_000), database), 0
    some: list[tuple[dict[str, Any] | None, list[dict[str, Any]]]] = []

    def write() -> None:
        with bound.transaction() as conn:
            conn.execute(insert(cdrs), [row for row, _ in some if row])
            conn.execute(insert(postings), [line for _, booked in some for line in booked])
        some.clear()

    for pair in made(count):
        some.append(pair)
        total += len(pair[1])
        if len(some) >= A_TIME:
            write()
    if some:
        write()
    bound.drop()
    return total


def add_up(url: str) -> None:
    """In the process of its own."""
    before = most_memory()
    began = time.monotonic()
    found = verify_books_at(url)
    took = time.monotonic() - began
    most = most_memory()
    print(f"{took:.1f} s, {len(found)} differences; at most {most:.0f} MB, of which {most - before:.0f} for this")


def most_memory() -> float:
    """MB that this process had at once so far: not by getrusage, which counts whoever started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def measure(name: str, url: str, count: int) -> None:
    began = time.monotonic()
    total = fill(url, count)
    print(f"{name}: {total} postings made in {time.monotonic() - began:.0f} s; added up in ", end="", flush=True)
    subprocess.run([sys.executable, "-m", "tests.bench.books", "--add-up", url], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.books")
    parser.add_argument("--postings", type=int, default=1_000_000)
    parser.add_argument("--add-up", default="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.add_up:
        add_up(asked.add_up)
        return
    with tempfile.TemporaryDirectory(prefix="wingline-books-") as folder:
        measure("SQLite", f"sqlite:///{folder}/books.db", asked.postings)
    server = PostgresServer().start()
    try:
        measure("PostgreSQL", server.fresh(), asked.postings)
    finally:
        server.remove()


if __name__ == "__main__":
    main()
