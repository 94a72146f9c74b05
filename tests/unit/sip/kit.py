"""Two or more endpoints joined by a wire in memory, under a clock that only the test moves."""
from collections.abc import Callable
from itertools import count
from typing import Any, TypeVar

from switch.sip.access import AccessNetwork, TrunkPeer
from switch.sip.config import EndpointConfig
from switch.sip.digest import ClientCredentials, Credentials, answer
from switch.sip.endpoint import Endpoint
from switch.sip.events import Address, DialogId, Flow, InviteReceived, SipEvent
from switch.sip.message import Response, parse
from switch.sip.sdp import build_audio

E = TypeVar("E")
SWITCH: Address = ("10.0.0.1", 5060)
PHONE: Address = ("10.0.1.7", 5060)
TRUNK: Address = ("192.0.2.10", 5060)
KEY = b"k" * 32
CELLS = AccessNetwork("cells", ("10.0.1.0/24",), realm="cells.test")
CARRIER = TrunkPeer("carrier", ("192.0.2.0/24",))
USERS = {"cell-1": Credentials(password="open-sesame"), "cell-2": Credentials(password="other")}
SECRET = ClientCredentials("cell-1", "open-sesame")
SDP = build_audio("10.0.1.7", 40000, session=1, version=1)
ANSWER = build_audio("10.0.0.1", 30000, session=9, version=1)


def ids(prefix: str) -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"{prefix}{next(numbers):x}"


def switch(config: EndpointConfig | None = None) -> Endpoint:
    return Endpoint(config or EndpointConfig(networks=(CELLS,), trunks=(CARRIER,), nonce_key=KEY), ids("s"), USERS.get)


def phone(prefix: str = "p", config: EndpointConfig | None = None) -> Endpoint:
    """A telephone or a carrier: it knows the switch as its only peer."""
    return Endpoint(config or EndpointConfig(trunks=(TrunkPeer("switch", (f"{SWITCH[0]}/32",)),),
                                             without_registrar=True), ids(prefix),
                    lambda user: None)


class Wire:
    """Carries datagrams between endpoints at once. `drop` is asked about each and may swallow it."""

    def __init__(self, **at: tuple[Endpoint, Address]) -> None:
        self.now = 100.0
        self.endpoints = {address: endpoint for endpoint, address in at.values()}
        self.events: dict[Address, list[SipEvent]] = {address: [] for address in self.endpoints}
        self.log: list[tuple[Address, Address, bytes]] = []
        self.drop: Callable[[bytes, Address], bool] = lambda data, to: False

    def run(self) -> None:
        """Carry until nobody has anything to say."""
        busy = True
        while busy:
            busy = False
            for address, endpoint in self.endpoints.items():
                for data, flow in endpoint.take_outgoing():
                    busy = True
                    self.log.append((address, flow.remote, data))
                    if flow.remote in self.endpoints and not self.drop(data, flow.remote):
                        self.endpoints[flow.remote].receive(data, Flow("udp", flow.remote, address), self.now)
                self.events[address] += endpoint.take_events()

    def later(self, seconds: float) -> None:
        """Let time pass, stopping at each deadline."""
        self.run()
        until = self.now + seconds
        while True:
            deadlines = [d for e in self.endpoints.values() if (d := e.deadline()) is not None]
            if not deadlines or min(deadlines) > until:
                break
            self.now = max(self.now, min(deadlines))
            for endpoint in self.endpoints.values():
                endpoint.wake(self.now)
            self.run()
        self.now = until

    def told(self, address: Address, kind: type[E]) -> list[E]:
        """The events of a kind, oldest first, taken away."""
        found = [event for event in self.events[address] if isinstance(event, kind)]
        self.events[address] = [event for event in self.events[address] if not isinstance(event, kind)]
        return found

    def one(self, address: Address, kind: type[E]) -> E:
        found = self.told(address, kind)
        assert len(found) == 1, (kind, found, self.events[address])
        return found[0]

    def starts(self, sender: Address | None = None) -> list[str]:
        """What went over the wire, each message as its method or status."""
        lines = [data.split(b"\r\n", 1)[0].decode() for source, _, data in self.log if sender in (None, source)]
        return [line.split(" ")[1] if line.startswith("SIP/2.0") else line.split(" ")[0] for line in lines]


class Call:
    """A phone's call to the switch, up to the point that the test wants."""

    def __init__(self, wire: Wire | None = None) -> None:
        self.switch, self.phone, self.trunk = switch(), phone("p"), phone("t")
        self.wire = wire or Wire(switch=(self.switch, SWITCH), phone=(self.phone, PHONE), trunk=(self.trunk, TRUNK))
        self.caller: DialogId = DialogId("")
        self.leg: DialogId = DialogId("")

    def invite(self, number: str = "07700900123") -> InviteReceived:
        self.caller = self.phone.dial(f"sip:{number}@10.0.0.1", Flow("udp", PHONE, SWITCH),
                                      from_uri="sip:cell-1@10.0.0.1", sdp=SDP,
                                      credentials=SECRET, now=self.wire.now)
        self.wire.run()
        event = self.wire.one(SWITCH, InviteReceived)
        self.leg = event.dialog
        return event

    def talk(self) -> "Call":
        self.invite()
        self.switch.answer(self.leg, ANSWER, self.wire.now)
        self.wire.run()
        return self

    def dial_trunk(self) -> DialogId:
        dialog = self.switch.dial("sip:+447700900123@192.0.2.10", Flow("udp", SWITCH, TRUNK),
                                  from_uri="sip:+441632960001@10.0.0.1",
                                  from_display="Wingline", sdp=ANSWER, now=self.wire.now)
        self.wire.run()
        return dialog

    def quiet(self) -> None:
        """Everything was forgotten, on all sides."""
        self.wire.later(300.0)
        for endpoint in self.wire.endpoints.values():
            counts = endpoint.counts()
            assert not any(counts.values()), counts


def raw(method: str = "INVITE", uri: str = "sip:07700900123@10.0.0.1", *lines: str, body: bytes = b"",
        source: Address = PHONE,
        branch: str = "z9hG4bKraw1", call_id: str = "raw-1", cseq: int = 1, to: str = "<sip:07700900123@10.0.0.1>",
        from_: str = "<sip:cell-1@10.0.0.1>;tag=f1", without: tuple[str, ...] = (), version: str = "SIP/2.0") -> bytes:
    """A request written by hand; `lines` are added to the usual headers, `without` leaves some of those out."""
    usual = {"Via": f"SIP/2.0/UDP {source[0]}:{source[1]};branch={branch};rport", "Max-Forwards": "70", "From": from_,
             "To": to,
             "Call-ID": call_id, "CSeq": f"{cseq} {method}", "Contact": f"<sip:cell-1@{source[0]}:{source[1]}>"}
    head = [f"{method} {uri} {version}", *(f"{name}: {value}" for name, value in usual.items() if name not in without),
            *lines]
    if "Content-Length" not in without:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode() + body


def give(endpoint: Endpoint, data: bytes, source: Address = PHONE, now: float = 100.0) -> list[Response]:
    """Hand one datagram to an endpoint; the answers that it sends, read."""
    endpoint.receive(data, Flow("udp", SWITCH, source), now)
    answers = [parse(sent) for sent, _ in endpoint.take_outgoing()]
    return [answer for answer in answers if isinstance(answer, Response)]


def authorized(endpoint: Endpoint, method: str = "INVITE", *lines: str, user: ClientCredentials = SECRET, cseq: int = 1,
               uri: str = "sip:07700900123@10.0.0.1", now: float = 100.0, **parts: Any) -> list[Response]:
    """The same request twice: to be challenged, and with the answer to the challenge."""
    first = give(endpoint, raw(method, uri, *lines, cseq=cseq, branch=f"z9hG4bKa{cseq}", **parts), now=now)
    assert [answer.status for answer in first] == [401]
    header = answer(user, first[0], method, uri, "cnonce")
    assert header is not None
    return give(endpoint, raw(method, uri, *lines, f"{header[0]}: {header[1]}", cseq=cseq + 1,
                              branch=f"z9hG4bKb{cseq}", **parts), now=now)
