"""SIP as the bench's own telephones need it: fixed requests, answers that copy headers, a digest. Nothing is ever sent again."""
import re
from dataclasses import dataclass
from hashlib import md5

HEADER = re.compile(r"(?mi)^([A-Za-z-]+)\s*:\s*(.*?)\r?$")
SHORT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length", "c": "content-type"}


@dataclass(frozen=True, slots=True)
class Message:
    """One that came in. `vias` are whole, top first."""

    first: str
    headers: dict[str, str]
    vias: tuple[str, ...]
    body: str

    @property
    def status(self) -> int:
        """0 for a request."""
        return int(self.first.split(" ", 2)[1]) if self.first.startswith("SIP/") else 0

    @property
    def method(self) -> str:
        """Of the request, or of the request that is answered."""
        return self.headers["cseq"].split()[1]

    @property
    def audio(self) -> tuple[str, int]:
        """Where its SDP wants sound."""
        host, port = re.search(r"(?m)^c=IN IP4 (\S+)", self.body), re.search(r"(?m)^m=audio (\d+)", self.body)
        assert host is not None
        assert port is not None
        return host[1], int(port[1])


def read(data: bytes) -> Message:
    head, _, body = data.decode().partition("\r\n\r\n")
    first, _, rest = head.partition("\r\n")
    headers: dict[str, str] = {}
    vias = []
    for name, value in HEADER.findall(rest):
        name = SHORT.get(name.lower(), name.lower())
        if name == "via":
            vias.append(value)
        headers.setdefault(name, value)
    return Message(first, headers, tuple(vias), body)


def sdp(host: str, port: int) -> str:
    return (f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 101\r\n"
            "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n")


def request(method: str, uri: str, at: tuple[str, int], branch: str, sender: str, to: str, call_id: str, cseq: int,
            more: str = "", body: str = "") -> bytes:
    kind = "Content-Type: application/sdp\r\n" if body else ""
    return (f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {at[0]}:{at[1]};branch=z9hG4bK{branch}\r\nMax-Forwards: 70\r\n"
            f"From: {sender}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\nContact: <sip:b@{at[0]}:{at[1]}>\r\n"
            f"{more}{kind}Content-Length: {len(body)}\r\n\r\n{body}").encode()


def response(to: Message, status: str, at: tuple[str, int], tag: str = "", body: str = "") -> bytes:
    kind = "Content-Type: application/sdp\r\n" if body else ""
    vias = "".join(f"Via: {via}\r\n" for via in to.vias)
    mine = to.headers["to"] + (f";tag={tag}" if tag and ";tag=" not in to.headers["to"] else "")
    return (f"SIP/2.0 {status}\r\n{vias}From: {to.headers['from']}\r\nTo: {mine}\r\nCall-ID: {to.headers['call-id']}\r\n"
            f"CSeq: {to.headers['cseq']}\r\nContact: <sip:{at[0]}:{at[1]}>\r\n{kind}Content-Length: {len(body)}\r\n\r\n{body}"
            ).encode()


def answer_challenge(challenge: str, user: str, password: str, uri: str) -> str:
    """The Authorization header for a challenge, MD5 with qop=auth (RFC 7616 §3.4.1)."""
    said = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))

    def digest(text: str) -> str:
        return md5(text.encode(), usedforsecurity=False).hexdigest()

    ha1, ha2 = digest(f"{user}:{said['realm']}:{password}"), digest(f"INVITE:{uri}")
    proof = digest(f"{ha1}:{said['nonce']}:00000001:0a4f113b:auth:{ha2}")
    opaque = f', opaque="{said["opaque"]}"' if "opaque" in said else ""
    return (f'Authorization: Digest username="{user}", realm="{said["realm"]}", nonce="{said["nonce"]}", uri="{uri}", '
            f'response="{proof}", algorithm=MD5, qop=auth, nc=00000001, cnonce="0a4f113b"{opaque}\r\n')


def contact_uri(message: Message) -> str:
    found = re.search(r"<([^>]+)>", message.headers["contact"])
    assert found is not None
    return found[1]
