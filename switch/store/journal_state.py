"""The node's journal as a language: one line per fact, and what a file of them comes to. No files here.

A line is `crc32 JSON`: eight hex digits over the JSON's bytes. Records, by `k`:
`opened` {id, at, call: request, person, decision} · `talking` {id, up} · `beat` {at, up} ·
`closed` {call: ClosedCall} · `settled` {id} · `void` {id}, the open was refused · `stop` {id, …} ·
`wrong` {id, …} · `alarm` {id, …} · `order` {id, order: NodeOrder}.
`up` is monotonic seconds of the process that wrote it, so that talk is a difference of two of them and no wall clock that is set
in between can change a charge.
"""
import json
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dialplans.model import Decision
from switch.call.commands import Ending
from switch.core.ids import CallId, PersonId
from switch.core.node_orders import NodeOrder
from switch.core.reasons import EndedBy, EndReason, Why
from switch.ports.media import MediaReport
from switch.ports.records import CallRequest, ClosedCall
from switch.store import codec

Record = dict[str, Any]


def line(record: Record) -> bytes:
    """One record as it stands in the file."""
    body = json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode()
    return b"%08x %s\n" % (zlib.crc32(body), body)


def parse(raw: bytes) -> Record | None:
    """The record of one line without its newline; None for a torn or damaged one."""
    try:
        crc, body = raw[:8], raw[9:]
        if raw[8:9] != b" " or int(crc, 16) != zlib.crc32(body):
            return None
        record = json.loads(body)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


@dataclass(slots=True)
class OpenInJournal:
    """A call that the journal knows to be open."""

    opened: Record
    talking: float | None = None
    """`up` when the charged part began."""


@dataclass(slots=True)
class JournalState:
    """What is not yet in SQL for certain: the fold of all lines."""

    open: dict[str, OpenInJournal] = field(default_factory=dict)
    closed: dict[str, Record] = field(default_factory=dict)
    stops: dict[str, Record] = field(default_factory=dict)
    wrong: dict[str, Record] = field(default_factory=dict)
    alarms: dict[str, Record] = field(default_factory=dict)
    orders: dict[str, Record] = field(default_factory=dict)
    beat_up: float = 0.0
    beat_at: str = ""
    damaged: int = 0

    def apply(self, record: Record) -> None:
        match record["k"]:
            case "opened":
                self.open[record["id"]] = OpenInJournal(record)
                self.beat_at = max(self.beat_at, record["at"])
            case "talking":
                if call := self.open.get(record["id"]):
                    call.talking = record["up"]
                self.beat_up = max(self.beat_up, record["up"])
            case "beat":
                self.beat_up, self.beat_at = record["up"], record["at"]
            case "closed":
                self.open.pop(record["id"], None)
                self.closed[record["id"]] = record
            case "settled" | "void":
                for kept in (self.open, self.closed, self.stops, self.wrong, self.alarms, self.orders):
                    kept.pop(record["id"], None)
            case "stop":
                self.stops[record["id"]] = record
            case "wrong":
                self.wrong[record["id"]] = record
            case "alarm":
                self.alarms[record["id"]] = record
            case "order":
                self.orders[record["id"]] = record

    def lines(self) -> list[Record]:
        """The shortest journal of the same meaning."""
        records: list[Record] = []
        for call in self.open.values():
            records.append(call.opened)
            if call.talking is not None:
                records.append({"k": "talking", "id": call.opened["id"], "up": call.talking})
        if self.beat_at:
            records.append({"k": "beat", "at": self.beat_at, "up": self.beat_up})
        waiting = (self.closed, self.stops, self.wrong, self.alarms, self.orders)
        return [*records, *(record for kept in waiting for record in kept.values())]

    def crash(self) -> None:
        """The process that wrote all this is dead: each open call ended at its last beat, charged up to it."""
        for id, call in list(self.open.items()):
            self.apply(closed_record(crashed(call, self.beat_up, self.beat_at)))
            self.open.pop(id, None)
        self.beat_up = 0.0


def opened_record(request: CallRequest, person: PersonId | None, decision: Decision, at: str) -> Record:
    return {"k": "opened", "id": request.call, "at": at, "call": codec.plain(request), "person": person,
            "decision": codec.plain(decision)}


def closed_record(closed: ClosedCall) -> Record:
    return {"k": "closed", "id": closed.request.call, "call": codec.plain(closed)}


def order_record(order: NodeOrder) -> Record:
    return {"k": "order", "id": order.id, "order": codec.plain(order)}


def node_order(record: Record) -> NodeOrder:
    return codec.restore(NodeOrder, record["order"])


def closed_call(record: Record) -> ClosedCall:
    return codec.restore(ClosedCall, record["call"])


def crashed(call: OpenInJournal, beat_up: float, beat_at: str) -> ClosedCall:
    """How a call ended that nobody closed: with the switch, at the last beat after it began to talk."""
    request = codec.restore(CallRequest, call.opened["call"])
    person = call.opened["person"]
    return ClosedCall(
        request=request,
        ending=Ending(
            reason=EndReason(EndedBy.SWITCH, Why.CRASHED), decision=codec.restore(Decision, call.opened["decision"]),
            person=PersonId(person) if person else None, rang=0.0,
            talked=max(0.0, beat_up - call.talking) if call.talking is not None else 0.0,
        ),
        closed_at=max(datetime.fromisoformat(beat_at), request.at) if beat_at else request.at,
        media=MediaReport(),
    )


def fold(data: bytes) -> JournalState:
    """What a file of lines comes to. A torn last line is the crash itself; any other damage is counted and skipped."""
    state = JournalState()
    raw_lines = data.split(b"\n")
    for index, raw in enumerate(raw_lines):
        if not raw:
            continue
        record = parse(raw)
        if record is not None:
            state.apply(record)
        elif index < len(raw_lines) - 1:
            state.damaged += 1
    return state


def call_ids(state: JournalState) -> frozenset[CallId]:
    return frozenset(CallId(id) for id in (*state.open, *state.closed))
