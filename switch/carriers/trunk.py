"""A plain SIP trunk: one next hop for every number, and whole SIP URIs (the control room) as they stand."""
from collections.abc import Mapping
from dataclasses import dataclass, field

from switch.ports.carrier import Route


@dataclass(frozen=True, slots=True)
class SipTrunk:
    """`cli` is the number shown to the called party; `user` and `password` answer the trunk's challenge, if it has one."""

    host: str
    port: int
    cli: str
    user: str = ""
    password: str = ""
    own: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Numbers that are answered elsewhere than on the trunk, and without its credentials: the canary's."""

    def route(self, dial: str) -> Route:
        """`+44…`, a short code, or `sip:user@host[:port]`, which is sent to its own host without our trunk credentials."""
        if dial.startswith("sip:"):
            host, _, port = dial.removeprefix("sip:").rpartition("@")[2].partition(":")
            return Route(dial, host, int(port or 5060), self.cli)
        if dial in self.own:
            host, number = self.own[dial]
            return Route(f"sip:{dial}@{host}:{number}", host, number, self.cli)
        return Route(f"sip:{dial}@{self.host}:{self.port}", self.host, self.port, self.cli, self.user, self.password)
