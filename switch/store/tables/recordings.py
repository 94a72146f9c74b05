"""Recordings that were sealed: what they are of, their wrapped keys, and what is kept beside them."""
from sqlalchemy import BigInteger as Big
from sqlalchemy import Column, Float, ForeignKey, Index, String, Table, Text, text

from switch.store.tables.base import metadata

recordings = Table(
    "recordings", metadata,
    Column("id", String, primary_key=True),
    Column("establishment", String, nullable=False),
    Column("person", String),
    Column("number", String, nullable=False),
    Column("started_at", String, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("samples", Big, nullable=False),
    Column("audio_sha256", String, nullable=False),
    Column("wav_sha256", String, nullable=False),
    Column("object", String, nullable=False),
    Column("manifest", Text, nullable=False),
    Column("manifest_sha256", String, nullable=False),
    Column("sealed_at", String, nullable=False),
    Column("kek", String, nullable=False),
    Column("key", String),
    Column("erase_at", String),
    Column("erased_at", String),
    Column("erased_why", String),
    Index("ix_recordings_started_at", "started_at"),
    Index("ix_recordings_person", "person", "started_at"),
    Index("ix_recordings_number", "number", "started_at"),
    Index("ix_recordings_to_erase", "erase_at", sqlite_where=text("key IS NOT NULL"), postgresql_where=text("key IS NOT NULL")),
)
"""`id` is the call's. `key` is base64, wrapped by the master key `kek`: to destroy it is to erase the recording with all its
parts. A row is never deleted, and what it says of the sound never changed (triggers): it is the proof that is kept."""

recording_parts = Table(
    "recording_parts", metadata,
    Column("recording", ForeignKey("recordings.id"), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("object", String, nullable=False),
    Column("made_at", String, nullable=False),
)
"""Objects encrypted under the key of their recording."""
