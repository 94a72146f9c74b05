"""What is written for ever or followed up: orders of staff, audit, outbox, alarms."""
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint, text

from switch.store.tables.base import Counter, metadata

orders = Table(
    "orders", metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("target", String, nullable=False),
    Column("establishment", String),
    Column("reason", Text, nullable=False),
    Column("staff", String, nullable=False),
    Column("placed_at", String, nullable=False),
    Column("from_at", String, nullable=False),
    Column("until_at", String),
    Column("lifted_at", String),
    Column("cut_live", Boolean, nullable=False),
    Column("helplines_too", Boolean, nullable=False),
    Index("ix_orders_in_force", "scope", "target", sqlite_where=text("lifted_at IS NULL"),
          postgresql_where=text("lifted_at IS NULL")),
)
"""`kind` is `kill` (no new calls, `cut_live` ends those that run) or `cut` (one call); `establishment` narrows wings, cells."""

audit = Table(
    "audit", metadata,
    Column("seq", Counter, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
    Column("salt", String),
    Column("words", String),
    Index("ix_audit_played", "at", sqlite_where=text("action = 'recording-played'"),
          postgresql_where=text("action = 'recording-played'")),
)
"""`subject` and `detail` are canonical JSON of ids, codes and counts: no personal text (architecture, rule 6). `salt` is NULL in
rows from before there were salts, whose hash is made otherwise (`switch.store.audit`).
`words` is the SHA-256 of what stands sealed beside the row, if anything does.
The index is for who closes an item of the queue as listened to."""

audit_notes = Table(
    "audit_notes", metadata,
    Column("seq", ForeignKey("audit.seq"), primary_key=True),
    Column("person", String, index=True),
    Column("kek", String, nullable=False),
    Column("key", LargeBinary),
    Column("sealed", LargeBinary),
    Column("erased_at", String),
)
"""Words and names beside an audit row, encrypted (`switch.store.beside`): `key` under the master key `kek`. Both are NULL once
they were erased, which is the one change that a row may have (triggers)."""

outbox = Table(
    "outbox", metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", String, nullable=False),
    Column("taken_until", String),
    Column("attempts", Integer, nullable=False),
    Column("done_at", String),
    UniqueConstraint("kind", "subject"),
    Index("ix_outbox_waiting", "id", sqlite_where=text("done_at IS NULL"), postgresql_where=text("done_at IS NULL")),
)

alarms = Table(
    "alarms", metadata,
    Column("id", String, primary_key=True),
    Column("at", String, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("call", String),
    Column("acknowledged_at", String),
    Column("acknowledged_by", String),
)
