"""Visits to the page for families."""
from sqlalchemy import Column, Index, Integer, String, Table

from switch.store.tables.base import metadata

family_visits = Table(
    "family_visits", metadata,
    Column("id", String, primary_key=True),
    Column("number", String, nullable=False),
    Column("token", String, nullable=False, unique=True),
    Column("asked_at", String, nullable=False),
    Column("until_at", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("code", String),
    Column("code_until_at", String),
    Column("entered_until_at", String),
    Column("denied", String),
    Column("denied_at", String),
    Column("left_at", String),
    Index("ix_family_visits_number", "number", "asked_at"),
)
"""`token` and `code` are hashes: of the visitor's cookie, and of what was spoken on the call of the same id (`placed_calls`).
`denied`: the number asked not to be rung about codes (`no` for a while, `never`)."""
