"""Words beside the audit: read by whoever has the key, erased for good, never in the clear, and never in the chain."""
from pathlib import Path

import pytest
from alembic import command
from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection, create_engine, insert, text
from sqlalchemy.exc import IntegrityError

from switch.core.ids import StaffId
from switch.store.audit import append_audit, audit_head, link, row_digest, verify_audit
from switch.store.beside import WordsLocked, erase_words, read_words, unreadable_words
from switch.store.database import Store
from switch.store.engine import database_at
from switch.store.migrate import config, upgrade
from switch.store.stamps import stamp
from switch.store.tables import audit, audit_notes
from switch.store.unit_of_work import SqlUnitOfWork
from tests.unit.store.keys import MASTER, TestMaster
from tests.unit.store.site import ANN, AT, Site

OFFICER = StaffId("officer")
WORDS = "she told us of her brother Thaddeus"


def in_files(folder: Path) -> bytes:
    """The database as it lies on the disk, with what is not in the main file yet."""
    return b"".join(file.read_bytes() for file in folder.glob("site.db*"))


async def problems(site: Site) -> list[tuple[int, str]]:
    return [(one.seq, one.text) for one in await site.store.read(verify_audit)]


async def noted(site: Site, note: str = WORDS, second: str = "K. Marsh") -> int:
    """A row with words beside it."""
    await SqlUnitOfWork(site.store, {}).run(OFFICER, AT, lambda changes: changes.audit(
        "stop-undone-by-staff", {"person": ANN}, {"second": second}, note=note, recipient="the police"))
    return (await site.store.read(audit_head)).seq


async def test_words_and_names_are_beside_the_row_and_not_in_it(site: Site) -> None:
    seq = await noted(site)
    row = await site.store.read(lambda conn: conn.execute(audit.select().where(audit.c.seq == seq)).one())
    assert (row.subject, row.detail) == ('{"person":"A1234BC"}', '{"second":true}')
    assert await site.store.read(lambda conn: read_words(conn, [seq, 1])) == {
        seq: {"reason": WORDS, "second": "K. Marsh", "recipient": "the police"}}
    assert await SqlUnitOfWork(site.store, {}).look(OFFICER, AT, lambda work: work.note_text([1, seq])) == {seq: WORDS}


async def test_nothing_of_them_is_in_the_clear(site: Site) -> None:
    await noted(site)
    await site.store.read(lambda conn: conn.execute(text("SELECT 1")).scalar())
    if site.url.startswith("sqlite"):
        kept = in_files(site.folder)
        assert b"stop-undone-by-staff" in kept, "the test looks where things are"
    else:
        told = await site.store.read(lambda conn: [str(row) for table in ("audit", "audit_notes")
                                                   for row in conn.execute(text(f"SELECT * FROM {table}"))])
        kept = "".join(told).encode()
    assert not [word for word in (b"Thaddeus", b"Marsh", b"the police") if word in kept]


async def test_what_was_erased_is_gone_and_the_chain_stands(site: Site) -> None:
    seq, other = await noted(site), await noted(site, "another")
    assert await site.store.write(lambda conn: erase_words(conn, seq, AT))
    assert not await site.store.write(lambda conn: erase_words(conn, seq, AT)), "once is enough"
    assert await problems(site) == [(seq, "the words beside it were erased, and no row says who did it")]
    await site.store.write(lambda conn: append_audit(conn, AT, "officer", "words-erased", {"row": str(seq)}))
    assert await problems(site) == []
    found = await site.store.read(lambda conn: read_words(conn, [seq, other]))
    assert found[seq] is None
    assert found[other] is not None
    left = await site.store.read(lambda conn: conn.execute(audit_notes.select().where(audit_notes.c.seq == seq)).one())
    assert (left.key, left.sealed) == (None, None)


async def test_words_of_one_row_are_never_those_of_another(site: Site) -> None:
    seq, other = await noted(site), await noted(site, "another")

    def swap(conn: Connection) -> None:
        of = " ON audit_notes" if conn.dialect.name == "postgresql" else ""
        conn.execute(text(f"DROP TRIGGER audit_notes_UPDATE{of}"))
        row = conn.execute(audit_notes.select().where(audit_notes.c.seq == other)).one()
        conn.execute(audit_notes.update().where(audit_notes.c.seq == seq).values(key=row.key, sealed=row.sealed))

    await site.store.write(swap)
    with pytest.raises(InvalidTag):
        await site.store.read(lambda conn: read_words(conn, [seq]))


OWNERS: dict[str, tuple[str, str | None]] = {
    "taken away": ("DELETE FROM audit_notes WHERE seq = {seq}", "the words beside it are missing"),
    "changed": ("UPDATE audit_notes SET sealed = key WHERE seq = {seq}", "the words beside it were changed"),
    "erased": ("UPDATE audit_notes SET sealed = NULL, key = NULL WHERE seq = {seq}",
               "the words beside it were erased, and no row says who did it"),
    "added": ("INSERT INTO audit_notes (seq, kek, key, sealed)"
              " SELECT {bare}, kek, key, sealed FROM audit_notes WHERE seq = {seq}",
              "has words beside it of which it does not tell"),
    "moved": ("UPDATE audit_notes SET seq = {bare} WHERE seq = {seq}", "the words beside it are missing"),
    "only their key": ("UPDATE audit_notes SET key = sealed WHERE seq = {seq}", None),
}


@pytest.mark.parametrize("how", OWNERS)
async def test_what_the_databases_owner_does_to_them_shows(site: Site, how: str) -> None:
    statement, text_of = OWNERS[how]
    seq = await noted(site)
    await site.store.write(lambda conn: append_audit(conn, AT, "officer", "done", {}))
    assert (await problems(site), await site.store.read(unreadable_words)) == ([], [])

    def tamper(conn: Connection) -> None:
        of = " ON audit_notes" if conn.dialect.name == "postgresql" else ""
        for verb in ("UPDATE", "DELETE"):
            conn.execute(text(f"DROP TRIGGER audit_notes_{verb}{of}"))
        conn.execute(text(statement.format(seq=seq, bare=seq + 1)))

    await site.store.write(tamper)
    if text_of is None:
        assert await problems(site) == [], "the chain says nothing of keys, which are wrapped anew"
        assert await site.store.read(unreadable_words) == [seq]
    else:
        assert (seq + (how == "added"), text_of) in await problems(site)


async def test_words_from_before_rows_told_of_them_are_nobodys_problem(site: Site) -> None:
    """Rows of an older version, whose hashes were made without."""
    def older(conn: Connection) -> None:
        before = audit_head(conn)
        told = (stamp(AT), "officer", "done", "{}", "{}")
        hash = link(before.hash, before.seq + 1, row_digest("00", *told))
        row = (before.seq + 1, *told, before.hash, hash, "00", None)
        conn.execute(insert(audit), dict(zip(audit.c.keys(), row, strict=True)))
        conn.execute(insert(audit_notes), {"seq": before.seq + 1, "kek": "k", "key": b"k", "sealed": b"s"})

    await site.store.write(older)
    assert await problems(site) == []


@pytest.mark.parametrize("statement", [
    "UPDATE audit_notes SET sealed = key", "DELETE FROM audit_notes", "UPDATE audit_notes SET seq = 1",
    "UPDATE audit_notes SET key = NULL", "TRUNCATE audit_notes"])
async def test_nothing_but_erasing_is_done_to_them(site: Site, statement: str) -> None:
    if statement.startswith("TRUNCATE") and site.url.startswith("sqlite"):
        return
    await noted(site)
    with pytest.raises(IntegrityError):
        await site.store.write(lambda conn: conn.execute(text(statement)))


async def test_without_the_key_nothing_is_done_that_has_words(site: Site) -> None:
    before = await site.store.read(audit_head)
    bare, wrong = Store(site.url), Store(site.url, keys=TestMaster("another", b"x" * 32))
    with pytest.raises(WordsLocked, match="nothing was done"):
        await bare.write(lambda conn: append_audit(conn, AT, "officer", "done", {}, words={"reason": WORDS}))
    assert await site.store.read(audit_head) == before
    await bare.write(lambda conn: append_audit(conn, AT, "officer", "done", {}))
    seq = await noted(site)
    with pytest.raises(InvalidTag):
        await wrong.read(lambda conn: read_words(conn, [seq]))
    await bare.close()
    await wrong.close()


def older(url: str) -> None:
    """A database of before words were sealed, with a row and its words."""
    settings = config()
    with database_at(url).migrating() as conn:
        settings.attributes["connection"] = conn
        command.upgrade(settings, "0032q")
        conn.execute(text("INSERT INTO audit (seq, at, actor, action, subject, detail, previous, hash) VALUES"
                          " (1, 'now', 'officer', 'stop-undone-by-staff', '{}', '{}', 'x', 'y')"))
        conn.execute(text(f"INSERT INTO audit_notes (seq, person, text) VALUES (1, 'A1234BC', '{WORDS}')"))


async def test_words_that_stand_in_the_clear_are_sealed_by_the_migration(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/site.db"
    older(url)
    with pytest.raises(WordsLocked):
        upgrade(url)
    engine = create_engine(url)
    with engine.connect() as conn:
        assert conn.execute(text("SELECT text FROM audit_notes")).scalar() == WORDS, "nothing was changed"
    engine.dispose()
    asked: list[bool] = []
    upgrade(url, keys=lambda fresh: asked.append(fresh) or MASTER)  # type: ignore[func-returns-value]  # notes, then answers
    assert asked == [True]
    store = Store(url, keys=MASTER)
    assert await store.read(lambda conn: read_words(conn, [1])) == {1: {"reason": WORDS}}
    await store.close()
    assert b"Thaddeus" not in in_files(tmp_path)
