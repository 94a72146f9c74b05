"""The lists of privileged numbers that were accepted here. Rows are never changed: what was accepted is not forgotten."""
from sqlalchemy import BigInteger as Big
from sqlalchemy import Column, String, Table, Text

from switch.store.tables.base import metadata

privileged_lists = Table(
    "privileged_lists", metadata,
    Column("serial", Big, primary_key=True, autoincrement=False),
    Column("digest", String, nullable=False),
    Column("numbers", Text, nullable=False),
    Column("accepted_at", String, nullable=False),
    Column("accepted_by", String, nullable=False),
)
"""`numbers` is canonical JSON: each number with whose it is. `digest` is the SHA-256 of the list's text."""
