"""Privileged numbers: the lists that were accepted here, and what was found later. Lists and findings are never changed."""
from sqlalchemy import BigInteger as Big
from sqlalchemy import Column, ForeignKey, String, Table, Text

from switch.store.tables.base import metadata

privileged_lists = Table(
    "privileged_lists", metadata,
    Column("serial", Big, primary_key=True, autoincrement=False),
    Column("digest", String, nullable=False),
    Column("numbers", Text, nullable=False),
    Column("accepted_at", String, nullable=False),
    Column("accepted_by", String, nullable=False),
)
"""`numbers` is canonical JSON: each number with whose it is. `digest` is the SHA-256 of the list's text."""

quarantines = Table(
    "quarantines", metadata,
    Column("id", String, primary_key=True),
    Column("number", String, nullable=False, index=True),
    Column("since", String, nullable=False),
    Column("found_at", String, nullable=False),
    Column("found_by", String, nullable=False),
    Column("agreed_by", String, nullable=False),
)
"""A number that was found to be privileged, by two: from then on it is, and its calls since `since` may be heard by nobody."""

quarantine_undoings = Table(
    "quarantine_undoings", metadata,
    Column("quarantine", ForeignKey("quarantines.id"), primary_key=True),
    Column("undone_at", String, nullable=False),
    Column("undone_by", String, nullable=False),
    Column("agreed_by", String, nullable=False),
)
"""A finding that was wrong, by two: the number is what it was before, and its calls are in quarantine no longer."""

quarantined_calls = Table(
    "quarantined_calls", metadata,
    Column("call", String, primary_key=True),
    Column("quarantine", ForeignKey("quarantines.id"), nullable=False),
)
"""Those in quarantine now. The database itself lets a row go only where its finding was undone; that audit row names it."""
