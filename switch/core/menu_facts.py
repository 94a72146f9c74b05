"""What the telephone's own menu can tell one person: read from the store, as plain data for `switch.call.menu`."""
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from switch.core.contacts import RefusalReason
from switch.core.facts import ContactKind, ContactState
from switch.core.money import Millipence
from switch.core.money_facts import Payments
from switch.core.numbers import Number
from switch.core.reasons import Why

LAST_CALLS = 5
"""How many calls are told, the newest first."""
LAST_NEWS = 10
"""How many bulletins are told."""
SLOTS = range(1, 10)
"""Speed-dial keys."""


class Section(StrEnum):
    """What the menu asks the store for, one read each."""

    CREDIT = "credit"
    CONTACTS = "contacts"
    MESSAGES = "messages"
    NEWS = "news"
    PAYMENTS = "payments"


@dataclass(frozen=True, slots=True)
class LastCall:
    """One call of this person that is over. `at` is local time."""

    number: Number
    at: datetime
    talked: float
    """Seconds; 0 where it never got so far."""
    charged: Millipence
    why: Why | None
    name: str | None = None
    """The sound of the contact's name, where one was made; as in `OwnContact`."""


@dataclass(frozen=True, slots=True)
class Account:
    balance: Millipence
    today: date
    """The local day, for "today" and "yesterday"."""
    calls: tuple[LastCall, ...]


class Wait(StrEnum):
    """What an application waits for, as far as the person is told: which check of staff it is, is staff's to say."""

    NUMBER = "number"
    CONSENT = "consent"
    GENUINE = "genuine"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class OwnContact:
    """A number on this person's list, and the speed-dial key that it is on."""

    number: Number
    kind: ContactKind
    state: ContactState
    slot: int | None = None
    waits: frozenset[Wait] = frozenset()
    refused: RefusalReason | None = None
    against: Why | None = None
    """What stands in the way of an approved one: an order, a stop, a wrong number; told as the refusal would be."""
    name: str | None = None
    """The sound of the contact's name, as an id that can be played; None where none was made."""


@dataclass(frozen=True, slots=True)
class OwnContacts:
    contacts: tuple[OwnContact, ...]


@dataclass(frozen=True, slots=True)
class Messages:
    """How many wait. None can yet: texts and voice messages have not come."""

    count: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """Bulletins in force for this person's establishment and wing, newest first, as ids that can be played."""

    sounds: tuple[str, ...]


MenuData = Account | Payments | OwnContacts | Messages | News
