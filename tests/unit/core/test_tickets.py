"""Tickets to listen: what they say comes back unchanged, and whatever the desk did not sign opens nothing."""
import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from switch.core.authority import Leave
from switch.core.grants import Listener, ListenTicket, NotMonitored, Privacy, RecordingWarrant
from switch.core.ids import CallId, StaffId
from switch.core.tickets import CONTEXT, LIFE, SKEW, BadTicket, issue, opened, sealed

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
LEAVE = Leave("a1", "mandatory", NOON + timedelta(hours=1))
DESK, OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32)), Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\1")
KEY = bytes(range(32))
ROOT = Path(__file__).parents[3]


def check_of(key: Ed25519PrivateKey = DESK) -> Callable[[bytes, bytes], None]:
    def check(text: bytes, signature: bytes) -> None:
        try:
            key.public_key().verify(signature, text)
        except InvalidSignature:
            raise ValueError("the signature does not fit") from None

    return check


def ticket(leave: Leave = LEAVE) -> ListenTicket:
    return issue(RecordingWarrant(CallId("c1"), Privacy.MONITORED), leave, StaffId("listener"), "n1", NOON, KEY)


def test_a_ticket_is_read_back_as_it_was_made() -> None:
    made = ticket()
    assert (made.call, made.authority, made.not_before, made.expires) == ("c1", "a1", NOON - SKEW, NOON + LIFE)
    assert opened(sealed(made, DESK.sign), check_of(), NOON) == made
    machine = replace(made, kind=Listener.MACHINE)
    assert (made.kind, opened(sealed(machine, DESK.sign), check_of(), NOON)) == (Listener.STAFF, machine)


@pytest.mark.parametrize(("at", "good"), [
    (NOON - SKEW - TICK, False), (NOON - SKEW, True), (NOON + LIFE - TICK, True), (NOON + LIFE, False),
])
def test_it_is_good_for_half_a_minute(at: datetime, good: bool) -> None:
    text = sealed(ticket(), DESK.sign)
    if good:
        assert opened(text, check_of(), at).nonce == "n1"
    else:
        with pytest.raises(BadTicket, match="over, or not good yet"):
            opened(text, check_of(), at)


def test_it_never_outlasts_the_leave() -> None:
    ends = NOON + timedelta(seconds=7)
    assert ticket(replace(LEAVE, until=ends)).expires == ends
    with pytest.raises(BadTicket):
        opened(sealed(ticket(replace(LEAVE, until=ends)), DESK.sign), check_of(), ends)


def forged(**changes: object) -> str:
    """What the desk said, changed under its own signature."""
    payload, signature = sealed(ticket(), DESK.sign).split(".")
    said = json.loads(base64.urlsafe_b64decode(payload + "==")) | changes
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode() + "." + signature


@pytest.mark.parametrize("text", [
    sealed(ticket(), OTHER.sign), forged(call="c2"), forged(expires="2099-01-01T00:00:00+00:00"),
    forged(key=base64.urlsafe_b64encode(bytes(32)).decode()), forged(listener="somebody"), "", ".", "a.b.c", "x" * 5000, "é.é",
    sealed(ticket(), lambda text: DESK.sign(text.removeprefix(CONTEXT))),
])
def test_what_the_desk_did_not_sign_opens_nothing(text: str) -> None:
    with pytest.raises(BadTicket, match="no ticket of the desk"):
        opened(text, check_of(), NOON)


@pytest.mark.parametrize("payload", [
    {}, [], {"call": "c1"}, {"key": 7}, {"key": "AAAA"}, {"expires": "noon"}, {"expires": "2026-11-23T12:00:30"},
    {"expires": "2026-11-23T12:00:31+00:00"}, {"expires": "2026-11-23T11:59:55+00:00"}, {"nonce": ""}, {"authority": ""},
    {"listener": ""}, {"call": ""},
])
def test_nor_does_a_signature_over_what_is_no_ticket(payload: object) -> None:
    good = json.loads(base64.urlsafe_b64decode(sealed(ticket(), DESK.sign).split(".")[0] + "=="))
    whole = isinstance(payload, dict) and payload != {"call": "c1"} and payload
    said = json.dumps(good | payload if whole else payload).encode()  # type: ignore[operator]  # a dictionary then
    text = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (said, DESK.sign(CONTEXT + said)))
    with pytest.raises(BadTicket):
        opened(text, check_of(), NOON)


def test_a_ticket_needs_a_warrant_and_a_privileged_call_has_none() -> None:
    with pytest.raises(NotMonitored):
        RecordingWarrant(CallId("c1"), Privacy.PRIVILEGED)


def test_nobody_but_the_desk_makes_one() -> None:
    """Only where they are signed and read back, and issued only by the use case that asked for leave."""
    made, issued = set(), set()
    for package in ("switch", "dialplans", "recordings", "admin"):
        for file in (ROOT / package).rglob("*.py"):
            text, name = file.read_text("utf-8"), str(file.relative_to(ROOT))
            made |= {name} if "ListenTicket(" in text else set()
            issued |= {name} if "tickets import" in text and "issue" in text else set()
    assert made == {"switch/core/tickets.py"}
    assert issued == {"switch/desk/listening.py"}
