"""What the embedded engine is told at start: addresses, ports and patience."""
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network


@dataclass(frozen=True, slots=True)
class Side:
    """Where one leg's media lives: the address bound, the one told in SDP, and the networks whose media is taken."""

    bind: str = "127.0.0.1"
    advertise: str = ""
    """Told in SDP; empty is `bind`."""
    networks: tuple[str, ...] = ()
    """An SDP that names an address outside these is refused; empty takes any unicast address."""

    @property
    def told(self) -> str:
        return self.advertise or self.bind

    def takes(self, address: str) -> bool:
        """Whether media may come from, and go to, this literal address: never multicast or unspecified."""
        wanted = ip_address(address)
        if wanted.is_multicast or wanted.is_unspecified or wanted.version != ip_address(self.bind).version:
            return False
        return not self.networks or any(wanted in ip_network(network) for network in self.networks)


@dataclass(frozen=True, slots=True)
class EmbeddedSettings:
    """Seconds wherever a time is meant."""

    cell: Side = field(default_factory=Side)
    outside: Side = field(default_factory=Side)
    ports: tuple[int, int] = (20000, 29999)
    """First and last port of the range; RTP takes the even ones, RTCP the odd one above (RFC 3550 §11)."""
    silent_after: float = 10.0
    """No packet for so long from a leg that ought to speak is told as LegSilent."""
    quiet_after: float = 2.0
    """A freed port is reused only after so long without a packet."""
    drain_limit: float = 30.0
    """However loud, a freed port is closed after so long and goes to the end of the queue."""
    rtcp_every: float = 5.0
    lock_after: int = 10
    """Packets from one source in the SDP's address before no other port is taken."""
    inband_digits: bool = False
    """Also seek DTMF tones in the sound while the gate is shut."""
