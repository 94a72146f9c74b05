"""The audit trail: who did what to which ids, each row bound to the one before it by SHA-256.

A row is written in the transaction of the change that it tells of, and never changed (triggers). `verify_audit` finds a
changed, moved or missing row; a cut-off end it finds with an anchor, a head that was kept elsewhere.
"""
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from switch.store.driver import by_hand
from switch.store.prepared import Prepared
from switch.store.stamps import stamp
from switch.store.tables import audit

GENESIS = "0" * 64
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
    seq: int
    text: str


_HEAD = Prepared(select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1))
_APPEND = Prepared(insert(audit).inline(), audit.c.keys())


def canonical(value: Mapping[str, object]) -> str:
    """The one JSON text of a mapping: keys sorted, no blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def row_hash(previous: str, seq: int, at: str, actor: str, action: str, subject: str, detail: str) -> str:
    """SHA-256 over the row before and everything in this one, as a JSON list, so that no two rows read alike."""
    body = json.dumps([previous, seq, at, actor, action, subject, detail], separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()


def audit_head(conn: Connection) -> AuditHead:
    """The newest row, or sequence 0 of an empty trail."""
    row = _HEAD.run(conn, {}).fetchone()
    return AuditHead(*row) if row else AuditHead(0, GENESIS)


def append_audit(
    conn: Connection, at: datetime, actor: str, action: str, subject: Mapping[str, str], detail: Detail | None = None,
) -> None:
    """Add one row to the running transaction. Ids, codes and counts only: names and numbers of people do not belong here.

    The head is remembered for the length of a transaction, which holds the write lock; whoever rolls back to a savepoint
    forgets it (`forget_head`).
    """
    if lock := conn.info.pop(LATE_LOCK, None):
        by_hand(conn, lock)
    head = conn.info.get("audit_head") or audit_head(conn)
    seq, stamped = head.seq + 1, stamp(at)
    of, more = canonical(subject), canonical(detail or {})
    digest = row_hash(head.hash, seq, stamped, actor, action, of, more)
    _APPEND.run(conn, {"seq": seq, "at": stamped, "actor": actor, "action": action, "subject": of, "detail": more,
                       "previous": head.hash, "hash": digest})
    conn.info["audit_head"] = AuditHead(seq, digest)


def forget_head(conn: Connection) -> None:
    """After a rollback the remembered head is not in the table."""
    conn.info.pop("audit_head", None)


def verify_audit(conn: Connection, anchor: AuditHead | None = None) -> list[AuditProblem]:
    """Every break in the chain; empty means whole up to its end, and with an anchor, that the anchored row still stands."""
    problems: list[AuditProblem] = []
    seq, previous, anchored = 0, GENESIS, anchor is None or anchor.seq == 0
    for row in conn.execute(select(audit).order_by(audit.c.seq)):
        if row.seq != seq + 1:
            problems.append(AuditProblem(row.seq, f"rows {seq + 1} to {row.seq - 1} are missing"))
        if row.previous != previous:
            problems.append(AuditProblem(row.seq, "does not follow the row before it"))
        if row.hash != row_hash(row.previous, row.seq, row.at, row.actor, row.action, row.subject, row.detail):
            problems.append(AuditProblem(row.seq, "was changed after it was written"))
        if anchor and row.seq == anchor.seq:
            anchored = True
            if row.hash != anchor.hash:
                problems.append(AuditProblem(row.seq, "is not the row that was anchored"))
        seq, previous = row.seq, row.hash
    if anchor and not anchored:
        problems.append(AuditProblem(anchor.seq, f"the trail ends at {seq}, before the anchored row"))
    return problems
