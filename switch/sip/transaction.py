"""The four transaction machines of RFC 3261 section 17, with RFC 6026. Every change of their state is in this file.

A machine is told what came or fired and answers with a `Step`: what to send and what the user of the transaction must
know. It neither sends nor arms: `timers` holds its own deadlines, by the letters of the RFC, for whoever keeps time.

    INVITE client   CALLING -> PROCEEDING -> COMPLETED (3xx-6xx, D) | ACCEPTED (2xx, M) -> TERMINATED
    INVITE server   PROCEEDING -> COMPLETED (G, H) -> CONFIRMED (I) | ACCEPTED (2xx, L) -> TERMINATED
    client          TRYING -> PROCEEDING -> COMPLETED (K) -> TERMINATED
    server          TRYING -> PROCEEDING -> COMPLETED (J) -> TERMINATED
"""
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto


class State(Enum):
    CALLING = auto()
    TRYING = auto()
    PROCEEDING = auto()
    COMPLETED = auto()
    CONFIRMED = auto()
    ACCEPTED = auto()
    TERMINATED = auto()


class Said(Enum):
    """What the user of the transaction must know."""

    NOTHING = auto()
    RESPONSE = auto()
    TIMEOUT = auto()
    OVERDUE = auto()
    """Timer C: provisional answers only, for minutes."""


@dataclass(frozen=True, slots=True)
class Step:
    send: bytes | None = None
    said: Said = Said.NOTHING


@dataclass(frozen=True, slots=True)
class Timers:
    """Seconds (RFC 3261 table 4)."""

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0
    d: float = 32.0
    c: float = 185.0


QUIET = Step()
TOLD = Step(said=Said.RESPONSE)


class InviteClient:
    """RFC 3261 17.1.1: A resends, B gives up on silence, C on endless ringing, D and M absorb repeated answers."""

    __slots__ = ("_ack", "_every", "_reliable", "_request", "_t", "state", "timers")

    def __init__(self, request: bytes, timers: Timers, reliable: bool, now: float) -> None:
        self.state = State.CALLING
        self.timers = {"B": now + 64 * timers.t1}
        if not reliable:
            self.timers["A"] = now + timers.t1
        self._request, self._t, self._reliable, self._every = request, timers, reliable, timers.t1
        self._ack: bytes | None = None

    def receive(self, status: int, make_ack: Callable[[], bytes], now: float) -> Step:
        """A response came. `make_ack` builds the ACK of a refusal; it is asked once."""
        match self.state:
            case State.CALLING | State.PROCEEDING if status < 200:
                self.state = State.PROCEEDING
                self.timers = {"C": now + self._t.c} if status > 100 or "C" not in self.timers else self.timers
                return TOLD
            case State.CALLING | State.PROCEEDING if status < 300:
                self.state, self.timers = State.ACCEPTED, {"M": now + 64 * self._t.t1}
                return TOLD
            case State.CALLING | State.PROCEEDING:
                self._ack = make_ack()
                self.state, self.timers = State.COMPLETED, {"D": now + self._t.d}
                if self._reliable:
                    self.state, self.timers = State.TERMINATED, {}
                return Step(self._ack, Said.RESPONSE)
            case State.COMPLETED if status >= 300:
                return Step(self._ack)
            case State.ACCEPTED if 200 <= status < 300:
                return TOLD  # another fork, or a repetition whose ACK was lost
        return QUIET

    def fired(self, name: str, now: float) -> Step:
        match name:
            case "A":
                self._every *= 2
                self.timers["A"] = now + self._every
                return Step(self._request)
            case "C":
                self.timers["C"] = now + self._t.c
                return Step(said=Said.OVERDUE)
        self.state, self.timers = State.TERMINATED, {}
        return Step(said=Said.TIMEOUT if name == "B" else Said.NOTHING)


class InviteServer:
    """RFC 3261 17.2.1: G resends a refusal until the ACK, H gives up, I and L absorb what still comes."""

    __slots__ = ("_every", "_last", "_reliable", "_t", "state", "timers")

    def __init__(self, timers: Timers, reliable: bool) -> None:
        self.state = State.PROCEEDING
        self.timers: dict[str, float] = {}
        self._t, self._reliable, self._every = timers, reliable, timers.t1
        self._last: bytes | None = None

    def receive(self, method: str, now: float) -> Step:
        """The INVITE came again, or its ACK."""
        if method == "ACK":
            if self.state is State.COMPLETED:
                self.state, self.timers = State.CONFIRMED, {"I": now + self._t.t4}
                if self._reliable:
                    self.state, self.timers = State.TERMINATED, {}
            return QUIET
        return Step(self._last) if self.state in (State.PROCEEDING, State.COMPLETED) else QUIET

    def respond(self, status: int, data: bytes, now: float) -> Step:
        """Send an answer. In ACCEPTED the dialog repeats its 2xx through here (RFC 6026 7.1)."""
        if self.state is State.ACCEPTED and 200 <= status < 300:
            return Step(data)
        if self.state is not State.PROCEEDING:
            return QUIET
        self._last = data
        if 200 <= status < 300:
            self.state, self.timers = State.ACCEPTED, {"L": now + 64 * self._t.t1}
        elif status >= 300:
            self.state, self.timers = State.COMPLETED, {"H": now + 64 * self._t.t1}
            if not self._reliable:
                self.timers["G"] = now + self._t.t1
        return Step(data)

    def fired(self, name: str, now: float) -> Step:
        if name == "G":
            self._every = min(self._every * 2, self._t.t2)
            self.timers["G"] = now + self._every
            return Step(self._last)
        self.state, self.timers = State.TERMINATED, {}
        return Step(said=Said.TIMEOUT if name == "H" else Said.NOTHING)


class Client:
    """RFC 3261 17.1.2: E resends, F gives up, K absorbs repeated answers."""

    __slots__ = ("_every", "_reliable", "_request", "_t", "state", "timers")

    def __init__(self, request: bytes, timers: Timers, reliable: bool, now: float) -> None:
        self.state = State.TRYING
        self.timers = {"F": now + 64 * timers.t1}
        if not reliable:
            self.timers["E"] = now + timers.t1
        self._request, self._t, self._reliable, self._every = request, timers, reliable, timers.t1

    def receive(self, status: int, make_ack: Callable[[], bytes], now: float) -> Step:
        if self.state not in (State.TRYING, State.PROCEEDING):
            return QUIET
        if status < 200:
            self.state = State.PROCEEDING
            return TOLD
        self.state, self.timers = State.COMPLETED, {"K": now + self._t.t4}
        if self._reliable:
            self.state, self.timers = State.TERMINATED, {}
        return TOLD

    def fired(self, name: str, now: float) -> Step:
        if name == "E":
            self._every = self._t.t2 if self.state is State.PROCEEDING else min(self._every * 2, self._t.t2)
            self.timers["E"] = now + self._every
            return Step(self._request)
        self.state, self.timers = State.TERMINATED, {}
        return Step(said=Said.TIMEOUT if name == "F" else Said.NOTHING)


class Server:
    """RFC 3261 17.2.2: J absorbs repeated requests with the same answer."""

    __slots__ = ("_last", "_reliable", "_t", "state", "timers")

    def __init__(self, timers: Timers, reliable: bool) -> None:
        self.state = State.TRYING
        self.timers: dict[str, float] = {}
        self._t, self._reliable = timers, reliable
        self._last: bytes | None = None

    def receive(self, method: str, now: float) -> Step:
        return Step(self._last)

    def respond(self, status: int, data: bytes, now: float) -> Step:
        if self.state in (State.COMPLETED, State.TERMINATED):
            return QUIET
        self._last = data
        if status < 200:
            self.state = State.PROCEEDING
            return Step(data)
        self.state, self.timers = State.COMPLETED, {"J": now + 64 * self._t.t1}
        if self._reliable:
            self.state, self.timers = State.TERMINATED, {}
        return Step(data)

    def fired(self, name: str, now: float) -> Step:
        self.state, self.timers = State.TERMINATED, {}
        return QUIET
