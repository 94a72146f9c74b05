"""What parties say about being rung: each a dated fact of one party for one of its numbers, and at most one of them stands."""
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from switch.core.facts import Consent
from switch.core.ids import PersonId


class ConsentHow(StrEnum):
    """How a party said that they agree, or do not."""

    KEYPAD = "keypad"
    """By a key on a call that the switch placed."""
    TEXT = "text"
    WEB = "web"
    """On the page for families, where a code proved the number; with it the short announcement was chosen."""
    WEB_FULL = "web-full"
    """There too, and the whole announcement was chosen."""
    STAFF = "staff"
    TAKEN_OVER = "taken-over"
    """Approved before we had a record of it; kept as that."""


FROM_THERE = (ConsentHow.KEYPAD, ConsentHow.TEXT, ConsentHow.WEB)
"""Said at the number itself. Only such a consent brings the short announcement."""


@dataclass(frozen=True, slots=True)
class ConsentSaid:
    """Given or denied. `by` is staff, or `call:` and the call; `person` in whose name it was asked; `prompts` what was spoken."""

    id: str
    party: str
    number: str
    consent: Consent
    how: ConsentHow
    at: datetime
    by: str
    person: PersonId | None = None
    prompts: tuple[str, ...] = ()


class ConsentChanges(Protocol):
    """What stands and what is over; nothing is forgotten."""

    def consent(self, party: str, number: str) -> ConsentSaid | None:
        """What stands; None where nobody was asked, or what was said is over."""

    def denials(self, party: str) -> list[ConsentSaid]:
        """Those that stand, at any of its numbers, the newest first."""

    def say_consent(self, said: ConsentSaid) -> None:
        """What stood for this party and number is over."""

    def end_consent(self, party: str, number: str) -> None: ...
