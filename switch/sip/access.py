"""Who may speak SIP to us: access networks for telephones, peers for trunks, and a bound on everybody else's noise."""
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from switch.sip.events import Flow

Network = IPv4Network | IPv6Network
SCANNERS = ("friendly-scanner", "sipvicious", "sipcli", "sip-scan", "sundayddr", "sipsak", "iwar", "pplsip",
            "vaxsipuseragent",
            "voipbuster", "smap", "cansip", "scan")
"""What the User-Agent of the usual scanners begins with or contains, lower case."""
ALGORITHMS = ("MD5", "SHA-256")


def _networks(sources: Sequence[str]) -> tuple[Network, ...]:
    return tuple(ip_network(source) for source in sources)


@dataclass(frozen=True, slots=True)
class AccessNetwork:
    """A network of telephones. The digest algorithm is its property, never a user's, so unknown users get the same answer.

    `sources` are CIDR strings; `ports` the local listening ports that belong to it, none for any.
    `allow_no_qop` lets clients of RFC 2069 in (pyVoIP): each of their nonces is good for one request, for a short time.
    """

    name: str
    sources: tuple[str, ...]
    algorithm: str = "MD5"
    allow_no_qop: bool = False
    realm: str = "wingline"
    ports: frozenset[int] = frozenset()
    nets: tuple[Network, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise ValueError(f"digest algorithm {self.algorithm!r} is none of {ALGORITHMS}")
        object.__setattr__(self, "nets", _networks(self.sources))

    def holds(self, address: IPv4Address | IPv6Address, flow: Flow) -> bool:
        return (not self.ports or flow.local[1] in self.ports) and any(address in net for net in self.nets)


@dataclass(frozen=True, slots=True)
class TrunkPeer:
    """A carrier that may send calls and is known by its address alone. `port` is its source port, 0 for any."""

    name: str
    sources: tuple[str, ...]
    port: int = 0
    nets: tuple[Network, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "nets", _networks(self.sources))

    def holds(self, address: IPv4Address | IPv6Address, flow: Flow) -> bool:
        return (not self.port or flow.remote[1] == self.port) and any(address in net for net in self.nets)


Access = AccessNetwork | TrunkPeer


class Doors:
    """Finds what a flow belongs to. Trunks first: a trunk's port is narrower than a network. Bounded memory."""

    def __init__(self, networks: Sequence[AccessNetwork], trunks: Sequence[TrunkPeer],
                 remembered: int = 10_000) -> None:
        self._accesses: tuple[Access, ...] = (*trunks, *networks)
        self._known: dict[tuple[str, int, int], Access | None] = {}
        self._remembered = remembered

    def of(self, flow: Flow) -> Access | None:
        key = (*flow.remote, flow.local[1])
        if key not in self._known:
            address = ip_address(flow.remote[0])
            if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
                address = address.ipv4_mapped  # a socket that speaks both families shows IPv4 so
            if len(self._known) >= self._remembered:
                self._known.clear()
            self._known[key] = next((access for access in self._accesses if access.holds(address, flow)), None)
        return self._known[key]


def is_scanner(user_agent: str) -> bool:
    agent = user_agent.lower()
    return any(agent.startswith(name) if name == "scan" else name in agent for name in SCANNERS)


class TokenBuckets:
    """A bucket per address: `burst` at once, then `rate` a second. Remembers the last `remembered` addresses only."""

    def __init__(self, rate: float, burst: float, remembered: int = 4096) -> None:
        self._rate, self._burst, self._remembered = rate, burst, remembered
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str, now: float) -> bool:
        """One token, if there is one."""
        level, since = self._buckets.pop(address, (self._burst, now))
        level = min(self._burst, level + (now - since) * self._rate)
        allowed = level >= 1.0
        self._buckets[address] = (level - 1.0 if allowed else level, now)
        if len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)
        return allowed

    def __len__(self) -> int:
        return len(self._buckets)
