"""A tiny SIP speaker over UDP: says exactly what a test writes, and hears what comes back, with none of our machines in it."""
import asyncio
import hashlib
import itertools
import re
from typing import cast

from tests.phones.site import Account

_serial = itertools.count(1)
PATIENCE = 10.0


class RawSip(asyncio.DatagramProtocol):
    """One UDP socket. `inbox` holds what comes, whole messages as text, repetitions too."""

    def __init__(self, far: tuple[str, int]) -> None:
        self.far = far
        self.inbox: asyncio.Queue[str] = asyncio.Queue()
        self._invited: dict[str, str] = {}
        """Request URI of each INVITE by its branch: a refusal not acknowledged would be repeated to whoever has our port next."""
        self.transport: asyncio.DatagramTransport

    @classmethod
    async def open(cls, far: tuple[str, int], host: str = "127.0.0.1", port: int = 0) -> "RawSip":
        _, raw = await asyncio.get_running_loop().create_datagram_endpoint(lambda: cls(far), local_addr=(host, port))
        return raw

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)
        self.local: tuple[str, int] = transport.get_extra_info("sockname")[:2]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        text = data.decode()
        self.inbox.put_nowait(text)
        if re.match(r"SIP/2.0 [3-6]", text) and (uri := self._invited.get(_branch(text))):
            said = [f"{name}: {header(text, name)}" for name in ("Via", "From", "To", "Call-ID")]
            said.append(f"CSeq: {header(text, 'CSeq').split()[0]} ACK")
            self.send("\r\n".join([f"ACK {uri} SIP/2.0", *said, "Max-Forwards: 70", "Content-Length: 0", "", ""]))

    def close(self) -> None:
        self.transport.close()

    def send(self, text: str) -> None:
        self.transport.sendto(text.encode(), self.far)

    async def hears(self, start: str, method: str = "") -> str:
        """Wait for a message that begins so, whose CSeq names the method; others go by."""
        async with asyncio.timeout(PATIENCE):
            while True:
                text = await self.inbox.get()
                if text.startswith(start) and re.search(rf"(?im)^CSeq: *\d+ {method}", text):
                    return text

    def request(self, method: str, uri: str, *, to: str, from_: str, call_id: str, cseq: int, headers: tuple[str, ...] = (),
                body: str = "") -> None:
        """A request with a branch of its own."""
        lines = [f"{method} {uri} SIP/2.0", f"Via: SIP/2.0/UDP {self.local[0]}:{self.local[1]};branch=z9hG4bKraw{next(_serial)}",
                 "Max-Forwards: 70", f"From: {from_}", f"To: {to}", f"Call-ID: {call_id}", f"CSeq: {cseq} {method}",
                 f"Contact: <sip:raw@{self.local[0]}:{self.local[1]}>", *headers]
        if body:
            lines.append("Content-Type: application/sdp")
        if method == "INVITE":
            self._invited[_branch(lines[1])] = uri
        self.send("\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]))

    def reply(self, request: str, status: str, to_tag: str, body: str = "", headers: tuple[str, ...] = ()) -> None:
        """An answer to a request that was heard."""
        to = header(request, "To")
        lines = [f"SIP/2.0 {status}", f"Via: {header(request, 'Via')}", f"From: {header(request, 'From')}",
                 f"To: {to if ';tag=' in to else f'{to};tag={to_tag}'}", f"Call-ID: {header(request, 'Call-ID')}",
                 f"CSeq: {header(request, 'CSeq')}", f"Contact: <sip:raw@{self.local[0]}:{self.local[1]}>", *headers]
        if body:
            lines.append("Content-Type: application/sdp")
        self.send("\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]))


def header(message: str, name: str) -> str:
    found = re.search(rf"(?im)^{name} *: *(.*?)\r?$", message)
    assert found, f"no {name} in {message}"
    return found[1]


def _branch(text: str) -> str:
    found = re.search(r"branch=([^;\s]+)", text)
    return found[1] if found else ""


def status(message: str) -> int:
    return int(message.split(" ")[1])


def proof(account: Account, challenge: str, method: str, uri: str) -> str:
    """The Authorization header for a challenge: MD5, qop auth (RFC 2617 3.2.2)."""
    asked = dict(re.findall(r'(\w+)="?([^",]+)"?', header(challenge, "WWW-Authenticate")))

    def h(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    who = h(f"{account.user}:{asked['realm']}:{account.password}")
    answer = h(f"{who}:{asked['nonce']}:00000001:raw:auth:{h(f'{method}:{uri}')}")
    return (f'Authorization: Digest username="{account.user}", realm="{asked["realm"]}", nonce="{asked["nonce"]}", uri="{uri}", '
            f'response="{answer}", algorithm=MD5, qop=auth, nc=00000001, cnonce="raw"')


def audio(host: str, port: int) -> str:
    """A description of plain A-law."""
    return (f"v=0\r\no=raw 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8\r\n"
            "a=rtpmap:8 PCMA/8000\r\n")
