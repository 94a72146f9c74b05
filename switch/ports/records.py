"""The store as calls need it: who may speak, what is known, and the one durable record of each call.

Every change is one transaction that carries its audit row (architecture, rules 4 to 6).
"""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialplans.model import Decision, Service
from switch.call.commands import Ending
from switch.core.facts import Facts, PhoneFacts, StopScope
from switch.core.ids import CallId, PersonId, PhoneId, StaffId
from switch.core.node_orders import Kept, NodeOrder
from switch.core.numbers import Dialled, Number, Unreadable
from switch.core.reasons import Why
from switch.ports.media import MediaReport


@dataclass(frozen=True, slots=True)
class CallRequest:
    """A telephone dialled: who, what and when, before anything is known of it."""

    call: CallId
    phone: PhoneId
    dialled: Dialled | Unreadable
    at: datetime
    """Aware, UTC."""


@dataclass(frozen=True, slots=True)
class PinVerdict:
    """`person` when number and PIN fit; else whether the pair of telephone and person is locked now, and whether by this try."""

    person: PersonId | None
    locked: bool = False
    locked_now: bool = False
    duress: bool = False
    """It was the second PIN: the call goes on as with the first, and staff are told silently."""
    language: str = ""
    """The language that the person chose to be spoken to in."""


@dataclass(frozen=True, slots=True)
class ClosedCall:
    """Everything the closing transaction writes; also one line of the journal, so that a crash loses nothing."""

    request: CallRequest
    ending: Ending
    closed_at: datetime
    media: MediaReport
    facts: Facts | None = None
    """What its decision was made from; None where none was, and for helplines and emergency calls, which need none."""


@dataclass(frozen=True, slots=True)
class LiveOrder:
    """An order in force that ends a call which runs: one cut, a kill for its person, cell, wing, site or number, a number that
    was barred, one at which somebody stopped calls (`why` is then `STOPPED`), or an order against contact."""

    id: str
    call: CallId
    reason: str
    staff: StaffId
    why: Why = Why.CUT


class CallRecords(Protocol):
    async def phone(self, phone: PhoneId) -> PhoneFacts | None: ...

    async def check_pin(self, phone: PhoneId, keyed: str | None, person: PersonId | None, pin: str) -> PinVerdict:
        """Count a failure against the pair (telephone, person); the third locks the pair, nobody else, and raises an event."""

    async def facts(self, request: CallRequest, person: PersonId | None) -> Facts:
        """One read. Raises when the store cannot say: the call is refused."""

    async def open(
        self, request: CallRequest, person: PersonId | None, decision: Decision, facts: Facts | None = None,
    ) -> Why | None:
        """Journal flushed, then (all but helplines and emergency) the SQL row. ON_CALL when this person has another call open.
        Raises when neither can be written."""

    async def talking(self, call: CallId) -> None:
        """Note in the journal that the charged part began."""

    async def close(self, closed: ClosedCall) -> None:
        """CDR, postings, audit and outbox rows in ONE transaction; idempotent by call id. Raises when the store will not."""

    async def journal(self, closed: ClosedCall) -> None:
        """Keep the closed call on the node; settled later by `settle`."""

    async def settle(self) -> int:
        """Bring every journalled call that SQL does not have into it; the number brought. At start and after an outage."""

    async def stop_contact(self, request: CallRequest, person: PersonId | None, number: Number, scope: StopScope) -> None:
        """The person called stops calls: journal first, then SQL with audit row; returns when SQL has it."""

    async def wrong_number(self, request: CallRequest, person: PersonId | None, number: Number) -> None:
        """Whoever answered is not who was called: journal first, then SQL with audit row; returns when SQL has it."""

    async def live_orders(self) -> Sequence[LiveOrder]:
        """Every order in force, as the open calls that it ends; swept each second."""

    async def take_order(self, order: NodeOrder) -> Kept:
        """An order of staff given to this node: it holds here from now on, for new calls too, and the database has it, with its
        audit row, now or once it is back. Never raises."""

    def waiting_orders(self) -> Sequence[NodeOrder]:
        """Those that the database does not have yet."""

    def known_phones(self) -> Sequence[PhoneFacts]:
        """Every telephone as last read."""

    async def raise_alarm(self, kind: str, text: str, call: CallId | None, at: datetime) -> None: ...


def service_needs_sql(service: Service) -> bool:
    """Helplines and emergency calls are placed with no store at all (architecture, rule 3)."""
    return service is Service.CONTACT
