"""Words of the monitoring queue: which recordings staff listen to first, and what became of each.

States of an item, one for each recording that was sealed:

    UNLISTED --(an authorisation, a lead)--> WAITING --> LISTENED
    UNLISTED <--(what it stood on is over)-- WAITING --> NOT_NEEDED --(something that ranks higher)--> WAITING

Overdue is no state of its own: an item that waits past its due time is.
"""
from enum import StrEnum


class Tier(StrEnum):
    """What an item stands on, in the order in which calls are listened to: random monitoring takes the lowest priority."""

    MANDATORY = "mandatory"
    OFFENCE = "offence-related"
    INTELLIGENCE = "intelligence-led"
    LEAD = "lead"
    """The machine found something in it: a watch word, or what is beyond words."""
    RANDOM = "random"


class ItemState(StrEnum):
    UNLISTED = "unlisted"
    """Nothing says that anybody should listen."""
    WAITING = "waiting"
    LISTENED = "listened"
    NOT_NEEDED = "not-needed"


OPEN = frozenset({ItemState.UNLISTED, ItemState.WAITING})
CLOSED = frozenset({ItemState.LISTENED, ItemState.NOT_NEEDED})


class Outcome(StrEnum):
    """What came of listening."""

    NOTHING = "nothing-of-concern"
    REPORT = "intelligence-report"
    POLICE = "passed-to-police"
    PUBLIC_PROTECTION = "public-protection"
    """Passed to those who look after victims and children."""
    SAFETY = "person-at-risk"
    """Passed to those who look after somebody who may harm themselves or be harmed."""
    CONTACT = "contact-stopped"
    """A contact is to be looked at again, or barred."""


class Translation(StrEnum):
    """What was decided about a call in a language that whoever listens may not understand."""

    TRANSLATED = "translated"
    REQUESTED = "requested"
    NOT_NEEDED = "not-needed"


class Side(StrEnum):
    """Whose voice a bookmark is about."""

    PERSON = "person"
    CONTACT = "contact"
    BOTH = "both"


class NoteKind(StrEnum):
    """What staff's own words about an item were written for."""

    NOTE = "note"
    BOOKMARK = "bookmark"
    TRANSLATION = "translation"
    CLOSED = "closed"
