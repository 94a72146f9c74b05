"""Call records as staff read them: `wingline calls`."""
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from dialplans.model import Decision
from switch.core.facts import Facts
from switch.core.money import Millipence, pence
from switch.store import codec
from switch.store.tables import cdrs, placed_attempts, placed_calls, quarantined_calls


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call. Seconds; pence; `outcome`, `end_by` and `end_why` are None while it runs; findings as the decision gave them."""

    id: str
    started_at: str
    person: str | None
    phone: str
    to: str
    privileged: bool
    outcome: str | None
    end_by: str | None
    end_why: str | None
    ring_seconds: float
    talk_seconds: float
    charged_pence: int | float
    recording: str | None
    findings: tuple[dict[str, Any], ...]
    quarantined: bool = False
    """Nobody may hear it any more; its recording is not named."""
    kind: str = "call"
    """`call`, or of one that the switch places itself, `placed-consent` or `placed-verify`."""


def call_line(row: CallRow) -> dict[str, Any]:
    """The object of one line of `calls --json`."""
    return {"kind": row.kind} | {name: getattr(row, name) for name in CallRow.__slots__}


_CALLS = select(
    cdrs.c.id, cdrs.c.started_at, cdrs.c.person, cdrs.c.phone, cdrs.c.dialled, cdrs.c.privileged, cdrs.c.outcome, cdrs.c.end_by,
    cdrs.c.end_why, cdrs.c.ring_ms, cdrs.c.talk_ms, cdrs.c.charged, cdrs.c.recording, cdrs.c.decision,
    quarantined_calls.c.call.label("quarantined"),
).join_from(cdrs, quarantined_calls, quarantined_calls.c.call == cdrs.c.id, isouter=True)


def list_calls(conn: Connection, *, live: bool = False, most: int = 1000) -> list[CallRow]:
    """The newest `most` calls, oldest first; only those that run when `live`, those that the switch places itself among them."""
    asked = _CALLS.where(cdrs.c.closed_at.is_(None)) if live else _CALLS
    rows = conn.execute(asked.order_by(cdrs.c.started_at.desc(), cdrs.c.id.desc()).limit(most)).all()
    found = [_row(row) for row in reversed(rows)]
    return sorted(found + _placed(conn), key=lambda row: row.started_at) if live else found


def _placed(conn: Connection) -> list[CallRow]:
    """Calls of the switch itself that run. Their media is untappable: to nobody are they less than privileged."""
    asked = select(placed_attempts.c.id, placed_attempts.c.started_at, placed_calls.c.kind, placed_calls.c.person,
                   placed_calls.c.number).join(placed_calls, placed_calls.c.id == placed_attempts.c.request)
    return [CallRow(row.id, row.started_at, row.person, "", row.number, True, None, None, None, 0.0, 0.0, 0, None, (),
                    kind=f"placed-{row.kind}")
            for row in conn.execute(asked.where(placed_attempts.c.closed_at.is_(None)))]


def show_call(conn: Connection, call: str) -> CallRow | None:
    row = conn.execute(_CALLS.where(cdrs.c.id == call)).first()
    return _row(row) if row else None


def read_decision(conn: Connection, call: str) -> tuple[Decision, Facts | None] | None:
    """The decision of a call as it was stored, with the facts it was made from where they were kept."""
    row = conn.execute(select(cdrs.c.decision, cdrs.c.facts).where(cdrs.c.id == call)).first()
    if row is None or row.decision is None:
        return None
    return codec.loads(Decision, row.decision), codec.loads(Facts, row.facts) if row.facts else None


def _row(row: Row[*tuple[Any, ...]]) -> CallRow:
    return CallRow(
        id=row.id, started_at=row.started_at, person=row.person, phone=row.phone, to=row.dialled, privileged=row.privileged,
        outcome=row.outcome, end_by=row.end_by, end_why=row.end_why, ring_seconds=row.ring_ms / 1000,
        talk_seconds=row.talk_ms / 1000, charged_pence=pence(Millipence(row.charged)),
        recording=None if row.quarantined else row.recording,
        findings=tuple(json.loads(row.decision)["findings"]) if row.decision else (),
        quarantined=row.quarantined is not None,
    )
