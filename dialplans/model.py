"""What a plan decides about one call: every rule's verdict, and, when none says no, how the call is to be carried."""
from dataclasses import dataclass
from enum import StrEnum

from switch.core.grants import Privacy, RecordingWarrant
from switch.core.ids import CallId
from switch.core.money import Millipence
from switch.core.numbers import Number
from switch.core.reasons import Why

LAST_MINUTE = 60.0
"""Seconds before its end at which a call of somebody at risk is never without the offer of a helpline."""


class Service(StrEnum):
    """What kind of call a dialled number is. Helplines and emergency fail open; contacts fail closed."""

    CONTACT = "contact"
    HELPLINE = "helpline"
    EMERGENCY = "emergency"
    MENU = "menu"
    """The telephone's own menu: nobody outside is rung, and nothing is recorded or charged."""


class Ask(StrEnum):
    """Who the caller must say that they are before the plan is asked."""

    NOTHING = "nothing"
    PIN = "pin"
    NUMBER_AND_PIN = "number-and-pin"


class Recording(StrEnum):
    REQUIRED = "required"
    """Nobody speaks before the recorder runs, and the call ends if it stops."""
    WHERE_POSSIBLE = "where-possible"
    """An emergency: recorded, but never held up or ended for want of a recorder."""
    NEVER = "never"
    """Privileged."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule stands: plan file and line, for the finding."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that was asked, and what it said. A decision keeps them all; a refusal among them wins."""

    rule: str
    allowed: bool
    text: str
    """A plain English sentence for the record; never spoken."""
    why: Why | None = None
    """The refusal's code; None where allowed."""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """What a call costs: thousandths of a penny a minute, and the least that a connected call costs."""

    name: str
    per_minute: Millipence
    minimum: Millipence = Millipence(0)
    step: int = 1
    """Seconds by which talk is charged, each started one whole: 1, or 60."""
    whole_pence: bool = False
    """The charge of a call is made up to whole pence."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the person called hears before any voice, in order; empty means that none is due (helplines, control room)."""

    prompts: tuple[str, ...] = ()
    to_caller: tuple[str, ...] = ()
    """What the caller hears meanwhile, before the soft tone; where nothing is announced, before the ringback."""
    offers_stop: bool = False
    """Key 9 stops calls from this person, 9 twice from every prison."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The longest that both may talk, and which rule is the shortest."""

    seconds: float
    why: Why
    """LENGTH, ALLOWANCE, WEEK, SPEND, CREDIT or HOURS: what the ending is called when time runs out."""


@dataclass(frozen=True, slots=True)
class MachineTerms:
    """When a call that an answering machine took costs nothing: the caller hung up within both of these."""

    hang_up_within: float = 20.0
    """Seconds from when he was told."""
    talk_at_most: float = 30.0
    """Seconds of talk; after it the call is charged whatever was heard, since a beep is easy to fake."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The plan's answer to one call request. Unknown means no: an absent number, person or contact is a refusing finding."""

    call: CallId
    service: Service
    number: Number | None
    dial: str
    """What is put on the trunk: `+447700900123`, `18001` before it for Relay UK, a short code as it is, or a SIP URI for the
    control room."""
    findings: tuple[Finding, ...]
    privacy: Privacy
    recording: Recording
    announcement: Announcement
    limit: Limit | None
    """None: no limit (helplines, emergency)."""
    rate: Rate | None
    """None: free."""
    closes_in: float | None = None
    """Seconds from the decision to the end of hours, where the cut falls however long the call rang; None: no end."""
    warnings: tuple[float, ...] = (120.0, 60.0)
    """Seconds before the end at which both sides are told."""
    ring_seconds: float = 45.0
    plan: str = ""
    """Name and hash of the plan that decided, kept with the CDR."""
    number_class: str = ""
    """The class that the dated number table gives; empty where no number could be read."""
    relay: str | None = None
    """Relay UK's prefix where the call goes through it."""
    permit: str | None = None
    """The leave of staff by which it is made, free."""
    bundle: str | None = None
    """The bundle of the person that pays first."""
    bundle_seconds: int = 0
    """Seconds of talk that it pays for before `rate` begins."""
    lifeline: Number | None = None
    """The helpline that somebody at risk is offered where credit or minutes refuse this call or end it."""

    machines: MachineTerms | None = None
    """None: nobody listens for an answering machine."""

    @property
    def refusal(self) -> Finding | None:
        """The finding that the caller is told: the first that says no."""
        return next((finding for finding in self.findings if not finding.allowed), None)

    def warrant(self) -> RecordingWarrant | None:
        """Leave to record this call: only where the plan has it monitored and nothing refuses it."""
        if self.privacy is not Privacy.MONITORED or self.recording is Recording.NEVER or self.refusal:
            return None
        return RecordingWarrant(self.call, self.privacy)
