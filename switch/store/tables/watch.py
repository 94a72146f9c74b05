"""Watch words by list, as staff keep them, and leads."""
from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, text

from switch.store.tables.base import metadata

watch_lists = Table(
    "watch_lists", metadata,
    Column("id", String, primary_key=True),
    Column("establishment", ForeignKey("establishments.id")),
    Column("subject", String, nullable=False),
    Column("added_at", String, nullable=False),
    Column("added_by", String, nullable=False),
    Column("ended_at", String),
    Column("ended_by", String),
)
"""For every establishment where it names none."""

watch_words = Table(
    "watch_words", metadata,
    Column("id", String, primary_key=True),
    Column("list", ForeignKey("watch_lists.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("language", String, nullable=False),
    Column("forms", Text, nullable=False),
    Column("gap", Integer, nullable=False),
    Column("weight", Integer, nullable=False),
    Column("least", Boolean, nullable=False),
    Column("times_useful", Integer, nullable=False),
    Column("times_false", Integer, nullable=False),
    Column("added_at", String, nullable=False),
    Column("added_by", String, nullable=False),
    Column("ended_at", String),
    Column("ended_by", String),
    Index("ix_watch_words_in_use", "list", "place", sqlite_where=text("ended_at IS NULL"),
          postgresql_where=text("ended_at IS NULL")),
)
"""`forms` is JSON, a list of texts; `times_useful` and `times_false` count decisions, and outlive
the recordings that they were about."""

leads = Table(
    "leads", metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("establishment", String, nullable=False),
    Column("about", String, nullable=False),
    Column("score", Float, nullable=False),
    Column("made_at", String, nullable=False),
    Column("people", Text, nullable=False),
    Column("word", ForeignKey("watch_words.id")),
    Column("recording", String, index=True),
    Column("start_ms", Integer),
    Column("end_ms", Integer),
    Column("channel", String),
    Column("confidence", Float),
    Column("live", Boolean, nullable=False),
    Column("evidence", Text),
    Column("owner", String),
    Column("decision", String),
    Column("decided_at", String),
    Column("decided_by", String),
    Index("ix_leads_waiting", "establishment", sqlite_where=text("decision IS NULL"), postgresql_where=text("decision IS NULL")),
    Index("ix_leads_about", "kind", "establishment", "made_at"),
)
"""No word that was said is in it. Those of a recording are deleted with its key. `people` is JSON, a list of prison numbers; of a
word `score` is what it was when it was heard, and its worth since then is in the counts of the word."""
