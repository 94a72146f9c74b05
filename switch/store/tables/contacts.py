"""Who may be rung: approved contacts, numbers that rest, leave of staff, and stops of those outside."""
from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Text

from switch.store.tables.base import metadata

contacts = Table(
    "contacts", metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("number", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("organisation", Boolean, nullable=False),
    Column("relay", Boolean, nullable=False),
    Index("ix_contacts_number", "number"),
)

resting_numbers = Table(
    "resting_numbers", metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("number", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("rested_at", String, nullable=False),
    Column("until_at", String, nullable=False),
)
"""Contacts withdrawn by a release, with the state that a recall before `until_at` gives back."""

permits = Table(
    "permits", metadata,
    Column("id", String, primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("number", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("from_at", String, nullable=False),
    Column("until_at", String, nullable=False),
    Column("once", Boolean, nullable=False),
    Column("given_by", String, nullable=False),
    Column("agreed_by", String),
    Column("given_at", String, nullable=False),
    Column("withdrawn_at", String),
    Index("ix_permits_person_number", "person", "number"),
)
"""Leave of staff to ring one number free, in one window. It is used once a call that names it was answered."""

stops = Table(
    "stops", metadata,
    Column("id", String, primary_key=True),
    Column("number", String, nullable=False, index=True),
    Column("scope", String, nullable=False),
    Column("person", String),
    Column("placed_at", String, nullable=False),
    Column("placed_by", String, nullable=False),
    Column("undone_at", String),
    Column("source", String, nullable=False, server_default="call"),
    Column("reason", Text, nullable=False, server_default=""),
    Column("second", String),
    Column("undone_by", String),
)
"""`source` is `call` (key 9), `request` (by text or web, confirmed to the number) or `staff`; the number alone undoes its
own. A stop on a call was placed by `call:` and its id."""
