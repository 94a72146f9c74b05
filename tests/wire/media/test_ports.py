"""The pool of RTP ports on a real loop: a port that somebody else holds is passed over, whichever loop runs."""
import asyncio
import errno
import socket
from collections.abc import Iterator

import pytest

from switch.core.ids import Leg
from switch.media.embedded.port_pool import PortPool
from switch.media.embedded.rtp_leg import RtpLeg
from tests.contracts.studio import free_ports

pytestmark = pytest.mark.wire


class Nobody:
    """Whoever watches a leg that hears nothing."""

    def first_packet(self, leg: Leg) -> None:
        raise AssertionError("nobody sent anything")

    def digit(self, leg: Leg, digit: str) -> None:
        raise AssertionError("nobody pressed anything")


def leg() -> RtpLeg:
    return RtpLeg(Leg.CELL, Nobody(), ssrc=1, sequence=1, timestamp=1)


@pytest.fixture
def held() -> Iterator[tuple[int, int]]:
    """Eight ports in a row; the first and the fourth are somebody else's."""
    first, last = free_ports(8)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        one.bind(("127.0.0.1", first))
        other.bind(("127.0.0.1", first + 3))
        yield first, last


async def test_a_port_held_by_another_is_passed_over(held: tuple[int, int]) -> None:
    first, last = held
    pool = PortPool((first, last), 1.0, 1.0)
    taken = [await pool.bind("127.0.0.1", leg(), asyncio.DatagramProtocol) for _ in range(2)]
    assert [pair.port for pair in taken] == [first + 4, first + 6]
    with pytest.raises(OSError) as refused:
        await pool.bind("127.0.0.1", leg(), asyncio.DatagramProtocol)
    assert refused.value.errno == errno.EADDRNOTAVAIL
    assert len(pool) == 2, "what another holds is tried again later"
    for pair in taken:
        pair.close()
