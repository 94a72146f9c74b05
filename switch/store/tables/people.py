"""People in prison, their PINs, and what staff have still to do about them."""
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false, text

from switch.store.tables.base import metadata

people = Table(
    "people", metadata,
    Column("id", String, primary_key=True),
    Column("keypad", String, nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("establishment", ForeignKey("establishments.id"), nullable=False),
    Column("phone", ForeignKey("phones.id"), index=True),
    Column("status", String, nullable=False, server_default="here"),
    Column("cell", String),
    Column("incentive", String, nullable=False, server_default=""),
    Column("foreign_national", Boolean, nullable=False, server_default=false()),
    Column("legal", Boolean, nullable=False, server_default=false()),
    Column("at_risk", Boolean, nullable=False, server_default=false()),
    Column("language", String, nullable=False, server_default="en"),
    Column("needs", Text, nullable=False, server_default="[]"),
    Index("ix_people_establishment_cell", "establishment", "cell"),
)
"""`phone` is the telephone of `cell`, and none while somebody is away; `needs` is JSON, a list of codes.
`incentive` is the level in the establishment's own words, empty where none is known."""

pins = Table(
    "pins", metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("hash", String, nullable=False),
    Column("changed_at", String, nullable=False),
    Column("duress", String),
)
"""`duress` is the hash of a second PIN that works like the first and tells staff silently."""

pin_failures = Table(
    "pin_failures", metadata,
    Column("phone", String, primary_key=True),
    Column("person", String, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("locked_at", String),
)
"""`person` is a prison number, or `keys:` and what was keyed where nobody has that number."""

tasks = Table(
    "tasks", metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("establishment", ForeignKey("establishments.id"), nullable=False),
    Column("person", ForeignKey("people.id")),
    Column("about", Text, nullable=False),
    Column("created_at", String, nullable=False),
    Column("due_at", String, nullable=False),
    Column("owner", String),
    Column("done_at", String),
    Column("done_by", String),
    Index("ix_tasks_waiting", "establishment", "due_at", sqlite_where=text("done_at IS NULL"),
          postgresql_where=text("done_at IS NULL")),
)
"""What staff have still to do; `about` is JSON of ids and counts."""
