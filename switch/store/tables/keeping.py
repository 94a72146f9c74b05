"""How long recordings are kept: holds, and what reconciliation found."""
from sqlalchemy import Column, Index, String, Table, Text, text

from switch.store.tables.base import metadata

recording_holds = Table(
    "recording_holds", metadata,
    Column("id", String, primary_key=True),
    Column("reach", String, nullable=False),
    Column("target", String, nullable=False),
    Column("governor", String, nullable=False),
    Column("necessity", Text, nullable=False),
    Column("proportionality", Text, nullable=False),
    Column("cause", String, nullable=False),
    Column("placed_by", String, nullable=False),
    Column("placed_at", String, nullable=False),
    Column("until_at", String, nullable=False),
    Column("released_at", String),
    Column("released_by", String),
    Column("release_why", Text),
    Index("ix_recording_holds_standing", "reach", "target", sqlite_where=text("released_at IS NULL"),
          postgresql_where=text("released_at IS NULL")),
)
"""`target` is the id of a recording, a prison number, or a telephone number as its calls have it."""

recording_incidents = Table(
    "recording_incidents", metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("call", String, nullable=False),
    Column("establishment", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("found_at", String, nullable=False),
    Column("closed_at", String),
    Column("closed_by", String),
    Column("closed_why", Text),
    Index("ix_recording_incidents_open", "found_at", sqlite_where=text("closed_at IS NULL"),
          postgresql_where=text("closed_at IS NULL")),
)
"""One for each kind and call: found again, it is the same."""
