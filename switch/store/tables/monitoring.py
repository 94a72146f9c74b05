"""The monitoring queue: one item a recording, what staff wrote about it, and the seeds of the draw."""
from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, text

from switch.store.tables.base import metadata

monitoring_seeds = Table(
    "monitoring_seeds", metadata,
    Column("month", String, primary_key=True),
    Column("seed", String, nullable=False),
    Column("made_at", String, nullable=False),
)
"""`month` is `2026-11`. Kept for good, so that a draw can be done again; its SHA-256 is in the audit since it was made."""

monitoring_items = Table(
    "monitoring_items", metadata,
    Column("call", String, primary_key=True),
    Column("establishment", String, nullable=False),
    Column("wing", String, nullable=False),
    Column("person", String),
    Column("number", String, nullable=False),
    Column("language", String, nullable=False),
    Column("started_at", String, nullable=False),
    Column("day", String, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("filed_at", String, nullable=False),
    Column("state", String, nullable=False),
    Column("tier", String),
    Column("authority", String),
    Column("lead", String),
    Column("drawn", Boolean, nullable=False),
    Column("percent", Integer, nullable=False),
    Column("plan", String, nullable=False),
    Column("due_at", String),
    Column("claimed_by", String),
    Column("claimed_until", String),
    Column("closed_at", String),
    Column("closed_by", String),
    Column("outcome", String),
    Column("translation", String),
    Column("translated_at", String),
    Column("translated_by", String),
    Index("ix_monitoring_items_waiting", "establishment", "due_at", sqlite_where=text("state = 'waiting'"),
          postgresql_where=text("state = 'waiting'")),
    Index("ix_monitoring_items_establishment_day", "establishment", "day"),
    Index("ix_monitoring_items_person_started_at", "person", "started_at"),
    Index("ix_monitoring_items_number_started_at", "number", "started_at"),
    Index("ix_monitoring_items_authority", "authority", sqlite_where=text("authority IS NOT NULL"),
          postgresql_where=text("authority IS NOT NULL")),
)
"""`day` is the local date on which the call began; `percent` and `plan` are what it was drawn by. `authority` and `lead` are ids
of what it stands on besides."""

monitoring_notes = Table(
    "monitoring_notes", metadata,
    Column("seq", ForeignKey("audit.seq"), primary_key=True),
    Column("call", ForeignKey("monitoring_items.call"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("second", Integer),
    Column("side", String),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
)
"""That staff wrote something about an item, and where in it. The words themselves stand beside the audit row `seq`."""
