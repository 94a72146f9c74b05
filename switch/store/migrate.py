"""Bringing a database to the tables of this version, in process: no alembic.ini, no command line."""
from pathlib import Path

from alembic import command
from alembic.config import Config

from switch.store.engine import database_at

HERE = Path(__file__).parent / "migrations"


def config() -> Config:
    """Alembic's settings, pointing at the migrations of this package."""
    settings = Config()
    settings.set_main_option("script_location", str(HERE).replace("%", "%%"))
    return settings


def upgrade(url: str) -> None:
    """Run every migration that the database has not had; an SQLite file is made where there is none, a PostgreSQL must have an
    empty database of that name. Blocking; for start-up. StoreUnavailable."""
    settings = config()
    with database_at(url).migrating() as conn:
        settings.attributes["connection"] = conn
        command.upgrade(settings, "head")
