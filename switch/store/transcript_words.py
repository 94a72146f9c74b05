"""The index of words on SQL: how a stretch of hashes is written, and how recordings are found by phrases of them.

SQLite 3.40 finds by FTS5, PostgreSQL by tsvector and GIN; both by places, so that a phrase is words that follow one another.
"""
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, cast, func, or_, select, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.sql.elements import ColumnElement

from switch.core.authority import Authority
from switch.core.ids import RecordingId
from switch.ports.transcripts import Phrase, Sought
from switch.store.stamps import stamp
from switch.store.tables import transcript_words

Condition = ColumnElement[bool]


def written(conn: Connection, stretch: Phrase) -> str:
    """A stretch as the column `tokens` takes it on this database."""
    if conn.dialect.name != "postgresql":
        return " ".join(stretch)
    places = defaultdict[str, list[str]](list)
    for at, one in enumerate(stretch, 1):
        places[one].append(str(at))
    return " ".join(f"'{one}':{','.join(at)}" for one, at in places.items())


def find(conn: Connection, sought: Sought, allowed: Condition | None, most: int) -> list[RecordingId]:
    """Recordings that have every phrase, the newest first. `allowed` limits the rows of `transcript_words`."""
    wanted = [condition for condition in (
        transcript_words.c.person == sought.person if sought.person else None,
        transcript_words.c.number == sought.number if sought.number else None,
        transcript_words.c.establishment == sought.establishment if sought.establishment else None,
        transcript_words.c.started_at >= stamp(sought.since) if sought.since else None,
        transcript_words.c.started_at < stamp(sought.until) if sought.until else None,
        allowed,
    ) if condition is not None]
    first, *others = sorted(sought.phrases, key=len, reverse=True)
    asked = select(transcript_words.c.recording).where(_said(conn, transcript_words, first), *wanted)
    for phrase in others:
        other = transcript_words.alias()
        asked = asked.where(select(other.c.id).where(other.c.recording == transcript_words.c.recording,
                                                     _said(conn, other, phrase)).exists())
    asked = asked.order_by(transcript_words.c.started_at.desc(), transcript_words.c.recording.desc())
    return _distinct(conn, asked, most)


def _distinct(conn: Connection, asked: Select[Any], most: int) -> list[RecordingId]:
    """A recording has a row for each side and stretch; a database that is told to leave out doubles reads them all first."""
    limit = 4 * most
    while True:
        rows = conn.execute(asked.limit(limit)).all()
        found = list(dict.fromkeys(RecordingId(row[0]) for row in rows))
        if len(found) >= most or len(rows) < limit:
            return found[:most]
        limit *= 4


def _said(conn: Connection, table: Any, phrase: Phrase) -> Condition:
    if conn.dialect.name == "postgresql":
        query = cast(" <-> ".join(f"'{one}'" for one in phrase), TSQUERY)
        said: Condition = table.c.tokens.op("@@")(query)
        return said
    rows = text("SELECT rowid FROM transcript_fts WHERE transcript_fts MATCH :phrase").bindparams(phrase=f'"{" ".join(phrase)}"')
    inside: Condition = table.c.id.in_(rows.columns(transcript_words.c.id))
    return inside


def covered(authorities: Sequence[Authority], drawn: Select[Any], never: Collection[str]) -> Condition:
    """Rows of calls that one of these authorities covers, or that are among those drawn; never of these people."""
    table = transcript_words.c
    people = [one.person for one in authorities if one.number is None and one.person is not None]
    numbers = [one.number for one in authorities if one.person is None and one.number is not None]
    both = [and_(table.person == one.person, table.number == one.number)
            for one in authorities if one.person is not None and one.number is not None]
    may: Condition = or_(table.person.in_(people), table.number.in_(numbers), table.recording.in_(drawn), *both)
    return and_(may, func.coalesce(table.person, "").not_in(never)) if never else may
