"""Who may listen, and by what right: a written authorisation, or a recording that was drawn at random. Deny wins.

Grounds are those of rule 35A(4) of the Prison Rules 1999 (SI 1999/728, as amended). Privileged calls are outside all of it: no
authority reaches them (docs/privilege.md).
"""
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from switch.core.grants import RecordingWarrant
from switch.core.ids import CallId, PersonId, StaffId

RANDOM = "random"
"""Stands for an authority's id where a recording was drawn by the plan's rule."""


class Ground(StrEnum):
    """Rule 35A(4)(a) to (f): for what an interception may be necessary."""

    NATIONAL_SECURITY = "national-security"
    CRIME = "crime"
    """Prevention, detection, investigation or prosecution."""
    PUBLIC_SAFETY = "public-safety"
    PRISON = "prison-security"
    """Securing or maintaining prison security or good order and discipline."""
    HEALTH = "health-or-morals"
    RIGHTS = "rights-of-others"


class AuthorityKind(StrEnum):
    """In the order in which calls are listened to."""

    MANDATORY = "mandatory"
    OFFENCE = "offence-related"
    INTELLIGENCE = "intelligence-led"


class Standing(StrEnum):
    """Where an authorisation stands at a moment."""

    APPLIED = "applied"
    """Nobody has decided yet."""
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    TO_COME = "to-come"
    OVERDUE = "review-overdue"
    """It was not reviewed in time: it stands still until it is."""
    IN_FORCE = "in-force"


class Because(StrEnum):
    """Why somebody may not listen, one word each."""

    UNKNOWN = "unknown-call"
    PRIVILEGED = "privileged"
    QUARANTINED = "quarantined"
    NO_WARRANT = "no-warrant"
    """Nothing of the call may be recorded."""
    NOT_RUNNING = "not-running"
    CONNECTED = "connected"
    NO_AUTHORITY = "no-authority"
    APPLIED = "authority-not-decided"
    REFUSED = "authority-refused"
    CANCELLED = "authority-cancelled"
    EXPIRED = "authority-expired"
    TO_COME = "authority-to-come"
    OVERDUE = "review-overdue"
    DRAW_OVER = "draw-over"
    """It was drawn at random, and its time to be heard is over."""
    CLOSED = "closed"
    """It was opened, and closed again."""


SENTENCES = {
    Because.UNKNOWN: "there is no such call",
    Because.PRIVILEGED: "the call is privileged: nobody can hear it, whatever the authority",
    Because.QUARANTINED: "the call is in quarantine: its number was found to be privileged",
    Because.NO_WARRANT: "nothing of this call may be recorded, so nobody can hear it",
    Because.NOT_RUNNING: "the call does not run",
    Because.CONNECTED: "you are declared to be connected to this person: somebody else has to listen",
    Because.NO_AUTHORITY: "no authorisation covers this person or number, and the recording was not drawn at random",
    Because.APPLIED: "the authorisation was applied for, and nobody has decided yet",
    Because.REFUSED: "the authorisation was refused",
    Because.CANCELLED: "the authorisation was cancelled",
    Because.EXPIRED: "the authorisation has expired",
    Because.TO_COME: "the authorisation is not in force yet",
    Because.OVERDUE: "the authorisation was not reviewed in time",
    Because.DRAW_OVER: "the recording was drawn at random, and its time to be heard is over",
    Because.CLOSED: "it is open no longer: open it again",
}


@dataclass(frozen=True, slots=True)
class Authority:
    """An authorisation as far as listening needs to know. At least one of person and number (`+E.164`); with both, only the
    calls of the one to the other. `granted` is None until somebody has decided."""

    id: str
    kind: AuthorityKind
    ground: Ground
    person: PersonId | None
    number: str | None
    since: datetime
    until: datetime
    applied_by: StaffId
    granted: bool | None = None
    decided_by: StaffId | None = None
    review_by: datetime | None = None
    """By when it has to be reviewed; known once it is granted."""
    cancelled: bool = False

    def covers(self, person: PersonId | None, number: str) -> bool:
        """Whether calls of this person to this number are within it, whenever."""
        if self.person is None and self.number is None:
            return False
        return self.person in (None, person) and self.number in (None, number)

    @property
    def ends(self) -> datetime:
        """When it ends, or stands still for want of a review, whichever comes first."""
        return self.until if self.review_by is None else min(self.until, self.review_by)


@dataclass(frozen=True, slots=True)
class ListenFacts:
    """What is known when somebody asks to hear a call, live or later."""

    call: CallId
    listener: StaffId
    person: PersonId | None
    number: str
    """As dialled: `+E.164` or a short code."""
    runs: bool
    warrant: RecordingWarrant | None
    """As its decision gave it; None where nothing of the call may be recorded."""
    privileged: bool
    """When it was decided, or by now: by the signed list, by what staff found since, or as the person's own verified contact."""
    quarantined: bool
    connected: bool
    """The listener is declared to be connected to the person."""
    authorities: tuple[Authority, ...] = ()
    """Those that cover the call, in force or not."""
    drawn_until: datetime | None = None
    """Until when the draw lets its recording be heard; None where it was not drawn."""


@dataclass(frozen=True, slots=True)
class Leave:
    """May listen, by this authority (its id, or `RANDOM`), until then: not at that moment any more."""

    authority: str
    rule: str
    until: datetime


@dataclass(frozen=True, slots=True)
class NoLeave:
    because: Because

    @property
    def text(self) -> str:
        return SENTENCES[self.because]


_TELLING = (
    (Standing.OVERDUE, Because.OVERDUE), (Standing.TO_COME, Because.TO_COME), (Standing.EXPIRED, Because.EXPIRED),
    (Standing.APPLIED, Because.APPLIED), (Standing.CANCELLED, Because.CANCELLED), (Standing.REFUSED, Because.REFUSED),
)
"""Of several authorisations that are not in force, the one that tells most."""


def standing(authority: Authority, at: datetime) -> Standing:
    """In force from `since`, that moment included, to its end, that moment not included. One that two did not agree on, or that
    has no review ahead, never is."""
    if authority.cancelled:
        return Standing.CANCELLED
    if authority.granted is None:
        return Standing.APPLIED
    if not authority.granted or authority.decided_by is None or same_staff(authority.decided_by, authority.applied_by):
        return Standing.REFUSED
    if at >= authority.until:
        return Standing.EXPIRED
    if at < authority.since:
        return Standing.TO_COME
    if authority.review_by is None or at >= authority.review_by:
        return Standing.OVERDUE
    return Standing.IN_FORCE


def may_listen(facts: ListenFacts | None, at: datetime, *, live: bool = False) -> Leave | NoLeave:
    """Whether the listener may hear this call now: its recording, or (`live`) the call while it runs, for which no draw is
    enough. What the call is comes first, then who asks, then by what right. No facts: nobody knows the call."""
    if facts is None:
        return NoLeave(Because.UNKNOWN)
    if because := _never(facts, live):
        return NoLeave(because)
    covering = [one for one in facts.authorities if one.covers(facts.person, facts.number)]
    standings = {one.id: standing(one, at) for one in covering}
    good = [one for one in covering if standings[one.id] is Standing.IN_FORCE]
    if good:
        best = max(good, key=lambda one: one.ends)
        return Leave(best.id, best.kind, best.ends)
    if not live and facts.drawn_until is not None:
        return Leave(RANDOM, RANDOM, facts.drawn_until) if at < facts.drawn_until else NoLeave(Because.DRAW_OVER)
    found = next((because for state, because in _TELLING if state in standings.values()), Because.NO_AUTHORITY)
    return NoLeave(found)


def _never(facts: ListenFacts, live: bool) -> Because | None:
    """What no authority helps against."""
    if facts.privileged:
        return Because.PRIVILEGED
    if facts.quarantined:
        return Because.QUARANTINED
    if facts.warrant is None:
        return Because.NO_WARRANT
    if facts.connected:
        return Because.CONNECTED
    return Because.NOT_RUNNING if live and not facts.runs else None


def same_staff(one: str, other: str) -> bool:
    """Whether two names are one member of staff's, however they are spelt."""
    return one.strip().casefold() == other.strip().casefold()
