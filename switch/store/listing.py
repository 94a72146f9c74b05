"""Call records as staff read them: `wingline calls`."""
import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from dialplans.model import Decision
from switch.core.facts import Facts
from switch.core.money import Millipence, pence
from switch.ports.calls import CallRow
from switch.store import codec
from switch.store.stamps import stamp
from switch.store.tables import cdrs, placed_attempts, placed_calls, quarantined_calls


def call_line(row: CallRow) -> dict[str, Any]:
    """The object of one line of `calls --json`."""
    return {"kind": row.kind} | {name: getattr(row, name) for name in CallRow.__slots__}


_CALLS = select(
    cdrs.c.id, cdrs.c.started_at, cdrs.c.person, cdrs.c.phone, cdrs.c.dialled, cdrs.c.privileged, cdrs.c.outcome, cdrs.c.end_by,
    cdrs.c.end_why, cdrs.c.ring_ms, cdrs.c.talk_ms, cdrs.c.charged, cdrs.c.recording, cdrs.c.decision,
    quarantined_calls.c.call.label("quarantined"),
).join_from(cdrs, quarantined_calls, quarantined_calls.c.call == cdrs.c.id, isouter=True)


def list_calls(conn: Connection, *, live: bool = False, most: int = 1000, person: str | None = None,
               since: datetime | None = None, until: datetime | None = None) -> list[CallRow]:
    """The newest `most` calls that began in [since, until), oldest first; only those that run when `live`, those that the switch
    places itself among them."""
    asked = _CALLS.where(cdrs.c.closed_at.is_(None)) if live else _CALLS
    if person is not None:
        asked = asked.where(cdrs.c.person == person)
    if since is not None:
        asked = asked.where(cdrs.c.started_at >= stamp(since))
    if until is not None:
        asked = asked.where(cdrs.c.started_at < stamp(until))
    rows = conn.execute(asked.order_by(cdrs.c.started_at.desc(), cdrs.c.id.desc()).limit(most)).all()
    found = [_row(row) for row in reversed(rows)]
    if not live:
        return found
    ours = [row for row in _placed(conn) if person in (None, row.person) and (since is None or row.started_at >= stamp(since))
            and (until is None or row.started_at < stamp(until))]
    return sorted(found + ours, key=lambda row: row.started_at)[-most:]


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
