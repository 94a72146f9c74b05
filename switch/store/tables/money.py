"""Money: postings, and the minutes that were bought beforehand."""
from sqlalchemy import BigInteger as Big
from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from switch.store.tables.base import Counter, metadata

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
