"""Where each telephone can be reached: the bindings of RFC 3261 section 10.3, each with its end."""
from collections.abc import Callable
from dataclasses import dataclass

from switch.sip.alarms import Alarms
from switch.sip.build import Headers
from switch.sip.config import RegistrarConfig
from switch.sip.events import Flow, Registered, SipEvent, Unregistered
from switch.sip.message import Request, uri_in


@dataclass(frozen=True, slots=True)
class Binding:
    """One contact of one user; `expires` is a time, not a length."""

    contact: str
    flow: Flow
    expires: float
    call_id: str
    cseq: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to a REGISTER and what it changed."""

    status: int
    headers: Headers = ()
    events: tuple[SipEvent, ...] = ()


class User:
    """The bindings of one address-of-record, and when each ends."""

    __slots__ = ("_ran_out", "bindings", "name", "scheduled", "timers")

    def __init__(self, name: str, ran_out: "Callable[[User, str], None]") -> None:
        self.name = name
        self.bindings: dict[str, Binding] = {}
        self.timers: dict[str, float] = {}
        self.scheduled: float | None = None
        self._ran_out = ran_out

    def ring(self, name: str, now: float) -> None:
        self._ran_out(self, name)


class Registrar:
    def __init__(self, config: RegistrarConfig, alarms: Alarms, events: list[SipEvent]) -> None:
        self._config, self._alarms, self._events = config, alarms, events
        self._users: dict[str, User] = {}

    def register(self, user: str, network: str, request: Request, flow: Flow, now: float) -> Outcome:
        """Carry out a REGISTER of an authenticated user; all of it or nothing (RFC 3261 10.3)."""
        wanted = request.all("contact")
        if any(value.strip() == "*" for value in wanted):
            return self._clear(user, request, len(wanted))
        record = self._users.get(user)
        bindings = dict(record.bindings) if record else {}
        events: list[SipEvent] = []
        for value in wanted:
            contact, lasts = uri_in(value), self._lasts(value, request)
            if not contact.lower().startswith("sip:") or lasts is None:
                return Outcome(400)
            if 0 < lasts < self._config.shortest:
                return Outcome(423, (("Min-Expires", str(self._config.shortest)),))
            known = bindings.get(contact)
            if known is not None and known.call_id == request.call_id and request.cseq <= known.cseq:
                return Outcome(500)  # out of order (RFC 3261 10.3, step 7)
            if lasts == 0:
                if bindings.pop(contact, None) is not None:
                    events.append(Unregistered(user, contact))
                continue
            lasts = min(lasts, self._config.longest)
            bindings.pop(contact, None)
            bindings[contact] = Binding(contact, flow, now + lasts, request.call_id, request.cseq)
            events.append(Registered(user, contact, lasts, network, flow))
        while len(bindings) > self._config.contacts:  # the oldest makes room: a phone that lost its address comes back
            oldest = next(iter(bindings))
            del bindings[oldest]
            events.append(Unregistered(user, oldest))
        if record is None and bindings and len(self._users) >= self._config.users:
            return Outcome(503, (("Retry-After", "60"),))
        self._keep(user, bindings)
        shown = tuple(("Contact", f"<{b.contact}>;expires={max(0, round(b.expires - now))}") for b in bindings.values())
        return Outcome(200, shown, tuple(events))

    def bindings(self, user: str) -> tuple[Binding, ...]:
        record = self._users.get(user)
        return tuple(record.bindings.values()) if record else ()

    def _clear(self, user: str, request: Request, contacts: int) -> Outcome:
        if contacts > 1 or request.first("expires").strip() != "0":
            return Outcome(400)
        bindings = self.bindings(user)
        if any(b.call_id == request.call_id and request.cseq <= b.cseq for b in bindings):
            return Outcome(500)
        self._keep(user, {})
        return Outcome(200, (), tuple(Unregistered(user, b.contact) for b in bindings))

    def _lasts(self, value: str, request: Request) -> int | None:
        """Seconds asked for: the contact's own, else the Expires header's, else the usual."""
        text = request.first("expires").strip()
        for param in value[value.rfind(">") + 1:].split(";"):
            name, _, given = param.partition("=")
            if name.strip().lower() == "expires":
                text = given.strip()
        if not text:
            return self._config.usual
        return min(int(text), 2**31) if text.isascii() and text.isdigit() and len(text) < 11 else None

    def _keep(self, user: str, bindings: dict[str, Binding]) -> None:
        record = self._users.get(user)
        if record is None:
            if not bindings:
                return
            record = self._users[user] = User(user, self._ran_out)
        record.bindings = bindings
        record.timers = {contact: binding.expires for contact, binding in bindings.items()}
        self._alarms.refresh(record)
        if not bindings:
            del self._users[user]

    def _ran_out(self, record: User, contact: str) -> None:
        del record.bindings[contact]
        self._events.append(Unregistered(record.name, contact))
        if not record.bindings:
            del self._users[record.name]

    def __len__(self) -> int:
        return len(self._users)
