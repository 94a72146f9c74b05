"""What the supplier API calls the contacts that it asks about."""
from sqlalchemy import Boolean, Column, ForeignKey, String, Table

from switch.store.tables.base import Counter, metadata

supplied_numbers = Table(
    "supplied_numbers", metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("approval", String, nullable=False, unique=True),
    Column("control", Boolean, nullable=False),
)
"""The integer that stands for an approval in the interface, and its `controlStatus`."""

supplied_references = Table(
    "supplied_references", metadata,
    Column("reference", String, primary_key=True),
    Column("number", ForeignKey("supplied_numbers.id"), nullable=False),
    Column("asked", String, nullable=False),
)
"""Each reference that a number was sent with, and a digest of what was sent: the same again is the same answer."""
