"""Leave to do what may not be done without leave. A grant is a value that exists only after the answer.

`RecordingWarrant` is issued by `dialplans.model.Decision.warrant` and nowhere else (a test reads the source to see that);
a privileged call has none, so no code path can ask a media engine to record it (architecture, rule 2). A `ListenTicket` is made
from a warrant, under an authority in force, by the desk alone (`switch.core.tickets`), and read back where its signature fits.
"""
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from switch.core.ids import CallId, StaffId

TICKET_LIFE = timedelta(seconds=35)
"""The longest that a ticket may be good for: half a minute, and what two machines' clocks may differ by."""
KEY_BYTES = 32
"""Of an X25519 public key (RFC 7748)."""


class Privacy(StrEnum):
    MONITORED = "monitored"
    PRIVILEGED = "privileged"
    """Lawyers, Samaritans: nobody can hear it, nothing is kept of it but that it took place."""


class Listener(StrEnum):
    """What hears by a ticket."""

    STAFF = "staff"
    MACHINE = "machine"
    """Speech recognition, which writes down for whoever may hear it too, and looks for watch words."""


class NotMonitored(ValueError):
    """A recording warrant was asked for a call that may not be heard."""


@dataclass(frozen=True, slots=True)
class RecordingWarrant:
    """Leave to record one call. Raises `NotMonitored` for any privacy but monitored."""

    call: CallId
    privacy: Privacy

    def __post_init__(self) -> None:
        if self.privacy is not Privacy.MONITORED:
            raise NotMonitored(f"call {self.call} is {self.privacy}: nothing of it may be recorded")


@dataclass(frozen=True, slots=True)
class ListenTicket:
    """Leave to hear one call that runs, for half a minute. Raises ValueError for one that could not be right.

    Whatever is heard goes out encrypted to `key`, the listener's X25519 public key, and to nobody else. `nonce` names the
    ticket: it is good once.
    """

    call: CallId
    listener: StaffId
    authority: str
    nonce: str
    not_before: datetime
    expires: datetime
    key: bytes
    kind: Listener = Listener.STAFF

    def __post_init__(self) -> None:
        if not (self.call and self.listener and self.authority and self.nonce and len(self.key) == KEY_BYTES):
            raise ValueError("a ticket names a call, a listener, an authority, itself, and a key of 32 bytes")
        if not timedelta() < self.expires - self.not_before <= TICKET_LIFE:
            raise ValueError(f"a ticket is good for {TICKET_LIFE.seconds} s at the most")
