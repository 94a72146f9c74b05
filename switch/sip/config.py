"""What an endpoint is told once, at its making."""
from dataclasses import dataclass, field

from switch.sip.access import AccessNetwork, TrunkPeer
from switch.sip.transaction import Timers


@dataclass(frozen=True, slots=True)
class RegistrarConfig:
    """Seconds a binding may last, and how many contacts one user may have."""

    shortest: int = 60
    longest: int = 3600
    usual: int = 600
    contacts: int = 4
    users: int = 100_000


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """RFC 4028, in seconds. `expires` 0 asks for no session timer."""

    expires: int = 1800
    shortest: int = 90


@dataclass(frozen=True, slots=True)
class EndpointConfig:
    """`nonce_key` signs challenges: unguessable, mixed with an id of this run.

    `advertised` is the host written in Via and Contact where it is not the address that the socket is bound to.
    `without_registrar` turns REGISTER away with 405 (a phone, a trunk-only switch).
    """

    networks: tuple[AccessNetwork, ...] = ()
    trunks: tuple[TrunkPeer, ...] = ()
    nonce_key: bytes = b""
    server: str = "Wingline"
    advertised: str | None = None
    timers: Timers = field(default_factory=Timers)
    registrar: RegistrarConfig = field(default_factory=RegistrarConfig)
    session: SessionConfig = field(default_factory=SessionConfig)
    without_registrar: bool = False
    most_dialogs: int = 20_000
    nonce_lifetime: float = 300.0
    stranger_rate: float = 0.2
    """Events about strangers and malformed datagrams, a second and address."""
    retry_register: float = 30.0
    """Seconds after which a registration of ours that failed is tried again."""
    media_offer_wait: float = 2.0
    """Seconds in which a MediaOffered must be answered before it is refused with 488."""

    def __post_init__(self) -> None:
        if self.networks and len(self.nonce_key) < 16:
            raise ValueError("nonce_key needs 16 octets or more")
