"""The telephone's own menu: what is on its speed-dial keys, and the bulletins that it tells."""
from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from switch.store.tables.base import metadata

speed_dials = Table(
    "speed_dials", metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("number", String, nullable=False),
    Column("set_at", String, nullable=False),
)

bulletins = Table(
    "bulletins", metadata,
    Column("id", String, primary_key=True),
    Column("establishment", ForeignKey("establishments.id"), nullable=False),
    Column("wing", String),
    Column("text", Text, nullable=False),
    Column("sound", LargeBinary, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("from_at", String, nullable=False),
    Column("until_at", String, nullable=False),
    Column("published_at", String, nullable=False),
    Column("published_by", String, nullable=False),
    Column("withdrawn_at", String),
    Index("ix_bulletins_in_force", "establishment", "until_at", sqlite_where=text("withdrawn_at IS NULL"),
          postgresql_where=text("withdrawn_at IS NULL")),
)
"""`sound` is finished A-law at 8 kHz: in the database, so that every node has it and none waits for a file."""
