"""The telephone's own menu: what is on its speed-dial keys."""
from sqlalchemy import Column, ForeignKey, Integer, String, Table

from switch.store.tables.base import metadata

speed_dials = Table(
    "speed_dials", metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("number", String, nullable=False),
    Column("set_at", String, nullable=False),
)
