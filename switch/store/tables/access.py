"""Keys of other systems, the answers that are kept for them, and what waits for a second member of staff."""
from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from switch.store.tables.base import metadata

access_keys = Table(
    "access_keys", metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("hash", String, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created_at", String, nullable=False),
    Column("until_at", String),
    Column("revoked_at", String),
    Column("revoked_by", String),
    Column("holder", String),
)
"""`hash` is the SHA-256 of a secret of 144 random bits; `scopes` are words with blanks between. Rows are never deleted."""

kept_answers = Table(
    "kept_answers", metadata,
    Column("key", ForeignKey("access_keys.id"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("asked", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("until_at", String, nullable=False, index=True),
)
"""First answers by `Idempotency-Key`, readable with the secret of the key alone; rows go when they are over."""

proposals = Table(
    "proposals", metadata,
    Column("id", String, primary_key=True),
    Column("operation", String, nullable=False),
    Column("asked", Text, nullable=False),
    Column("staff", String, nullable=False),
    Column("key", ForeignKey("access_keys.id")),
    Column("second", String, nullable=False),
    Column("at", String, nullable=False),
    Column("until_at", String, nullable=False),
)
"""Requests that wait for a second member of staff, without a key where a page asked; rows go when they are done or over, the
audit keeps what was done."""
