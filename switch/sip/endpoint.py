"""The one object that the runtime talks to: datagrams and the time in; events, datagrams and a deadline out."""
from collections.abc import Callable
from hashlib import blake2b

from switch.sip.access import Access, Doors, TokenBuckets, TrunkPeer, is_scanner
from switch.sip.arrivals import Arrivals
from switch.sip.build import Headers, reason_header
from switch.sip.client import Clients
from switch.sip.config import EndpointConfig
from switch.sip.dialog import DialogTable
from switch.sip.digest import ClientCredentials, DigestGuard, LookupUser
from switch.sip.endings import Endings
from switch.sip.events import DialogId, Flow, MalformedReceived, SipEvent, StrangerRefused
from switch.sip.exchanges import ServerExchange, Stack, server_key
from switch.sip.keeping import Keeping
from switch.sip.message import Malformed, Request, Response, parse
from switch.sip.registrar import Binding, Registrar
from switch.sip.uac import Dialling
from switch.sip.uas import Answering
from switch.sip.within import Within


class Endpoint:
    """SIP for any number of calls. `ids` returns unguessable tokens, each once; times are seconds of one monotonic clock.

    Calls that name an unknown or ended dialog do nothing: an ending may cross any command.
    """

    def __init__(self, config: EndpointConfig, ids: Callable[[], str], lookup_user: LookupUser) -> None:
        self.config = config
        stack = self._stack = Stack(config, ids)
        self._doors = Doors(config.networks, config.trunks)
        self._noise = TokenBuckets(config.stranger_rate, 3.0)
        self._table = DialogTable(stack, self._doors)
        self._endings = Endings(stack, self._table)
        keeping = Keeping(stack, self._table, self._endings)
        self._uas = Answering(stack, self._table, self._endings, keeping)
        self._uac = Dialling(stack, self._table, self._endings, keeping)
        self._within = Within(stack, self._table, self._endings, keeping, self._uas)
        # A monotonic clock starts anew with the machine: nonces of an earlier life must not come alive again.
        self._key = blake2b(ids().encode(), key=config.nonce_key[:64]).digest()
        self._guard = DigestGuard(self._key, lookup_user, lifetime=config.nonce_lifetime)
        self._registrar = Registrar(config.registrar, stack.alarms, stack.events)
        self._arrivals = Arrivals(stack, self._guard, self._registrar, self._uas, self._table)
        self._clients = Clients(stack)

    # What comes from the wire and the clock

    def receive(self, data: bytes, flow: Flow, now: float) -> None:
        """One datagram, or one message of a stream. Never raises, whatever it holds."""
        access = self._doors.of(flow)
        answers = data.startswith(b"SIP/2.0 ") and flow.remote[0] in self._stack.asked
        if access is None and not answers:
            self._stranger(flow, "unknown address", now)
            return
        if not data.strip(b"\r\n\0"):
            return  # a keepalive (RFC 5626 4.4.1)
        message = parse(data)
        if isinstance(message, Malformed):
            self._malformed(message, flow, now)
        elif isinstance(message, Response):
            exchange = self._stack.clients.get((message.branch.removeprefix("z9hG4bK"), message.cseq_method))
            if exchange is not None and (access is not None or exchange.flow.remote[0] == flow.remote[0]):
                exchange.receive(message, now)
        else:
            assert access is not None  # of those who are in no network only answers came this far
            self._request(message, flow, access, now)

    def wake(self, now: float) -> None:
        """Do what is due."""
        self._stack.alarms.wake(now)

    def deadline(self) -> float | None:
        """When `wake` has something to do; ask again after each call."""
        return self._stack.alarms.deadline()

    def transport_failed(self, flow: Flow, now: float) -> None:
        """Nothing can be sent over `flow`: what waits for an answer over it fails at once (RFC 3261 8.1.3.1)."""
        for exchange in [e for e in self._stack.clients.values() if e.flow == flow]:
            exchange.fail("the transport failed", now)

    def take_events(self) -> list[SipEvent]:
        """What happened since it was last asked, in order."""
        events = self._stack.events.copy()
        self._stack.events.clear()
        return events

    def take_outgoing(self) -> list[tuple[bytes, Flow]]:
        """What is to be sent, in order."""
        outgoing, self._stack.outgoing = self._stack.outgoing, []
        return outgoing

    # Legs

    def progress(self, dialog: DialogId, status: int, sdp: bytes | None = None, *, now: float) -> None:
        """Tell the caller 101 to 199, with early media if `sdp` is given."""
        if (leg := self._table.get(dialog)) is not None:
            self._uas.progress(leg, status, sdp, now)

    def answer(self, dialog: DialogId, sdp: bytes, now: float) -> None:
        """200 to an INVITE, or to the media offer that waits."""
        if (leg := self._table.get(dialog)) is None:
            return
        if leg.pending is not None:
            self._within.answer_offer(leg, leg.pending, sdp, now)
        else:
            self._uas.answer(leg, sdp, now)

    def refuse(self, dialog: DialogId, status: int, now: float, reason: str = "", q850: int | None = None) -> None:
        """A final answer of 400 to 699 to an INVITE (the leg is gone), or to the media offer that waits (the call goes on)."""
        if not 400 <= status <= 699:
            raise ValueError(f"{status} refuses nothing")
        if (leg := self._table.get(dialog)) is None:
            return
        if leg.pending is not None:
            self._endings.refuse_pending(leg, status, now, reason_header(reason, q850))
        else:
            self._endings.refuse(leg, status, now, reason_header(reason, q850))

    def dial(self, uri: str, target: Flow, *, from_uri: str, from_display: str = "", sdp: bytes,
             credentials: ClientCredentials | None = None, headers: Headers = (), now: float) -> DialogId:
        """Call `uri` over `target`. ValueError when a value holds a line break."""
        trunk = isinstance(self._doors.of(target), TrunkPeer)
        return self._uac.dial(uri, target, from_uri=from_uri, from_display=from_display, sdp=sdp,
                              credentials=credentials,
                              headers=headers, trunk=trunk, now=now).id

    def hangup(self, dialog: DialogId, now: float, reason: str = "", q850: int | None = None) -> None:
        """End a leg with CANCEL, BYE or a final answer, whichever its state asks for. No event about it follows."""
        if (leg := self._table.get(dialog)) is not None:
            self._endings.hangup(leg, now, reason_header(reason, q850), q850)

    # Outside calls

    def register(self, aor: str, registrar: str, target: Flow, credentials: ClientCredentials | None, now: float, *,
                 expires: int = 600) -> str:
        """Register `aor` ("sip:user@host") and keep it so; the id that RegisterSucceeded and RegisterFailed name."""
        return self._clients.register(aor, registrar, target, credentials, expires, now)

    def unregister(self, registration: str, now: float) -> None:
        self._clients.unregister(registration, now)

    def options(self, uri: str, target: Flow, now: float) -> str:
        """Ask whether `target` lives; the id that OptionsAnswered and OptionsFailed name."""
        return self._clients.options(uri, target, now)

    def bindings(self, user: str) -> tuple[Binding, ...]:
        """Where a telephone can be reached now, oldest first."""
        return self._registrar.bindings(user)

    def counts(self) -> dict[str, int]:
        """How much is remembered, by kind: for metrics, and to prove that nothing stays."""
        stack = self._stack
        return {"dialogs": len(self._table), "servers": len(stack.servers), "clients": len(stack.clients),
                "merged": len(stack.merged),
                "asked": len(stack.asked), "users": len(self._registrar), "registrations": len(self._clients),
                "alarms": len(stack.alarms)}

    # Sorting what came

    def _request(self, request: Request, flow: Flow, access: Access, now: float) -> None:
        if is_scanner(request.first("user-agent")):
            self._stranger(flow, f"scanner {request.first('user-agent')[:40]}", now)
            return
        method = request.method
        exchange = self._stack.servers.get(server_key(request, "INVITE" if method == "ACK" else method, flow.remote[0]))
        if exchange is not None:
            self._stack.carry(exchange, exchange.machine.receive(method, now), now)
            if method != "ACK":
                return
        if method == "CANCEL":
            self._cancel(request, self._stack.servers.get(server_key(request, "INVITE", flow.remote[0])), flow, now)
        elif request.to_tag:
            self._within.received(request, flow, now, exchange)
        elif method != "ACK":
            self._arrivals.received(request, flow, access, self._tag(request), now)

    def _cancel(self, request: Request, invite: ServerExchange | None, flow: Flow, now: float) -> None:
        if invite is None:
            self._stack.reply(request, 481, flow, self._tag(request))
            return
        self._stack.reply(request, 200, flow, invite.to_tag)
        leg = self._table.of_invite(invite.request.call_id, invite.to_tag)
        if leg is not None and invite in (leg.invite, leg.pending):
            self._uas.cancelled(leg, now)

    def _stranger(self, flow: Flow, why: str, now: float) -> None:
        if self._noise.take(flow.remote[0], now):
            self._stack.events.append(StrangerRefused(flow, why))

    def _malformed(self, message: Malformed, flow: Flow, now: float) -> None:
        request = message.request
        if self._noise.take(flow.remote[0], now):
            self._stack.events.append(MalformedReceived(flow, message.reason))
        if request is not None and not is_scanner(request.first("user-agent")):
            self._stack.reply(request, message.status, flow, "" if request.to_tag else self._tag(request))

    def _tag(self, request: Request) -> str:
        """A To tag for answers without a transaction: the same each time the request comes, guessed by nobody."""
        return blake2b(f"{request.branch}|{request.call_id}".encode(), key=self._key,
                       digest_size=8).hexdigest()

