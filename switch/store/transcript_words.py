"""The index of words on SQL: how a stretch of hashes is written, and how recordings are found by phrases of them.

SQLite 3.40 finds by FTS5, PostgreSQL by tsvector and GIN; both by places, so that a phrase is words that follow one another. A
GIN index has no places, and reading them from the rows is what takes long: so that few rows are read, PostgreSQL's have two
things more, without places. Each pair of words that follow one another is a word too, of three letters, and a row has every word
of its call, those of the call's other stretches as well. What is sought in a call is then found by one question to the index.
"""
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise
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
APART = "0"
"""An empty word as FTS5 takes it; no hash is so short."""
COMMON = 0.03
"""The share of calls that have a word from which on it is looked for in the newest first;"""
FIRST_READ = 4000
"""in so many."""
Allowed = Callable[[Any], Condition]
"""Which rows may be found, of `transcript_words` or of a part of it that has its columns."""


def written(conn: Connection, stretches: Sequence[Phrase]) -> list[str]:
    """The stretches of a call as the column `tokens` takes them here. An empty word keeps apart what stands about it."""
    if conn.dialect.name != "postgresql":
        return [" ".join(one or APART for one in stretch) for stretch in stretches]
    places = [_places(stretch) for stretch in stretches]
    every = set[str]().union(*places)
    return [" ".join([*(f"'{one}':{','.join(at)}" if at else f"'{one}'" for one, at in mine.items()),
                      *(f"'{one}'" for one in every - mine.keys())]) for mine in places]


def _places(stretch: Phrase) -> dict[str, list[str]]:
    found = defaultdict[str, list[str]](list)
    for at, one in enumerate(stretch, 1):
        if one:
            found[one].append(str(at))
    return found | {pair: list[str]() for pair in pairs(stretch)}


def pairs(stretch: Phrase) -> list[str]:
    """Two words that follow one another as one of three letters. Others may have the same: it says where to look."""
    return [one[:1] + other[-2:] for one, other in pairwise(stretch) if one and other]


def find(conn: Connection, sought: Sought, allowed: Allowed | None, most: int) -> list[RecordingId]:
    """Recordings that have every phrase, the newest first.

    PostgreSQL does it in steps that it must not mix, for its planner does not know what reading the words costs: the rows that
    the index of words says have them, wherever; of those the wanted ones, in order; of those as many are read as it takes to see
    the words' places. Where many a call has them, the newest that are wanted are read before, and mostly are enough.
    """
    table, phrases = transcript_words, sought.phrases
    wanted = select(table).where(*_whose(sought, table), *_when(sought, table.c.started_at))
    wanted = wanted.where(allowed(table)) if allowed else wanted
    if conn.dialect.name != "postgresql":
        return _distinct(conn, wanted.where(*_said(conn, table, phrases)), most)
    words = _words(phrases)
    if _common(conn, words):
        newest = _newest(wanted).limit(FIRST_READ).subquery()
        found = _distinct(conn, select(newest).where(*_said(conn, newest, phrases)), most)
        if len(found) == most:
            return found
    # A time that no index is of; a person's rows, or a number's, may be few: their index may help. OFFSET 0 keeps steps apart.
    narrow = (*_whose(sought, table), *_when(sought, func.concat(table.c.started_at, "")))
    had = select(table).where(_fits(table, _all(words)), *narrow).offset(0).subquery()
    asked = select(had).where(allowed(had)) if allowed else select(had)
    if max(map(len, phrases)) > 1:  # places matter
        rows = _newest(asked).offset(0).subquery()
        asked = select(rows).where(*_said(conn, rows, phrases))
    return _distinct(conn, asked, most)


def _whose(sought: Sought, table: Any) -> list[Condition]:
    return [column == value for column, value in (
        (table.c.person, sought.person), (table.c.number, sought.number), (table.c.establishment, sought.establishment)) if value]


def _when(sought: Sought, started_at: Any) -> list[Condition]:
    return [*([started_at >= stamp(sought.since)] if sought.since else []),
            *([started_at < stamp(sought.until)] if sought.until else [])]


def _common(conn: Connection, words: Sequence[str]) -> bool:
    """Whether each is in so many of the calls, as far as the database has looked."""
    asked = text("SELECT count(*) FROM pg_stats,"
                 " unnest(most_common_elems::text::text[], most_common_elem_freqs) AS common(word, share)"
                 " WHERE schemaname = current_schema() AND tablename = 'transcript_words' AND attname = 'tokens'"
                 " AND word = ANY(:words) AND share >= :many")
    return conn.execute(asked, {"words": list(words), "many": COMMON}).scalar() == len(words)


def _distinct(conn: Connection, asked: Select[Any], most: int) -> list[RecordingId]:
    """A recording may have several rows; a database that is told to leave out doubles reads them all first."""
    limit, columns = 2 * most, asked.selected_columns
    asked = _newest(asked).with_only_columns(columns.recording, columns.started_at)
    while True:
        rows = conn.execute(asked.limit(limit)).all()
        found = list(dict.fromkeys(RecordingId(row.recording) for row in rows))
        if len(found) >= most or len(rows) < limit:
            return found[:most]
        limit *= 4


def _newest(asked: Select[Any]) -> Select[Any]:
    columns = asked.selected_columns
    return asked.order_by(columns.started_at.desc(), columns.recording.desc())


def _words(phrases: Sequence[Phrase]) -> list[str]:
    """Everything that a row on PostgreSQL has where they were said."""
    return list(dict.fromkeys(one for phrase in phrases for one in (*phrase, *pairs(phrase))))


def _all(words: Sequence[str]) -> str:
    return " & ".join(f"'{one}'" for one in words)


def _said(conn: Connection, table: Any, phrases: Sequence[Phrase]) -> list[Condition]:
    """The longest is in the row itself, the others in any of the call's; on PostgreSQL a row has all words of its call."""
    first, *others = sorted(phrases, key=len, reverse=True)
    if conn.dialect.name != "postgresql":
        return [_in_row(conn, table, first), *(_in_call(conn, table, phrase) for phrase in others)]
    query = " & ".join((*([_followed(first)] if len(first) > 1 else []), _all(_words(phrases))))
    return [_fits(table, query), *(_in_call(conn, table, phrase) for phrase in others if len(phrase) > 1)]


def _in_call(conn: Connection, table: Any, phrase: Phrase) -> Condition:
    other = transcript_words.alias()
    there = select(other.c.id).where(other.c.recording == table.c.recording, _in_row(conn, other, phrase))
    return there.exists()


def _in_row(conn: Connection, table: Any, phrase: Phrase) -> Condition:
    if conn.dialect.name == "postgresql":
        return _fits(table, _followed(phrase))
    rows = text("SELECT rowid FROM transcript_fts WHERE transcript_fts MATCH :phrase").bindparams(phrase=f'"{" ".join(phrase)}"')
    inside: Condition = table.c.id.in_(rows.columns(transcript_words.c.id))
    return inside


def _followed(phrase: Phrase) -> str:
    return "(" + " <-> ".join(f"'{one}'" for one in phrase) + ")"


def _fits(table: Any, query: str) -> Condition:
    fits: Condition = table.c.tokens.op("@@")(cast(query, TSQUERY))
    return fits


def covered(authorities: Sequence[Authority], drawn: Select[Any], never: Collection[str]) -> Allowed:
    """Rows of calls that one of these authorities covers, or that are among those drawn; never of these people."""
    people = [one.person for one in authorities if one.number is None and one.person is not None]
    numbers = [one.number for one in authorities if one.person is None and one.number is not None]
    both = [(one.person, one.number) for one in authorities if one.person is not None and one.number is not None]

    def may(table: Any) -> Condition:
        pairs = [and_(table.c.person == person, table.c.number == number) for person, number in both]
        one = or_(table.c.person.in_(people), table.c.number.in_(numbers), table.c.recording.in_(drawn), *pairs)
        return and_(one, func.coalesce(table.c.person, "").not_in(never)) if never else one

    return may
