"""Telephones and families in one process, with sound and one clock: they place calls, and note what happened when."""
import re
import time
from dataclasses import dataclass

from tests.bench import sip_text as sip
from tests.bench.bench_site import Handset
from tests.bench.sockets import HOST, Sockets, Stream, udp

BUFFER = 4_000_000


@dataclass(slots=True, eq=False)
class BenchCall:
    """One call, with the nanoseconds of what happened to it; 0 is not yet. `tried` is when the INVITE that counts was sent."""

    handset: Handset
    call_id: str
    cell: Stream | None
    outside: Stream | None
    tried: int = 0
    offered: int = 0
    """The trunk had its INVITE."""
    answered: int = 0
    """The telephone had its 200."""
    beeped: int = 0
    """The telephone heard the first frame of the beep."""
    cell_bye: int = 0
    outside_bye: int = 0
    over: bool = False
    """Our own BYE was answered, or theirs came to the telephone."""
    failed: str = ""
    uri: str = ""
    to: str = ""
    target: str = ""
    cseq: int = 1


class Telephones:
    """All telephones on one socket, the trunk on another. `sound` gives each leg a stream; `beep` is a frame to listen for."""

    def __init__(self, sockets: Sockets, switch: tuple[str, int], trunk_port: int, *, sound: bool = False,
                 beep: bytes = b"") -> None:
        self._sockets, self._switch, self._sound, self._beep = sockets, switch, sound, beep
        self._cell_sock, self._trunk_sock = udp(0, BUFFER), udp(trunk_port, BUFFER)
        self._cell_at: tuple[str, int] = self._cell_sock.getsockname()
        self._trunk_at = HOST, trunk_port
        self._calls: dict[str, BenchCall] = {}
        self._by_number: dict[str, BenchCall] = {}
        self._outside: dict[str, BenchCall] = {}
        self._serial = 0
        sockets.signal(self._cell_sock, self._at_cell)
        sockets.signal(self._trunk_sock, self._at_trunk)

    def close(self) -> None:
        """Leave both ports, calls or not."""
        self._sockets.forget(self._cell_sock)
        self._sockets.forget(self._trunk_sock)

    def call(self, handset: Handset) -> BenchCall:
        """Ring the handset's number; what happens is noted on the call."""
        self._serial += 1
        streams = (self._sockets.stream(), self._sockets.stream()) if self._sound else (None, None)
        call = BenchCall(handset, f"{self._serial}-{time.time_ns():x}@bench", *streams)
        call.uri, call.to = f"sip:{handset.keyed}@{self._switch[0]}:{self._switch[1]}", f"<sip:{handset.keyed}@{self._switch[0]}>"
        self._calls[call.call_id] = self._by_number[handset.number[-10:]] = call
        if call.cell is not None and self._beep:
            call.cell.heard = lambda data, at: self._listen(call, data, at)
        self._invite(call)
        return call

    def hang_up(self, call: BenchCall) -> None:
        """The telephone is put down."""
        if not call.over:
            call.cseq += 1
            self._to_switch(call, "BYE", call.target, call.to)

    def _invite(self, call: BenchCall, more: str = "") -> None:
        body = sip.sdp(HOST, 9 if call.cell is None else call.cell.port)
        call.tried = time.time_ns()
        self._to_switch(call, "INVITE", call.uri, call.to, more, body)

    def _to_switch(self, call: BenchCall, method: str, uri: str, to: str, more: str = "", body: str = "") -> None:
        sender = f"<sip:{call.handset.user}@{self._switch[0]}>;tag=b{call.call_id.split('-')[0]}"
        branch = f"{call.call_id[:-6]}{call.cseq}{'a' if method == 'ACK' and uri == call.target else ''}"
        text = sip.request(method, uri, self._cell_at, branch, sender, to, call.call_id, call.cseq, more, body)
        self._cell_sock.sendto(text, self._switch)

    def _listen(self, call: BenchCall, data: bytes, at: int) -> None:
        if not call.beeped and data[1] & 0x80 and data[12:] == self._beep:
            call.beeped = at

    def _at_cell(self, data: bytes, at: int) -> None:
        message = sip.read(data)
        call = self._calls.get(message.headers["call-id"])
        if call is None:
            return
        if not message.status:
            if message.method == "BYE":
                call.cell_bye = call.cell_bye or at
                self._over(call)
                self._cell_sock.sendto(sip.response(message, "200 OK", self._cell_at), self._switch)
        elif message.method == "BYE":
            self._over(call)
        elif message.method == "INVITE" and message.status >= 200:
            self._answered(call, message, at)

    def _answered(self, call: BenchCall, message: sip.Message, at: int) -> None:
        if message.status == 200:
            if not call.answered:
                call.answered, call.to, call.target = at, message.headers["to"], sip.contact_uri(message)
                if call.cell is not None:
                    self._sockets.begin(call.cell, message.audio)
            self._to_switch(call, "ACK", call.target, call.to)
            return
        self._to_switch(call, "ACK", call.uri, message.headers["to"])
        if message.status == 401 and call.cseq == 1:
            call.cseq = 2
            asked = message.headers["www-authenticate"]
            self._invite(call, sip.answer_challenge(asked, call.handset.user, call.handset.password, call.uri))
        else:
            call.failed = message.first
            self._over(call)

    def _at_trunk(self, data: bytes, at: int) -> None:
        message = sip.read(data)
        if message.status:
            return
        if message.method == "INVITE":
            call = self._by_number.get(re.split("[:@]", message.first)[1][-10:])
            if call is None or call.offered:
                return
            call.offered = at
            self._outside[message.headers["call-id"]] = call
            tag, body = f"t{call.call_id.split('-')[0]}", sip.sdp(HOST, 9 if call.outside is None else call.outside.port)
            for status, said in (("180 Ringing", ""), ("200 OK", body)):
                self._trunk_sock.sendto(sip.response(message, status, self._trunk_at, tag, said), self._switch)
            if call.outside is not None:
                self._sockets.begin(call.outside, message.audio)
        elif message.method == "BYE":
            self._trunk_sock.sendto(sip.response(message, "200 OK", self._trunk_at), self._switch)
            if (found := self._outside.pop(message.headers["call-id"], None)) is not None:
                found.outside_bye = at

    def _over(self, call: BenchCall) -> None:
        call.over = True
        self._calls.pop(call.call_id, None)
        for stream in (call.cell, call.outside):
            if stream is not None and not stream.closed:
                self._sockets.drop(stream)
