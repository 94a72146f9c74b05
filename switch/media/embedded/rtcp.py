"""RTCP as bytes (RFC 3550 §6): our reports out, theirs in. Anything malformed is ignored."""
import struct
from dataclasses import dataclass
from typing import Final

SR: Final = 200
RR: Final = 201
SDES: Final = 202
BYE: Final = 203
_EPOCH: Final = 2208988800
"""Seconds from 1900 to 1970 (§4)."""


@dataclass(frozen=True, slots=True)
class Block:
    """One reception report block (§6.4.1): how a stream arrives. `jitter` in samples, `fraction` in 256ths."""

    ssrc: int
    fraction: int
    lost: int
    highest: int
    jitter: int
    last_sr: int = 0
    since_sr: int = 0
    """Units of 1/65536 s."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the other side told: who sent it, the middle of its NTP stamp (0 for RR), its blocks, whether it says good-bye."""

    ssrc: int
    stamp: int = 0
    blocks: tuple[Block, ...] = ()
    bye: bool = False


def ntp(wall: float) -> int:
    """The 64-bit NTP time of seconds since 1970."""
    seconds = int(wall)
    return ((seconds + _EPOCH) << 32 | int((wall - seconds) * (1 << 32))) & 0xFFFFFFFFFFFFFFFF


def middle(stamp: int) -> int:
    """The middle 32 bits of an NTP time, in which LSR and DLSR are counted."""
    return stamp >> 16 & 0xFFFFFFFF


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


def _block(block: Block) -> bytes:
    lost = max(-0x800000, min(0x7FFFFF, block.lost)) & 0xFFFFFF
    return struct.pack("!IIIIII", block.ssrc, block.fraction << 24 | lost, block.highest & 0xFFFFFFFF, block.jitter & 0xFFFFFFFF,
                       block.last_sr, block.since_sr & 0xFFFFFFFF)


def build(ssrc: int, cname: str, *, stamp: int, timestamp: int, packets: int, octets: int, block: Block | None,
          bye: bool = False) -> bytes:
    """A compound packet: SR when we have sent, else RR, then CNAME, then BYE (§6.1)."""
    blocks = _block(block) if block is not None else b""
    if packets:
        sent = struct.pack("!IQIII", ssrc, stamp, timestamp, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
        out = _packet(SR, int(block is not None), sent + blocks)
    else:
        out = _packet(RR, int(block is not None), struct.pack("!I", ssrc) + blocks)
    name = cname.encode()[:255]
    items = struct.pack("!IBB", ssrc, 1, len(name)) + name + b"\0"
    out += _packet(SDES, 1, items + b"\0" * (-len(items) % 4))
    if bye:
        out += _packet(BYE, 1, struct.pack("!I", ssrc))
    return out


def parse(packet: bytes) -> Report | None:
    """The first report of a compound packet and whether a BYE follows; None for what breaks §6.1's or A.2's checks."""
    at, report, bye = 0, None, False
    while at < len(packet):
        if len(packet) - at < 8 or packet[at] >> 6 != 2:
            return None
        count, kind = packet[at] & 0x1F, packet[at + 1]
        end = at + 4 + 4 * int.from_bytes(packet[at + 2 : at + 4], "big")
        if end > len(packet) or (at == 0 and kind not in (SR, RR)):
            return None
        if kind in (SR, RR) and report is None:
            report = _report(packet[at + 4 : end], kind, count)
            if report is None:
                return None
        bye = bye or kind == BYE
        at = end
    return None if report is None else Report(report.ssrc, report.stamp, report.blocks, bye)


def _report(body: bytes, kind: int, count: int) -> Report | None:
    start = 24 if kind == SR else 4
    if len(body) < start + 24 * count:
        return None
    stamp = middle(int.from_bytes(body[4:12], "big")) if kind == SR else 0
    blocks = []
    for at in range(start, start + 24 * count, 24):
        ssrc, loss, highest, jitter, last, since = struct.unpack_from("!IIIIII", body, at)
        lost = loss & 0xFFFFFF
        blocks.append(Block(ssrc, loss >> 24, lost - 0x1000000 if lost & 0x800000 else lost, highest, jitter, last, since))
    return Report(int.from_bytes(body[:4], "big"), stamp, tuple(blocks))


def round_trip(block: Block, stamp: int) -> float | None:
    """Seconds there and back, by a block that answers our SR (§6.4.1); None when it answers none or is impossible."""
    if not block.last_sr:
        return None
    units = (middle(stamp) - block.last_sr - block.since_sr) & 0xFFFFFFFF
    return units / 65536 if units < 0x80000000 else None
