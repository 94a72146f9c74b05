"""Keys of other systems."""
from sqlalchemy import Column, String, Table, Text

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
)
"""`hash` is the SHA-256 of a secret of 144 random bits; `scopes` are words with blanks between. Rows are never deleted."""
