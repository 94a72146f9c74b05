"""The life of a call, told in the order that people live it. Every promise with a time in it is held here in virtual time."""
from dataclasses import replace

import pytest

from dialplans.model import Announcement, Ask, Finding, Service
from switch.call import commands as do
from switch.call import events as was
from switch.call.model import State
from switch.core.facts import StopScope
from switch.core.ids import Leg, StaffId
from switch.core.reasons import EndedBy, EndReason, Why
from tests.flows import world as w

CELL, OUTSIDE = Leg.CELL, Leg.OUTSIDE
PIN = was.CallOffered(Service.CONTACT, Ask.PIN, 4, w.ANN)
NUMBER_AND_PIN = was.CallOffered(Service.CONTACT, Ask.NUMBER_AND_PIN, 4)


def press(world: w.World, keys: str, leg: Leg = CELL) -> list[do.Command]:
    return [command for key in keys for command in world.tell(was.DigitPressed(leg, key), after=0.2)]


def ending(world: w.World) -> tuple[EndedBy, Why]:
    assert world.call.ending is not None
    return world.call.ending.reason.by, world.call.ending.reason.why


def test_the_pin_is_asked_alone_where_the_telephone_knows_its_person() -> None:
    world = w.World()
    assert do.AnswerCell() in world.tell(PIN)
    assert do.Play(CELL, ("enter-pin",), "ask") in world.tell(was.LegAnswered(CELL))
    assert do.StopPlaying(CELL) in press(world, "1"), "the first key silences the question"
    assert do.CheckPin(None, w.ANN, "1234") in press(world, "234")
    assert do.Decide(w.ANN) in world.tell(was.Identified(w.ANN))


def test_number_and_pin_in_a_shared_cell() -> None:
    world = w.World()
    world.tell(NUMBER_AND_PIN, was.LegAnswered(CELL))
    assert world.call.state is State.ASKING_NUMBER
    press(world, "99*2123422")
    assert world.call.state is State.ASKING_PIN
    assert do.CheckPin("2123422", None, "123") in press(world, "123#")


def test_three_wrong_pins_and_the_caller_is_told() -> None:
    world = w.World()
    world.tell(NUMBER_AND_PIN, was.LegAnswered(CELL))
    for _ in range(2):
        press(world, "21234220000")
        assert do.Play(CELL, ("wrong-number-or-pin", "enter-number"), "ask") in world.tell(was.IdentityRefused(False))
    press(world, "21234220000")
    assert do.Play(CELL, ("refused-pin-wrong",), "tell") in world.tell(was.IdentityRefused(False))
    world.tell(was.PromptEnded(CELL, "tell"))
    assert ending(world) == (EndedBy.POLICY, Why.PIN_WRONG)


@pytest.mark.parametrize("why", [Why.LINES_BUSY, Why.DRAINING])
def test_a_node_that_can_take_no_call_says_so_before_it_asks_anything(why: Why) -> None:
    world = w.World()
    world.tell(replace(PIN, refused=why))
    assert world.tell(was.LegAnswered(CELL))[0] == do.Play(CELL, (f"refused-{why}",), "tell")
    world.tell(was.PromptEnded(CELL, "tell"))
    assert ending(world) == (EndedBy.SWITCH, why)


def test_a_locked_pair_is_told_at_once() -> None:
    world = w.World()
    world.tell(PIN, was.LegAnswered(CELL))
    press(world, "1234")
    assert do.Play(CELL, ("refused-pin-locked",), "tell") in world.tell(was.IdentityRefused(True))


def test_a_telephone_that_never_acknowledges_our_answer_is_let_go() -> None:
    world = w.World()
    world.tell(PIN)
    world.pass_time(35.0)
    assert ending(world) == (EndedBy.SWITCH, Why.FAULT)


def test_who_keys_nothing_is_asked_three_times() -> None:
    world = w.World()
    world.tell(PIN, was.LegAnswered(CELL))
    world.pass_time(45.1)
    assert world.call.state is State.TELLING


def test_a_refusal_is_heard_to_its_end() -> None:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL))
    assert do.Play(CELL, ("refused-unapproved",), "tell") in world.tell(was.Decided(w.REFUSED))
    world.tell(was.CutOrdered(StaffId("s1"), "no"), was.SwitchClosing(world.now + 5))
    assert world.call.state is State.TELLING
    reason = EndReason(EndedBy.POLICY, Why.UNAPPROVED, "not on the list")
    assert do.Hangup(CELL, reason) in world.tell(was.PromptEnded(CELL, "tell"))
    world.settle()
    assert world.call.state is State.ENDED
    assert not world.of(do.Dial)


def test_who_hangs_up_on_a_refusal_was_refused() -> None:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.REFUSED))
    world.tell(was.LegLeft(OUTSIDE, Why.HUNG_UP))
    assert world.call.state is State.TELLING, "nobody else is on the call"
    world.tell(was.LegLeft(CELL, Why.HUNG_UP))
    assert ending(world) == (EndedBy.POLICY, Why.UNAPPROVED)
    assert not world.of(do.Hangup)


def test_a_side_that_falls_silent_ends_the_talk_and_is_named() -> None:
    world = w.talking()
    world.tell(was.LegFellSilent(OUTSIDE, "the called side sent nothing for 30 s"))
    assert ending(world) == (EndedBy.SWITCH, Why.SILENT_TIMEOUT)
    assert [one.reason.note for one in world.of(do.Hangup)] == ["the called side sent nothing for 30 s"] * 2


def test_the_record_is_durable_before_the_number_is_dialled() -> None:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK))
    assert not world.of(do.Dial)
    assert do.Dial(w.OK) in world.tell(was.RecordOpened())


@pytest.mark.parametrize("failure", [was.CommandFailed("OpenRecord", "disk full"), None])
def test_no_record_no_call_but_helplines_open(failure: was.Event | None) -> None:
    for plan, dials in ((w.OK, False), (w.SAMARITANS, True), (w.EMERGENCY, True)):
        world = w.World()
        world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(plan))
        if failure is None:
            world.pass_time(5.0)
        else:
            world.tell(failure)
        assert bool(world.of(do.Dial)) is dials
        assert any(alarm.kind == "no-record" for alarm in world.of(do.RaiseAlarm))


def test_a_monitored_call_from_ring_to_bridge() -> None:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK))
    assert do.Play(CELL, ("ringback-uk",), loop_last=True) in world.tell(was.RecordOpened())
    heard = world.tell(was.LegAnswered(OUTSIDE), after=6.0)
    assert do.Play(OUTSIDE, ("announce-england-wales", "announce-stop"), "announcement") in heard
    assert do.Play(CELL, ("will-hear-announcement", "soft-tone"), loop_last=True) in heard
    assert not world.of(do.Bridge)
    world.tell(was.PromptEnded(OUTSIDE, "announcement"), after=15.0)
    assert world.of(do.StartRecording)
    assert not world.of(do.Bridge)
    bridged = world.tell(was.RecorderRunning(), after=0.05)
    assert bridged.index(do.Bridge()) < bridged.index(do.Play(CELL, ("beep",)))
    world.tell(was.LegLeft(OUTSIDE, Why.HUNG_UP), after=61.5)
    assert world.call.ending is not None
    assert world.call.ending.talked == pytest.approx(61.5)
    assert world.call.ending.rang == pytest.approx(6.0)
    assert ending(world) == (EndedBy.CALLED, Why.HUNG_UP)


def test_a_privileged_call_is_bridged_without_any_recorder() -> None:
    world = w.talking(w.LAWYER)
    world.tell(was.RecorderStopped("x"), was.LegLeft(CELL, Why.HUNG_UP))
    assert not world.of(do.StartRecording)
    assert ending(world) == (EndedBy.PERSON, Why.HUNG_UP)


def test_samaritans_have_no_announcement_no_limit_and_no_price() -> None:
    world = w.talking(w.SAMARITANS)
    world.pass_time(7200.0)
    assert world.call.state is State.TALKING
    assert not [p for p in world.of(do.Play) if p.leg is OUTSIDE]
    assert do.Play(CELL, ("helpline-free", "ringback-uk"), loop_last=True) in world.done


def test_an_emergency_alarms_and_is_never_held_up_by_a_recorder() -> None:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.EMERGENCY), was.RecordOpened())
    assert [alarm.kind for alarm in world.of(do.RaiseAlarm)] == ["emergency-call"]
    connected = world.tell(was.LegAnswered(OUTSIDE))
    assert do.Bridge() in connected
    assert any(isinstance(command, do.StartRecording) for command in connected)
    world.tell(was.CommandFailed("StartRecording", "disk full"))
    assert world.call.state is State.TALKING


def test_an_unanswered_emergency_alarms_and_is_told() -> None:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.EMERGENCY), was.RecordOpened())
    world.tell(was.LegLeft(OUTSIDE, Why.BUSY))
    assert do.Play(CELL, ("ended-emergency-unanswered",), "tell") in world.done
    assert "emergency-unanswered" in [alarm.kind for alarm in world.of(do.RaiseAlarm)]


def test_hanging_up_in_the_announcement_costs_nothing() -> None:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK), was.RecordOpened(), was.LegAnswered(OUTSIDE))
    world.tell(was.LegLeft(OUTSIDE, Why.HUNG_UP), after=5.0)
    assert do.Play(CELL, ("ended-declined-announcement",), "tell") in world.done
    world.tell(was.PromptEnded(CELL, "tell"), after=4.0)
    assert ending(world) == (EndedBy.CALLED, Why.DECLINED)
    assert world.call.ending is not None
    assert world.call.ending.talked == 0.0


def test_warnings_and_the_cut_fall_on_the_second() -> None:
    world = w.talking(w.SHORT)
    start = world.now
    assert world.pass_time(2.99) == []
    assert do.Play(CELL, ("warn-5",)) in world.pass_time(0.02)
    assert do.Play(OUTSIDE, ("warn-2",)) in world.pass_time(3.0)
    assert world.call.state is State.TALKING
    world.pass_time(8.0 - (world.now - start))
    assert ending(world) == (EndedBy.POLICY, Why.LENGTH)
    assert world.call.ending is not None
    assert world.call.ending.talked == 8.0


def test_a_late_timer_is_not_the_persons_to_pay() -> None:
    world = w.talking(w.SHORT)
    world.tell(was.TimerFired("time"), after=9.5)
    assert world.call.ending is not None
    assert world.call.ending.talked == 8.0


def test_hours_end_by_the_wall_however_long_it_rang() -> None:
    world = w.talking(w.CLOSING_SOON)  # 12.1 s of announcement have gone of 40
    world.pass_time(27.8)
    assert world.call.state is State.TALKING
    world.pass_time(0.2)
    assert ending(world) == (EndedBy.POLICY, Why.HOURS)
    late = w.World()
    late.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.CLOSING_SOON), was.RecordOpened(), was.LegAnswered(OUTSIDE))
    late.tell(was.PromptEnded(OUTSIDE, "announcement"), was.RecorderRunning(), after=41.0)
    assert do.Play(CELL, ("ended-hours-ended",), "tell") in late.done
    assert not late.of(do.Bridge)


def test_key_nine_stops_this_person_and_is_confirmed_after_it_is_written() -> None:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK), was.RecordOpened(), was.LegAnswered(OUTSIDE))
    assert do.Play(OUTSIDE, ("stop-person-asked",), "stop-asked") in press(world, "9", OUTSIDE)
    assert do.StopContact(StopScope.PERSON) in world.done, "the first 9 is the order; a second only widens it"
    world.tell(was.ContactStopped(StopScope.PERSON), was.PromptEnded(OUTSIDE, "stop-asked"), after=4.0)
    assert not [p for p in world.of(do.Play) if p.tag == "stop-done"], "somebody may still press 9 again"
    assert do.Play(OUTSIDE, ("stop-person-done",), "stop-done") in world.pass_time(2.5)
    world.tell(was.PromptEnded(OUTSIDE, "stop-done"), was.PromptEnded(CELL, "tell"))
    assert ending(world) == (EndedBy.CALLED, Why.STOPPED)


def test_key_nine_twice_stops_every_prison() -> None:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK), was.RecordOpened(), was.LegAnswered(OUTSIDE))
    assert do.StopContact(StopScope.EVERYONE) in press(world, "99", OUTSIDE)
    world.tell(was.ContactStopped(StopScope.EVERYONE))
    assert do.Play(OUTSIDE, ("stop-all-done",), "stop-done") in world.done


def test_a_stop_that_is_written_and_confirmed_raises_no_alarm_later() -> None:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK), was.RecordOpened(), was.LegAnswered(OUTSIDE))
    press(world, "99", OUTSIDE)
    world.tell(was.ContactStopped(StopScope.EVERYONE))
    world.pass_time(19.0)
    assert not world.of(do.RaiseAlarm)
    assert world.call.state is State.STOPPING, "the confirmation is still being spoken"
    world.pass_time(1.1)
    assert world.call.state is State.TELLING, "a confirmation that never ends is bounded"


def test_a_cut_or_a_lost_prompt_while_stopping_keeps_the_order() -> None:
    for event in (was.CutOrdered(StaffId("s1"), "kill"), was.CommandFailed("Play", "no such prompt"), was.TimerFired("closing")):
        world = w.World()
        world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK), was.RecordOpened(), was.LegAnswered(OUTSIDE))
        press(world, "9", OUTSIDE)
        world.tell(event, was.PromptEnded(CELL, "tell"))
        assert world.of(do.StopContact) == [do.StopContact(StopScope.PERSON)]
        assert ending(world) == (EndedBy.CALLED, Why.STOPPED)


def test_nothing_happens_before_the_call_was_offered() -> None:
    world = w.World()
    assert world.tell(was.LegAnswered(CELL), was.CutOrdered(StaffId("s1"), "x")) == []
    assert world.call.state is State.NEW


def test_a_missing_ringback_is_no_reason_not_to_ring() -> None:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK), was.RecordOpened())
    assert world.tell(was.CommandFailed("Play", "no such prompt")) == []
    assert world.call.state is State.DIALLING


def test_nine_after_the_person_was_stopped_widens_the_order() -> None:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK), was.RecordOpened(), was.LegAnswered(OUTSIDE))
    press(world, "9", OUTSIDE)
    world.tell(was.TimerFired("stop"), was.ContactStopped(StopScope.PERSON))
    assert do.StopContact(StopScope.EVERYONE) in press(world, "9", OUTSIDE)


@pytest.mark.parametrize("leaver", list(Leg))
def test_an_order_to_stop_outlives_a_hang_up(leaver: Leg) -> None:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK), was.RecordOpened(), was.LegAnswered(OUTSIDE))
    press(world, "9", OUTSIDE)
    world.tell(was.LegLeft(leaver, Why.HUNG_UP))
    assert world.of(do.StopContact) == [do.StopContact(StopScope.PERSON)]
    world.tell(was.CommandFailed("StopContact", "locked"))
    assert [alarm.kind for alarm in world.of(do.RaiseAlarm)] == ["stop-not-written"]


def test_nine_is_not_offered_to_a_lawyer_and_not_long_into_a_talk() -> None:
    lawyer = w.World()
    lawyer.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.LAWYER), was.RecordOpened(), was.LegAnswered(OUTSIDE))
    assert press(lawyer, "9", OUTSIDE) == []
    world = w.talking()
    world.pass_time(10.1)
    assert press(world, "9", OUTSIDE) == []
    soon = w.talking()
    soon.pass_time(4.0)
    assert do.Unbridge() in press(soon, "9", OUTSIDE)
    soon.tell(was.LegLeft(OUTSIDE, Why.HUNG_UP), was.PromptEnded(CELL, "tell"), after=6.0)
    assert soon.call.ending is not None
    assert soon.call.ending.talked == pytest.approx(4.2), "the talk ended when the gate closed"


def test_an_order_that_cannot_be_written_is_taken_down_and_alarmed() -> None:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK), was.RecordOpened(), was.LegAnswered(OUTSIDE))
    press(world, "99", OUTSIDE)
    told = world.tell(was.CommandFailed("StopContact", "locked"))
    assert do.Play(OUTSIDE, ("stop-taken-down",), "stop-done") in told
    assert "stop-not-written" in [alarm.kind for alarm in world.of(do.RaiseAlarm)]


@pytest.mark.parametrize("slow", [was.CommandFailed("StopContact", "locked"), was.TimerFired("stop-written")])
def test_an_order_that_is_written_late_is_told_as_it_stands_when_the_question_is_over(slow: was.Event) -> None:
    """Staff are told at once; whoever pressed 9 hears the better news where it came in between."""
    for late, prompt in ((False, "stop-taken-down"), (True, "stop-person-done")):
        world = w.World()
        world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK), was.RecordOpened(), was.LegAnswered(OUTSIDE))
        press(world, "9", OUTSIDE)
        world.tell(slow)
        assert [alarm.kind for alarm in world.of(do.RaiseAlarm)] == ["stop-not-written"]
        if late:
            world.tell(was.ContactStopped(StopScope.PERSON))
        assert not [p for p in world.of(do.Play) if p.tag == "stop-done"]
        told = world.tell(was.TimerFired("stop"))
        assert do.Play(OUTSIDE, (prompt,), "stop-done") in told
        assert len(world.of(do.RaiseAlarm)) == 1


def test_staff_cut_ends_it_at_once_on_both_legs() -> None:
    world = w.talking()
    commands = world.tell(was.CutOrdered(StaffId("s7"), "threats"))
    assert [c.leg for c in commands if isinstance(c, do.Hangup)] == [CELL, OUTSIDE]
    assert ending(world) == (EndedBy.STAFF, Why.CUT)


def test_the_recorder_stops_and_so_does_the_call() -> None:
    world = w.talking()
    world.tell(was.RecorderStopped("disk full"))
    assert ending(world) == (EndedBy.SWITCH, Why.RECORDER)
    arming = w.World()
    arming.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK), was.RecordOpened(), was.LegAnswered(OUTSIDE))
    arming.tell(was.PromptEnded(OUTSIDE, "announcement"))
    arming.pass_time(3.0)
    assert do.Play(CELL, ("ended-recorder",), "tell") in arming.done
    assert not arming.of(do.Bridge)


def test_the_trunk_says_busy_and_the_caller_hears_it() -> None:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK), was.RecordOpened())
    world.tell(was.LegLeft(OUTSIDE, Why.BUSY, "486"))
    assert do.Play(CELL, ("ended-busy",), "tell") in world.done
    world.tell(was.PromptEnded(CELL, "tell"))
    assert ending(world) == (EndedBy.CARRIER, Why.BUSY)
    assert world.of(do.Hangup)[0].leg is not OUTSIDE


def test_nobody_answers() -> None:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK), was.RecordOpened())
    world.pass_time(45.0)
    assert [c.leg for c in world.of(do.Hangup)] == [OUTSIDE]
    late = world.tell(was.LegAnswered(OUTSIDE))
    assert [c.leg for c in late if isinstance(c, do.Hangup)] == [OUTSIDE], "a 200 that crossed our CANCEL is let go"
    world.tell(was.PromptEnded(CELL, "tell"), after=4.7)
    assert world.call.ending is not None
    assert world.call.ending.rang == pytest.approx(45.0), "hearing why is not ringing"


def test_a_draining_switch_tells_who_talks_and_ends_who_does_not() -> None:
    world = w.talking()
    assert do.Play(OUTSIDE, ("closing-soon",)) in world.tell(was.SwitchClosing(world.now + 10.0))
    world.pass_time(9.9)
    assert world.call.state is State.TALKING
    world.pass_time(0.2)
    assert ending(world) == (EndedBy.SWITCH, Why.CLOSING)
    ringing = w.World()
    ringing.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK), was.RecordOpened(), was.SwitchClosing(world.now))
    assert ending(ringing) == (EndedBy.SWITCH, Why.CLOSING)


def test_the_record_is_tried_until_something_holds_it() -> None:
    world = w.talking()
    world.tell(was.LegLeft(CELL, Why.HUNG_UP), was.MediaClosed(), was.CommandFailed("CloseRecord", "locked"))
    assert len(world.of(do.JournalRecord)) == 1
    world.tell(was.CommandFailed("JournalRecord", "disk full"))
    assert "no-record" in [alarm.kind for alarm in world.of(do.RaiseAlarm)]
    world.pass_time(5.0)
    assert len(world.of(do.JournalRecord)) == 2
    world.tell(was.RecordClosed())
    assert world.call.state is State.ENDED


@pytest.mark.parametrize(
    ("state", "offer", "events", "failed", "prompt"),
    [
        (State.CHECKING, PIN, [was.DigitPressed(CELL, "1")] * 4, "CheckPin", "refused-service-unavailable"),
        (State.DECIDING, w.FREE_ENTRY, [], "Decide", "refused-service-unavailable"),
        (State.DIALLING, w.FREE_ENTRY, [was.Decided(w.OK), was.RecordOpened()], "Dial", "ended-network-failure"),
    ],
)
def test_what_fails_before_the_call_is_told(
    state: State, offer: was.Event, events: list[was.Event], failed: str, prompt: str
) -> None:
    world = w.World()
    world.tell(offer, was.LegAnswered(CELL), *events)
    assert world.call.state is state
    assert do.Play(CELL, (prompt,), "tell") in world.tell(was.CommandFailed(failed, "broken"))
    assert [a.kind for a in world.of(do.RaiseAlarm)] == ([] if failed == "Dial" else ["no-facts"])


def test_a_refusal_that_is_our_fault_raises_an_alarm() -> None:
    for why, alarms in ((Why.SPOOL_FULL, 1), (Why.NO_CREDIT, 0)):
        world = w.World()
        plan = w.decision(findings=(Finding("a-rule", False, "no", why),))
        world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(plan))
        assert len(world.of(do.RaiseAlarm)) == alarms
        assert world.call.state is State.TELLING


def test_a_store_that_never_answers_is_a_refusal_with_an_alarm() -> None:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL))
    world.pass_time(10.0)
    assert do.Play(CELL, ("refused-service-unavailable",), "tell") in world.done
    assert [a.kind for a in world.of(do.RaiseAlarm)] == ["no-facts"]


def test_a_missing_prompt_does_not_end_a_talk_but_an_unheard_announcement_does() -> None:
    world = w.talking()
    world.tell(was.CommandFailed("Play", "no such prompt"))
    assert world.call.state is State.TALKING
    unheard = w.World()
    unheard.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(w.OK), was.RecordOpened(), was.LegAnswered(OUTSIDE))
    unheard.tell(was.CommandFailed("Play", "no such prompt"))
    assert ending(unheard) == (EndedBy.SWITCH, Why.FAULT)
    assert not unheard.of(do.Bridge)


def test_a_plan_without_announcement_for_a_family_still_waits_for_the_recorder() -> None:
    world = w.World()
    quiet = w.decision(announcement=Announcement())
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(quiet), was.RecordOpened(), was.LegAnswered(OUTSIDE))
    assert world.call.state is State.ARMING
    assert do.Bridge() in world.tell(was.RecorderRunning())
