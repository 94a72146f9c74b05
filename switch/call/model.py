"""The call as it stands between two events, and the names of its states. Every change of them is in `flow`."""
from dataclasses import dataclass
from enum import Enum, auto

from dialplans.model import Decision
from switch.call.commands import Command, Ending
from switch.call.events import CallOffered
from switch.call.menu.model import Left, Menu
from switch.core.facts import StopScope
from switch.core.ids import Leg, PersonId
from switch.core.reasons import EndReason


class State(Enum):
    NEW = auto()
    ANSWERING = auto()  # the telephone in the cell is being answered, so that the switch can speak
    ASKING_NUMBER = auto()  # who are you
    ASKING_PIN = auto()
    CHECKING = auto()  # number and PIN are with the store
    MENU = auto()  # the telephone's own menu speaks; a number chosen there is decided like any other
    DECIDING = auto()  # the facts are read, the plan is asked
    OPENING = auto()  # the CDR must be durable before anything is dialled
    DIALLING = auto()  # the outside phone rings, the caller hears ringback
    ANNOUNCING = auto()  # it was answered; the person called hears who calls, and may leave or stop it
    ARMING = auto()  # the recorder must say that it runs before anyone can speak
    TALKING = auto()
    STOPPING = auto()  # the person called pressed 9: the order is taken, written, confirmed
    TELLING = auto()  # the caller hears why there is no call, to its end
    ENDING = auto()  # legs are told, media is closing
    SETTLING = auto()  # the record is being closed
    ENDED = auto()  # the record is durable


@dataclass(frozen=True, slots=True)
class Call:
    state: State = State.NEW
    offer: CallOffered | None = None
    person: PersonId | None = None
    decision: Decision | None = None
    legs: frozenset[Leg] = frozenset()
    """Legs that are up, or being dialled, and have not been told to end."""
    keys: str = ""
    keyed_number: str | None = None
    tries: int = 0
    language: str = ""
    """What the person in prison is spoken to in; empty for the site's own."""
    menu: Menu | None = None
    """In MENU: where in it the person is."""
    left: Left | None = None
    """Until the plan allows the number: the menu that it was chosen in."""
    menu_until: float | None = None
    """When the menu ends, however often it is come back to."""
    slowly: bool = False
    """The menu pauses between its pieces."""
    decided_at: float = 0.0
    dialled_at: float | None = None
    answered_at: float | None = None
    rang_until: float | None = None
    """When it stopped ringing unanswered, while the caller still hears why."""
    talking_since: float | None = None
    talked_until: float | None = None
    """When talk ended before the call did: the person called pressed 9."""
    machine: str = ""
    """By what an answering machine was told, once it was."""
    machine_at: float = 0.0
    """When the caller was told of it."""
    stop: StopScope | None = None
    """The order that the person called gave, as it was handed to the store."""
    stop_asked: bool = False
    """The question whether it is to reach further has been asked and answered."""
    stop_came: str | None = None
    """What came of the order: the prompt that says so to the person called."""
    pending: EndReason | None = None
    """In TELLING: how the call will end once the caller has heard why."""
    ending: Ending | None = None


Step = tuple[Call, list[Command]]
"""What one event makes of a call: the call as it is now, and what must be done, in order."""
