"""The telephone's own menu: what is on its speed-dial keys, and the bulletins and names that it tells."""
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

contact_names = Table(
    "contact_names", metadata,
    Column("contact", ForeignKey("contacts.id"), primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("sound", LargeBinary, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("made_at", String, nullable=False),
    Column("made_by", String, nullable=False),
)
"""A contact's name as the menu says it to the one person whose contact it is, A-law at 8 kHz. `id` is another at each recording.
It is deleted, not ended, when the contact is withdrawn: it is personal data, and no record of a call needs it."""
