"""One leg's RTCP socket: a report every few seconds, and what the far end tells of its side."""
import asyncio
import time
from collections.abc import Callable
from typing import cast

from switch.media.embedded import rtcp
from switch.media.embedded.latch import Address
from switch.media.embedded.rtp_leg import RtpLeg


class RtcpLeg(asyncio.DatagramProtocol):
    """Reports on the stream of `rtp` and keeps the far end's last block about ours. Takes packets from the SDP's host only."""

    def __init__(self, rtp: RtpLeg, cname: str, clock: Callable[[], float] = time.monotonic,
                 wall: Callable[[], float] = time.time) -> None:
        self._rtp = rtp
        self._cname = cname
        self._clock = clock
        self._wall = wall
        self._transport: asyncio.DatagramTransport | None = None
        self.dest: Address | None = None
        self.heard_at = -1.0
        self._last_sr = 0
        self._last_sr_at = 0.0
        self.far: rtcp.Block | None = None
        """How the far end receives what we send."""
        self.round_trip: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # uvloop's is one in all but its class

    def error_received(self, exc: Exception) -> None:
        """Nobody listens for RTCP there: allowed."""

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if self.dest is None or addr[0] != self.dest[0]:
            return
        report = rtcp.parse(data)
        if report is None:
            return
        now = self._clock()
        self.heard_at = now
        if report.stamp:
            self._last_sr, self._last_sr_at = report.stamp, now
        for block in report.blocks:
            if block.ssrc == self._rtp.ssrc:
                self.far = block
                self.round_trip = rtcp.round_trip(block, rtcp.ntp(self._wall()))

    def report(self, bye: bool = False) -> None:
        """Send SR or RR, CNAME, and with `bye` the good-bye."""
        if self.dest is None or self._transport is None:
            return
        rtp, now, block = self._rtp, self._clock(), None
        rtp.stand()
        count = rtp.count
        if count.next >= 0:
            since = int((now - self._last_sr_at) * 65536) if self._last_sr else 0
            block = rtcp.Block(count.ssrc, count.fraction_lost(), count.lost, max(0, count.next - 1), int(count.jitter),
                               self._last_sr, since)
        passed = int((now - rtp.sent_at) * 8000) if rtp.sent else 0
        self._transport.sendto(
            rtcp.build(rtp.ssrc, self._cname, stamp=rtcp.ntp(self._wall()), timestamp=(rtp.timestamp + passed) & 0xFFFFFFFF,
                       packets=rtp.sent, octets=rtp.octets, block=block, bye=bye), self.dest)
