"""What a call may ask the world to do. Imperative, data only; handed over in order, never awaited in series."""
from dataclasses import dataclass

from dialplans.model import Decision
from switch.core.facts import StopScope
from switch.core.grants import RecordingWarrant
from switch.core.ids import Leg, PersonId
from switch.core.menu_facts import Section
from switch.core.numbers import Dialled, Number, Unreadable
from switch.core.reasons import EndReason


@dataclass(frozen=True, slots=True)
class AnswerCell:
    """Open media for the call and answer the telephone in the cell; answered by LegAnswered(CELL)."""


@dataclass(frozen=True, slots=True)
class CheckPin:
    """`keyed` is the prison number as keys, or None where `person` is known by the telephone."""

    keyed: str | None
    person: PersonId | None
    pin: str


@dataclass(frozen=True, slots=True)
class Decide:
    """Read the facts and ask the plan; answered by Decided. `dialled` is a number chosen since, which from then on is what
    this call asked for, in its facts and its record; None is what the telephone dialled."""

    person: PersonId | None
    dialled: Dialled | Unreadable | None = None


@dataclass(frozen=True, slots=True)
class ReadMenu:
    """Answered by MenuRead."""

    person: PersonId
    section: Section


@dataclass(frozen=True, slots=True)
class ReadSlot:
    """Which number is on a speed-dial key; answered by SlotRead."""

    person: PersonId
    slot: int


@dataclass(frozen=True, slots=True)
class KeepSlot:
    """Put a number on a speed-dial key, in place of what was there; answered by SlotKept."""

    person: PersonId
    slot: int
    number: Number


@dataclass(frozen=True, slots=True)
class KeepLanguage:
    """The person chose the language that the telephone speaks; answered by LanguageKept."""

    person: PersonId
    language: str


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """Make the CDR durable before anything is dialled; answered by RecordOpened or RecordRefused."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class Dial:
    decision: Decision


@dataclass(frozen=True, slots=True)
class Play:
    """Play prompts one after another to one leg; PromptEnded(leg, tag) at the end, never for a loop or when replaced."""

    leg: Leg
    prompts: tuple[str, ...]
    tag: str = ""
    loop_last: bool = False
    """The last prompt goes on until something else is played or the gate opens."""
    language: str = ""
    """The person's own, set in one place (`switch.call.languages`); empty for the site's."""


@dataclass(frozen=True, slots=True)
class StopPlaying:
    leg: Leg


@dataclass(frozen=True, slots=True)
class StartRecording:
    warrant: RecordingWarrant


@dataclass(frozen=True, slots=True)
class SeekMachine:
    """Listen for an answering machine outside, by leave of this warrant; None stops. May be answered by MachineHeard."""

    warrant: RecordingWarrant | None


@dataclass(frozen=True, slots=True)
class Bridge:
    """Open the gate: from here on each leg hears the other."""


@dataclass(frozen=True, slots=True)
class Unbridge:
    """Close the gate again: neither leg hears the other."""


@dataclass(frozen=True, slots=True)
class StopContact:
    """Write the order of the person called, durable, before they are told that it is done."""

    scope: StopScope


@dataclass(frozen=True, slots=True)
class MarkWrongNumber:
    """Write down, durable, that whoever answered is not who was called."""


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    """Tell staff now. `kind` is one word that the alarm table knows."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class SetTimer:
    name: str
    at: float
    """Monotonic seconds."""


@dataclass(frozen=True, slots=True)
class Hangup:
    """End this leg. The SIP side picks CANCEL, BYE or a final response."""

    leg: Leg
    reason: EndReason


@dataclass(frozen=True, slots=True)
class CloseMedia:
    """Answered by MediaClosed."""


@dataclass(frozen=True, slots=True)
class Ending:
    """All that the record needs to be closed; seconds by the monotonic clock."""

    reason: EndReason
    decision: Decision | None
    person: PersonId | None
    rang: float
    talked: float
    uncharged: bool = False
    """It costs nothing, whatever was talked: an answering machine, and the caller hung up in time."""


@dataclass(frozen=True, slots=True)
class CloseRecord:
    """CDR, postings, audit and outbox in one transaction; answered by RecordClosed."""

    ending: Ending


@dataclass(frozen=True, slots=True)
class NoteRefusal:
    """A number chosen in the menu was refused, and the person is back in it: the refusal is a record of its own."""

    ending: Ending


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """The store refused: keep the closed record on the node's own journal; answered by RecordClosed."""

    ending: Ending


Command = (
    AnswerCell
    | CheckPin
    | Decide
    | ReadMenu
    | ReadSlot
    | KeepSlot
    | KeepLanguage
    | OpenRecord
    | Dial
    | Play
    | StopPlaying
    | StartRecording
    | SeekMachine
    | Bridge
    | Unbridge
    | StopContact
    | MarkWrongNumber
    | RaiseAlarm
    | SetTimer
    | Hangup
    | CloseMedia
    | CloseRecord
    | NoteRefusal
    | JournalRecord
)
