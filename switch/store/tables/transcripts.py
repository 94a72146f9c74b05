"""Transcripts: the jobs that make them, and the words' keyed hashes by which they are searched. No word stands here."""
from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table, Text, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from switch.store.tables.base import Counter, metadata

transcripts = Table(
    "transcripts", metadata,
    Column("recording", String, primary_key=True),
    Column("establishment", String, nullable=False),
    Column("person", String),
    Column("number", String, nullable=False),
    Column("started_at", String, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("asked_at", String, nullable=False),
    Column("next_at", String, nullable=False),
    Column("claim", String),
    Column("worker", String),
    Column("taken_until", String),
    Column("engine", String),
    Column("model", String),
    Column("words", Integer),
    Column("error", Text),
    Column("done_at", String),
    Index("ix_transcripts_to_do", "started_at", sqlite_where=text("state IN ('waiting', 'running')"),
          postgresql_where=text("state IN ('waiting', 'running')")),
    Index("ix_transcripts_state", "state", "started_at"),
)
"""One row a recording; `switch.ports.transcripts.JobState` says what states there are. `claim` is the one try that may end it."""

transcript_words = Table(
    "transcript_words", metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("recording", ForeignKey("transcripts.recording"), nullable=False, index=True),
    Column("establishment", String, nullable=False),
    Column("person", String),
    Column("number", String, nullable=False),
    Column("started_at", String, nullable=False),
    Column("tokens", Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
    Index("ix_transcript_words_started_at", "started_at"),
    Index("ix_transcript_words_establishment", "establishment", "started_at"),
    Index("ix_transcript_words_person", "person", "started_at"),
    Index("ix_transcript_words_number", "number", "started_at"),
    Index("ix_transcript_words_tokens", "tokens", postgresql_using="gin").ddl_if(dialect="postgresql"),
)
"""A stretch of one side's words, as hashes in their order. SQLite finds them by the FTS5 table `transcript_fts`, which triggers
keep in step; PostgreSQL by the tsvector itself."""

index_keys = Table(
    "index_keys", metadata,
    Column("name", String, primary_key=True),
    Column("kek", String, nullable=False),
    Column("key", String, nullable=False),
)
"""Keys of the hashes, base64, each wrapped by the master key `kek`."""
