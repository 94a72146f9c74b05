"""Tickets between processes: signed by the desk, checked in the switch before anything is heard.

A ticket is text, `PAYLOAD.SIGNATURE` in base64url (RFC 4648 §5): the payload is JSON, the signature Ed25519 (RFC 8032) over a
context of its own and the payload. Whoever can write where tickets travel, and has no key of the desk, can make none.
"""
import base64
import binascii
import json
from collections.abc import Callable
from datetime import datetime, timedelta

from switch.core.authority import Leave
from switch.core.grants import Listener, ListenTicket, RecordingWarrant
from switch.core.ids import CallId, StaffId

CONTEXT = b"wingline listen ticket 1\n"
"""So that no signature over anything else is one over a ticket."""
LIFE, SKEW = timedelta(seconds=30), timedelta(seconds=5)
Sign = Callable[[bytes], bytes]
Check = Callable[[bytes, bytes], None]
"""Text and signature; raises ValueError unless it fits."""


class BadTicket(ValueError):
    """A ticket that opens nothing; the text says why, for the log."""


def issue(warrant: RecordingWarrant, leave: Leave, listener: StaffId, nonce: str, at: datetime, key: bytes,
          kind: Listener = Listener.STAFF) -> ListenTicket:
    """For a call that may be recorded, under leave that stands: good from now for half a minute, or as long as the leave."""
    return ListenTicket(warrant.call, listener, leave.authority, nonce, at - SKEW, min(at + LIFE, leave.until), key, kind)


def sealed(ticket: ListenTicket, sign: Sign) -> str:
    """The ticket as it travels."""
    payload = json.dumps({
        "call": ticket.call, "listener": ticket.listener, "authority": ticket.authority, "nonce": ticket.nonce,
        "not_before": ticket.not_before.isoformat(), "expires": ticket.expires.isoformat(), "key": _text(ticket.key),
        "kind": ticket.kind,
    }, sort_keys=True, separators=(",", ":")).encode()
    return f"{_text(payload)}.{_text(sign(CONTEXT + payload))}"


def opened(text: str, check: Check, at: datetime) -> ListenTicket:
    """The ticket that a text is, now. BadTicket where the signature does not fit, or it is over or to come."""
    try:
        payload, signature = [_bytes(part) for part in text.split(".")]
        check(CONTEXT + payload, signature)
        said = json.loads(payload)
        ticket = ListenTicket(
            CallId(said["call"]), StaffId(said["listener"]), said["authority"], said["nonce"],
            datetime.fromisoformat(said["not_before"]), datetime.fromisoformat(said["expires"]), _bytes(said["key"]),
            Listener(said["kind"]))
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise BadTicket(f"it is no ticket of the desk: {error}") from None
    if not ticket.not_before <= at < ticket.expires:
        raise BadTicket("it is over, or not good yet")
    return ticket


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
