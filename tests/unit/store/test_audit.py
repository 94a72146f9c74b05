"""The chain shows a changed byte, a moved row, a missing one, and with an anchor a missing end."""
import hashlib
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, text, update

from switch.store.audit import (
    GENESIS,
    AuditHead,
    append_audit,
    audit_head,
    canonical,
    link,
    row_digest,
    unsalted_hash,
    verify_audit,
)
from switch.store.engine import Bound, database_at
from switch.store.migrate import upgrade
from switch.store.stamps import stamp
from switch.store.tables import audit
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
    "a salt taken away": ("UPDATE audit SET salt = NULL WHERE seq = 7",),
    "a row put before the first": ("UPDATE audit SET seq = 0 WHERE seq = 7",),
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
    problems = await site.store.read(lambda conn: verify_audit(conn, [head]))
    assert [problem.seq for problem in problems] == [head.seq]
    await site.store.write(lambda conn: append_audit(conn, AT, "test", "again", {}))
    assert await site.store.read(lambda conn: verify_audit(conn, [AuditHead(9, head.hash)]))


async def test_rows_of_one_transaction_follow_each_other(site: Site) -> None:
    def three(conn: Connection) -> None:
        for _ in range(3):
            append_audit(conn, AT, "test", "thing", {"of": "x"}, {"n": 1})
    before = await site.store.read(audit_head)
    await site.store.write(three)
    assert (await site.store.read(audit_head)).seq == before.seq + 3
    assert await site.store.read(verify_audit) == []


ROWS = 9
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
CHANGES = st.one_of(
    st.tuples(st.sampled_from(("at", "actor", "action", "subject", "detail", "previous", "hash")), WORDS),
    st.tuples(st.sampled_from(("salt", "words")), st.none() | WORDS),
    st.tuples(st.just("seq"), st.integers(-(2**62) + 1, 2**62).filter(lambda seq: not 1 <= seq <= ROWS)),
)


class Undone(Exception):
    """Takes the transaction back."""


def test_no_change_of_any_field_of_any_row_goes_unseen(url: str) -> None:
    upgrade(url)
    database = database_at(url)
    bound = Bound(database.writing(), database)
    with bound.transaction() as conn:
        tamper()(conn)
        for number in range(ROWS):
            append_audit(conn, AT, "officer", "done", {"of": str(number)}, {"n": number})
        assert verify_audit(conn, [audit_head(conn)]) == []

    @given(row=st.integers(1, ROWS), change=CHANGES)
    def search(row: int, change: tuple[str, object]) -> None:
        field, value = change
        with pytest.raises(Undone), bound.transaction() as conn:  # noqa: PT012  # both, so that the rows are as they were
            before = conn.execute(text(f"SELECT {field} FROM audit WHERE seq = {row}")).scalar()
            conn.execute(update(audit).where(audit.c.seq == row).values({field: value}))
            assert bool(verify_audit(conn)) is (before != value)
            raise Undone

    search()
    bound.drop()
    bound.engine.dispose()


async def test_rows_from_before_there_were_salts_are_read_as_they_were_written(site: Site) -> None:
    def old(conn: Connection) -> None:
        conn.execute(text("DELETE FROM audit"))
        previous = GENESIS
        for seq in (1, 2, 3):
            told = (stamp(AT), "test", "old", canonical({"n": str(seq)}), "{}")
            hash = unsalted_hash(previous, seq, *told)
            conn.execute(insert(audit), dict(zip(audit.c.keys(), (seq, *told, previous, hash, None, None), strict=True)))
            previous = hash
        append_audit(conn, AT, "test", "new", {})

    await site.store.write(tamper())
    await site.store.write(old)
    assert await site.store.read(verify_audit) == []
    await site.store.write(lambda conn: conn.execute(text("UPDATE audit SET action = 'older' WHERE seq = 2")))
    assert [one.seq for one in await site.store.read(verify_audit)] == [2]


async def test_a_row_without_its_salt_made_to_fit_shows_even_so(site: Site) -> None:
    """Whoever owns the database could write the end anew by the old rule, which needs no salt."""
    def forge(conn: Connection) -> None:
        last = conn.execute(audit.select().order_by(audit.c.seq.desc()).limit(1)).one()
        hash = unsalted_hash(last.previous, last.seq, last.at, "somebody", last.action, last.subject, last.detail)
        conn.execute(update(audit).where(audit.c.seq == last.seq).values(actor="somebody", hash=hash, salt=None))

    await site.store.write(tamper())
    await site.store.write(forge)
    assert [one.text for one in await site.store.read(verify_audit)] == ["has no salt, though rows before it do"]


async def test_the_chain_is_read_from_a_row_on_that_is_known_good(site: Site) -> None:
    first = await site.store.read(lambda conn: conn.execute(audit.select().where(audit.c.seq == 4)).one())
    since = AuditHead(4, first.hash)
    assert await site.store.read(lambda conn: verify_audit(conn, since=since)) == []
    assert await site.store.read(lambda conn: verify_audit(conn, since=AuditHead(4, "0" * 64)))
    await site.store.write(tamper("UPDATE audit SET actor = 'x' WHERE seq = 6"))
    assert [one.seq for one in await site.store.read(lambda conn: verify_audit(conn, since=since))] == [6]


@given(told=st.tuples(*[WORDS] * 6), seq=st.integers(0, 2**62))
def test_a_hash_is_that_of_the_json_that_the_documents_name(told: tuple[str, str, str, str, str, str], seq: int) -> None:
    """As somebody outside reckons it (docs/audit.md): what a row says is in its hash by its digest alone."""
    def sha256(body: list[str | int]) -> str:
        return hashlib.sha256(json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()

    digest = sha256(list(told))
    assert (row_digest(*told), link(GENESIS, seq, digest)) == (digest, sha256([GENESIS, seq, digest]))
    assert row_digest(*told, words="ab") == sha256([*told, "ab"])
