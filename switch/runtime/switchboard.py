"""All calls of this node: SIP events find their call, orders reach the calls they end, and a drain ends them all."""
import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import unquote

import structlog

from dialplans.decide import ask_for, occupant, pin_digits, service_of
from dialplans.model import Service
from switch.call import events as was
from switch.core.facts import PhoneFacts
from switch.core.ids import CallId, Leg, PhoneId
from switch.core.node_orders import NodeOrder, ends
from switch.core.numbers import read_dialled
from switch.core.reasons import Why, from_status
from switch.ports.clock import Ids
from switch.ports.records import CallRequest, LiveOrder
from switch.runtime.calls import CallRunner
from switch.runtime.control import ControlRefused, Handler
from switch.runtime.hands import CallHands, Tools
from switch.runtime.node_orders import read_cut, read_kill
from switch.runtime.placing import Placing
from switch.sip import events as sip

log = structlog.get_logger()

SWEEP_EVERY = 1.0
"""Seconds between looks for orders in SQL that end running calls."""
DRAIN_MARGIN = 8.0
"""Seconds after the last call's own bound in which records may still close."""
BEYOND = 1.1
"""Up to this share of the limit, calls to helplines and the control room are placed, and others hear that all lines are busy."""


class Line:
    """One running call: its runner, its hands and its task."""

    def __init__(self, request: CallRequest, phone: PhoneFacts, runner: CallRunner, hands: CallHands) -> None:
        self.request, self.phone, self.runner, self.hands = request, phone, runner, hands
        self.task: asyncio.Task[Any] | None = None
        self.obeyed: set[str] = set()
        """Orders that this call has been told of."""


class Switchboard:
    """`on_event` is the SIP server's; everything else is asked by the node's control socket and its supervisor."""

    def __init__(self, tools: Tools, ids: Ids, most_calls: int, site: str = "") -> None:
        self._tools, self._ids, self._most, self._site = tools, ids, most_calls, site
        self._ask_drain: Callable[[str], None] = lambda _why: None
        self.placing: Placing | None = None
        """The calls that the switch places itself; none without a plan."""
        self._plan = tools.plan
        self._lines: dict[CallId, Line] = {}
        self._legs: dict[sip.DialogId, tuple[Line, Leg]] = {}
        self._phones: dict[PhoneId, PhoneFacts] = {}
        self._offers: set[sip.DialogId] = set()
        """INVITEs whose telephone is being looked up; one that is cancelled meanwhile leaves the set."""
        self._starting: set[asyncio.Task[None]] = set()
        self._draining = False
        self._last_call = math.inf
        """From then on (loop time) there is no time left to tell a caller anything aloud."""

    def __len__(self) -> int:
        return len(self._lines)

    # SIP events

    def on_event(self, event: sip.SipEvent) -> None:
        """Give a SIP event to the call it belongs to; a new INVITE starts a call."""
        match event:
            case sip.InviteReceived():
                self._offers.add(event.dialog)
                self._spawn(self._offered(event))
            case sip.AckReceived(dialog, _):
                self._tell(dialog, lambda leg: was.LegAnswered(leg) if leg is Leg.CELL else None)
            case sip.Answered(dialog, sdp):
                if at := self._legs.get(dialog):
                    self._spawn(at[0].hands.outside_answered(sdp))
            case sip.Rejected(dialog, status, reason):
                self._left(dialog, from_status(status), f"{status} {reason}")
            case sip.ByeReceived(dialog, reason):
                self._left(dialog, Why.HUNG_UP, reason)
            case sip.InviteCancelled(dialog):
                self._left(dialog, Why.ABANDONED)
            case sip.NoAck(dialog):
                self._left(dialog, Why.UNREACHABLE, "our answer was never acknowledged")
            case sip.SessionExpired(dialog):
                self._left(dialog, Why.UNREACHABLE, "no session refresh came (RFC 4028)")
            case sip.DialogLost(dialog, why):
                self._left(dialog, Why.UNREACHABLE, why)
            case sip.DigitByInfo(dialog, digit, _):
                self._tell(dialog, lambda leg: was.DigitPressed(leg, digit))
            case sip.AuthFailed(user, flow, network, count):
                log.warning("sip.auth-failed", user=user, ip=flow.remote[0], network=network, count=count)
            case sip.StrangerRefused(flow, why) | sip.MalformedReceived(flow, why):
                log.warning("sip.refused", ip=flow.remote[0], why=why)
            case sip.TransferRefused(_, method, _, flow):
                log.warning("sip.transfer-refused", method=method, ip=flow.remote[0])

    def _tell(self, dialog: sip.DialogId, event: Callable[[Leg], was.Event | None]) -> None:
        if at := self._legs.get(dialog):
            line, leg = at
            if told := event(leg):
                line.runner.tell(told)

    def _left(self, dialog: sip.DialogId, why: Why, note: str = "") -> None:
        self._offers.discard(dialog)
        if at := self._legs.pop(dialog, None):
            line, leg = at
            line.runner.tell(was.LegLeft(leg, why, note))

    # a call, from its offer to its end

    async def _offered(self, invite: sip.InviteReceived) -> None:
        tools = self._tools
        if invite.user is None or invite.sdp is None:
            # Families cannot ring in yet, and a telephone that leaves the offer to us is told to make one (RFC 3261 21.4.26).
            self._offers.discard(invite.dialog)
            tools.sip.refuse(invite.dialog, 403 if invite.user is None else 488)
            return
        phone = await self._phone(PhoneId(invite.user))
        if invite.dialog not in self._offers:
            return
        self._offers.discard(invite.dialog)
        if phone is None:
            tools.sip.refuse(invite.dialog, 403)
            return
        dialled = read_dialled(unquote(invite.request_uri_user))  # an escaped character is that character (RFC 3261 19.1.4)
        request = CallRequest(CallId(self._ids.call()), phone.id, dialled, tools.clock.wall())
        if len(self._lines) >= int(self._most * BEYOND) or asyncio.get_running_loop().time() >= self._last_call:
            tools.sip.refuse(invite.dialog, 503)
            return
        self._start(invite, request, phone, service_of(self._plan, request.dialled))

    def _no_call_now(self, service: Service) -> Why | None:
        if self._draining:
            return Why.DRAINING
        return Why.LINES_BUSY if service in (Service.CONTACT, Service.MENU) and len(self._lines) >= self._most else None

    def _start(self, invite: sip.InviteReceived, request: CallRequest, phone: PhoneFacts, service: Service) -> None:
        ask = ask_for(self._plan, phone, service)
        runner: CallRunner

        def tell(event: was.Event) -> None:
            runner.tell(event)

        hands = CallHands(self._tools, request, phone, invite, tell, self._bind)
        runner = CallRunner(hands)
        line = Line(request, phone, runner, hands)
        self._lines[request.call] = line
        self._legs[invite.dialog] = (line, Leg.CELL)
        runner.tell(was.CallOffered(
            service, ask, pin_digits(self._plan), occupant(phone), self._no_call_now(service), self._tools.spoken(phone.language),
            self._tools.languages))
        line.task = asyncio.create_task(self._live(line), name=f"call {request.call}")

    async def _live(self, line: Line) -> None:
        try:
            await line.runner.run()
        finally:
            self._lines.pop(line.request.call, None)
            for dialog in line.hands.dialogs.values():
                self._legs.pop(dialog, None)

    def _bind(self, call: CallId, leg: Leg, dialog: sip.DialogId) -> None:
        """A leg that a call dialled: its events belong to that call from now on."""
        if line := self._lines.get(call):
            self._legs[dialog] = (line, leg)

    async def _phone(self, phone: PhoneId) -> PhoneFacts | None:
        """From the store, or as last known: a helpline is rung with no store at all (architecture, rule 3)."""
        try:
            found = await self._tools.records.phone(phone)
        except Exception as error:
            log.warning("store.phone", error=repr(error))
            return self._phones.get(phone)
        if found is None:
            self._phones.pop(phone, None)
        else:
            self._phones[phone] = found
        return found

    async def know_phones(self, phones: list[PhoneFacts]) -> None:
        """What the node knows of its telephones before any has called."""
        self._phones.update({phone.id: phone for phone in phones})

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    # staff and orders

    def handlers(self, drain: Callable[[str], None]) -> dict[str, Handler]:
        """What the node's control socket may ask; `drain` begins the end of the process."""
        self._ask_drain = drain
        return {"calls": self._calls_asked, "cut": self._cut_asked, "kill": self._kill_asked,
                "drain": self._drain_asked, "health": self._health_asked, "taps": self._taps_asked}

    async def _calls_asked(self, _request: Mapping[str, Any]) -> Mapping[str, Any]:
        rows = [line.hands.row for line in self._lines.values() if line.hands.row is not None]
        placed = [] if self.placing is None else self.placing.rows()
        return {"calls": [asdict(row) for row in (*rows, *placed)]}

    async def _cut_asked(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        order = read_cut(request, self._tools.clock.wall(), self._ids.call())
        ours = self.placing is not None and self.placing.has(CallId(order.target))
        if CallId(order.target) not in self._lines and not ours:
            raise ControlRefused(f"there is no call {order.target} that runs")
        return await self._take(order)

    async def _kill_asked(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        known = self._tools.records.known_phones()
        return await self._take(read_kill(request, self._tools.clock.wall(), self._ids.call(), known))

    async def _take(self, order: NodeOrder) -> Mapping[str, Any]:
        """Obeyed first, then written down: the database may be away, and need not be waited for."""
        self._obey_here(order)
        return {"order": order.id, "kept": await self._tools.records.take_order(order)}

    async def _taps_asked(self, _request: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is listened to and what is written just now, as engine and recorder have it, not as calls think."""
        return {"tapped": sorted(self._tools.media.tapped), "recorded": sorted(self._tools.spool.running)}

    async def _drain_asked(self, _request: Mapping[str, Any]) -> Mapping[str, Any]:
        self._draining = True
        self._ask_drain("asked on the control socket")
        return {"calls": len(self._lines)}

    async def _health_asked(self, _request: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"site": self._site, "calls": len(self._lines), "draining": self._draining, "plan": self._plan is not None}

    async def sweep(self) -> None:
        """Each second: the orders in SQL that end running calls. Never returns; a store that is away is tried again."""
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            if not self._lines:
                continue
            for taken in self._tools.records.waiting_orders():
                self._obey_here(taken)
            try:
                orders = await self._tools.records.live_orders()
            except Exception as error:
                log.warning("store.orders", error=repr(error))
                continue
            for order in orders:
                self._obey(order)

    def _obey(self, order: LiveOrder) -> None:
        line = self._lines.get(order.call)
        if line is not None and order.id not in line.obeyed:
            line.obeyed.add(order.id)
            line.runner.tell(was.CutOrdered(order.staff, order.reason, order.why))

    def _obey_here(self, order: NodeOrder) -> None:
        """An order that this node took itself, on every call that it ends now."""
        now = self._tools.clock.wall()
        for call, line in self._lines.items():
            if ends(order, call, line.hands.to_contact, line.phone, line.hands.person, now):
                self._obey(LiveOrder(order.id, call, order.reason, order.staff))
        if self.placing is not None:
            self.placing.obey(order, now)

    async def drain(self, seconds: float) -> None:
        """No new calls; those that talk are told and have `seconds`, and who calls meanwhile hears why not. Returns when every
        record is durable or time is up."""
        self._draining = True
        loop = asyncio.get_running_loop()
        self._last_call = loop.time() + seconds
        for line in list(self._lines.values()):
            line.runner.tell(was.SwitchClosing(self._last_call))
        over = self._last_call + DRAIN_MARGIN
        while (tasks := [line.task for line in self._lines.values() if line.task is not None]) and loop.time() < over:
            await asyncio.wait(tasks, timeout=over - loop.time())
