"""Packet files (libpcap, RFC-less but everyone's): keys for SIPp to play, and what a capture on loopback holds."""
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAGIC = 0xA1B2C3D4
ETHERNET, LINUX_COOKED = 1, 113
EVENTS = "0123456789*#"
RTP = struct.Struct("!BBHII")


@dataclass(frozen=True, slots=True)
class Datagram:
    """One UDP datagram of a capture; `at` in seconds since the epoch."""

    at: float
    source: tuple[str, int]
    to: tuple[str, int]
    data: bytes


def write_keys(path: Path, keys: str, event_type: int = 101) -> None:
    """A capture of RTP in which keys are pressed (RFC 4733): each 100 ms, the end three times, 100 ms between.

    SIPp plays such files; its own `play_dtmf` counts the timestamp on within one event, which RFC 4733 2.2.1 forbids.
    """
    packets, clock, sequence = [], 8000, 1
    for number, key in enumerate(keys):
        for count in range(1, 8):
            ended = count >= 5
            kind = event_type | (0x80 if count == 1 else 0)
            body = struct.pack("!BBH", EVENTS.index(key), 0x8A if ended else 0x0A, min(count, 5) * 160)
            at = number * 0.2 + (min(count, 5) - 1) * 0.02
            packets.append((at, RTP.pack(0x80, kind, sequence, clock, 0x5EC0FFEE) + body))
            sequence += 1
        clock += 1600
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", MAGIC, 2, 4, 0, 0, 65535, ETHERNET))
        for at, payload in packets:
            frame = _framed(payload)
            file.write(struct.pack("<IIII", int(at), round(at % 1 * 1_000_000), len(frame), len(frame)) + frame)


def _framed(payload: bytes) -> bytes:
    """Ethernet, IPv4 and UDP around a payload; SIPp replaces addresses and ports by its own."""
    udp = struct.pack("!HHHH", 40000, 40002, 8 + len(payload), 0) + payload
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes((127, 0, 0, 1)), bytes((127, 0, 0, 1)))
    return bytes(12) + struct.pack("!H", 0x0800) + ip + udp


def read_datagrams(path: Path) -> Iterator[Datagram]:
    """The UDP datagrams of a capture in libpcap's format, IPv4 on Ethernet (which loopback pretends to be)."""
    raw = path.read_bytes()
    magic, _, _, _, _, _, link = struct.unpack_from("<IHHiIII", raw)
    assert (magic, link) == (MAGIC, ETHERNET), f"{path} is no such capture: {magic:x}, link type {link}"
    at = 24
    while at + 16 <= len(raw):
        seconds, micros, size, _ = struct.unpack_from("<IIII", raw, at)
        frame = raw[at + 16 : at + 16 + size]
        at += 16 + size
        if len(frame) < size or frame[12:14] != b"\x08\x00" or frame[23] != 17:
            continue
        udp = 14 + (frame[14] & 15) * 4
        source, to, length = struct.unpack_from("!HHH", frame, udp)
        data = frame[udp + 8 : udp + length]
        yield Datagram(seconds + micros / 1e6, (_ip(frame[26:30]), source), (_ip(frame[30:34]), to), data)


def _ip(raw: bytes) -> str:
    return ".".join(map(str, raw))
