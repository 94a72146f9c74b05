"""SIP messages as they come from the wire: parsed once, within limits, never raising (RFC 3261 section 7).

aiosipua's grammar is used here, in sdp.py and in digest.py, and nowhere else.
"""
import re
from dataclasses import dataclass
from typing import Literal

from aiosipua.headers import Address as SipAddress
from aiosipua.headers import CaseInsensitiveDict, Via, parse_address, parse_via
from aiosipua.message import SipMessage, SipRequest

MAX_MESSAGE = 16 * 1024
"""Octets. A datagram may hold 65,535; nobody who calls needs more than this."""
MAX_HEADERS = 100
MAX_LINE = 4096
SINGLE = ("call-id", "from", "to", "cseq", "max-forwards", "content-type", "expires")
"""Headers that a second time make the message ambiguous (RFC 4475 3.3.8)."""

# Names are tokens, lines may fold. One pass in C, so that nothing odd reaches the lenient parser.
_HEADERS = re.compile(rb"(?:[A-Za-z0-9\-.!%*_+`'~]+[ \t]*:[^\n]*\n(?:[ \t]+[^\n]*\n)*)+")
_LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:([^\n]*\n(?:[ \t]+[^\n]*\n)*)", re.IGNORECASE | re.MULTILINE)
_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")


class Message:
    """What requests and responses share. Header values are as on the wire, folded lines joined."""

    __slots__ = ("body", "branch", "call_id", "cseq", "cseq_method", "from_", "from_tag", "headers", "to", "to_tag",
                 "via")

    def __init__(self, headers: CaseInsensitiveDict, body: bytes) -> None:
        self.headers = headers
        self.body = body
        self.call_id: str = headers.get_first("call-id") or ""
        self.from_: str = headers.get_first("from") or ""
        self.to: str = headers.get_first("to") or ""
        self.from_tag = tag_of(self.from_)
        self.to_tag = tag_of(self.to)
        number, _, method = (headers.get_first("cseq") or "").partition(" ")
        # RFC 3261 8.1.1.5: below 2**31
        self.cseq = int(number) if number.isascii() and number.isdigit() and len(number) < 11 else -1
        self.cseq_method = method.strip()
        top = headers.get_first("via")
        self.via: Via = parse_via(top) if top else Via()
        self.branch: str = self.via.branch or ""

    def first(self, name: str) -> str:
        return self.headers.get_first(name) or ""

    def all(self, name: str) -> list[str]:
        return self.headers.get(name)

    def tokens(self, name: str) -> set[str]:
        """The comma-separated words of a header, lower case."""
        return {word.strip().lower() for value in self.headers.get(name) for word in value.split(",") if word.strip()}


class Request(Message):
    __slots__ = ("method", "uri")

    def __init__(self, headers: CaseInsensitiveDict, body: bytes, method: str, uri: str) -> None:
        super().__init__(headers, body)
        self.method = method
        self.uri = uri


class Response(Message):
    __slots__ = ("reason", "status")

    def __init__(self, headers: CaseInsensitiveDict, body: bytes, status: int, reason: str) -> None:
        super().__init__(headers, body)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Malformed:
    """No SIP, and why. `request` is there when enough was understood to answer with `status`."""

    reason: str
    status: int = 400
    request: Request | None = None


def parse(data: bytes) -> Request | Response | Malformed:
    """One datagram as a message, or what is wrong with it. Never raises."""
    if len(data) > MAX_MESSAGE:
        return Malformed("longer than 16 KiB")
    head, separator, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not separator:
        return Malformed("no empty line after the headers")
    start, _, fields = head.partition(b"\r\n")
    fields += b"\r\n"
    breaks = head.count(b"\r\n")
    if head.count(b"\r") != breaks or head.count(b"\n") != breaks or b"\0" in head:
        return Malformed("a line break that is none, or a zero")
    lines = fields.split(b"\n")
    if len(lines) > MAX_HEADERS or len(max(lines, key=len)) > MAX_LINE or len(start) > MAX_LINE:
        return Malformed("too many or too long lines")
    if not _HEADERS.fullmatch(fields):
        return Malformed("a line that is no header")
    # aiosipua logs each wrong Content-Length, so it never sees one: the length is settled here.
    lengths = _LENGTH.findall(fields)
    if lengths:
        fields = _LENGTH.sub(b"", fields)
    parsed = _parse(start, fields)
    if isinstance(parsed, Malformed):
        return parsed
    if wrong := _wrong_with(parsed):
        return _malformed(wrong, parsed)
    if lengths:
        length = lengths[0].strip()
        if len(lengths) > 1 or not length.isdigit() or len(length) > 6:
            return _malformed("Content-Length is no number", parsed)
        if len(body) < int(length):
            return _malformed("the body is shorter than Content-Length", parsed)
        body = body[:int(length)]  # RFC 3261 18.3: what follows is no part of the message
    parsed.body = body
    return parsed


def _parse(start: bytes, fields: bytes) -> Request | Response | Malformed:
    words = start.split(b" ", 2)
    if len(words) < 3:
        return Malformed("the start line has fewer than three parts")
    if words[0].startswith(b"SIP/") and words[0] != b"SIP/2.0":
        return Malformed("a response that is not SIP/2.0")
    if words[0] == b"SIP/2.0" and not (len(words[1]) == 3 and words[1].isdigit() and 100 <= int(words[1]) <= 699):
        return Malformed("a status code outside 100 to 699")
    try:
        raw = SipMessage.parse(start + b"\r\n" + fields + b"\r\n")
    except ValueError as error:
        return Malformed(str(error))
    if not isinstance(raw, SipRequest):
        return Response(raw.headers, b"", raw.status_code, raw.reason_phrase)
    # Method and URI are cut at plain spaces, as on the wire; aiosipua cuts at any blank that Unicode knows.
    request = Request(raw.headers, b"", words[0].decode("utf-8", "replace"), words[1].decode("utf-8", "replace"))
    if words[2] != b"SIP/2.0":
        if words[2][:4].upper() == b"SIP/":
            return _malformed("not SIP/2.0", request, 505)
        return Malformed("the start line names no version")
    return request


def _wrong_with(message: Request | Response) -> str | None:
    headers = message.headers
    for name in SINGLE:
        if len(headers.get(name)) > 1:
            return f"more than one {name}"
    if not message.branch and not message.via.host:
        return "no Via"
    if not message.call_id or not message.from_ or not message.to:
        return "From, To or Call-ID is missing"
    if not 0 <= message.cseq < 2**31 or not message.cseq_method:
        return "CSeq is missing or no number"
    if not message.from_tag and isinstance(message, Response):
        return "a response without our tag"
    if isinstance(message, Request):
        if message.cseq_method != message.method:
            return "CSeq names another method"
        if not _TOKEN.fullmatch(message.method) or "<" in message.uri:
            return "the request line is no request line"
    return None


def _malformed(reason: str, message: Request | Response, status: int = 400) -> Malformed:
    # An answer needs these (RFC 3261 8.2.6.2); an ACK is never answered.
    answerable = message.via.host and message.call_id and message.cseq >= 0 and message.from_ and message.to
    if isinstance(message, Request) and message.method != "ACK" and answerable:
        return Malformed(reason, status, message)
    return Malformed(reason, status)


def tag_of(value: str) -> str:
    """The tag of a From or To value, or an empty string."""
    for part in value[value.rfind(">") + 1:].split(";")[1:]:
        name, _, tag = part.partition("=")
        if name.strip().lower() == "tag":
            return tag.strip()
    return ""


def address_of(value: str) -> SipAddress:
    """A From, To or Contact value in parts. A quoted display name is set aside first: it may hold anything."""
    value = value.strip()
    if value.startswith('"'):
        end = 1
        while end < len(value) and value[end] != '"':
            end += 2 if value[end] == "\\" else 1
        address = parse_address(value[end + 1:])
        address.display_name = value[1:end]
        return address
    return parse_address(value)


def uri_in(value: str) -> str:
    """The bare URI of a From, To, Contact, Route or Record-Route value."""
    if value.startswith('"'):
        value = value[max(0, value.rfind("<")):]
    start, end = value.find("<"), value.rfind(">")
    return value[start + 1:end] if 0 <= start < end else value.partition(";")[0].strip()


def raw_user(uri: str) -> str:
    """What stands between the scheme and the last @, exactly as on the wire; empty when there is none."""
    before, at, _ = uri.rpartition("@")
    return before.partition(":")[2] if at else ""


def caller_user(value: str) -> str:
    """The user of a From value, raw: of a tel URI its number."""
    uri = uri_in(value)
    return uri[4:].partition(";")[0] if uri[:4].lower() == "tel:" else raw_user(uri)


def scheme_of(uri: str) -> Literal["sip", ""]:
    return "sip" if uri[:4].lower() == "sip:" else ""


def host_port(uri: str) -> tuple[str, int]:
    """Host (brackets removed) and port (5060 when none) of a SIP URI; ("", 0) when there is none."""
    rest = uri.partition(":")[2].rpartition("@")[2] if scheme_of(uri) else ""
    rest = re.split(r"[;?]", rest, maxsplit=1)[0]
    if rest.startswith("["):
        host, _, port = rest[1:].partition("]")
        port = port[1:]
    else:
        host, _, port = rest.partition(":")
    if port and not (port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) < 65536):
        return "", 0
    return host, int(port) if port else 5060
