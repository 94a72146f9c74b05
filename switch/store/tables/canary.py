"""The canary of each establishment, and its runs."""
from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from switch.store.tables.base import metadata

canaries = Table(
    "canaries", metadata,
    Column("establishment", ForeignKey("establishments.id"), primary_key=True),
    Column("phone", ForeignKey("phones.id"), nullable=False),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("number", String, nullable=False),
    Column("permit", ForeignKey("permits.id"), nullable=False),
    Column("added_at", String, nullable=False),
    Column("added_by", String, nullable=False),
    Column("removed_at", String),
    Column("removed_by", String),
)
"""Its person is nobody: a row of `people` with the status `canary`, whom no list of people has."""

canary_runs = Table(
    "canary_runs", metadata,
    Column("id", String, primary_key=True),
    Column("establishment", ForeignKey("canaries.establishment"), nullable=False),
    Column("began_at", String, nullable=False),
    Column("ended_at", String),
    Column("verdict", String),
    Column("call", String),
    Column("problems", Text, nullable=False),
    Index("ix_canary_runs_establishment", "establishment", "began_at"),
)
"""`problems` is JSON, a list of sentences; a run that a crash broke off keeps no verdict."""
