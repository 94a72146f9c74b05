"""The life of one call, as decisions only.

Rule 1: every change of state is in this file, and in `ending`, `stopping`, `wrong_number`, `machines`, `lifeline`, `menu.steps`
and `menu.back` beside it.
Rule 2: nothing here waits, reads a clock, or knows what a socket is. `now` is monotonic seconds; hours and stamps, which are
wall time, were settled by the decision.

A timer of the same name replaces the one before it. An event that a state does not name leaves the call as it is.
"""
from dataclasses import replace

from dialplans.model import Ask, Decision, Recording, Service
from switch.call import commands as do
from switch.call import events as was
from switch.call import lifeline
from switch.call.ending import end, latest, tell, while_ending, while_telling
from switch.call.languages import spoken_to
from switch.call.machines import machine_heard, over_at, seek, tell_again
from switch.call.menu.back import comes_back
from switch.call.menu.steps import back_in_menu, enter_menu, while_menu
from switch.call.model import Call, State, Step
from switch.call.stopping import may_stop, stop_asked, while_stopping
from switch.call.wrong_number import may_be_wrong, wrong_number
from switch.core.ids import Leg
from switch.core.reasons import EndedBy, EndReason, Why

CELL, OUTSIDE = Leg.CELL, Leg.OUTSIDE

ANSWER_WAIT = 35.0
"""A little more than 64*T1, after which the SIP side gives an unacknowledged answer up."""
KEYS_WAIT = 15.0
CHECK_WAIT = 10.0
DECIDE_WAIT = 10.0
OPEN_WAIT = 5.0
ANNOUNCE_WAIT = 60.0
RECORDER_WAIT = 3.0
TRIES = 3
NUMBER_KEYS = 7
"""A prison number, `A1234BC`, as keys."""

OUR_FAULT = frozenset({Why.SPOOL_FULL, Why.UNAVAILABLE, Why.PLAN_INVALID})
"""Refusals that are no rule about this person but something broken: staff are told."""

TOLD_IN = {
    State.ANSWERING: "answer", State.CHECKING: "check", State.DECIDING: "decide", State.OPENING: "open",
    State.DIALLING: "ring", State.ANNOUNCING: "announce", State.ARMING: "recorder", State.TALKING: "time",
    State.TELLING: "tell",
}  # fmt: skip
"""The timer that bounds each state; the asking, stopping and closing states name theirs where they use them."""


def step(call: Call, event: was.Event, now: float) -> Step:
    """Take one event; return the call as it is now and what must be done, in order."""
    call, commands = _taken(call, event, now)
    return call, spoken_to(call, commands)


def _taken(call: Call, event: was.Event, now: float) -> Step:
    match call.state, event:
        case State.ENDED, _:
            return call, []
        case State.ENDING | State.SETTLING, _:
            return while_ending(call, event, now)
        case State.NEW, was.CallOffered():
            call = replace(call, offer=event, person=event.person, language=event.language)
            return replace(call, state=State.ANSWERING, legs=frozenset({CELL})), [
                do.AnswerCell(),
                do.SetTimer("answer", now + ANSWER_WAIT),
            ]
        case State.NEW, _:
            return call, []
        case _, was.LegAnswered(leg) if leg not in call.legs:  # a 200 that crossed our CANCEL
            return call, [do.Hangup(leg, call.pending or EndReason(EndedBy.SWITCH, Why.FAULT))]
        case State.TELLING, _ if comes_back(call, event):
            return back_in_menu(call, now)
        case State.TELLING, _:
            return while_telling(call, event, now)
        case State.STOPPING, _:
            return while_stopping(call, event, now)
        case State.MENU, (
            was.DigitPressed() | was.PromptEnded() | was.MenuRead() | was.SlotRead() | was.SlotKept() | was.LanguageKept()
            | was.TimerFired("menu" | "menu-over" | "menu-read")
            | was.CommandFailed("ReadMenu" | "ReadSlot" | "KeepSlot" | "KeepLanguage")
        ):  # fmt: skip
            return while_menu(call, event, now)
        case State.ANSWERING, was.LegAnswered(leg) if leg is CELL:
            return _identify(call, now)
        case (State.ASKING_NUMBER | State.ASKING_PIN), was.DigitPressed(leg, key) if leg is CELL:
            return _key(call, key, now)
        case (State.ASKING_NUMBER | State.ASKING_PIN), was.TimerFired("keys"):
            return _ask_again(call, now)
        case State.CHECKING, was.Identified(person, language):
            return _ask_plan(replace(call, person=person, language=language or call.language), now)
        case State.CHECKING, was.IdentityRefused(locked):
            return tell(call, EndReason(EndedBy.POLICY, Why.PIN_LOCKED), now) if locked else _ask_again(call, now)
        case State.DECIDING, was.Decided(decision):
            return _decided(replace(call, decision=decision, decided_at=now), decision, now)
        case State.OPENING, was.RecordOpened():
            return _dial(call, now)
        case State.OPENING, was.RecordRefused(why):
            return tell(call, EndReason(EndedBy.POLICY, why), now)
        case State.OPENING, (was.CommandFailed("OpenRecord") | was.TimerFired("open")):
            return _without_record(call, now)
        case State.DIALLING, was.LegAnswered(leg) if leg is OUTSIDE:
            return _announce(replace(call, answered_at=now), now)
        case State.ANNOUNCING, was.PromptEnded(leg, "announcement") if leg is OUTSIDE:
            return _accepted(call, now)
        case _, was.DigitPressed(leg, "9") if leg is OUTSIDE and may_stop(call, now):
            return stop_asked(call, now)
        case _, was.DigitPressed(leg, "7") if leg is OUTSIDE and may_be_wrong(call, now):
            return wrong_number(call, now)
        case State.ARMING, was.RecorderRunning():
            return _talk(call, now)
        case (State.ARMING | State.TALKING), (was.RecorderStopped(why) | was.CommandFailed("StartRecording", why)):
            return _recorder_lost(call, why, now)
        case State.ARMING, was.TimerFired("recorder"):
            return _recorder_lost(call, "the recorder did not start in time", now)
        case State.TALKING, was.TimerFired(name) if name.startswith("warn-"):
            return call, [do.Play(CELL, (name, *lifeline.in_warning(call, name))), do.Play(OUTSIDE, (name,))]
        case (State.ANNOUNCING | State.ARMING | State.TALKING), was.MachineHeard(why) if not call.machine:
            return machine_heard(call, why, now)
        case State.TALKING, was.TimerFired("machine"):
            return call, [do.SeekMachine(None)]
        case State.TALKING, was.LegFellSilent(_, text):
            return end(call, EndReason(EndedBy.SWITCH, Why.SILENT_TIMEOUT, text), now)
        case State.TALKING, was.SwitchClosing(by):
            return call, [
                do.Play(CELL, ("closing-soon",)),
                do.Play(OUTSIDE, ("closing-soon",)),
                do.SetTimer("closing", by),
            ]
        case _, (was.SwitchClosing() | was.TimerFired("closing")):
            return end(call, EndReason(EndedBy.SWITCH, Why.CLOSING), now)
        case state, was.TimerFired(name) if TOLD_IN.get(state) == name:
            return _ran_out(call, now)
        case _, was.LegLeft(leg, why, note) if leg in call.legs:
            return _left(replace(call, legs=call.legs - {leg}), leg, why, note, now)
        case _, was.CutOrdered(staff, reason, why):
            who = EndedBy.CALLED if why is Why.STOPPED else EndedBy.STAFF
            return end(call, EndReason(who, why, f"{staff}: {reason}"), now)
        case state, was.CommandFailed(command, error):
            return _failed(call, command, error, now)
    return call, []


# who are you


def _identify(call: Call, now: float) -> Step:
    assert call.offer is not None
    if call.offer.refused is not None:
        return tell(call, EndReason(EndedBy.SWITCH, call.offer.refused), now)
    if call.offer.ask is Ask.NOTHING:
        return _ask_plan(call, now)
    if call.offer.ask is Ask.PIN:
        return _ask(replace(call, state=State.ASKING_PIN), ("enter-pin",), now)
    return _ask(replace(call, state=State.ASKING_NUMBER), ("enter-number",), now)


def _ask(call: Call, prompts: tuple[str, ...], now: float) -> Step:
    return replace(call, keys=""), [do.Play(CELL, prompts, "ask"), do.SetTimer("keys", now + KEYS_WAIT)]


def _key(call: Call, key: str, now: float) -> Step:
    """One key of the number or the PIN: * starts again, # says that it is whole."""
    assert call.offer is not None
    wanted = NUMBER_KEYS if call.state is State.ASKING_NUMBER else call.offer.pin_digits
    keys = "" if key == "*" else call.keys + key if key.isdigit() else call.keys
    offer = call.offer
    if len(keys) < wanted and not (key == "#" and keys):
        return replace(call, keys=keys), [do.StopPlaying(CELL), do.SetTimer("keys", now + KEYS_WAIT)]
    if call.state is State.ASKING_NUMBER:
        return _ask(replace(call, state=State.ASKING_PIN, keyed_number=keys), ("enter-pin",), now)
    return replace(call, state=State.CHECKING, keys=""), [
        do.StopPlaying(CELL),
        do.CheckPin(call.keyed_number, offer.person, keys),
        do.SetTimer("check", now + CHECK_WAIT),
    ]


def _ask_again(call: Call, now: float) -> Step:
    assert call.offer is not None
    ask = call.offer.ask
    call = replace(call, tries=call.tries + 1, keyed_number=None)
    if call.tries >= TRIES:
        return tell(call, EndReason(EndedBy.POLICY, Why.PIN_WRONG), now)
    if ask is Ask.PIN:
        return _ask(replace(call, state=State.ASKING_PIN), ("wrong-pin", "enter-pin"), now)
    return _ask(replace(call, state=State.ASKING_NUMBER), ("wrong-number-or-pin", "enter-number"), now)


# may you


def _ask_plan(call: Call, now: float) -> Step:
    return replace(call, state=State.DECIDING), [do.Decide(call.person), do.SetTimer("decide", now + DECIDE_WAIT)]


def _decided(call: Call, decision: Decision, now: float) -> Step:
    if refusal := decision.refusal:
        why = refusal.why or Why.UNAVAILABLE
        call, commands = tell(call, EndReason(EndedBy.POLICY, why, refusal.text), now)
        return call, [*([do.RaiseAlarm("refused-by-fault", refusal.text)] if why in OUR_FAULT else []), *commands]
    call = replace(call, left=None)
    if decision.service is Service.MENU:
        return enter_menu(call, now)
    if decision.service is Service.HELPLINE and call.offer is not None:  # from the menu it is as nameless as when dialled
        call = replace(call, person=call.offer.person)
    alarm: list[do.Command] = []
    if decision.service is Service.EMERGENCY:
        alarm = [do.RaiseAlarm("emergency-call", "An emergency call is being put through to the control room")]
    return replace(call, state=State.OPENING), [*alarm, do.OpenRecord(decision), do.SetTimer("open", now + OPEN_WAIT)]


def _without_record(call: Call, now: float) -> Step:
    """No durable CDR: no call, but helplines and emergency open (architecture, rules 3 and 4)."""
    assert call.decision is not None
    alarm = do.RaiseAlarm("no-record", "A call record could not be written")
    if call.decision.service is Service.CONTACT:
        call, commands = tell(call, EndReason(EndedBy.SWITCH, Why.NO_RECORD), now)
    else:
        call, commands = _dial(call, now)
    return call, [alarm, *commands]


# ring, announce, talk

def _dial(call: Call, now: float) -> Step:
    assert call.decision is not None
    announcement = call.decision.announcement
    ringing = (*(() if announcement.prompts else announcement.to_caller), "ringback-uk")
    return replace(call, state=State.DIALLING, legs=call.legs | {OUTSIDE}, dialled_at=now), [
        do.Dial(call.decision),
        do.Play(CELL, ringing, loop_last=True),
        do.SetTimer("ring", now + call.decision.ring_seconds),
    ]


def _announce(call: Call, now: float) -> Step:
    assert call.decision is not None
    announcement = call.decision.announcement
    if not announcement.prompts:
        return _accepted(call, now)
    return replace(call, state=State.ANNOUNCING), [
        *seek(call),
        do.Play(OUTSIDE, announcement.prompts, "announcement"),
        do.Play(CELL, (*announcement.to_caller, "soft-tone"), loop_last=True),
        do.SetTimer("announce", now + ANNOUNCE_WAIT),
    ]


def _accepted(call: Call, now: float) -> Step:
    """Heard to its end and still there: that is yes. A monitored call waits for its recorder."""
    assert call.decision is not None
    warrant = call.decision.warrant()
    if warrant is None:
        return _talk(call, now)
    if call.decision.recording is Recording.WHERE_POSSIBLE:
        call, commands = _talk(call, now)
        return call, [*commands, do.StartRecording(warrant)]
    return replace(call, state=State.ARMING), [do.StartRecording(warrant), do.SetTimer("recorder", now + RECORDER_WAIT)]


def _talk(call: Call, now: float) -> Step:
    assert call.decision is not None
    decision = call.decision
    over, why = latest(call, now)
    if over is not None and over <= now:
        return tell(call, EndReason(EndedBy.POLICY, why), now)
    beep = bool(decision.announcement.prompts)
    commands: list[do.Command] = [do.StopPlaying(CELL), do.Bridge()]
    if beep:
        first = (*tell_again(call, now), *lifeline.at_start(call, over, now))
        commands += [do.Play(CELL, ("beep", *first)), do.Play(OUTSIDE, ("beep",))]
    if over is not None:
        commands += [do.SetTimer(f"warn-{w:g}", over - w) for w in decision.warnings if over - w > now]
        commands.append(do.SetTimer("time", over))
    if (deaf := over_at(call, now)) is not None:
        commands.append(do.SetTimer("machine", deaf))
    return replace(call, state=State.TALKING, talking_since=now), commands


def _recorder_lost(call: Call, note: str, now: float) -> Step:
    """A monitored call is not carried unrecorded; an emergency goes on (architecture, rules 1 and 3)."""
    assert call.decision is not None
    alarm = do.RaiseAlarm("recorder", note)
    if call.decision.recording is not Recording.REQUIRED:
        return call, [alarm]
    reason = EndReason(EndedBy.SWITCH, Why.RECORDER, note)
    call, commands = end(call, reason, now) if call.state is State.TALKING else tell(call, reason, now)
    return call, [alarm, *commands]


def _ran_out(call: Call, now: float) -> Step:
    """The bound of a state was reached."""
    match call.state:
        case State.TALKING:
            _, why = _latest_since(call)
            return end(call, EndReason(EndedBy.POLICY, why), now)
        case State.DIALLING:
            return _unreached(call, Why.NO_ANSWER, "", now)
        case State.CHECKING | State.DECIDING:  # an answer that still comes must find no other question: not back to the menu
            call = replace(call, left=None)
            return _failed(call, "CheckPin" if call.state is State.CHECKING else "Decide", "it did not answer in time", now)
        case State.TELLING | State.ANSWERING | _:
            return end(call, EndReason(EndedBy.SWITCH, Why.FAULT, f"nothing came of {call.state.name.lower()}"), now)


def _latest_since(call: Call) -> tuple[float | None, Why]:
    assert call.talking_since is not None
    return latest(call, call.talking_since)


def _unreached(call: Call, why: Why, note: str, now: float) -> Step:
    """The network outside did not bring the call to anyone."""
    assert call.decision is not None
    if call.decision.service is not Service.EMERGENCY:
        return tell(call, EndReason(EndedBy.CARRIER, why, note), now)
    call, commands = tell(call, EndReason(EndedBy.CARRIER, Why.EMERGENCY_UNANSWERED, note or str(why)), now)
    return call, [do.RaiseAlarm("emergency-unanswered", "The control room did not answer an emergency call"), *commands]


def _left(call: Call, leg: Leg, why: Why, note: str, now: float) -> Step:
    """`leg` is gone already and is not told."""
    if leg is CELL:
        through = call.state in (State.TALKING, State.MENU)
        return end(call, EndReason(EndedBy.PERSON, Why.HUNG_UP if through else Why.ABANDONED, note), now)
    if call.state is State.DIALLING:
        return _unreached(call, why, note, now)
    if call.state is State.TALKING:
        return end(call, EndReason(EndedBy.CALLED, Why.HUNG_UP, note), now)
    return tell(call, EndReason(EndedBy.CALLED, Why.DECLINED, note), now)


def _failed(call: Call, command: str, error: str, now: float) -> Step:
    """A command did not work. What the caller can still be told, is told; a talk goes on without a prompt."""
    match call.state, command:
        case _, "RaiseAlarm" | "StopPlaying" | "Hangup" | "SeekMachine" | "NoteRefusal":
            return call, []
        case State.TALKING, "Play":
            return call, []
        case State.CHECKING, "CheckPin" if call.offer is not None and call.offer.service is Service.MENU:
            call, commands = _ask_plan(replace(call, person=None), now)  # nobody is known: helplines can be offered all the same
            return call, [do.RaiseAlarm("no-facts", f"The menu could not ask the store: {error}"), *commands]
        case (State.CHECKING, "CheckPin") | (State.DECIDING, "Decide"):
            call, commands = tell(call, EndReason(EndedBy.SWITCH, Why.UNAVAILABLE, error), now)
            return call, [do.RaiseAlarm("no-facts", f"A call was refused, as the store could not be asked: {error}"), *commands]
        case State.DIALLING, "Dial":
            return _unreached(replace(call, legs=call.legs - {OUTSIDE}), Why.NETWORK_FAILURE, error, now)
        case State.DIALLING, "Play":  # no ringback is no reason not to ring
            return call, []
    return end(call, EndReason(EndedBy.SWITCH, Why.FAULT, f"{command}: {error}"), now)
