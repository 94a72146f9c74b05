"""What is known at the moment a call is asked for: one read of the store, handed to the plan as plain data."""
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from switch.core.ids import PersonId, PhoneId
from switch.core.lists import ListFacts
from switch.core.money import Millipence
from switch.core.numbers import Number
from switch.core.openings import Opening

RECENT_CALLS = 100
"""The most calls that `PersonFacts.recent_calls` holds; no plan may allow more in a window."""


class ContactKind(StrEnum):
    SOCIAL = "social"
    OFFICIAL = "official"
    PRIVILEGED = "privileged"


class ContactState(StrEnum):
    RECEIVED = "received"
    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"


class Consent(StrEnum):
    """Whether a party agrees to be rung from prison."""

    NOT_ASKED = "not-asked"
    GIVEN = "given"
    DENIED = "denied"


class StopScope(StrEnum):
    """How far an order of somebody outside reaches."""

    PERSON = "person"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class PhoneFacts:
    """A telephone: where it stands, and who lives there."""

    id: PhoneId
    cell: str
    wing: str
    establishment: str
    people: tuple[PersonId, ...]
    pin_required: bool = True
    language: str = ""
    """That of the only person who lives there; empty where there are several, and in what a decision is made from."""


@dataclass(frozen=True, slots=True)
class BundleFacts:
    """Minutes or texts that a person bought beforehand, as a plan's offer of this name sells them."""

    id: str
    name: str
    since: datetime
    until: datetime
    """A call begun before this moment may use what is left, to its end."""
    seconds_left: int
    texts_left: int = 0


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person in prison, as far as a call needs to know."""

    id: PersonId
    name: str
    active: bool
    phone: PhoneId | None
    """The telephone of the cell they live in."""
    balance: Millipence
    talked_today: float
    """Seconds of charged talk since local midnight."""
    on_call: bool
    """Another call of theirs is open."""
    incentive: str = ""
    """Their incentive level, such as `standard`, in the words of the establishment; empty where none is known."""
    talked_this_week: float = 0.0
    """Seconds of charged talk since local midnight on Monday (ISO 8601 weeks)."""
    spent_this_week: Millipence = Millipence(0)
    """What the calls begun since then were charged, and the bundles bought since then cost."""
    last_ended: datetime | None = None
    """When their last answered and charged call ended; None where none did within the day."""
    recent_calls: tuple[datetime, ...] = ()
    """When their answered and charged calls of the last 24 hours began, newest first; at most `RECENT_CALLS`."""
    bundles: tuple[BundleFacts, ...] = ()
    """Bundles in force that have something left, the one that ends first before the others."""
    at_risk: bool = False
    """Staff flagged them at risk: a refusal for credit or minutes is never the last thing that they hear."""


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """What approvals join one person and one number: one, or several as one (`switch.core.contacts.together`)."""

    name: str
    kind: ContactKind
    state: ContactState
    organisation: bool = False
    relay: bool = False
    """Relay UK's prefix is approved for this contact."""
    consent: Consent = Consent.NOT_ASKED
    consented_at: datetime | None = None
    """When it agreed by a key or text at this very number, where that stands; None for what staff recorded or took over."""
    child: bool = False
    child_level: int | None = None
    """1 to 4, as two members of staff set it (`switch.core.contacts`); None where none is set."""
    call_allowed: bool = True
    """The supplier API's flag: false bars."""
    in_prison: bool = False
    """The contact is in another prison."""
    both_agree: bool = False
    """Where in prison: both establishments agreed, those where the two are now."""


@dataclass(frozen=True, slots=True)
class NoContactFacts:
    """An order in force that this person may not ring whoever is at this number. `kind` as `switch.ports.contacts` has it."""

    id: str
    kind: str
    exceptions: tuple[Number, ...] = ()
    """Numbers that the order leaves open."""
    openings: tuple[Opening, ...] = ()
    """Times at which it leaves some or all of them open."""


class PermitKind(StrEnum):
    FIRST_CALL = "first-call"
    """At public expense, within a day of reception."""
    BEREAVEMENT = "bereavement"
    HOSPITAL = "hospital"
    BIRTH = "birth"
    EMERGENCY = "emergency"
    """For somebody at risk, in one step: one name, one call, within hours."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PermitFacts:
    """Leave of staff for one person to ring one number free, in one window, without its being a contact."""

    id: str
    kind: PermitKind
    number: Number
    since: datetime
    until: datetime
    names: tuple[str, ...]
    """Who gave it, and who agreed."""
    once: bool = True
    used: bool = False
    """A call was made by it and answered."""


class Voice(StrEnum):
    """To whom the announcement is spoken."""

    USUAL = "usual"
    CHILD = "child"
    """A child is likely to answer."""


@dataclass(frozen=True, slots=True)
class ToldFacts:
    """How this contact may be told who calls. Relief needs the consent of this number too (`ContactFacts.consented_at`)."""

    voice: Voice = Voice.USUAL
    relief_since: datetime | None = None
    """Since when the establishment has leave for the short announcement; None without."""


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """A staff order that is in force here: no new calls for a site, wing, cell or person."""

    scope: str
    reason: str
    helplines_too: bool = False


@dataclass(frozen=True, slots=True)
class SignedListFacts:
    """What the estate's signed list of privileged numbers says of one number. Not read is not trusted."""

    serial: int = 0
    """Of the list that said so; 0 where there is none that can be trusted."""
    name: str | None = None
    """Whose privileged number it is; None where it is not on the list."""
    problem: str = "the list was not read"
    """Why it cannot be trusted, for the record."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a decision may know beside the plan and the number. `person` is None where nobody had to say who they are."""

    at: datetime
    """Aware, UTC."""
    phone: PhoneFacts
    person: PersonFacts | None = None
    contact: ContactFacts | None = None
    stops: tuple[StopScope, ...] = ()
    orders: tuple[OrderFacts, ...] = ()
    site_open: bool = True
    recording_room: float = float("inf")
    """Seconds for which every line could still be recorded; new monitored calls stop below the plan's reserve."""
    permits: tuple[PermitFacts, ...] = ()
    """Those of this person for this number that were not withdrawn, in force or not."""
    told: ToldFacts = ToldFacts()
    stopped_by_two: bool = False
    """Two members of staff stopped calls to this number from every prison: the only stop that a helpline knows."""
    lists: tuple[ListFacts, ...] = ()
    """Entries of the number lists that hold here."""
    wrong_number: bool = False
    """Whoever answered there said that it is the wrong number, and nobody has verified it since."""
    listed: SignedListFacts = SignedListFacts()
    """The node's own list, not the store's: it says no until somebody asked it."""
    found_privileged: bool = False
    """Staff, two of them, found that the number is privileged; the signed list may not have it yet."""
    no_contact: tuple[NoContactFacts, ...] = ()
    """Orders against contact that reach this number."""
