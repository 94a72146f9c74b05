"""The call record as units of work: opened before dialling, closed once with its postings, audit and outbox rows."""
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, literal_column, select, update
from sqlalchemy.exc import IntegrityError

from dialplans.model import Decision
from switch.core.facts import Facts
from switch.core.grants import Privacy
from switch.core.ids import CallId, PersonId
from switch.core.money import Millipence
from switch.core.numbers import Unreadable
from switch.core.reasons import EndedBy, Why
from switch.ledger.charge import Due, call_due, call_transaction, hold_transaction
from switch.ledger.postings import Transaction, hold_reference, person_account
from switch.ports.records import CallRequest, ClosedCall
from switch.store import codec
from switch.store.audit import append_audit, canonical
from switch.store.outcome import Outcome, outcome
from switch.store.prepared import Prepared
from switch.store.stamps import stamp
from switch.store.tables import cdrs, outbox, postings

NODE_ACTOR = "switch"


class OnCall(Exception):
    """This person has another call open."""


class NotEnoughCredit(ValueError):
    """The free balance does not pay for what is asked."""


_CLOSING = ("closed_at", "outcome", "end_by", "end_why", "end_note", "ring_ms", "talk_ms", "charged", "bundle_seconds",
            "recording", "media")
_OPENING = [column.name for column in cdrs.c if not column.nullable or column.name not in _CLOSING]
_OPEN = Prepared(insert(cdrs).inline(), _OPENING)
_WHOLE = Prepared(insert(cdrs).inline(), cdrs.c.keys())
_CLOSE = Prepared(update(cdrs).where(cdrs.c.id == bindparam("call"), cdrs.c.closed_at.is_(None)), _CLOSING)
_STATE = Prepared(select(cdrs.c.closed_at).where(cdrs.c.id == bindparam("call")))
_POST = Prepared(insert(postings).inline(), ("reference", "account", "amount", "at"))
_FREE = Prepared(select(func.coalesce(func.sum(postings.c.amount), 0)).where(postings.c.account == bindparam("account")))
_HOLD = Prepared(select(postings.c.account, postings.c.amount)
                 .where(postings.c.reference == bindparam("reference"), postings.c.amount < literal_column("0")))
_OUT = Prepared(insert(outbox).inline(), ("kind", "subject", "body", "at", "attempts"))


def request_row(
    request: CallRequest, person: PersonId | None, decision: Decision | None, node: str, facts: Facts | None = None,
) -> dict[str, object]:
    """What a CDR says from the beginning."""
    dialled = request.dialled
    return {
        "id": request.call, "node": node, "started_at": stamp(request.at), "phone": request.phone, "person": person,
        "dialled": dialled.text if isinstance(dialled, Unreadable) else str(dialled.number),
        "relay": None if isinstance(dialled, Unreadable) else dialled.relay,
        "service": decision.service if decision else None,
        "privileged": bool(decision and decision.privacy is Privacy.PRIVILEGED),
        "metered": bool(decision and decision.rate is not None),
        "decision": codec.dumps(decision) if decision else None,
        "ring_ms": 0, "talk_ms": 0, "charged": 0, "permit": decision.permit if decision else None,
        "bundle": decision.bundle if decision else None, "facts": codec.lean(facts) if facts else None,
    }


@dataclass(frozen=True, slots=True)
class OpenCall:
    """Unit: the CDR row, open, and the most that the call may cost set aside. Raises OnCall where this person has another open
    call to a contact: a partial unique index says so, whoever asks at the same moment. Raises NotEnoughCredit where the free
    balance no longer pays for what was decided: writers are one after another, so that no money is promised twice."""

    request: CallRequest
    row: dict[str, object]
    hold: Millipence = Millipence(0)

    def __call__(self, conn: Connection) -> None:
        try:
            _OPEN.run(conn, self.row)
        except IntegrityError as error:
            if "cdrs.person" in str(error.orig) or "uq_cdrs_one_open_call" in str(error.orig):
                raise OnCall(str(self.row["person"])) from error
            raise
        person = self.row["person"]
        if held := hold_transaction(self.request.call, PersonId(str(person)) if person else None, self.hold):
            if free_balance(conn, PersonId(str(person))) < self.hold:
                raise NotEnoughCredit(f"{person}: the balance no longer pays for the call")
            post(conn, held, str(self.row["started_at"]))
        append_audit(conn, self.request.at, NODE_ACTOR, "call-opened", {"call": self.request.call, "phone": self.request.phone}
                     | ({"person": str(self.row["person"])} if self.row["person"] else {}))


@dataclass(frozen=True, slots=True)
class CloseCall:
    """Unit: the CDR closed, charge, audit, outbox. True when this run closed it, False when it was closed before."""

    closed: ClosedCall
    node: str

    def __call__(self, conn: Connection) -> bool:
        closed, request, ending = self.closed, self.closed.request, self.closed.ending
        talk_ms = round(ending.talked * 1000)
        # from what the record says, so that the record explains the charge
        due = call_due(ending.decision, talk_ms / 1000, ending.uncharged)
        at, held = stamp(closed.closed_at), Millipence(0)
        values = _closing(closed, talk_ms, due, at)
        if not _CLOSE.run(conn, {"call": request.call, **values}).rowcount:
            if _STATE.run(conn, {"call": request.call}).fetchone():
                return False
            _WHOLE.run(conn, request_row(request, ending.person, ending.decision, self.node, closed.facts) | values)
        else:
            held = _held(conn, request.call)[1]
        if charge := call_transaction(request.call, ending.person, due.cost, held):
            post(conn, charge, at)
        append_audit(conn, closed.closed_at, NODE_ACTOR, "call-closed", {"call": request.call},
                     {"by": ending.reason.by, "why": ending.reason.why, "talk_ms": values["talk_ms"],
                      "charged": values["charged"], "recording": values["recording"]})
        for row in _outgoing(closed, values, at):
            _OUT.run(conn, row)
        return True


def _closing(closed: ClosedCall, talk_ms: int, due: Due, at: str) -> dict[str, str | int | None]:
    ending, recording = closed.ending, closed.media.recording
    return {
        "closed_at": at, "outcome": outcome(ending), "end_by": ending.reason.by, "end_why": ending.reason.why,
        "end_note": ending.reason.note or None, "ring_ms": round(ending.rang * 1000), "talk_ms": talk_ms,
        "charged": due.cost if ending.person else 0, "bundle_seconds": due.bundle_seconds,
        "recording": recording.id if recording else None,
        "media": codec.dumps(closed.media) if closed.media.legs or recording else None,
    }


def _outgoing(closed: ClosedCall, values: dict[str, str | int | None], at: str) -> list[dict[str, object]]:
    call, recording = closed.request.call, closed.media.recording
    rows = [_out("call-ended", call, canonical({"call": call, "outcome": values["outcome"], "why": values["end_why"]}), at)]
    if recording:
        rows.append(_out("recording-sealed", call, canonical({
            "call": call, "recording": recording.id, "path": recording.path, "seconds": recording.seconds,
            "sha256": recording.sha256,
        }), at))
    return rows


def _out(kind: str, subject: str, body: str, at: str) -> dict[str, object]:
    return {"kind": kind, "subject": subject, "body": body, "at": at, "attempts": 0}


def post(conn: Connection, transaction: Transaction, at: str) -> None:
    """The postings of one transaction. IntegrityError when its reference was booked before."""
    for posting in transaction.postings:
        _POST.run(conn, {"reference": posting.reference, "account": posting.account, "amount": posting.amount, "at": at})


def free_balance(conn: Connection, person: PersonId) -> Millipence:
    """What a person may spend now: the sum of their postings, of which whatever is held has been taken."""
    return Millipence(int(_FREE.run(conn, {"account": person_account(person)}).fetchone()[0]))


def _held(conn: Connection, call: CallId) -> tuple[PersonId | None, Millipence]:
    """Whose money a call holds, and how much; asked of calls that are just closed, so that it is not released yet."""
    row = _HOLD.run(conn, {"reference": hold_reference(call)}).fetchone()
    return (PersonId(row[0].removeprefix("person:")), Millipence(-row[1])) if row else (None, Millipence(0))


def open_unknown(conn: Connection, node: str, known: frozenset[CallId]) -> list[CallId]:
    """Calls of this node that stand open although neither a running call nor the journal knows them: the journal was lost."""
    rows = conn.execute(select(cdrs.c.id).where(cdrs.c.closed_at.is_(None), cdrs.c.node == node))
    return [CallId(row.id) for row in rows if row.id not in known]


@dataclass(frozen=True, slots=True)
class CloseLost:
    """Unit: closes such a call. Nothing says how long it lasted, so nothing is charged and what it held is free again. False when
    it was closed before."""

    call: CallId
    at: datetime

    def __call__(self, conn: Connection) -> bool:
        at = stamp(self.at)
        values = {"closed_at": at, "outcome": Outcome.FAILED, "end_by": EndedBy.SWITCH, "end_why": Why.CRASHED,
                  "end_note": "its journal was lost", "ring_ms": 0, "talk_ms": 0, "charged": 0, "bundle_seconds": None,
                  "recording": None, "media": None}
        if not _CLOSE.run(conn, {"call": self.call, **values}).rowcount:
            return False
        person, held = _held(conn, self.call)
        if released := call_transaction(self.call, person, Millipence(0), held):
            post(conn, released, at)
        append_audit(conn, self.at, NODE_ACTOR, "call-closed", {"call": self.call}, {"by": EndedBy.SWITCH, "why": Why.CRASHED})
        _OUT.run(conn, _out("call-ended", self.call, canonical(
            {"call": self.call, "outcome": Outcome.FAILED, "why": Why.CRASHED}), at))
        return True
