"""Audio in SDP (RFC 8866, RFC 3264): what the far end says about its media, and what we say about ours."""
from dataclasses import dataclass
from ipaddress import ip_address

from aiosipua.sdp import parse_sdp

TELEPHONE_EVENT = 101
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
OURS = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}
"""The answer's direction by the offer's (RFC 3264 6.1)."""
NAMES = {0: "PCMU", 8: "PCMA"}
LONGEST = 8192


@dataclass(frozen=True, slots=True)
class AudioDescription:
    """The first audio stream of a description. `address` is a literal; `port` 0 means that the stream is off.

    `codecs` are (payload type, name in capitals) at 8000 Hz in the order of preference, telephone-event apart.
    """

    address: str
    port: int
    rtcp_port: int
    codecs: tuple[tuple[int, str], ...]
    telephone_event: int | None
    direction: str
    ptime: int

    @property
    def held(self) -> bool:
        return self.direction in ("sendonly", "inactive") or self.address in ("0.0.0.0", "::")


@dataclass(frozen=True, slots=True)
class SdpError:
    """Why a description cannot be used."""

    reason: str


def parse_audio(body: bytes) -> AudioDescription | SdpError:
    """Read a description. Never raises."""
    if len(body) > LONGEST:
        return SdpError("too long")
    try:
        text = body.decode("utf-8")
        sdp = parse_sdp(text)
    except ValueError as error:
        return SdpError(f"no SDP: {error}")
    audio = sdp.audio
    if audio is None:
        return SdpError("no audio stream")
    if audio.proto != "RTP/AVP":
        return SdpError(f"media over {audio.proto[:20]} is not offered here")
    connection = audio.connection or sdp.connection
    try:
        address = str(ip_address(connection.address)) if connection is not None else ""
    except ValueError:
        return SdpError("the connection address is no literal IP address")
    if not address:
        return SdpError("no connection address")
    if not 0 <= audio.port < 65536:
        return SdpError("the port is out of range")
    codecs = tuple((c.payload_type, c.encoding_name.upper()) for c in audio.codecs
                   if c.encoding_name and c.clock_rate == 8000 and 0 <= c.payload_type < 128)
    events = [number for number, name in codecs if name == "TELEPHONE-EVENT"]
    return AudioDescription(
        address=address, port=audio.port, rtcp_port=_rtcp_port(audio.attributes.get("rtcp", []), audio.port),
        codecs=tuple(pair for pair in codecs if pair[1] != "TELEPHONE-EVENT"), telephone_event=events[0] if events else None,
        direction=next((d for d in DIRECTIONS for attributes in (audio.attributes, sdp.attributes) if d in attributes),
                       "sendrecv"),
        ptime=_number(audio.attributes.get("ptime", []), 20, 200))


def _number(values: list[str], usual: int, most: int) -> int:
    text = values[0].strip() if values else ""
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 6 and 0 < int(text) <= most else usual


def _rtcp_port(values: list[str], port: int) -> int:
    return _number([value.split(" ")[0] for value in values], min(port + 1, 65535), 65535) if port else 0


def build_audio(address: str, port: int, *, session: int, version: int, payload_types: tuple[int, ...] = (8, 0),
                telephone_event: int | None = TELEPHONE_EVENT, direction: str = "sendrecv", rtcp_port: int | None = None,
                ptime: int = 20) -> bytes:
    """Our description: G.711 of the given static payload types in order, telephone-event 0-16, one stream."""
    family = "IP6" if ":" in address else "IP4"
    types = [*payload_types, *([telephone_event] if telephone_event is not None else [])]
    lines = ["v=0", f"o=- {session} {version} IN {family} {address}", "s=-", f"c=IN {family} {address}", "t=0 0",
             f"m=audio {port} RTP/AVP {' '.join(map(str, types))}"]
    lines += [f"a=rtpmap:{number} {NAMES[number]}/8000" for number in payload_types]
    if telephone_event is not None:
        lines += [f"a=rtpmap:{telephone_event} telephone-event/8000", f"a=fmtp:{telephone_event} 0-16"]
    if rtcp_port is not None and rtcp_port != port + 1:
        lines.append(f"a=rtcp:{rtcp_port}")
    return "\r\n".join([*lines, f"a=ptime:{ptime}", f"a={direction}", ""]).encode()


def answering(given: bytes, direction: str) -> bytes:
    """The description that we gave, again, with the direction that answers `direction`; a change counts the version up."""
    ours = OURS[direction]
    lines = given.decode("utf-8", "replace").split("\r\n")
    said = [number for number, line in enumerate(lines) if line.startswith("a=") and line[2:] in DIRECTIONS]
    if ours == (lines[said[-1]][2:] if said else "sendrecv"):
        return given
    for number in said:
        lines[number] = f"a={ours}"
    if not said:
        lines[-1:] = [f"a={ours}", ""]
    return "\r\n".join(_next_version(line) if line.startswith("o=") else line for line in lines).encode()


def _next_version(origin: str) -> str:
    parts = origin.split(" ")
    if len(parts) > 2 and parts[2].isascii() and parts[2].isdigit():
        parts[2] = str(int(parts[2]) + 1)
    return " ".join(parts)
