"""What the database keeps of a call beside its record: outbox rows of work to do on it, rows of any table that names it."""
from collections.abc import Iterator

from sqlalchemy import Column, Table

from switch.store.tables import metadata

ALWAYS = frozenset({"call-ended"})
"""Outbox rows that every call leaves, and that say no more than its record."""
NO_TRACES = frozenset({"alarms", "canary_runs", "recording_incidents"})
"""Tables in which a call may stand without anything of it being kept."""


def naming_columns() -> Iterator[tuple[Table, "Column[str]"]]:
    """Every column that names a call, or a recording, which has its call's id; in tables to come too, such as transcripts."""
    for table in metadata.sorted_tables:
        if table.name not in NO_TRACES:
            for name in ("call", "recording"):
                if name in table.c and table.name != "cdrs":
                    yield table, table.c[name]
            if table.name == "recordings":
                yield table, table.c.id
