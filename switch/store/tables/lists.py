"""Number lists, requests to stop contact that wait for their confirmation, and numbers answered as the wrong one."""
from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text

from switch.store.tables.base import metadata

number_lists = Table(
    "number_lists", metadata,
    Column("id", String, primary_key=True),
    Column("number", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("level", String, nullable=False),
    Column("target", String),
    Column("victim", Boolean, nullable=False),
    Column("cut_live", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("added_by", String, nullable=False),
    Column("added_at", String, nullable=False),
    Column("from_at", String, nullable=False),
    Column("until_at", String),
    Column("ended_at", String),
    Column("ended_by", String),
    Index("ix_number_lists_in_force", "number", sqlite_where=text("ended_at IS NULL"),
          postgresql_where=text("ended_at IS NULL")),
)
"""`kind` is `allow` or `bar`; `target` is the establishment or the person of the `level`, none for the estate."""

stop_requests = Table(
    "stop_requests", metadata,
    Column("id", String, primary_key=True),
    Column("number", String, nullable=False, index=True),
    Column("scope", String, nullable=False),
    Column("person", String),
    Column("undo", Boolean, nullable=False),
    Column("source", String, nullable=False),
    Column("asked_at", String, nullable=False),
    Column("until_at", String, nullable=False),
    Column("code", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("done_at", String),
)
"""A request by text or web to place a stop, or (`undo`) to take back the number's own; `code` is a hash."""

wrong_numbers = Table(
    "wrong_numbers", metadata,
    Column("id", String, primary_key=True),
    Column("number", String, nullable=False),
    Column("person", String),
    Column("at", String, nullable=False),
    Column("verified_at", String),
    Column("verified_by", String),
    Index("ix_wrong_numbers_standing", "number", sqlite_where=text("verified_at IS NULL"),
          postgresql_where=text("verified_at IS NULL")),
)
"""`id` is the call in which key 7 was pressed."""
