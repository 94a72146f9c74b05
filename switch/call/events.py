"""What can happen to a call. Facts in the past tense, no behaviour."""
from dataclasses import dataclass

from dialplans.model import Ask, Decision, Service
from switch.core.facts import StopScope
from switch.core.ids import Leg, PersonId, StaffId
from switch.core.menu_facts import MenuData, Section
from switch.core.numbers import Number
from switch.core.reasons import Why


@dataclass(frozen=True, slots=True)
class CallOffered:
    """A telephone in prison dialled. `ask` and `service` come from the plan; `person` where the telephone tells enough;
    `refused` where the node can take no call now, which the caller is told before anything is asked."""

    service: Service
    ask: Ask
    pin_digits: int
    person: PersonId | None = None
    refused: Why | None = None
    language: str = ""
    """What the telephone speaks until it is known who calls, and after that where nothing else is kept of them; empty for the
    site's own."""
    languages: tuple[str, ...] = ()
    """Those that this node speaks, the site's own first."""


@dataclass(frozen=True, slots=True)
class LegAnswered:
    leg: Leg


@dataclass(frozen=True, slots=True)
class LegLeft:
    """A BYE, CANCEL, refusal or lost transport: this leg is gone."""

    leg: Leg
    why: Why
    note: str = ""


@dataclass(frozen=True, slots=True)
class PromptEnded:
    leg: Leg
    tag: str


@dataclass(frozen=True, slots=True)
class DigitPressed:
    leg: Leg
    digit: str


@dataclass(frozen=True, slots=True)
class Identified:
    person: PersonId
    language: str = ""
    """The language that is kept of them, where this node speaks it."""


@dataclass(frozen=True, slots=True)
class IdentityRefused:
    """The number and PIN did not fit, or the pair of this telephone and this person is locked."""

    locked: bool


@dataclass(frozen=True, slots=True)
class Decided:
    decision: Decision


@dataclass(frozen=True, slots=True)
class RecordOpened:
    """The CDR is durable, opened before dialling."""


@dataclass(frozen=True, slots=True)
class RecordRefused:
    """The store will not open this CDR: this person already has a call."""

    why: Why


@dataclass(frozen=True, slots=True)
class RecorderRunning:
    """The recorder has written to its disk."""


@dataclass(frozen=True, slots=True)
class RecorderStopped:
    why: str


@dataclass(frozen=True, slots=True)
class LegFellSilent:
    """Nothing was received from this leg for the engine's limit; `text` says from where and since when."""

    leg: Leg
    text: str


@dataclass(frozen=True, slots=True)
class MachineHeard:
    """What answered outside sounds like an answering machine; `why` says by what."""

    why: str


@dataclass(frozen=True, slots=True)
class ContactStopped:
    """The order of the person called is durable."""

    scope: StopScope


@dataclass(frozen=True, slots=True)
class MenuRead:
    section: Section
    data: MenuData


@dataclass(frozen=True, slots=True)
class SlotRead:
    """None: nothing is on that key."""

    slot: int
    number: Number | None


@dataclass(frozen=True, slots=True)
class SlotKept:
    slot: int


@dataclass(frozen=True, slots=True)
class LanguageKept:
    language: str


@dataclass(frozen=True, slots=True)
class TimerFired:
    name: str


@dataclass(frozen=True, slots=True)
class CutOrdered:
    """A member of staff, or an order in force, ends this call. `why` is `STOPPED` where it is one of those outside."""

    staff: StaffId
    reason: str
    why: Why = Why.CUT


@dataclass(frozen=True, slots=True)
class SwitchClosing:
    """The switch drains: calls that talk are told and have until `by` (monotonic seconds); all others end."""

    by: float


@dataclass(frozen=True, slots=True)
class MediaClosed:
    """Ports are draining, the recording is sealed or there was none. Carries nothing: the report goes with the CDR."""


@dataclass(frozen=True, slots=True)
class CommandFailed:
    """Any exception of any command, by the command's class name."""

    command: str
    error: str


@dataclass(frozen=True, slots=True)
class RecordClosed:
    """The call's record, charge and audit row are durable, in SQL or on the node's own journal."""


Event = (
    CallOffered
    | LegAnswered
    | LegLeft
    | PromptEnded
    | DigitPressed
    | Identified
    | IdentityRefused
    | Decided
    | RecordOpened
    | RecordRefused
    | RecorderRunning
    | RecorderStopped
    | LegFellSilent
    | MachineHeard
    | ContactStopped
    | MenuRead
    | SlotRead
    | SlotKept
    | LanguageKept
    | TimerFired
    | CutOrdered
    | SwitchClosing
    | MediaClosed
    | CommandFailed
    | RecordClosed
)
