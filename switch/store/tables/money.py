"""Money: postings, what was bought beforehand, and what is bought anew each period."""
from sqlalchemy import BigInteger as Big
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

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
    Column("texts", Integer, nullable=False, server_default="0"),
    Index("ix_bundles_person_until_at", "person", "until_at"),
)
"""Minutes or texts bought beforehand, by the plan's name for the offer: one of the two is 0. Left of it: its seconds less
`bundle_seconds` of its calls; its texts, from which nothing is drawn yet."""

subscriptions = Table(
    "subscriptions", metadata,
    Column("id", String, primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("name", String, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("texts", Integer, nullable=False),
    Column("price", Big, nullable=False),
    Column("monthly", Boolean, nullable=False),
    Column("anchor", String, nullable=False),
    Column("nth", Integer, nullable=False),
    Column("until_at", String, nullable=False),
    Column("begun_at", String, nullable=False),
    Column("begun_by", String, nullable=False),
    Column("cancelled_at", String),
    Column("lapsed_at", String),
    Column("ended_at", String),
    Column("why", String),
    Index("ix_subscriptions_person", "person"),
    Index("ix_subscriptions_ended_at_until_at", "ended_at", "until_at"),
)
"""A bundle that is bought anew each period, on the terms agreed at its beginning. `anchor`, a local day, and `nth` name the
period (`dialplans.subscriptions`), `until_at` is its end; each period is a row of `bundles`, its id the subscription's, @ and
its end. `lapsed_at` and `why` while it waits for credit; `why` says also how it ended."""
