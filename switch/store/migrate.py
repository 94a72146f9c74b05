"""Bringing a database to the tables of this version, in process: no alembic.ini, no command line."""
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from dialplans.privileged import Accepted
from switch.store.engine import database_at
from switch.store.privileged import ListLost, remembered

HERE = Path(__file__).parent / "migrations"


def config() -> Config:
    """Alembic's settings, pointing at the migrations of this package."""
    settings = Config()
    settings.set_main_option("script_location", str(HERE).replace("%", "%%"))
    return settings


def upgrade(url: str, may: Callable[[Accepted | None], None] = lambda _: None) -> None:
    """Run every migration that the database has not had; an SQLite file is made where there is none, a PostgreSQL must have an
    empty database of that name. Blocking; for start-up. StoreUnavailable.

    `may` is asked before anything is changed, with the list of privileged numbers that the database remembers; ListLost is its
    way to refuse, and what follows where a migration itself loses that list."""
    settings = config()
    with database_at(url).migrating() as conn:
        settings.attributes["connection"] = conn
        before, behind = remembered(conn), _behind(conn, settings)
        if behind:
            may(before)
        command.upgrade(settings, "head")
        if behind and before is not None and remembered(conn) != before:
            raise ListLost("the migration would lose the list of privileged numbers that was accepted: nothing was changed")


def _behind(conn: Connection, settings: Config) -> bool:
    return MigrationContext.configure(conn).get_current_revision() != ScriptDirectory.from_config(settings).get_current_head()
