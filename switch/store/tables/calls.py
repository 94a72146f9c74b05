"""Calls: one record each."""
from sqlalchemy import BigInteger as Big
from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text

from switch.store.tables.base import metadata

cdrs = Table(
    "cdrs", metadata,
    Column("id", String, primary_key=True),
    Column("node", String, nullable=False),
    Column("started_at", String, nullable=False),
    Column("phone", String, nullable=False),
    Column("person", String),
    Column("dialled", String, nullable=False),
    Column("relay", String),
    Column("service", String),
    Column("privileged", Boolean, nullable=False),
    Column("metered", Boolean, nullable=False),
    Column("decision", Text),
    Column("closed_at", String),
    Column("outcome", String),
    Column("end_by", String),
    Column("end_why", String),
    Column("end_note", Text),
    Column("ring_ms", Integer, nullable=False),
    Column("talk_ms", Integer, nullable=False),
    Column("charged", Big, nullable=False),
    Column("permit", String),
    Column("bundle", String),
    Column("bundle_seconds", Integer),
    Column("recording", String),
    Column("media", Text),
    Column("facts", Text),
    Index("ix_cdrs_person_started_at", "person", "started_at"),
    Index("ix_cdrs_person_talked", "person", "started_at", sqlite_where=text("talk_ms > 0"),
          postgresql_where=text("talk_ms > 0")),
    Index("ix_cdrs_bundle", "bundle", sqlite_where=text("bundle IS NOT NULL"), postgresql_where=text("bundle IS NOT NULL")),
    Index("ix_cdrs_started_at", "started_at"),
    Index("ix_cdrs_open", "id", sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL")),
    Index("uq_cdrs_one_open_call", "person", unique=True,
          sqlite_where=text("closed_at IS NULL AND service = 'contact'"),
          postgresql_where=text("closed_at IS NULL AND service = 'contact'")),
)
"""`dialled` is the number as `+E.164` or short code, or what could not be read. `decision` and `media` are JSON (`codec`),
and so is `facts`: what the decision was made from, bare of what stands at its default."""
