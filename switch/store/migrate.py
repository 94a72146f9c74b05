"""Bringing a database to the tables of this version, in process: no alembic.ini, no command line."""
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from dialplans.privileged import Accepted
from switch.ports.audit import KeyWrap
from switch.store.beside import NoKeys
from switch.store.engine import database_at
from switch.store.errors import StoreGone
from switch.store.privileged import ListLost, remembered

if TYPE_CHECKING:
    from alembic.config import Config

HERE = Path(__file__).parent / "migrations"


def config() -> "Config":
    """Alembic's settings, pointing at the migrations of this package."""
    from alembic.config import Config  # every command reads this module, and few migrate

    settings = Config()
    settings.set_main_option("script_location", str(HERE).replace("%", "%%"))
    return settings


def no_keys(_fresh: bool) -> KeyWrap:
    """For a database that has no words to seal."""
    return NoKeys()


def upgrade(url: str, may: Callable[[Accepted | None], None] = lambda _: None, *, make: bool = True,
            keys: Callable[[bool], KeyWrap] = no_keys) -> None:
    """Run every migration that the database has not had. Blocking; for start-up. StoreUnavailable.

    With `make` the tables are made where there are none, and an SQLite file too; a PostgreSQL must have a database of that name.
    Without it that is StoreGone: what a site lost must not come back as an empty one, in which nobody is barred and no one owes.

    `may` is asked before anything is changed, with the list of privileged numbers that the database remembers; ListLost is its
    way to refuse, and what follows where a migration itself loses that list. `keys` gives the site's master key to the migration
    that finds words to seal, and is told whether nothing was ever sealed under one; what it raises undoes everything."""
    from alembic import command
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    settings = config()
    database = database_at(url)
    if not make:
        database.identity()
    with database.migrating() as conn:
        settings.attributes |= {"connection": conn, "keys": keys}
        has = MigrationContext.configure(conn).get_current_revision()
        if has is None and not make:
            raise StoreGone(f"{make_url(url)!r}: there are no tables of ours in this database")
        before, behind = remembered(conn), has != ScriptDirectory.from_config(settings).get_current_head()
        if behind:
            may(before)
        command.upgrade(settings, "head")
        if behind and before is not None and remembered(conn) != before:
            raise ListLost("the migration would lose the list of privileged numbers that was accepted: nothing was changed")
