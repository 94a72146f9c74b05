"""The audit trail: who did what to which ids, each row bound to the one before it by SHA-256.

A row is written in the transaction of the change that it tells of, and never changed (triggers). What a row says goes into the
chain as a salted hash of its own, so that the chain can be shown to somebody outside row by row, and only the rows about one call
with what they say: the rest is told by a hash that nobody can guess from (docs/audit.md). `verify_audit` finds a changed, moved
or missing row; a cut-off end it finds with an anchor, a head that was kept elsewhere.
"""
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from json.encoder import encode_basestring as _quoted

from sqlalchemy import Connection, bindparam, insert, select

from switch.store.beside import PERSONAL, keep_words, kept_between, seal_words, words_digest
from switch.store.driver import by_hand
from switch.store.prepared import Prepared
from switch.store.stamps import stamp
from switch.store.tables import audit

GENESIS = "0" * 64
SALT_BYTES = 16
ERASED = "words-erased"
"""The action of the row that says who erased the words beside another, `row`."""
LATE_LOCK = "late_lock"
"""`conn.info`: how a transaction that began without the lock of writers takes it, once, before it appends."""
Detail = Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The newest row: keep it elsewhere and the end of the chain cannot be cut off unseen."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class AuditProblem:
    """What is wrong with a row, or with the place where it should be."""

    seq: int
    text: str

    def __str__(self) -> str:
        return f"row {self.seq}: {self.text}"


BEGINNING = AuditHead(0, GENESIS)
LOWEST = -(2**62)
"""Below any number that a row may have: one that was put before the first is read too."""
_HEAD = Prepared(select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1))
_APPEND = Prepared(insert(audit).inline(), audit.c.keys())


def canonical(value: Mapping[str, object]) -> str:
    """The one JSON text of a mapping: keys sorted, no blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def row_digest(salt: str, at: str, actor: str, action: str, subject: str, detail: str, words: str | None = None) -> str:
    """SHA-256 over what a row says, as a JSON list, so that no two rows read alike. The salt keeps it from being guessed; `words`
    binds what stands beside the row to it."""
    parts = (salt, at, actor, action, subject, detail) if words is None else (salt, at, actor, action, subject, detail, words)
    told = ",".join(map(_quoted, parts))  # as json.dumps, in a third of its time
    return hashlib.sha256(f"[{told}]".encode()).hexdigest()


def link(previous: str, seq: int, digest: str) -> str:
    """The hash of a row: SHA-256 over the hash of the row before, its number and its digest, as a JSON list."""
    return hashlib.sha256(f"[{_quoted(previous)},{seq},{_quoted(digest)}]".encode()).hexdigest()


def unsalted_hash(previous: str, seq: int, at: str, actor: str, action: str, subject: str, detail: str) -> str:
    """The hash of a row from before there were salts."""
    body = json.dumps([previous, seq, at, actor, action, subject, detail], separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()


def audit_head(conn: Connection) -> AuditHead:
    """The newest row, or sequence 0 of an empty trail."""
    row = _HEAD.run(conn, {}).fetchone()
    return AuditHead(*row) if row else BEGINNING


def append_audit(
    conn: Connection, at: datetime, actor: str, action: str, subject: Mapping[str, str], detail: Detail | None = None,
    words: Mapping[str, str] | None = None, person: str | None = None,
) -> int:
    """Add one row to the running transaction; its number. Ids, codes and counts only: `words`, and what of `detail` is words or
    names of people, are sealed beside the row (`switch.store.beside`), by the person whom they are about.

    The head is remembered for the length of a transaction, which holds the write lock; whoever rolls back to a savepoint
    forgets it (`forget_head`).
    """
    if lock := conn.info.pop(LATE_LOCK, None):
        by_hand(conn, lock)
    head = conn.info.get("audit_head") or audit_head(conn)
    seq, stamped = head.seq + 1, stamp(at)
    told, aside = dict(detail or {}), dict(words or {})
    for name in PERSONAL:
        if isinstance(text := told.get(name), str):
            aside[name], told[name] = text, True
    of, more = canonical(subject), canonical(told)
    salt, kept = os.urandom(SALT_BYTES).hex(), seal_words(conn, seq, aside) if aside else None
    bound = words_digest(kept.sealed) if kept else None
    hash = link(head.hash, seq, row_digest(salt, stamped, actor, action, of, more, bound))
    _APPEND.run(conn, {"seq": seq, "at": stamped, "actor": actor, "action": action, "subject": of, "detail": more,
                       "previous": head.hash, "hash": hash, "salt": salt, "words": bound})
    if kept:
        keep_words(conn, seq, kept, person or subject.get("person"))
    conn.info["audit_head"] = AuditHead(seq, hash)
    return seq


def forget_head(conn: Connection) -> None:
    """After a rollback the remembered head is not in the table."""
    conn.info.pop("audit_head", None)


_PAGE = 20_000
_ROWS = Prepared(select(audit).where(audit.c.seq > bindparam("after")).order_by(audit.c.seq).limit(_PAGE))


def verify_audit(conn: Connection, anchors: Iterable[AuditHead] = (), since: AuditHead = BEGINNING) -> list[AuditProblem]:
    """Every break in the chain after `since`; empty means whole up to its end, the words beside each row as they were kept or
    erased by a row that says so, and that the row of each anchor, a head that was kept elsewhere, still stands. Without one a
    cut-off end does not show. A million rows take seconds (docs/audit.md)."""
    problems: list[AuditProblem] = []
    beside = _Beside()
    wanted = {anchor.seq: anchor.hash for anchor in anchors if anchor.seq > since.seq}
    seq, previous, salted = since.seq, since.hash, False
    after = since.seq or LOWEST
    while rows := _ROWS.run(conn, {"after": after}).fetchall():
        after = rows[-1][0]
        kept = kept_between(conn, rows[0][0], after)
        for row, at, actor, action, subject, detail, before, hash, salt, words in rows:
            if row != seq + 1:
                problems.append(AuditProblem(row, f"rows {seq + 1} to {row - 1} are missing" if row > seq else "has no place"))
            if before != previous:
                problems.append(AuditProblem(row, "does not follow the row before it"))
            if salt is None and salted:
                problems.append(AuditProblem(row, "has no salt, though rows before it do"))
            told = (at, actor, action, subject, detail)
            if hash != (unsalted_hash(before, row, *told) if salt is None else link(before, row, row_digest(salt, *told, words))):
                problems.append(AuditProblem(row, "was changed after it was written"))
            problems += beside.problems(row, words, kept.get(row, _NOTHING), action, subject)
            if wanted and wanted.pop(row, hash) != hash:
                problems.append(AuditProblem(row, "is not the row that was anchored"))
            seq, previous, salted = row, hash, salted or salt is not None
    problems += [AuditProblem(one, f"the trail ends at {seq}, before the anchored row" if one > seq else
                              "the anchored row is missing") for one in sorted(wanted)]
    return problems + beside.unaccounted()


_NOTHING = b""
"""Beside a row that has no words; what was sealed is never so short, and what was erased is None."""


class _Beside:
    """The words beside rows, as the rows tell of them, read in their order."""

    def __init__(self) -> None:
        self._bound = False
        """Rows tell of what stands beside them from some row on, and all after it."""
        self._erased: dict[int, None] = {}

    def problems(self, row: int, words: str | None, sealed: bytes | None, action: str, subject: str) -> list[AuditProblem]:
        if action == ERASED:
            self._erased.pop(int(json.loads(subject)["row"]), None)
        if words is None:
            stray = self._bound and sealed != _NOTHING
            return [AuditProblem(row, "has words beside it of which it does not tell")] if stray else []
        self._bound = True
        if sealed is None:
            self._erased[row] = None
        elif sealed == _NOTHING:
            return [AuditProblem(row, "the words beside it are missing")]
        elif words_digest(sealed) != words:
            return [AuditProblem(row, "the words beside it were changed")]
        return []

    def unaccounted(self) -> list[AuditProblem]:
        """What was erased, and no row says by whom."""
        return [AuditProblem(row, "the words beside it were erased, and no row says who did it") for row in self._erased]
