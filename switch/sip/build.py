"""SIP messages as they leave: requests, responses, ACK and CANCEL, made as bytes once (RFC 3261 section 7)."""
from collections.abc import Iterable
from dataclasses import dataclass, replace

from switch.sip.events import Address, Flow
from switch.sip.message import Message, Request, Response

PHRASES = {
    100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress", 200: "OK",
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    408: "Request Timeout", 410: "Gone", 415: "Unsupported Media Type", 416: "Unsupported URI Scheme",
    420: "Bad Extension", 422: "Session Interval Too Small", 423: "Interval Too Brief", 480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist", 482: "Loop Detected", 483: "Too Many Hops", 484: "Address Incomplete",
    486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 491: "Request Pending",
    500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable", 505: "Version Not Supported",
    600: "Busy Everywhere", 603: "Decline",
}
Headers = tuple[tuple[str, str], ...]


def encode(lines: list[str], body: bytes) -> bytes:
    """Lines and body as one message. A line break inside a value would forge a header: ValueError."""
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
        raise ValueError("a header value holds a line break")
    return f"{text}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@dataclass(frozen=True, slots=True)
class Draft:
    """A request of ours, before it is bytes, so that an ACK, a CANCEL or a retry can be made from it."""

    method: str
    uri: str
    via: str
    from_: str
    to: str
    call_id: str
    cseq: int
    routes: tuple[str, ...] = ()
    headers: Headers = ()
    body: bytes = b""
    content_type: str = "application/sdp"

    def encode(self) -> bytes:
        lines = [f"{self.method} {self.uri} SIP/2.0", f"Via: {self.via}", "Max-Forwards: 70"]
        lines += [f"Route: {route}" for route in self.routes]
        lines += [f"From: {self.from_}", f"To: {self.to}", f"Call-ID: {self.call_id}",
                  f"CSeq: {self.cseq} {self.method}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body:
            lines.append(f"Content-Type: {self.content_type}")
        return encode(lines, self.body)

    def ack(self, response: Response) -> bytes:
        """The ACK of a final answer other than 2xx: same branch, part of the transaction (RFC 3261 17.1.1.3)."""
        return replace(self, method="ACK", to=response.to, headers=(), body=b"").encode()

    def cancel(self, headers: Headers = ()) -> "Draft":
        """The CANCEL of this INVITE: same branch (RFC 3261 9.1)."""
        return replace(self, method="CANCEL", headers=headers, body=b"")


def via(flow: Flow, branch: str, advertised: str | None) -> str:
    """Our Via value; asks for the answer at the port that we send from (RFC 3581)."""
    host = bracketed(advertised or flow.local[0])
    return f"SIP/2.0/{flow.transport.upper()} {host}:{flow.local[1]};branch=z9hG4bK{branch};rport"


def contact(flow: Flow, user: str, advertised: str | None) -> str:
    host = bracketed(advertised or flow.local[0])
    uri = f"sip:{user}@{host}:{flow.local[1]}" if user else f"sip:{host}:{flow.local[1]}"
    return f"<{uri}>" if flow.transport == "udp" else f"<{uri};transport={flow.transport}>"


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def response(request: Request, status: int, flow: Flow, *, to_tag: str = "", headers: Headers = (), body: bytes = b"",
             phrase: str = "", content_type: str = "application/sdp") -> bytes:
    """An answer to `request`, which came over `flow` (RFC 3261 8.2.6)."""
    lines = [f"SIP/2.0 {status} {phrase or PHRASES.get(status, 'Answer')}"]
    lines += [f"Via: {value}" for value in _vias(request, flow)]
    to = f"{request.to};tag={to_tag}" if to_tag and not request.to_tag else request.to
    lines += [f"From: {request.from_}", f"To: {to}", f"Call-ID: {request.call_id}",
              f"CSeq: {request.cseq} {request.method}"]
    if request.method == "INVITE" and 100 < status < 300:
        lines += [f"Record-Route: {value}" for value in request.all("record-route")]  # RFC 3261 12.1.1
    lines += [f"{name}: {value}" for name, value in headers]
    if body:
        lines.append(f"Content-Type: {content_type}")
    return encode(lines, body)


def _vias(request: Request, flow: Flow) -> Iterable[str]:
    values = request.all("via")
    # RFC 3261 18.2.1 and RFC 3581 4: say where it really came from.
    sent_by, *params = values[0].split(";")
    kept = [p for p in params if p.partition("=")[0].strip().lower() not in ("received", "rport")]
    if "rport" in request.via.params:
        kept += [f"received={flow.remote[0]}", f"rport={flow.remote[1]}"]
    elif request.via.host.strip("[]") != flow.remote[0]:
        kept.append(f"received={flow.remote[0]}")
    return [";".join([sent_by, *kept]), *values[1:]]


def reply_flow(request: Request, flow: Flow) -> Flow:
    """Where answers to `request` go: to its source, at the port that its Via names unless it asked for rport."""
    if flow.reliable or "rport" in request.via.params:
        return flow
    port = request.via.port if request.via.port is not None else 5060
    remote: Address = (flow.remote[0], port)
    return flow if remote == flow.remote or not 0 < port < 65536 else Flow(flow.transport, flow.local, remote)


def reason_header(reason: str, q850: int | None) -> Headers:
    """A Reason header (RFC 3326): the Q.850 cause where there is one, else the SIP protocol with the text."""
    if q850 is None and not reason:
        return ()
    text = " ".join(reason.replace("\\", "").replace('"', "'").split())
    quoted = f';text="{text}"' if text else ""
    return (("Reason", f"Q.850;cause={q850}{quoted}" if q850 is not None else f"SIP;cause=200{quoted}"),)


def body_of(message: Message) -> bytes | None:
    """The session description in a message, if it has one."""
    if message.body and message.first("content-type").partition(";")[0].strip().lower() in ("application/sdp", ""):
        return message.body
    return None
