"""The row about the audit: how long a million rows of its chain take to be verified on PostgreSQL."""
import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta

from switch.store.audit import GENESIS, AuditProblem, canonical, link, row_digest, verify_audit
from switch.store.database import Store
from switch.store.stamps import stamp
from tests.bench.bench_site import RunningSite
from tests.bench.estate import SETTINGS
from tests.bench.words import Row, Size
from tests.postgres import PostgresServer
from tests.unit.store.site import AT

BLOCK = 10_000


def verifying(_site: RunningSite, size: Size) -> list[Row]:
    """RuntimeError where the chain that was made is not whole."""
    server = PostgresServer(**SETTINGS)
    try:
        url = server.start().fresh()
        with server.connect(url.partition("@/")[2].partition("?")[0]) as conn, conn.cursor() as cursor:
            with cursor.copy("COPY audit (seq, at, actor, action, subject, detail, previous, hash, salt) FROM STDIN") as copy:
                for block in _rows(size.audited):
                    copy.write(block)
            conn.execute("VACUUM (ANALYZE) audit")
        began, used = time.perf_counter(), time.process_time()
        problems = asyncio.run(_verified(url))
        took, used = time.perf_counter() - began, time.process_time() - used
    finally:
        server.remove()
    if problems:
        raise RuntimeError(f"the audit is not whole: {problems[0]}")
    note = f"{size.audited:,} rows; {used:.1f} s of our own CPU"
    return [Row("The audit verified, on PostgreSQL", f"{took:.1f} s", note=note)]


async def _verified(url: str) -> list[AuditProblem]:
    store = Store(url)
    try:
        return await store.read_apart(verify_audit)
    finally:
        await store.close()


def _rows(many: int) -> Iterator[str]:
    before, lines = GENESIS, list[str]()
    for seq in range(1, many + 1):
        subject = canonical({"person": f"A{seq % 8800:06d}", "contact": f"k{seq}"})
        at, detail = stamp(AT + timedelta(seconds=seq)), canonical({"kind": "social"})
        told = (at, f"officer-{seq % 40}", "contact-approved", subject, detail)
        salt = f"{seq:032x}"
        hash = link(before, seq, row_digest(salt, *told))
        lines.append("\t".join((str(seq), *told, before, hash, salt)) + "\n")
        before = hash
        if seq % BLOCK == 0 or seq == many:
            yield "".join(lines)
            lines.clear()
