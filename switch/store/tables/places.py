"""Places: establishments with wings, cells and telephones."""
from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text

from switch.store.tables.base import metadata

establishments = Table(
    "establishments", metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("zone", String, nullable=False),
    Column("capacity", Integer),
)

wings = Table(
    "wings", metadata,
    Column("establishment", ForeignKey("establishments.id"), primary_key=True),
    Column("id", String, primary_key=True),
)

cells = Table(
    "cells", metadata,
    Column("establishment", ForeignKey("establishments.id"), primary_key=True),
    Column("id", String, primary_key=True),
    Column("wing", String, nullable=False),
    Column("capacity", Integer),
)
"""A capacity that is not set was never said, and is not checked."""

phones = Table(
    "phones", metadata,
    Column("id", String, primary_key=True),
    Column("network", String, nullable=False),
    Column("realm", String, nullable=False),
    Column("ha1_md5", String, nullable=False),
    Column("ha1_sha256", String, nullable=False),
    Column("cell", String, nullable=False),
    Column("wing", String, nullable=False),
    Column("establishment", ForeignKey("establishments.id"), nullable=False),
    Column("pin_required", Boolean, nullable=False),
)

site_state = Table(
    "site_state", metadata,
    Column("establishment", ForeignKey("establishments.id"), primary_key=True),
    Column("open", Boolean, nullable=False),
    Column("changed_at", String, nullable=False),
    Column("changed_by", String, nullable=False),
    Column("reason", Text),
)
