"""Calls that the switch places itself: requests and tries; codes that were texted; how contacts are announced."""
from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from switch.store.tables.base import metadata

placed_calls = Table(
    "placed_calls", metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("person", ForeignKey("people.id")),
    Column("number", String, nullable=False),
    Column("state", String, nullable=False),
    Column("requested_by", String, nullable=False),
    Column("requested_at", String, nullable=False),
    Column("not_before", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("answer", String),
    Column("why", String),
    Column("stop_request", ForeignKey("stop_requests.id"), index=True),
    Column("code", String),
    Index("ix_placed_calls_due", "not_before", sqlite_where=text("state = 'due'"), postgresql_where=text("state = 'due'")),
    Index("ix_placed_calls_person_number", "person", "number"),
)
"""In a person's name, or (`stop_request`) to have a number say itself whether its calls are to be stopped. `code` is what is
spoken then, kept until the request is over."""

placed_attempts = Table(
    "placed_attempts", metadata,
    Column("id", String, primary_key=True),
    Column("request", ForeignKey("placed_calls.id"), nullable=False, index=True),
    Column("node", String, nullable=False),
    Column("started_at", String, nullable=False),
    Column("closed_at", String),
    Column("end_by", String),
    Column("end_why", String),
    Column("end_note", Text),
    Column("ring_ms", Integer, nullable=False),
    Column("heard_ms", Integer, nullable=False),
    Column("answer", String),
    Index("ix_placed_attempts_open", "node", sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL")),
)
"""The record of a call without a telephone in prison: opened before dialling, closed once. Never charged, never recorded."""

consent_texts = Table(
    "consent_texts", metadata,
    Column("request", ForeignKey("placed_calls.id"), primary_key=True),
    Column("code", String, nullable=False),
    Column("until_at", String, nullable=False),
    Column("wrong", Integer, nullable=False),
)
"""The hash of the code that was texted to the number of a request, and how many wrong ones came back."""

announcement_relief = Table(
    "announcement_relief", metadata,
    Column("establishment", ForeignKey("establishments.id"), primary_key=True),
    Column("authorised_by", String, nullable=False),
    Column("allowed_at", String, nullable=False),
)
"""Where the short announcement may be used at all; the audit keeps who said so, and who ended it."""

contact_voices = Table(
    "contact_voices", metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("number", String, primary_key=True),
    Column("voice", String, nullable=False),
)
"""To whom the announcement is spoken in other words than the plan's usual ones."""

spoken_names = Table(
    "spoken_names", metadata,
    Column("whose", String, primary_key=True),
    Column("of", String, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("text", Text, nullable=False),
    Column("sound", LargeBinary, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("made_at", String, nullable=False),
    Column("made_by", String, nullable=False),
)
"""How an establishment or a person (`whose`, `of`) is named aloud; `sound` is finished A-law at 8 kHz, as a bulletin's."""
