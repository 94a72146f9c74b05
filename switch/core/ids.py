"""Names of things: opaque strings minted by the edge, and the two legs of a call."""
import hashlib
from enum import StrEnum
from typing import NewType

CallId = NewType("CallId", str)
PersonId = NewType("PersonId", str)
"""A prison number such as `A1234BC`: the person in prison."""
PhoneId = NewType("PhoneId", str)
"""The SIP user of one telephone in one cell."""
RecordingId = NewType("RecordingId", str)
StaffId = NewType("StaffId", str)


class Leg(StrEnum):
    """The two halves of a call; they meet only through the call's own decisions."""

    CELL = "cell"
    """The telephone in prison."""
    OUTSIDE = "outside"
    """Whoever is called: a family, a lawyer, a helpline, the control room."""


KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")


def keyed(person: str) -> str:
    """The keys that spell a prison number on a telephone (ITU-T E.161): `A1234BC` is `2123422`."""
    return person.upper().translate(KEYPAD)


def loaded_id(whose: str, what: str) -> str:
    """The id of what comes as a row (a load, the example site): the same each time, with no number or name to be read in it."""
    return hashlib.sha256(f"{whose} {what}".encode()).hexdigest()[:24]
