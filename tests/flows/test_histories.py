"""Random histories against what must never happen, and a bound on how long anything may take."""
from hypothesis import given, settings
from hypothesis import strategies as st

from dialplans.model import Ask, Decision, Recording, Service
from switch.call import commands as do
from switch.call import events as was
from switch.call.menu.steps import MENU_LONGEST
from switch.call.model import Call, State
from switch.core.facts import StopScope
from switch.core.grants import Privacy
from switch.core.ids import Leg, StaffId
from switch.core.reasons import Why
from tests.effort import examples
from tests.flows import world as w

CELL, OUTSIDE = Leg.CELL, Leg.OUTSIDE
PLANS = [w.OK, w.LAWYER, w.REFUSED, w.SHORT, w.SAMARITANS, w.EMERGENCY, w.CLOSING_SOON, w.MENU]
OFFERS = [
    w.FREE_ENTRY,
    was.CallOffered(Service.CONTACT, Ask.PIN, 4, w.ANN),
    was.CallOffered(Service.CONTACT, Ask.NUMBER_AND_PIN, 4),
    was.CallOffered(Service.MENU, Ask.PIN, 4, w.ANN),
]
COMMANDS = [name for name in vars(do) if isinstance(vars(do)[name], type) and name not in ("SetTimer", "Ending", "StopScope")]
TIMERS = [
    "answer", "keys", "check", "decide", "open", "ring", "announce", "recorder", "time", "tell", "stop", "stop-written",
    "stop-done", "warn-120", "media", "close", "closing",
    "menu", "menu-over", "menu-read",
]  # fmt: skip

events = st.one_of(
    st.sampled_from([was.LegAnswered(CELL), was.LegAnswered(OUTSIDE)]),
    st.builds(was.LegLeft, st.sampled_from(Leg), st.sampled_from([Why.HUNG_UP, Why.BUSY, Why.NO_ANSWER])),
    st.builds(was.PromptEnded, st.sampled_from(Leg), st.sampled_from(["announcement", "tell", "stop-asked", "stop-done", "ask"])),
    st.builds(was.DigitPressed, st.sampled_from(Leg), st.sampled_from(list("01279*#"))),
    st.sampled_from([was.Identified(w.ANN), was.IdentityRefused(False), was.IdentityRefused(True)]),
    st.sampled_from([was.RecordOpened(), was.RecordRefused(Why.ON_CALL)]),
    st.sampled_from([was.RecorderRunning(), was.RecorderStopped("disk full")]),
    st.sampled_from([was.ContactStopped(StopScope.PERSON), was.ContactStopped(StopScope.EVERYONE)]),
    st.sampled_from([was.CutOrdered(StaffId("s1"), "threats"), was.SwitchClosing(1e6), was.LegFellSilent(CELL, "since 60 s")]),
    st.builds(was.TimerFired, st.sampled_from(TIMERS)),
    st.builds(was.CommandFailed, st.sampled_from([*COMMANDS, "Inbox"]), st.just("broken")),
    st.sampled_from([was.MediaClosed(), was.RecordClosed()]),
)
HAPPY = [
    was.LegAnswered(CELL), was.RecordOpened(), was.LegAnswered(OUTSIDE), was.PromptEnded(OUTSIDE, "announcement"),
    was.RecorderRunning(),
]  # fmt: skip
"""So that half of the histories get somewhere: the way to a talk, cut in at random."""


@st.composite
def histories(draw: st.DrawFn) -> tuple[Decision, list[was.Event]]:
    plan = draw(st.sampled_from(PLANS))
    way: list[was.Event] = [draw(st.sampled_from(OFFERS)), HAPPY[0], was.Decided(plan), *HAPPY[1:]]
    happy = way[: draw(st.integers(1, len(way)))]
    return plan, [*happy, *draw(st.lists(st.one_of(events, st.just(was.Decided(plan))), max_size=14))]


def _may_end_a_refusal(event: was.Event, before: Call) -> bool:
    match event:
        case was.DigitPressed(leg, _) if before.left is not None:  # back to the menu that it was chosen in
            return leg is CELL
        case was.PromptEnded(leg, "tell") | was.LegLeft(leg, _, _):
            return leg is CELL
        case was.TimerFired("tell") | was.CommandFailed("Play" | "Inbox", _):
            return True
    return False


@settings(max_examples=examples(1500), deadline=None)
@given(histories(), st.lists(st.floats(0.0, 30.0), min_size=25, max_size=25))
def test_what_must_never_happen(history: tuple[Decision, list[was.Event]], delays: list[float]) -> None:
    plan, told = history
    world, before, answered_late = w.World(), State.NEW, 0
    announced = recorder = False
    for event, delay in zip(told, delays, strict=False):
        call = world.call
        commands = world.tell(event, after=delay)
        state = world.call.state
        announced |= before is State.ANNOUNCING and event == was.PromptEnded(OUTSIDE, "announcement")
        recorder |= before is State.ARMING and event == was.RecorderRunning()
        answered_late += isinstance(event, was.LegAnswered) and any(isinstance(c, do.Hangup) for c in commands)
        if state is State.ENDED and before is not State.ENDED:
            assert before is State.SETTLING, "ended before the record was asked for"
            assert event == was.RecordClosed(), "ended before the record is durable"
        if any(isinstance(c, do.Bridge) for c in commands):
            assert announced or not plan.announcement.prompts, "voice before the announcement ended"
            assert recorder or plan.recording is not Recording.REQUIRED, "voice before the recorder ran"
        if before is State.TELLING and state is not State.TELLING:
            assert _may_end_a_refusal(event, call), "a refusal was cut short"
        assert all(c.at >= world.now for c in commands if isinstance(c, do.SetTimer)), "a timer in the past"
        before = state
    closes = world.of(do.CloseRecord)
    assert len(closes) == (world.call.state in (State.SETTLING, State.ENDED)), "one record, if and only if the call ends"
    assert len(world.of(do.CloseMedia)) == (world.call.state in (State.ENDING, State.SETTLING, State.ENDED))
    hangups = world.of(do.Hangup)
    assert len(hangups) - answered_late <= len({c.leg for c in hangups}), "a leg was told twice"
    assert not (plan.privacy is Privacy.PRIVILEGED and world.of(do.StartRecording)), "a tap on a privileged call"
    if plan is w.REFUSED:
        assert not world.of(do.Dial), "a refused call was dialled"
        assert not world.of(do.Bridge)
    if not world.of(do.Bridge) and world.call.ending:
        assert world.call.ending.talked == 0.0, "charged without a word"
    if world.call.ending and plan.limit:
        assert world.call.ending.talked <= plan.limit.seconds, "charged beyond the limit"
    if world.call.stop and world.call.state in (State.TELLING, State.ENDING, State.SETTLING, State.ENDED):
        assert world.of(do.StopContact)[-1].scope is world.call.stop, "an order to stop was lost"
    wrong = [reason for reason in (world.call.pending, world.call.ending and world.call.ending.reason) if reason]
    said = any(reason.why is Why.WRONG_NUMBER for reason in wrong)
    assert len(world.of(do.MarkWrongNumber)) == said, "a wrong number was lost, or marked for nothing"


@settings(max_examples=examples(400), deadline=None)
@given(histories())
def test_every_call_ends_within_a_bound_though_nobody_answers(history: tuple[Decision, list[was.Event]]) -> None:
    plan, told = history
    world = w.World()
    world.tell(*told)
    longest = plan.limit.seconds if plan.limit else 0.0
    if world.call.state is State.TALKING and plan.limit is None:
        world.tell(was.LegLeft(OUTSIDE, Why.HUNG_UP))
    world.pass_time(longest + MENU_LONGEST + 300.0, answers=True)
    if world.call.state is State.SETTLING:  # the history used the answer up before the question
        world.tell(was.RecordClosed())
    assert world.call.state is State.ENDED
