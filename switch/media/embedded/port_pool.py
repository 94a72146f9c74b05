"""Ports: RTP on an even one, RTCP on the odd one above, and no reuse of a port that an old call still talks to."""
import asyncio
import errno
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from switch.media.embedded.rtp_leg import RtpLeg


@dataclass(slots=True)
class PortPair:
    """The two bound sockets of one leg."""

    port: int
    rtp: RtpLeg
    rtp_transport: asyncio.BaseTransport
    rtcp_transport: asyncio.BaseTransport
    freed_at: float = 0.0

    def close(self) -> None:
        self.rtp_transport.close()
        self.rtcp_transport.close()


class PortPool:
    """Free ports in the order in which they were freed, and those that drain: bound, deaf, until quiet.

    A drained port is closed once nothing came for `quiet_after` seconds, or after `drain_limit` however loud; it is used again
    after all others.
    """

    def __init__(self, ports: tuple[int, int], quiet_after: float, drain_limit: float) -> None:
        first, last = ports
        self._free = deque(range(first + first % 2, last, 2))
        self._quiet_after = quiet_after
        self._drain_limit = drain_limit
        self.draining: list[PortPair] = []

    def __len__(self) -> int:
        return len(self._free)

    async def bind(self, host: str, leg: RtpLeg, rtcp: Callable[[], asyncio.DatagramProtocol]) -> PortPair:
        """Bind the next free pair for a leg. OSError EADDRNOTAVAIL when every port is in use or drains."""
        loop = asyncio.get_running_loop()
        for _ in range(len(self._free)):
            port = self._free.popleft()
            try:
                ours, theirs = _bound(host, port)
            except OSError as error:
                self._free.append(port)
                if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise
                continue
            rtp, _ = await loop.create_datagram_endpoint(lambda: leg, sock=ours)
            other, _ = await loop.create_datagram_endpoint(rtcp, sock=theirs)
            return PortPair(port, leg, rtp, other)
        raise OSError(errno.EADDRNOTAVAIL, "every RTP port is in use or draining")

    def free(self, pair: PortPair, now: float) -> None:
        """A call let go of a pair: it stays bound and drains."""
        pair.freed_at = now
        self.draining.append(pair)

    def sweep(self, now: float) -> None:
        """Close the drained pairs that have been quiet, or have had their time."""
        still = []
        for pair in self.draining:
            quiet = now - max(pair.freed_at, pair.rtp.noise_at) >= self._quiet_after
            if quiet or now - pair.freed_at >= self._drain_limit:
                pair.close()
                self._free.append(pair.port)
            else:
                still.append(pair)
        self.draining = still

    def close(self) -> None:
        for pair in self.draining:
            pair.close()
            self._free.append(pair.port)
        self.draining = []


def _bound(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """Sockets on a port and the one above, bound by us: uvloop's own binding takes a thread, and loses an error's number."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    pair = socket.socket(family, socket.SOCK_DGRAM), socket.socket(family, socket.SOCK_DGRAM)
    try:
        for sock, number in zip(pair, (port, port + 1), strict=True):
            sock.setblocking(False)
            sock.bind((host, number))
    except OSError:
        for sock in pair:
            sock.close()
        raise
    return pair
