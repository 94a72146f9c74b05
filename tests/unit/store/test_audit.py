"""The chain shows a changed byte, a moved row, a missing one, and with an anchor a missing end."""
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, text

from switch.store.audit import AuditHead, append_audit, audit_head, verify_audit
from tests.unit.store.site import AT, Site

TAMPERINGS: dict[str, tuple[str, ...]] = {
    "a flipped letter": ("UPDATE audit SET actor = 'tesu' WHERE seq = 5",),
    "a changed detail": ("UPDATE audit SET detail = '[]' WHERE seq = 3",),
    "a changed time": ("UPDATE audit SET at = '2026-11-23T10:00:00.001Z' WHERE seq = 4",),
    "a row taken out": ("DELETE FROM audit WHERE seq = 6",),
    "a row taken out, the rest moved up": ("DELETE FROM audit WHERE seq = 6", "UPDATE audit SET seq = seq - 1 WHERE seq > 6"),
    "two rows changed about": ("UPDATE audit SET seq = 1000 WHERE seq = 2", "UPDATE audit SET seq = 2 WHERE seq = 3",
                               "UPDATE audit SET seq = 3 WHERE seq = 1000"),
    "the beginning cut off": ("DELETE FROM audit WHERE seq < 4",),
}


def tamper(*statements: str) -> Callable[[Connection], None]:
    """What somebody does who owns the database: the triggers go first."""
    def unit(conn: Connection) -> None:
        of = " ON audit" if conn.dialect.name == "postgresql" else ""
        for verb in ("UPDATE", "DELETE"):
            conn.execute(text(f"DROP TRIGGER audit_{verb}{of}"))
        for statement in statements:
            conn.execute(text(statement))
    return unit


@pytest.mark.parametrize("name", TAMPERINGS)
async def test_tampering_shows(site: Site, name: str) -> None:
    assert await site.store.read(verify_audit) == []
    await site.store.write(tamper(*TAMPERINGS[name]))
    assert await site.store.read(verify_audit)


async def test_a_cut_off_end_shows_against_a_head_kept_elsewhere(site: Site) -> None:
    head = await site.store.read(audit_head)
    await site.store.write(tamper("DELETE FROM audit WHERE seq > 8"))
    assert await site.store.read(verify_audit) == []
    problems = await site.store.read(lambda conn: verify_audit(conn, head))
    assert [problem.seq for problem in problems] == [head.seq]
    await site.store.write(lambda conn: append_audit(conn, AT, "test", "again", {}))
    assert await site.store.read(lambda conn: verify_audit(conn, AuditHead(9, head.hash)))


async def test_rows_of_one_transaction_follow_each_other(site: Site) -> None:
    def three(conn: Connection) -> None:
        for _ in range(3):
            append_audit(conn, AT, "test", "thing", {"of": "x"}, {"n": 1})
    before = await site.store.read(audit_head)
    await site.store.write(three)
    assert (await site.store.read(audit_head)).seq == before.seq + 3
    assert await site.store.read(verify_audit) == []
