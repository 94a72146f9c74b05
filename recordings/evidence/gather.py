"""What the audit says of one recording, as a court may see it: its own rows in full, everybody else's as hashes.

Shown are the rows that are the custody of a recording: of the call and its recording themselves, and of whoever looked at it,
heard it or took it out. What else names the call (alarms, marks of the monitoring queue, leads) may tell of others or of
intelligence, and is there by its digest alone, as every other row is: salted, so that nobody can guess what it says. So are looks
at lists that had others in them.
"""
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, or_, select

from recordings.checkpoints import Checkpoint
from switch.store.audit import canonical, row_digest
from switch.store.beside import read_words
from switch.store.tables import audit

SHOWN = ("call-opened", "call-closed", "consulted", "recording-", "listening-", "evidence-")
"""Actions, or how they begin, whose rows are custody."""
LISTS = ("persons", "calls", "partys", "recordings")
"""Details of a look at several."""
FIELDS = ("seq", "at", "actor", "action", "subject", "detail", "salt", "words")


class NotProven(Exception):
    """The audit cannot be proven as it stands; the text says why."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows about one call, oldest first; the words beside each that is still readable."""

    rows: tuple[Mapping[str, Any], ...]
    words: Mapping[int, Mapping[str, str] | None]


def rows_about(conn: Connection, call: str) -> Rows:
    """Every row of a call and of its recording, which has the same id."""
    named = [canonical({name: call})[1:-1] for name in ("call", "recording")]
    asked = select(audit).where(or_(*(audit.c.subject.contains(one, autoescape=True) for one in named))).order_by(audit.c.seq)
    found = tuple({name: getattr(row, name) for name in FIELDS} for row in conn.execute(asked)
                  if row.action.startswith(SHOWN) and not set(LISTS) & json.loads(row.detail).keys())
    return Rows(found, read_words(conn, [row["seq"] for row in found]))


def proof(conn: Connection, about: Rows, checkpoints: Sequence[tuple[Checkpoint, bytes]]) -> dict[str, Any]:
    """Each row with the way from the checkpoint before it to the one after, both as they were signed. NotProven where a row comes
    after the last checkpoint, or from before there were salts."""
    wanted = {row["seq"]: row for row in about.rows}
    parts, before, start = [], None, 0
    for checkpoint, text in checkpoints:
        if any(start < seq <= checkpoint.seq for seq in wanted):
            parts.append({"from": before, "to": json.loads(text), "rows": _way(conn, start, checkpoint.seq, wanted)})
        before, start = json.loads(text), checkpoint.seq
    if late := [seq for seq in wanted if seq > start]:
        raise NotProven(f"row {late[0]} of the audit is not under a checkpoint yet")
    return {"parts": parts}


def _way(conn: Connection, start: int, end: int, wanted: Mapping[int, Mapping[str, Any]]) -> list[object]:
    rows: list[object] = []
    for row in conn.execute(select(audit).where(audit.c.seq > start, audit.c.seq <= end).order_by(audit.c.seq)):
        if row.salt is None:
            raise NotProven(f"row {row.seq} of the audit has no salt, and would tell of others: it is from before version 0.2")
        digest = row_digest(row.salt, row.at, row.actor, row.action, row.subject, row.detail, row.words)
        rows.append(dict(wanted[row.seq]) if row.seq in wanted else digest)
    return rows


def custody(about: Rows) -> list[dict[str, Any]]:
    """Who did what with it, in the order that it was done: why, on whose second word, and to whom it went, where that was not
    erased."""
    told = []
    for row in about.rows:
        detail, words = json.loads(row["detail"]), about.words.get(row["seq"]) or {}
        told.append({
            "row": row["seq"], "at": row["at"], "who": row["actor"], "what": row["action"],
            "why": words.get("reason") or detail.get("why"), "authority": detail.get("authority"), "second": words.get("second"),
            "recipient": words.get("recipient"),
            "erased": row["seq"] in about.words and about.words[row["seq"]] is None,
        })
    return told
