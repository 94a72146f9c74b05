"""Every key in the database that a master key wrapped, for a new master key to wrap it instead (`recordings.rotation`)."""
import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Table, func, select, update

from switch.store.audit import append_audit
from switch.store.tables import audit, audit_notes, index_keys, recordings

RECORDINGS, WORDS, INDEXES = "recordings", "audit_notes", "index_keys"
_TABLES: dict[str, tuple[Table, Column[str] | Column[int]]] = {
    RECORDINGS: (recordings, recordings.c.id), WORDS: (audit_notes, audit_notes.c.seq), INDEXES: (index_keys, index_keys.c.name)}
_AS_BYTES = {WORDS}
"""Where a key stands as bytes, and not in base64."""
BEGUN, DONE, DESTROYED = "master-key-rotating", "master-key-rotated", "master-key-destroyed"


@dataclass(frozen=True, slots=True)
class Wrapped:
    """One key, wrapped by the master key `kek`; `id` is its row's, in the table `kind`."""

    kind: str
    id: str | int
    kek: str
    key: bytes


def wrapped_by_others(conn: Connection, kek: str, kind: str, after: str | int | None, most: int) -> list[Wrapped]:
    """The next keys of a table, by its ids, that another master key than this wrapped. What was erased has none."""
    table, id = _TABLES[kind]
    asked = select(id, table.c.kek, table.c.key).where(table.c.key.is_not(None), table.c.kek != kek).order_by(id).limit(most)
    rows = conn.execute(asked if after is None else asked.where(id > after))
    return [Wrapped(kind, row[0], row.kek, row.key if kind in _AS_BYTES else base64.b64decode(row.key)) for row in rows]


def wrapped_by(conn: Connection) -> dict[str, int]:
    """How many keys each master key wraps."""
    found: dict[str, int] = {}
    for table, _ in _TABLES.values():
        for kek, count in conn.execute(select(table.c.kek, func.count()).where(table.c.key.is_not(None)).group_by(table.c.kek)):
            found[kek] = found.get(kek, 0) + count
    return found


@dataclass(frozen=True, slots=True)
class Rewrap:
    """Unit: keys, each as another master key wrapped it and as `kek` does. What was erased or wrapped anew meanwhile stays so.
    How many were changed."""

    kek: str
    keys: Sequence[tuple[Wrapped, bytes]]

    def __call__(self, conn: Connection) -> int:
        done = 0
        for one, key in self.keys:
            table, id = _TABLES[one.kind]
            before, now = ((one.key, key) if one.kind in _AS_BYTES
                           else (base64.b64encode(one.key).decode(), base64.b64encode(key).decode()))
            this = update(table).where(id == one.id, table.c.kek == one.kek, table.c.key == before)
            done += conn.execute(this.values(kek=self.kek, key=now)).rowcount
        return done


@dataclass(frozen=True, slots=True)
class NoteRotation:
    """Unit: what is done to the master key `kek`, in the audit."""

    action: str
    kek: str
    actor: str
    at: datetime
    detail: dict[str, str | int]
    reason: str = ""

    def __call__(self, conn: Connection) -> None:
        append_audit(conn, self.at, self.actor, self.action, {"master_key": self.kek}, self.detail,
                     {"reason": self.reason} if self.reason else None)


def noted_at(conn: Connection, action: str, kek: str) -> str | None:
    """When it was noted of a master key (a stamp), or None."""
    return conn.execute(select(audit.c.at).where(audit.c.action == action, audit.c.subject.contains(f'"{kek}"', autoescape=True))
                        .order_by(audit.c.seq.desc()).limit(1)).scalar()
