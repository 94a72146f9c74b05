"""The migrations make the tables that the code names, on either database, and once is enough."""
import importlib
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, text

from switch.ports.transcripts import Sought
from switch.store.errors import StoreUnavailable
from switch.store.migrate import upgrade
from switch.store.tables import metadata
from switch.store.transcript_words import find, written
from tests.postgres import PostgresServer

GUARDED = ("audit", "cdrs", "postings")
SEARCH = {
    "include_name": lambda name, kind, _: kind != "table" or not name.startswith("transcript_fts"),
    "include_object": lambda _thing, name, _kind, reflected, _other: reflected or name != "ix_transcript_words_tokens",
}
"""SQLite keeps its index of words in tables of its own making, and has no GIN."""


def partial(conn: Connection) -> str:
    """What the index that allows one open call speaks of."""
    (where,) = [index["dialect_options"][f"{conn.dialect.name}_where"] for index in inspect(conn).get_indexes("cdrs")
                if index["name"] == "uq_cdrs_one_open_call"]
    return str(where)


def test_the_migrations_end_in_the_tables_of_the_code(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new folder/a.db"
    upgrade(url)
    upgrade(url)
    engine = create_engine(f"sqlite:///{tmp_path}/new folder/a.db")
    with engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn, opts=SEARCH), metadata) == []
        triggers = set(conn.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars())
        assert partial(conn) == "closed_at IS NULL AND service = 'contact'"
    assert triggers >= {f"{table}_{verb}" for table in GUARDED for verb in ("UPDATE", "DELETE")}
    engine.dispose()


def test_and_on_postgresql_though_several_begin_at_once(postgres: PostgresServer) -> None:
    url = postgres.empty()
    failed: list[Exception] = []

    def once() -> None:
        try:
            upgrade(url)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=once) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []
        triggers = set(conn.execute(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")).scalars())
        assert partial(conn) == "((closed_at IS NULL) AND ((service)::text = 'contact'::text))"
    assert triggers >= {f"{table}_{verb}" for table in GUARDED for verb in ("update", "delete", "truncate")}
    engine.dispose()
    postgres.drop(url)


def test_words_of_before_are_found_as_those_of_now(postgres: PostgresServer) -> None:
    """Two sides of a call, each in a row by itself, as 0032t had them."""
    script = importlib.import_module("switch.store.migrations.versions.0039v_words_of_whole_calls")
    url = postgres.fresh()
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    sides = (("aaaaaaaa", "bbbbbbbb", "aaaaaaaa"), ("cccccccc", "aaaaaaaa"))
    with engine.begin() as conn:
        conn.execute(text("INSERT INTO transcripts (recording, establishment, number, started_at, seconds, state, attempts,"
                          " asked_at, next_at) VALUES ('c1', 's', '1', 't', 1, 'done', 1, 't', 't')"))
        for side in sides:
            alone = " ".join(f"'{word}':{at}" for at, word in enumerate(side, 1))
            conn.execute(text("INSERT INTO transcript_words (recording, establishment, number, started_at, tokens)"
                              " VALUES ('c1', 's', '1', 't', CAST(:words AS tsvector))"), {"words": alone})
        conn.execute(text(script.WORDS_OF_CALLS))
        found = conn.execute(text("SELECT tokens::text FROM transcript_words ORDER BY id")).scalars().all()
        for row, now in zip(found, written(conn, sides), strict=True):
            assert row == conn.execute(text("SELECT CAST(:now AS tsvector)::text"), {"now": now}).scalar()
        assert find(conn, Sought((("aaaaaaaa", "bbbbbbbb"), ("cccccccc",))), None, 9) == ["c1"]
        assert find(conn, Sought((("bbbbbbbb", "cccccccc"),)), None, 9) == []
    engine.dispose()
    postgres.drop(url)


def test_a_postgresql_of_another_encoding_is_refused(postgres: PostgresServer) -> None:
    with postgres.connect() as conn:
        conn.execute("CREATE DATABASE latin ENCODING LATIN1 TEMPLATE template0")
    with pytest.raises(StoreUnavailable, match="in LATIN1"):
        upgrade(postgres.url("latin"))
    postgres.drop(postgres.url("latin"))


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "a letter"])
def test_another_address_is_refused(url: str) -> None:
    with pytest.raises(StoreUnavailable):
        upgrade(url)


def test_a_password_is_in_no_error(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable) as refused:
        upgrade(f"postgresql://wingline:bread-and-water@/none?host={tmp_path}")
    assert "none?" in str(refused.value)
    assert "bread-and-water" not in str(refused.value)
