"""A call that the switch places itself, to ask whoever answers one question: only an outside leg, and nobody in prison on it.

`step(call, event, now) -> (call, commands)`, under the rules of `flow`: every change of state is here, nothing waits. Only keys
answer: a machine or a silence does not. Whoever is asked is thanked after the answer is durable, never before.

It says the words of `commands` and `events` where they fit, and has no word for a bridge, a recorder or a cell.
"""
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto

from switch.call import commands as do
from switch.call import events as was
from switch.core.ids import Leg
from switch.core.reasons import EndedBy, EndReason, Why

OUTSIDE = Leg.OUTSIDE
OPEN_WAIT = 5.0
SPEAK_WAIT = 60.0
"""The longest that one reading of a question may take."""
KEY_WAIT = 6.0
"""How long a key is waited for once the question has been spoken."""
READINGS = 3
KEEP_WAIT = 8.0
THANK_WAIT = 30.0
MEDIA_WAIT = 5.0
CLOSE_WAIT = 5.0
AGAIN = "3"


class PlacedKind(StrEnum):
    """What is asked."""

    CONSENT = "consent"
    """Whether this person may ring at this number."""
    VERIFY = "verify"
    """Whether the number is still right for somebody who agreed before."""
    STOP = "stop"
    """Whether whoever has the number asked that its calls stop (`confirming`)."""
    ALLOW = "allow"
    """Whether they asked that a stop of their own be taken back."""
    CODE = "code"
    """Whether they asked on the page for families for a code, which they then hear (`coding`)."""


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    WRONG_NUMBER = "wrong-number"
    STOPPED = "stopped"
    """No calls from this person to this number, for good."""


@dataclass(frozen=True, slots=True)
class Key:
    """What a key says, and what is said after it was kept."""

    key: str
    answer: Answer
    thanks: str
    late: str = "placed-no-answer"
    """Said where it could not be written at once."""
    then: tuple[str, ...] = ()
    """Said after the thanks."""


@dataclass(frozen=True, slots=True)
class Told:
    """A key that answers nothing: something is spoken, and a key is waited for as before."""

    key: str
    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What is spoken, and the keys that answer it; `AGAIN` repeats it, any other key is none."""

    prompts: tuple[str, ...]
    keys: tuple[Key, ...]
    sorry: str = "placed-no-answer"
    """Said where no key was pressed."""
    told: tuple[Told, ...] = ()


KEYS = (Key("1", Answer.YES, "placed-yes"), Key("2", Answer.NO, "placed-no"), Key("7", Answer.WRONG_NUMBER, "placed-no"),
        Key("9", Answer.STOPPED, "stop-person-done", "stop-taken-down"))
QUESTIONS = {
    PlacedKind.CONSENT: Question(("placed-consent",), KEYS),
    PlacedKind.VERIFY: Question(("placed-verify",), KEYS),
}


def introduced(question: Question, who: tuple[str, ...]) -> Question:
    """The question with who asks said before it, each time that it is read."""
    return replace(question, prompts=who + question.prompts)


class State(Enum):
    NEW = auto()
    OPENING = auto()  # the attempt must be on the record before anything is dialled
    RINGING = auto()
    ASKING = auto()  # the question is spoken, a key is waited for
    KEEPING = auto()  # the answer is being written
    THANKING = auto()  # whoever answered hears what became of it
    ENDING = auto()  # the leg is told, media is closing
    SETTLING = auto()  # the record is being closed
    ENDED = auto()  # the record is durable


# what it is told and asks for, beside the words of every call


@dataclass(frozen=True, slots=True)
class Due:
    """The event that begins it: a request whose time has come."""

    question: Question
    ring_seconds: float


@dataclass(frozen=True, slots=True)
class AnswerKept:
    """The answer is durable, with its audit row."""


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """Put this try on the record before anything is dialled; answered by RecordOpened, or RecordRefused where the request was
    cancelled, or the number stopped, meanwhile."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Open untappable media and dial; answered by LegAnswered(OUTSIDE) or LegLeft."""


@dataclass(frozen=True, slots=True)
class KeepAnswer:
    """Write the answer, durable; answered by AnswerKept."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class CloseAttempt:
    """Close the try on the record; answered by RecordClosed. Seconds by the monotonic clock."""

    reason: EndReason
    answer: Answer | None
    """The answer that was kept: one that could not be written is none."""
    rang: float
    heard: float
    """Seconds from the answer of the telephone to the end."""


Event = was.Event | Due | AnswerKept
Command = do.Command | OpenAttempt | Ring | KeepAnswer | CloseAttempt


@dataclass(frozen=True, slots=True)
class Placed:
    state: State = State.NEW
    due: Due | None = None
    up: bool = False
    """The leg is up, or being dialled, and was not told to end."""
    readings: int = 0
    given: Key | None = None
    kept: bool = False
    dialled_at: float | None = None
    answered_at: float | None = None
    closing: CloseAttempt | None = None


Step = tuple[Placed, list[Command]]
_BOUND = {State.OPENING: "open", State.RINGING: "ring", State.KEEPING: "keep", State.THANKING: "thank"}
"""The timer that bounds each state; ASKING has "key", longer while the question is read."""


def step(call: Placed, event: Event, now: float) -> Step:
    """Take one event; return the call as it is now and what must be done, in order."""
    match call.state, event:
        case State.ENDED, _:
            return call, []
        case State.ENDING | State.SETTLING, _:
            return _while_ending(call, event, now)
        case State.NEW, Due():
            return replace(call, state=State.OPENING, due=event), [OpenAttempt(), do.SetTimer("open", now + OPEN_WAIT)]
        case State.NEW, _:
            return call, []
        case _, was.LegAnswered() if not call.up:  # a 200 that crossed our CANCEL
            return call, [do.Hangup(OUTSIDE, EndReason(EndedBy.SWITCH, Why.FAULT))]
        case State.OPENING, was.RecordOpened():
            assert call.due is not None
            return replace(call, state=State.RINGING, up=True, dialled_at=now), [
                Ring(), do.SetTimer("ring", now + call.due.ring_seconds)]
        case State.OPENING, was.RecordRefused(why):
            return _end(call, EndReason(EndedBy.POLICY, why), now)
        case State.RINGING, was.LegAnswered():
            return _ask(replace(call, answered_at=now), now)
        case State.ASKING, was.DigitPressed(leg, key) if leg is OUTSIDE:
            return _pressed(call, key, now)
        case State.ASKING, was.PromptEnded(leg, "question") if leg is OUTSIDE:
            return call, [do.SetTimer("key", now + KEY_WAIT)]
        case State.ASKING, was.TimerFired("key"):
            return _ask(call, now) if call.readings < READINGS else _sorry(call, now)
        case State.KEEPING, AnswerKept():
            assert call.given is not None
            return _say(replace(call, kept=True), (call.given.thanks, *call.given.then), now)
        case State.KEEPING, (was.TimerFired("keep") | was.CommandFailed("KeepAnswer", _)):
            assert call.given is not None
            call, said = _say(call, (call.given.late,), now)
            return call, [do.RaiseAlarm("answer-not-written", "The answer to a call of the switch could not be written"), *said]
        case State.THANKING, was.PromptEnded(leg, "thanks") if leg is OUTSIDE:
            return _end(call, _heard(call), now)
        case State.THANKING, was.TimerFired("thank"):
            return _end(call, _heard(call), now)
        case State.RINGING, was.TimerFired("ring"):
            return _end(call, EndReason(EndedBy.CARRIER, Why.NO_ANSWER), now)
        case state, was.TimerFired(name) if _BOUND.get(state) == name:
            return _end(call, EndReason(EndedBy.SWITCH, Why.FAULT, f"nothing came of {state.name.lower()}"), now)
        case _, was.LegLeft(_, why, note) if call.up:
            call = replace(call, up=False)
            if call.state is State.KEEPING:  # the answer was given: it is kept though nobody is left to be thanked
                return call, []
            by = EndedBy.CARRIER if call.state is State.RINGING else EndedBy.CALLED
            return _end(call, EndReason(by, why, note), now)
        case (State.KEEPING | State.THANKING), was.CutOrdered() if call.given and call.given.answer is Answer.STOPPED:
            return call, []  # it is their own stop that the sweep found: they hear that it is done, and so it ends
        case _, was.CutOrdered(staff, reason):
            return _end(call, EndReason(EndedBy.STAFF, Why.CUT, f"{staff}: {reason}"), now)
        case _, was.SwitchClosing():
            return _end(call, EndReason(EndedBy.SWITCH, Why.CLOSING), now)
        case _, was.CommandFailed("RaiseAlarm" | "StopPlaying" | "Hangup", _):
            return call, []
        case State.RINGING, was.CommandFailed("Ring", error):
            return _end(replace(call, up=False), EndReason(EndedBy.CARRIER, Why.NETWORK_FAILURE, error), now)
        case _, was.CommandFailed(command, error):
            return _end(call, EndReason(EndedBy.SWITCH, Why.FAULT, f"{command}: {error}"), now)
    return call, []


def _ask(call: Placed, now: float, prompts: tuple[str, ...] = ()) -> Step:
    """The question, or what a key asked to be told in its place."""
    assert call.due is not None
    return replace(call, state=State.ASKING, readings=call.readings + 1), [
        do.Play(OUTSIDE, prompts or call.due.question.prompts, "question"), do.SetTimer("key", now + SPEAK_WAIT)]


def _pressed(call: Placed, key: str, now: float) -> Step:
    """A key that answers; the one that repeats; any other is none."""
    assert call.due is not None
    told = next((one.prompts for one in call.due.question.told if one.key == key), ())
    if key == AGAIN or told:
        return _ask(call, now, told) if call.readings < READINGS else _sorry(call, now)
    given = next((one for one in call.due.question.keys if one.key == key), None)
    if given is None:
        return call, []
    return replace(call, state=State.KEEPING, given=given), [
        do.StopPlaying(OUTSIDE), KeepAnswer(given.answer), do.SetTimer("keep", now + KEEP_WAIT)]


def _sorry(call: Placed, now: float) -> Step:
    assert call.due is not None
    return _say(call, (call.due.question.sorry,), now)


def _say(call: Placed, prompts: tuple[str, ...], now: float) -> Step:
    """The last words, where anybody is there to hear them."""
    if not call.up:
        return _end(call, _heard(call), now)
    return replace(call, state=State.THANKING), [do.Play(OUTSIDE, prompts, "thanks"), do.SetTimer("thank", now + THANK_WAIT)]


def _heard(call: Placed) -> EndReason:
    """How a call ends that was heard to its end: answered by a key, or by nothing that could be kept."""
    if call.kept:
        return EndReason(EndedBy.CALLED, Why.STOPPED if call.given and call.given.answer is Answer.STOPPED else Why.HUNG_UP)
    return EndReason(EndedBy.SWITCH, Why.FAULT, "the answer could not be written") if call.given else EndReason(
        EndedBy.CALLED, Why.NO_ANSWER, "no key was pressed")


def _end(call: Placed, reason: EndReason, now: float) -> Step:
    """The only door out: the leg is told once, media is closed, then the record is closed."""
    since = call.answered_at
    rang = 0.0 if call.dialled_at is None else (now if since is None else since) - call.dialled_at
    answer = call.given.answer if call.given is not None and call.kept else None
    closing = CloseAttempt(reason, answer, rang, 0.0 if since is None else now - since)
    told: list[Command] = [do.Hangup(OUTSIDE, reason)] if call.up else []
    return replace(call, state=State.ENDING, up=False, closing=closing), [
        *told, do.CloseMedia(), do.SetTimer("media", now + MEDIA_WAIT)]


def _while_ending(call: Placed, event: Event, now: float) -> Step:
    """Only a durable record ends it: tried until the store takes it."""
    assert call.closing is not None
    match call.state, event:
        case State.ENDING, (was.MediaClosed() | was.CommandFailed("CloseMedia") | was.TimerFired("media")):
            return replace(call, state=State.SETTLING), [call.closing, do.SetTimer("close", now + CLOSE_WAIT)]
        case State.SETTLING, was.RecordClosed():
            return replace(call, state=State.ENDED), []
        case State.SETTLING, was.TimerFired("close"):
            return call, [call.closing, do.SetTimer("close", now + CLOSE_WAIT)]
        case _, was.LegAnswered():  # a 200 that crossed our CANCEL
            return call, [do.Hangup(OUTSIDE, call.closing.reason)]
    return call, []
