"""The migrations make the tables that the code names, and once is enough."""
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from switch.store.migrate import upgrade
from switch.store.tables import metadata


def test_the_migrations_end_in_the_tables_of_the_code(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new folder/a.db"
    upgrade(url)
    upgrade(url)
    engine = create_engine(f"sqlite:///{tmp_path}/new folder/a.db")
    with engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []
        triggers = set(conn.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars())
        partial = {index["name"]: index["dialect_options"]["sqlite_where"].text for index in inspect(conn).get_indexes("cdrs")
                   if "sqlite_where" in index.get("dialect_options", {})}
    assert triggers == {f"{table}_{verb}" for table in ("audit", "cdrs", "postings") for verb in ("UPDATE", "DELETE")}
    assert partial["uq_cdrs_one_open_call"] == "closed_at IS NULL AND service = 'contact'"
    engine.dispose()
