"""Checkpoints of the audit written and compared: the head is signed and put where the database cannot reach it.

Before a head is signed, the rows since the one before are read back: what is broken is told, and never signed. That a checkpoint
was made is a row of the audit itself, with its SHA-256, so that the newest cannot be taken away unseen either.
"""
import asyncio
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, func, select

from recordings.checkpoints import FOLDER, Checkpoint, Fits, Signing, check, digest, following, read, written
from switch.store.audit import BEGINNING, AuditHead, append_audit, audit_head, canonical, verify_audit
from switch.store.beside import unreadable_words
from switch.store.database import Store
from switch.store.tables import audit

MADE = "audit-checkpointed"
ACTOR = "worker"
AT_ONCE = 64
"""Checkpoints that are asked for side by side."""


class Listed(Protocol):
    @property
    def name(self) -> str: ...


class Shelf(Protocol):
    """Where objects are kept, each written once (`recordings.objects.Objects`)."""

    async def put(self, name: str, data: bytes) -> None: ...

    async def get(self, name: str) -> bytes: ...

    async def every(self, prefix: str = "") -> Sequence[Listed]: ...


class AuditBroken(Exception):
    """The audit is not as it was: nothing is signed. The text has a line a problem."""


@dataclass(frozen=True, slots=True)
class Verified:
    """How far the audit reaches, how far it is anchored, and everything that is wrong."""

    rows: int
    checkpoints: int
    anchored: int
    problems: tuple[str, ...]


class Anchors:
    """Writes checkpoints of one site. `fits` verifies a signature by a public key."""

    def __init__(self, store: Store, shelf: Shelf, key: Signing, fits: Fits) -> None:
        self._store, self._shelf, self._key, self._fits = store, shelf, key, fits
        self._last: tuple[Checkpoint, str] | None = None

    async def write(self, at: datetime) -> Checkpoint | None:
        """The next checkpoint, or None where nothing happened since the last. AuditBroken; BadCheckpoint where the last is none
        of ours; StoreError, and what the shelf raises."""
        last, last_digest = self._last or await self._newest() or (None, "")
        head, rows, news, problems = await self._store.read_apart(lambda conn: _since(conn, last))
        if problems:
            raise AuditBroken("\n".join(problems))
        if last is not None:
            await self._store.write(lambda conn: _note(conn, last, last_digest, at))
        if not news:
            return None
        made = following(last, last_digest, head, rows, at)
        text = written(made, self._key)
        try:
            await self._shelf.put(made.name, text)
        except Exception:
            text = await self._shelf.get(made.name)  # another worker's, or our own that was cut off; else this raises
            made = read(text, (self._key.public,), self._fits)
        self._last = made, digest(text)
        await self._store.write(lambda conn: _note(conn, made, digest(text), at))
        return made

    async def _newest(self) -> tuple[Checkpoint, str] | None:
        names = sorted(one.name for one in await self._shelf.every(FOLDER))
        if not names:
            return None
        text = await self._shelf.get(names[-1])
        return read(text, (self._key.public,), self._fits), digest(text)


async def fetched(shelf: Shelf) -> list[tuple[str, bytes]]:
    """Every checkpoint of a shelf, by name: 50,000 a year."""
    names = [one.name for one in await shelf.every(FOLDER)]
    found: list[tuple[str, bytes]] = []
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        found += zip(some, await asyncio.gather(*map(shelf.get, some)), strict=True)
    return found


async def verify(store: Store, files: Iterable[tuple[str, bytes]], keys: Collection[bytes], fits: Fits) -> Verified:
    """The whole audit against checkpoints by name, signed by public keys that are trusted. StoreError."""
    found = check(files, keys, fits)

    def look(conn: Connection) -> tuple[int, list[str]]:
        problems = [str(one) for one in verify_audit(conn, [one.head for one in found.good])]
        problems += [f"row {row}: the words beside it cannot be opened" for row in unreadable_words(conn)]
        noted = conn.execute(select(audit.c.seq, audit.c.subject, audit.c.detail).where(audit.c.action == MADE))
        for seq, subject, detail in noted:
            number = int(json.loads(subject)["checkpoint"])
            if number not in found.digests:
                problems.append(f"checkpoint {number}, of which row {seq} tells, is missing")
            elif found.digests[number] != json.loads(detail)["sha256"]:
                problems.append(f"checkpoint {number} is not the one of which row {seq} tells")
        return audit_head(conn).seq, problems

    rows, problems = await store.read_apart(look)
    return Verified(rows, len(found.good), found.good[-1].seq if found.good else 0, (*found.problems, *problems))


def _since(conn: Connection, last: Checkpoint | None) -> tuple[AuditHead, int, bool, list[str]]:
    """The head, how many rows there are, whether anything happened since, and what is wrong."""
    since = last.head if last else BEGINNING
    problems = [str(one) for one in verify_audit(conn, since=since)]
    if last is not None:
        stands = conn.execute(select(audit.c.hash).where(audit.c.seq == last.seq)).scalar()
        if stands != last.hash:
            problems.insert(0, f"row {last.seq}: is not the row of checkpoint {last.number}, or is missing")
    newer = audit.c.seq > since.seq
    rows = conn.execute(select(func.count()).select_from(audit).where(newer)).scalar_one()
    news = conn.execute(select(audit.c.seq).where(newer, audit.c.action != MADE).limit(1)).first() is not None
    return audit_head(conn), (last.rows if last else 0) + rows, news, problems


def _note(conn: Connection, made: Checkpoint, sha256: str, at: datetime) -> None:
    """The row that tells of a checkpoint, once: it comes after the row that the checkpoint ends with."""
    subject = {"checkpoint": str(made.number)}
    told = select(audit.c.seq).where(audit.c.seq > made.seq, audit.c.action == MADE, audit.c.subject == canonical(subject))
    if conn.execute(told.limit(1)).first() is None:
        append_audit(conn, at, ACTOR, MADE, subject, {"row": made.seq, "rows": made.rows, "sha256": sha256})
