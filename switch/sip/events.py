"""What can happen on the SIP side, as frozen facts in the past tense. None has behaviour."""
from dataclasses import dataclass
from typing import NewType

DialogId = NewType("DialogId", str)
"""Names one leg towards one telephone or trunk, from its first INVITE to its end. Made by the endpoint."""

Address = tuple[str, int]
"""A literal IP address and a port."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A way that bytes take: `transport` ("udp"; later "tcp", "tls"), our address and theirs."""

    transport: str
    local: Address
    remote: Address

    @property
    def reliable(self) -> bool:
        return self.transport != "udp"


@dataclass(frozen=True, slots=True)
class InviteReceived:
    """Somebody calls. `user` is the authenticated address-of-record user, None for a trunk.

    `network` names the access network or the trunk. `request_uri_user` is raw, as on the wire: it is not a number yet.
    `sdp` is None when the caller left the offer to us (RFC 3261 13.2.1).
    """

    dialog: DialogId
    user: str | None
    network: str
    request_uri_user: str
    from_user: str
    sdp: bytes | None
    flow: Flow
    call_id: str


@dataclass(frozen=True, slots=True)
class AckReceived:
    """Our answer was acknowledged; `sdp` is the caller's answer where the offer was ours."""

    dialog: DialogId
    sdp: bytes | None


@dataclass(frozen=True, slots=True)
class InviteCancelled:
    """The caller gave up before we answered. The leg is gone."""

    dialog: DialogId


@dataclass(frozen=True, slots=True)
class Ringing:
    """A provisional answer above 100 came; `sdp` is early media, which nobody may hear yet."""

    dialog: DialogId
    status: int
    sdp: bytes | None


@dataclass(frozen=True, slots=True)
class Answered:
    """The phone that we called was picked up; the ACK is on its way."""

    dialog: DialogId
    sdp: bytes


@dataclass(frozen=True, slots=True)
class Rejected:
    """The phone or trunk that we called said no, 3xx included, which is never followed. The leg is gone."""

    dialog: DialogId
    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class ByeReceived:
    """The far end hung up; `reason` is its Reason header (RFC 3326) or empty. The leg is gone."""

    dialog: DialogId
    reason: str


@dataclass(frozen=True, slots=True)
class NoAck:
    """Our answer was never acknowledged within 64*T1, so we said BYE (RFC 3261 13.3.1.4). The leg is gone."""

    dialog: DialogId


@dataclass(frozen=True, slots=True)
class SessionExpired:
    """No session refresh came in time, so we said BYE (RFC 4028 section 10). The leg is gone."""

    dialog: DialogId


@dataclass(frozen=True, slots=True)
class DialogLost:
    """The leg is gone without a word: a transaction ran out, the transport failed, or the peer knows no such dialog."""

    dialog: DialogId
    why: str


@dataclass(frozen=True, slots=True)
class MediaOffered:
    """The far end asks to move its media. `answer` or `refuse` it; unanswered it is refused with 488 and nothing moves."""

    dialog: DialogId
    sdp: bytes


@dataclass(frozen=True, slots=True)
class DigitByInfo:
    """A digit came in an INFO (application/dtmf-relay); `duration` is in milliseconds."""

    dialog: DialogId
    digit: str
    duration: int


@dataclass(frozen=True, slots=True)
class Registered:
    """A telephone can be reached at `contact` over `flow` for `expires` seconds. Also sent for each refresh."""

    user: str
    contact: str
    expires: int
    network: str
    flow: Flow


@dataclass(frozen=True, slots=True)
class Unregistered:
    """A binding was removed or ran out."""

    user: str
    contact: str


@dataclass(frozen=True, slots=True)
class AuthFailed:
    """Wrong credentials, for the `count`-th time in a row for this user name from this address."""

    user: str
    flow: Flow
    network: str
    count: int


@dataclass(frozen=True, slots=True)
class StrangerRefused:
    """A datagram from an address that is neither phone nor trunk, or from a scanner, got no answer. Rate-limited."""

    flow: Flow
    why: str


@dataclass(frozen=True, slots=True)
class MalformedReceived:
    """A known source sent something that is no SIP. Rate-limited."""

    flow: Flow
    why: str


@dataclass(frozen=True, slots=True)
class TransferRefused:
    """REFER or Replaces was refused; `dialog` is None outside a call."""

    dialog: DialogId | None
    method: str
    target: str
    flow: Flow


@dataclass(frozen=True, slots=True)
class RedirectRefused:
    """A 3xx answer was acknowledged and not followed; `Rejected` follows this event."""

    dialog: DialogId
    status: int
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegisterSucceeded:
    """Our own registration stands for `expires` seconds and will be refreshed before."""

    registration: str
    expires: int


@dataclass(frozen=True, slots=True)
class RegisterFailed:
    """Our own registration was refused (`status`), or nobody answered (status 0)."""

    registration: str
    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class OptionsAnswered:
    """A keepalive was answered with `status`, any final status: the peer lives."""

    request: str
    status: int


@dataclass(frozen=True, slots=True)
class OptionsFailed:
    """A keepalive got no answer."""

    request: str
    why: str


SipEvent = (
    InviteReceived | AckReceived | InviteCancelled | Ringing | Answered | Rejected | ByeReceived | NoAck
    | SessionExpired
    | DialogLost | MediaOffered | DigitByInfo | Registered | Unregistered | AuthFailed | StrangerRefused
    | MalformedReceived | TransferRefused | RedirectRefused | RegisterSucceeded | RegisterFailed | OptionsAnswered
    | OptionsFailed
)
