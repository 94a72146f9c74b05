"""Accounts of staff, roles as data, who holds which where, and sessions of browsers."""
from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from switch.store.tables.base import metadata

staff_users = Table(
    "staff_users", metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("language", String, nullable=False),
    Column("password", String, nullable=False),
    Column("totp", Text, nullable=False),
    Column("totp_used", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", String),
    Column("created_by", String, nullable=False),
    Column("created_at", String, nullable=False),
    Column("ended_at", String),
)
"""`password` is an argon2id hash, `totp` a secret sealed under a key that is not in the database. Rows are never deleted: the
audit names them."""

staff_roles = Table(
    "staff_roles", metadata,
    Column("name", String, primary_key=True),
    Column("permissions", Text, nullable=False),
)
"""`permissions` are words with blanks between."""

staff_grants = Table(
    "staff_grants", metadata,
    Column("id", String, primary_key=True),
    Column("user", ForeignKey("staff_users.id"), nullable=False, index=True),
    Column("role", ForeignKey("staff_roles.name"), nullable=False),
    Column("establishment", String),
    Column("wing", String),
    Column("given_by", String, nullable=False),
    Column("given_at", String, nullable=False),
    Column("until_at", String),
    Column("ended_at", String),
    Column("ended_by", String),
)
"""No establishment is every establishment, no wing every wing of one."""

staff_sessions = Table(
    "staff_sessions", metadata,
    Column("id", String, primary_key=True),
    Column("user", ForeignKey("staff_users.id"), nullable=False, index=True),
    Column("made_at", String, nullable=False),
    Column("seen_at", String, nullable=False),
    Column("proved_at", String, nullable=False),
    Column("until_at", String, nullable=False),
    Column("ended_at", String),
)
"""`id` is the SHA-256 of what the browser holds. Rows go a month after they are over."""
