"""Requests that begin something: who may, and what every other gets (RFC 3261 8.2, in its order).

Until a telephone has shown who it is, answers are stateless and say the same to everybody: whether a user exists cannot
be learnt here.
"""
from collections import OrderedDict

from switch.sip.access import Access, AccessNetwork
from switch.sip.build import Headers
from switch.sip.dialog import DialogTable
from switch.sip.digest import DigestGuard, Verdict
from switch.sip.events import AuthFailed, Flow, TransferRefused
from switch.sip.exchanges import ALLOW, Stack, merge_key, unknown_extensions
from switch.sip.message import Request, raw_user, scheme_of, uri_in
from switch.sip.registrar import Registrar
from switch.sip.uas import Answering

REMEMBERED_FAILURES = 10_000
LONGEST_NAME = 64


class Arrivals:
    def __init__(self, stack: Stack, guard: DigestGuard, registrar: Registrar, uas: Answering,
                 table: DialogTable) -> None:
        self._stack, self._guard, self._registrar, self._uas, self._table = stack, guard, registrar, uas, table
        self._failures: OrderedDict[tuple[str, str], int] = OrderedDict()
        registrars = () if stack.config.without_registrar else ("REGISTER",)
        self._methods = frozenset({"INVITE", "OPTIONS", *registrars})

    def received(self, request: Request, flow: Flow, access: Access, tag: str, now: float) -> None:
        """A request without a To tag that is no repetition. `tag` is for answers without a transaction."""
        if (refusal := self._refusal(request)) is not None:
            self._stack.reply(request, refusal[0], flow, tag, refusal[1])
        elif request.method == "OPTIONS":
            able = (("Allow", ALLOW), ("Accept", "application/sdp"), ("Supported", "timer"))
            self._stack.reply(request, 200, flow, tag, able)
        elif request.method == "REFER":
            target = uri_in(request.first("refer-to") or request.first("r"))
            self._stack.events.append(TransferRefused(None, "REFER", target, flow))
            self._stack.reply(request, 603, flow, tag)
        elif isinstance(access, AccessNetwork):
            user = self._authenticated(request, flow, access, tag, now)
            if user is not None and request.method == "REGISTER":
                self._register(request, user, flow, access, now)
            elif user is not None:
                self._invite(request, user, flow, access, now)
        elif request.method == "REGISTER":
            self._stack.reply(request, 403, flow, tag)  # a trunk has no users here
        else:
            self._invite(request, None, flow, access, now)

    def _refusal(self, request: Request) -> tuple[int, Headers] | None:
        if request.method not in self._methods and request.method != "REFER":
            return (481, ()) if request.method in ("BYE", "INFO", "UPDATE") else (405, (("Allow", ALLOW),))
        if not scheme_of(request.uri):
            return 416, ()
        if request.first("max-forwards").strip() == "0":
            return 483, ()
        # RFC 3261 8.2.2.2: the same request along another path.
        if merge_key(request) in self._stack.merged:
            return 482, ()
        if unknown := unknown_extensions(request):
            return 420, (("Unsupported", ", ".join(unknown)),)
        return None

    def _authenticated(self, request: Request, flow: Flow, network: AccessNetwork, tag: str, now: float) -> str | None:
        """The user whose password the request proves, or None after it was challenged."""
        source, stale = flow.remote[0], False
        for header in request.all("authorization"):
            checked = self._guard.check(header, request.method, request.uri, network, source, now)
            if checked.verdict is Verdict.ACCEPTED:
                self._failures.pop((checked.user[:LONGEST_NAME], source), None)
                return checked.user
            stale = stale or checked.verdict is Verdict.STALE
            if checked.verdict is Verdict.WRONG:
                count = self._failed(checked.user, source)
                self._stack.events.append(AuthFailed(checked.user[:LONGEST_NAME], flow, network.name, count))
        challenge = self._guard.challenge(network, source, now, stale)
        self._stack.reply(request, 401, flow, tag, (("WWW-Authenticate", challenge),))
        return None

    def _failed(self, user: str, source: str) -> int:
        key = (user[:LONGEST_NAME], source)
        failures = self._failures[key] = self._failures.pop(key, 0) + 1
        if len(self._failures) > REMEMBERED_FAILURES:
            self._failures.popitem(last=False)
        return failures

    def _register(self, request: Request, user: str, flow: Flow, network: AccessNetwork, now: float) -> None:
        exchange = self._stack.open(request, flow)
        if raw_user(uri_in(request.to)) != user:
            exchange.respond(403, now)
            return
        outcome = self._registrar.register(user, network.name, request, flow, now)
        self._stack.events.extend(outcome.events)
        exchange.respond(outcome.status, now, outcome.headers)

    def _invite(self, request: Request, user: str | None, flow: Flow, access: Access, now: float) -> None:
        exchange = self._stack.open(request, flow)
        if replaces := request.first("replaces"):
            self._stack.events.append(TransferRefused(None, "Replaces", replaces[:200], flow))
            exchange.respond(403, now)
        elif len(self._table) >= self._stack.config.most_dialogs:
            exchange.respond(503, now, (("Retry-After", "5"),))
        else:
            exchange.respond(100, now)
            self._uas.invited(request, exchange, user, access, flow, now)
