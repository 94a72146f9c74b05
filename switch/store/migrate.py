"""Bringing a database to the tables of this version, in process: no alembic.ini, no command line."""
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from switch.store.engine import database_path

HERE = Path(__file__).parent / "migrations"


def config() -> Config:
    """Alembic's settings, pointing at the migrations of this package."""
    settings = Config()
    settings.set_main_option("script_location", str(HERE).replace("%", "%%"))
    return settings


def upgrade(url: str) -> None:
    """Create the database file if there is none, and run every migration that it has not had. Blocking; for start-up."""
    path = database_path(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite+pysqlite:///{path}")
    settings = config()
    try:
        with engine.begin() as conn:
            conn.exec_driver_sql("PRAGMA foreign_keys=OFF")  # batch mode rebuilds tables
            settings.attributes["connection"] = conn
            command.upgrade(settings, "head")
    finally:
        engine.dispose()
