"""By what right somebody listens: authorisations and their reviews, draws at random, and who is connected to whom."""
from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, text

from switch.store.tables.base import metadata

authorities = Table(
    "authorities", metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("ground", String, nullable=False),
    Column("person", ForeignKey("people.id"), index=True),
    Column("number", String, index=True),
    Column("necessity", Text, nullable=False),
    Column("proportionality", Text, nullable=False),
    Column("from_at", String, nullable=False),
    Column("until_at", String, nullable=False),
    Column("renews", ForeignKey("authorities.id")),
    Column("applied_by", String, nullable=False),
    Column("applied_at", String, nullable=False),
    Column("granted", String),
    Column("decided_by", String),
    Column("decided_at", String),
    Column("decided_why", Text),
    Column("review_by", String),
    Column("cancelled_by", String),
    Column("cancelled_at", String),
    Column("cancelled_why", Text),
)
"""Rows are never deleted. `granted` is `yes`, `no`, or empty until somebody has decided; `number` is `+E.164` or a short code."""

authority_reviews = Table(
    "authority_reviews", metadata,
    Column("authority", ForeignKey("authorities.id"), primary_key=True),
    Column("at", String, primary_key=True),
    Column("by", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("review_by", String, nullable=False),
)
"""`review_by` is the next review's date as this one set it."""

random_draws = Table(
    "random_draws", metadata,
    Column("recording", String, primary_key=True),
    Column("drawn_at", String, nullable=False),
    Column("until_at", String, nullable=False),
)

connections = Table(
    "connections", metadata,
    Column("id", String, primary_key=True),
    Column("staff", String, nullable=False),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("declared_by", String, nullable=False),
    Column("declared_at", String, nullable=False),
    Column("ended_by", String),
    Column("ended_at", String),
    Index("uq_connections_standing", "staff", "person", unique=True, sqlite_where=text("ended_at IS NULL"),
          postgresql_where=text("ended_at IS NULL")),
)
"""`staff` is the name in lower case, as it is compared."""
