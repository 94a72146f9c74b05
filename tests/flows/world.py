"""A world of virtual time for `call.flow`: keeps the timers, remembers every command, and can be told to fail."""
import heapq
from dataclasses import dataclass, field
from typing import TypeVar

from dialplans.model import Announcement, Ask, Decision, Finding, Limit, Rate, Recording, Service
from switch.call import commands as do
from switch.call import events as was
from switch.call.flow import step
from switch.call.model import Call, State
from switch.core.grants import Privacy
from switch.core.ids import CallId, Leg, PersonId
from switch.core.money import Millipence
from switch.core.numbers import E164, ShortCode
from switch.core.reasons import Why

Kind = TypeVar("Kind")

ANN = PersonId("A1234BC")
MUM = E164("447700900123")


def decision(**change: object) -> Decision:
    """An approved, monitored call to a family, with whatever is to be different."""
    fields: dict[str, object] = {
        "call": CallId("c1"), "service": Service.CONTACT, "number": MUM, "dial": "+447700900123",
        "findings": (Finding("contact", True, "an approved contact"),), "privacy": Privacy.MONITORED,
        "recording": Recording.REQUIRED,
        "announcement": Announcement(("announce-england-wales", "announce-stop"), ("will-hear-announcement",), True),
        "limit": Limit(600.0, Why.LENGTH), "rate": Rate("mobile", Millipence(5500)),
    }  # fmt: skip
    return Decision(**(fields | change))  # type: ignore[arg-type]  # a test's own keyword bag


OK = decision()
LAWYER = decision(
    privacy=Privacy.PRIVILEGED, recording=Recording.NEVER, announcement=Announcement(("announce-privileged",)), rate=None
)
REFUSED = decision(findings=(Finding("contact", False, "not on the list", Why.UNAPPROVED),))
SHORT = decision(limit=Limit(8.0, Why.LENGTH), warnings=(5.0, 2.0))
SAMARITANS = decision(
    service=Service.HELPLINE, number=ShortCode("GB", "116123"), dial="116123", privacy=Privacy.PRIVILEGED,
    recording=Recording.NEVER, announcement=Announcement((), ("helpline-free",)), limit=None, rate=None,
)  # fmt: skip
EMERGENCY = decision(
    service=Service.EMERGENCY, number=ShortCode("GB", "999"), dial="sip:control@127.0.0.1", recording=Recording.WHERE_POSSIBLE,
    announcement=Announcement(), limit=None, rate=None,
)  # fmt: skip
MENU = decision(
    service=Service.MENU, number=ShortCode("GB", "100"), dial="", recording=Recording.NEVER, announcement=Announcement(),
    limit=None, rate=None,
)  # fmt: skip
CLOSING_SOON = decision(closes_in=40.0)

FREE_ENTRY = was.CallOffered(Service.CONTACT, Ask.NOTHING, 4, ANN)


@dataclass
class World:
    """One call and all that it asked for, at a virtual monotonic time."""

    now: float = 1000.0
    call: Call = field(default_factory=Call)
    done: list[do.Command] = field(default_factory=list)
    seen: list[State] = field(default_factory=list)
    _timers: dict[str, float] = field(default_factory=dict)

    def tell(self, *events: was.Event, after: float = 0.0) -> list[do.Command]:
        """Tell the call events in turn; the commands that they brought."""
        self.now += after
        brought: list[do.Command] = []
        for event in events:
            self.call, commands = step(self.call, event, self.now)
            self.seen.append(self.call.state)
            brought += commands
            for command in commands:
                if isinstance(command, do.SetTimer):
                    self._timers[command.name] = command.at
        self.done += brought
        return brought

    def pass_time(self, seconds: float, answers: bool = False) -> list[do.Command]:
        """Let the timers fire that are due; with `answers`, the media and the record close when they are asked to."""
        until, brought = self.now + seconds, []
        while due := heapq.nsmallest(1, ((at, name) for name, at in self._timers.items() if at <= until)):
            at, name = due[0]
            del self._timers[name]
            self.now = max(self.now, at)
            fresh = self.tell(was.TimerFired(name))
            brought += fresh
            if answers:
                brought += self._answer(fresh)
        self.now = until
        return brought

    def _answer(self, commands: list[do.Command]) -> list[do.Command]:
        brought: list[do.Command] = []
        for command in commands:
            if isinstance(command, do.CloseMedia):
                brought += self._answer(self.tell(was.MediaClosed()))
            elif isinstance(command, do.CloseRecord | do.JournalRecord):
                brought += self.tell(was.RecordClosed())
        return brought

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [command for command in self.done if isinstance(command, kind)]

    def settle(self) -> None:
        """Close media and record as a healthy world does."""
        self.tell(was.MediaClosed(), was.RecordClosed())


def talking(plan: Decision = OK, world: World | None = None) -> World:
    """A world in which both talk, by the shortest way that `plan` allows."""
    world = world or World()
    world.tell(FREE_ENTRY, was.LegAnswered(Leg.CELL), was.Decided(plan), was.RecordOpened(), was.LegAnswered(Leg.OUTSIDE))
    if plan.announcement.prompts:
        world.tell(was.PromptEnded(Leg.OUTSIDE, "announcement"), after=12.0)
    if plan.recording is Recording.REQUIRED:
        world.tell(was.RecorderRunning(), after=0.1)
    assert world.call.state is State.TALKING
    return world
