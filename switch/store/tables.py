"""The tables. Times are RFC 3339 UTC text (`stamps`), money is integers (thousandths of a penny), lengths are milliseconds.

Append-only by trigger (see the first migration): `audit`, `postings`, and a row of `cdrs` once `closed_at` is set.
SQL that SQLite 3.40 and PostgreSQL 15 both take.
"""
from sqlalchemy import BigInteger as Big
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, UniqueConstraint, false, text

Counter = Big().with_variant(Integer, "sqlite")
"""SQLite counts up by itself only in a column that is INTEGER, which is as big there."""
metadata = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s",
})

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

people = Table(
    "people", metadata,
    Column("id", String, primary_key=True),
    Column("keypad", String, nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("establishment", ForeignKey("establishments.id"), nullable=False),
    Column("phone", ForeignKey("phones.id"), index=True),
    Column("status", String, nullable=False, server_default="here"),
    Column("cell", String),
    Column("incentive", String, nullable=False, server_default=""),
    Column("foreign_national", Boolean, nullable=False, server_default=false()),
    Column("legal", Boolean, nullable=False, server_default=false()),
    Column("at_risk", Boolean, nullable=False, server_default=false()),
    Column("language", String, nullable=False, server_default="en"),
    Column("needs", Text, nullable=False, server_default="[]"),
    Index("ix_people_establishment_cell", "establishment", "cell"),
)
"""`phone` is the telephone of `cell`, and none while somebody is away; `needs` is JSON, a list of codes.
`incentive` is the level in the establishment's own words, empty where none is known."""

pins = Table(
    "pins", metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("hash", String, nullable=False),
    Column("changed_at", String, nullable=False),
    Column("duress", String),
)
"""`duress` is the hash of a second PIN that works like the first and tells staff silently."""

pin_failures = Table(
    "pin_failures", metadata,
    Column("phone", String, primary_key=True),
    Column("person", String, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("locked_at", String),
)
"""`person` is a prison number, or `keys:` and what was keyed where nobody has that number."""

bundles = Table(
    "bundles", metadata,
    Column("id", String, primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("name", String, nullable=False),
    Column("from_at", String, nullable=False),
    Column("until_at", String, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("price", Big, nullable=False),
    Column("sold_by", String, nullable=False),
    Index("ix_bundles_person_until_at", "person", "until_at"),
)
"""Minutes bought beforehand, by the plan's name for the offer. Left of it: its seconds less `bundle_seconds` of its calls."""

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

tasks = Table(
    "tasks", metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("establishment", ForeignKey("establishments.id"), nullable=False),
    Column("person", ForeignKey("people.id")),
    Column("about", Text, nullable=False),
    Column("created_at", String, nullable=False),
    Column("due_at", String, nullable=False),
    Column("owner", String),
    Column("done_at", String),
    Column("done_by", String),
    Index("ix_tasks_waiting", "establishment", "due_at", sqlite_where=text("done_at IS NULL"),
          postgresql_where=text("done_at IS NULL")),
)
"""What staff have still to do; `about` is JSON of ids and counts."""

stops = Table(
    "stops", metadata,
    Column("id", String, primary_key=True),
    Column("number", String, nullable=False, index=True),
    Column("scope", String, nullable=False),
    Column("person", String),
    Column("placed_at", String, nullable=False),
    Column("placed_by", String, nullable=False),
    Column("undone_at", String),
)

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

site_state = Table(
    "site_state", metadata,
    Column("establishment", ForeignKey("establishments.id"), primary_key=True),
    Column("open", Boolean, nullable=False),
    Column("changed_at", String, nullable=False),
    Column("changed_by", String, nullable=False),
    Column("reason", Text),
)

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
"""`dialled` is the number as `+E.164` or short code, or what could not be read. `decision` and `media` are JSON (`codec`)."""

postings = Table(
    "postings", metadata,
    Column("seq", Counter, primary_key=True, autoincrement=True),
    Column("reference", String, nullable=False),
    Column("account", String, nullable=False),
    Column("amount", Big, nullable=False),
    Column("at", String, nullable=False),
    UniqueConstraint("reference", "account"),
    Index("ix_postings_account_amount", "account", "amount"),
)

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
)
"""`subject` and `detail` are canonical JSON of ids, codes and counts: no personal text (architecture, rule 6)."""

audit_notes = Table(
    "audit_notes", metadata,
    Column("seq", ForeignKey("audit.seq"), primary_key=True),
    Column("person", String, index=True),
    Column("text", Text, nullable=False),
)
"""Staff's own words for an audit row, beside it: they may name people, and may lawfully be erased without breaking the chain."""

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
