"""The outbox: what must follow a commit, as rows that a worker takes, does and marks done. Steps are idempotent."""
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, or_, select, update

from switch.store.stamps import stamp
from switch.store.tables import outbox


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One thing to do: `call-ended` or `recording-sealed` of a call, `body` JSON."""

    id: int
    kind: str
    subject: str
    body: str
    at: str
    attempts: int


_WAITING = (
    select(outbox.c.id, outbox.c.kind, outbox.c.subject, outbox.c.body, outbox.c.at, outbox.c.attempts)
    .where(outbox.c.done_at.is_(None), or_(outbox.c.taken_until.is_(None), outbox.c.taken_until <= bindparam("now")))
    .order_by(outbox.c.id)
)
_TAKE = (
    update(outbox).where(outbox.c.id == bindparam("row"))
    .values(taken_until=bindparam("until"), attempts=outbox.c.attempts + 1)
)


@dataclass(frozen=True, slots=True)
class TakeOutbox:
    """Unit: the oldest waiting rows, ours for `lease` seconds; after that another worker may take them again."""

    now: datetime
    most: int = 20
    lease: float = 60.0
    kind: str | None = None

    def __call__(self, conn: Connection) -> list[OutboxRow]:
        waiting = _WAITING.where(outbox.c.kind == self.kind) if self.kind else _WAITING
        rows = conn.execute(waiting.limit(self.most), {"now": stamp(self.now)}).all()
        if rows:
            until = stamp(self.now + timedelta(seconds=self.lease))
            conn.execute(_TAKE, [{"row": row.id, "until": until} for row in rows])
        return [OutboxRow(row.id, row.kind, row.subject, row.body, row.at, row.attempts + 1) for row in rows]


@dataclass(frozen=True, slots=True)
class DoneOutbox:
    """Unit: rows are done; a second time changes nothing."""

    ids: tuple[int, ...]
    at: datetime

    def __call__(self, conn: Connection) -> None:
        conn.execute(update(outbox).where(outbox.c.id.in_(self.ids), outbox.c.done_at.is_(None)).values(done_at=stamp(self.at)))
