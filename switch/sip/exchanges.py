"""The running transactions: bytes out, answers in, and the heap of their timers. Shared by all parts of an endpoint."""
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from switch.sip import build
from switch.sip.alarms import Alarms
from switch.sip.build import Draft, Headers
from switch.sip.config import EndpointConfig
from switch.sip.events import Flow, SipEvent
from switch.sip.message import Request, Response
from switch.sip.transaction import Client, InviteClient, InviteServer, Said, Server, State, Step

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE"
EXTENSIONS = frozenset({"timer", "replaces"})
"""Option tags that we understand; Replaces in order to refuse it."""
ServerKey = tuple[str, str, str]
"""Branch, source and sent-by, method (RFC 3261 17.2.3)."""
MergeKey = tuple[str, str, int, str]
"""From tag, Call-ID, CSeq and method (RFC 3261 8.2.2.2)."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A transaction ended without an answer."""

    why: str


@dataclass(frozen=True, slots=True)
class Overdue:
    """Timer C: only provisional answers for minutes."""


Heard = Callable[[Response | Lost | Overdue, float], None]


class ServerExchange:
    """One request that came, and our answers to it."""

    __slots__ = ("_stack", "flow", "key", "machine", "merge", "request", "scheduled", "to_tag")

    def __init__(self, stack: "Stack", request: Request, flow: Flow, to_tag: str) -> None:
        config = stack.config
        machine = InviteServer if request.method == "INVITE" else Server
        self.machine: InviteServer | Server = machine(config.timers, flow.reliable)
        self.request, self.flow, self.to_tag = request, build.reply_flow(request, flow), to_tag
        self.key, self.merge = server_key(request, request.method, flow.remote[0]), merge_key(request)
        self.scheduled: float | None = None
        self._stack = stack

    @property
    def timers(self) -> dict[str, float]:
        return self.machine.timers

    def respond(self, status: int, now: float, headers: Headers = (), body: bytes = b"") -> bytes:
        """Answer once; returns the bytes so that a 2xx to INVITE can be repeated."""
        data = build.response(self.request, status, self.flow, to_tag="" if status == 100 else self.to_tag,
                              headers=(*headers, ("Server", self._stack.config.server)), body=body)
        self._stack.carry(self, self.machine.respond(status, data, now), now)
        return data

    def repeat(self, data: bytes) -> None:
        self._stack.outgoing.append((data, self.flow))

    def ring(self, name: str, now: float) -> None:
        self._stack.carry(self, self.machine.fired(name, now), now)


class ClientExchange:
    """One request of ours, and who hears its answers."""

    __slots__ = ("_stack", "draft", "flow", "heard", "key", "machine", "scheduled")

    def __init__(self, stack: "Stack", draft: Draft, flow: Flow, heard: Heard, branch: str, now: float) -> None:
        data = draft.encode()
        machine = InviteClient if draft.method == "INVITE" else Client
        self.machine: InviteClient | Client = machine(data, stack.config.timers, flow.reliable, now)
        self.draft, self.flow, self.heard, self.key = draft, flow, heard, (branch, draft.method)
        self.scheduled: float | None = None
        self._stack = stack
        stack.outgoing.append((data, flow))

    @property
    def timers(self) -> dict[str, float]:
        return self.machine.timers

    def receive(self, response: Response, now: float) -> None:
        step = self.machine.receive(response.status, lambda: self.draft.ack(response), now)
        self._stack.carry(self, step, now)
        if step.said is Said.RESPONSE:
            self.heard(response, now)

    def fail(self, why: str, now: float) -> None:
        """The transport failed, or nobody waits for an answer any more (RFC 3261 8.1.3.1, 9.1)."""
        self.machine.state = State.TERMINATED
        self.machine.timers = {}
        self._stack.carry(self, Step(), now)
        self.heard(Lost(why), now)

    def ring(self, name: str, now: float) -> None:
        step = self.machine.fired(name, now)
        self._stack.carry(self, step, now)
        if step.said is Said.TIMEOUT:
            self.heard(Lost(f"no answer (timer {name})"), now)
        elif step.said is Said.OVERDUE:
            self.heard(Overdue(), now)


class Stack:
    """What the parts of an endpoint share."""

    def __init__(self, config: EndpointConfig, ids: Callable[[], str]) -> None:
        self.config, self.ids = config, ids
        self.alarms = Alarms()
        self.events: list[SipEvent] = []
        self.outgoing: list[tuple[bytes, Flow]] = []
        self.servers: dict[ServerKey, ServerExchange] = {}
        self.clients: dict[tuple[str, str], ClientExchange] = {}
        self.merged: dict[MergeKey, ServerKey] = {}
        self.asked: Counter[str] = Counter()
        """Hosts that owe us an answer: what they send is no stranger's noise."""

    def open(self, request: Request, flow: Flow) -> ServerExchange:
        """Begin a transaction for a request that came."""
        exchange = ServerExchange(self, request, flow, request.to_tag or self.ids())
        self.servers[exchange.key] = exchange
        if not request.to_tag:
            self.merged[exchange.merge] = exchange.key
        return exchange

    def send(self, draft: Draft, flow: Flow, heard: Heard, branch: str, now: float) -> ClientExchange:
        """Begin a transaction for a request of ours. ValueError when the draft holds a line break."""
        exchange = ClientExchange(self, draft, flow, heard, branch, now)
        self.clients[exchange.key] = exchange
        self.asked[flow.remote[0]] += 1
        self.alarms.refresh(exchange)
        return exchange

    def via(self, flow: Flow, branch: str) -> str:
        return build.via(flow, branch, self.config.advertised)

    def contact(self, flow: Flow, user: str = "") -> str:
        return build.contact(flow, user, self.config.advertised)

    def reply(self, request: Request, status: int, flow: Flow, to_tag: str, headers: Headers = ()) -> None:
        """Answer without a transaction (RFC 3261 8.2.7): the same request gets the same answer each time it comes."""
        to = build.reply_flow(request, flow)
        data = build.response(request, status, to, to_tag=to_tag, headers=(*headers, ("Server", self.config.server)))
        self.outgoing.append((data, to))

    def carry(self, exchange: ServerExchange | ClientExchange, step: Step, now: float) -> None:
        """Do what a machine said, and keep its timers or forget it."""
        if step.send is not None:
            self.outgoing.append((step.send, exchange.flow))
        self.alarms.refresh(exchange)
        if exchange.machine.state is State.TERMINATED:
            self._forget(exchange)

    def _forget(self, exchange: ServerExchange | ClientExchange) -> None:
        if isinstance(exchange, ServerExchange):
            self.servers.pop(exchange.key, None)
            if self.merged.get(exchange.merge) == exchange.key:
                del self.merged[exchange.merge]
        elif self.clients.pop(exchange.key, None) is not None:
            host = exchange.flow.remote[0]
            self.asked[host] -= 1
            if not self.asked[host]:
                del self.asked[host]


def server_key(request: Request, method: str, host: str) -> ServerKey:
    via = request.via
    if request.branch.startswith("z9hG4bK"):
        return request.branch, f"{host}|{via.host}:{via.port}", method
    # RFC 2543 clients: the whole of what identifies a request.
    return f"{request.call_id}|{request.from_tag}|{request.cseq}", f"{host}|{request.first('via')}", method


def unknown_extensions(request: Request) -> list[str]:
    """What the request requires and we do not have (RFC 3261 8.2.2.3)."""
    return sorted((request.tokens("require") | request.tokens("proxy-require")) - EXTENSIONS)


def merge_key(request: Request) -> MergeKey:
    return request.from_tag, request.call_id, request.cseq, request.method
