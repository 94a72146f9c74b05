"""The log as a use case reads it, and words beside it erased (`switch.ports.audit.AuditChanges`)."""
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from switch.ports.audit import AuditRow
from switch.store.beside import erase_words, read_words
from switch.store.stamps import stamp, unstamp
from switch.store.tables import audit


class AuditWork:
    """The part of a transaction that is about the log itself."""

    conn: Connection
    at: datetime

    def audit_rows(self, actions: Sequence[str] | None, person: str | None, since: datetime | None, until: datetime | None,
                   most: int) -> list[AuditRow]:
        asked = select(audit).order_by(audit.c.seq.desc()).limit(most)
        if actions is not None:
            asked = asked.where(audit.c.action.in_(actions))
        if person is not None:  # a prison number: in the subject, or among those of a list
            asked = asked.where(or_(audit.c.subject.contains(person, autoescape=True),
                                    audit.c.detail.contains(person, autoescape=True)))
        if since is not None:
            asked = asked.where(audit.c.at >= stamp(since))
        if until is not None:
            asked = asked.where(audit.c.at < stamp(until))
        return self._told(reversed(self.conn.execute(asked).all()))

    def audit_row(self, seq: int) -> AuditRow | None:
        return next(iter(self._told(self.conn.execute(select(audit).where(audit.c.seq == seq)))), None)

    def note_text(self, seqs: Sequence[int]) -> dict[int, str]:
        return {seq: words["reason"] for seq, words in read_words(self.conn, seqs).items() if words and "reason" in words}

    def erase_words(self, seq: int) -> bool:
        return erase_words(self.conn, seq, self.at)

    def _told(self, rows: Iterable[Row[Any]]) -> list[AuditRow]:
        found = list(rows)
        words = read_words(self.conn, [row.seq for row in found])
        return [AuditRow(row.seq, unstamp(row.at), row.actor, row.action, json.loads(row.subject), json.loads(row.detail),
                         words.get(row.seq) or {}, row.seq in words and words[row.seq] is None) for row in found]
