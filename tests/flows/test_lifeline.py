"""Somebody at risk: no refusal for credit or minutes without the offer of Samaritans, and no last minute either."""
from dataclasses import replace

import pytest

from dialplans.model import LAST_MINUTE, Decision, Finding, Limit
from switch.call import commands as do
from switch.call import events as was
from switch.call.lifeline import FOR_WANT, OFFER, OFFER_TO_DIAL, OFFER_WAIT
from switch.call.model import State
from switch.core.ids import Leg
from switch.core.numbers import Dialled, ShortCode
from switch.core.reasons import REFUSALS, EndedBy, Why
from tests.flows import world as w
from tests.flows.test_flow import ending, press

CELL, OUTSIDE = Leg.CELL, Leg.OUTSIDE
LINE = ShortCode("GB", "116123")


def refusing(why: Why, at_risk: bool = True) -> Decision:
    return w.decision(findings=(Finding("a-rule", False, "It says no.", why),), lifeline=LINE if at_risk else None)


def told(world: w.World) -> tuple[str, ...]:
    return next(command.prompts for command in reversed(world.of(do.Play)) if command.tag == "tell")


def refused(why: Why, at_risk: bool = True) -> w.World:
    world = w.World()
    world.tell(w.FREE_ENTRY, was.LegAnswered(CELL), was.Decided(refusing(why, at_risk)))
    assert world.call.state is State.TELLING
    return world


@pytest.mark.parametrize("why", sorted(FOR_WANT & REFUSALS))
def test_want_of_credit_or_minutes_is_told_with_the_offer_and_staff_hear_of_it(why: Why) -> None:
    world = refused(why)
    assert told(world) == (f"refused-{why}", *OFFER)
    assert [alarm.kind for alarm in world.of(do.RaiseAlarm)] == ["at-risk-refused"]


@pytest.mark.parametrize("why", [Why.UNAPPROVED, Why.STOPPED_PERSON, Why.OUT_OF_HOURS, Why.ORDERS])
def test_other_refusals_are_told_as_ever(why: Why) -> None:
    world = refused(why)
    assert told(world) == (f"refused-{why}",)
    assert world.of(do.RaiseAlarm) == []


def test_nobody_else_is_offered_it() -> None:
    world = refused(Why.NO_CREDIT, at_risk=False)
    assert told(world) == ("refused-credit",)
    press(world, "1")
    assert world.call.state is State.TELLING
    world.tell(was.PromptEnded(CELL, "tell"))
    assert world.call.state is State.ENDING


@pytest.mark.parametrize("late", [False, True])
def test_one_key_makes_it_a_call_to_samaritans(late: bool) -> None:
    world = refused(Why.NO_CREDIT)
    if late:
        world.tell(was.PromptEnded(CELL, "tell"), after=5)
        world.pass_time(OFFER_WAIT - 0.3)
    assert do.Decide(None, Dialled(LINE)) in press(world, "1")
    assert world.call.state is State.DECIDING
    assert do.OpenRecord(w.SAMARITANS) in world.tell(was.Decided(w.SAMARITANS))
    world.tell(was.RecordOpened(), was.LegAnswered(OUTSIDE))
    assert world.call.state is State.TALKING
    assert world.of(do.StartRecording) == []


def test_the_offer_waits_a_while_and_no_longer() -> None:
    world = refused(Why.NO_CREDIT)
    world.tell(was.PromptEnded(CELL, "tell"))
    world.pass_time(OFFER_WAIT - 0.1)
    assert world.call.state is State.TELLING
    world.pass_time(0.2)
    assert ending(world) == (EndedBy.POLICY, Why.NO_CREDIT)


def test_other_keys_and_the_other_leg_take_nothing() -> None:
    world = refused(Why.NO_CREDIT)
    press(world, "290*#")
    press(world, "1", OUTSIDE)
    assert world.call.state is State.TELLING


def test_an_offer_that_cannot_be_decided_about_is_told_plainly() -> None:
    world = refused(Why.NO_CREDIT)
    press(world, "1")
    world.tell(was.CommandFailed("Decide", "gone"))
    assert told(world) == ("refused-service-unavailable",)


def at_risk(seconds: float) -> Decision:
    return w.decision(limit=Limit(seconds, Why.CREDIT), lifeline=LINE,
                      warnings=tuple(one for one in (120.0, LAST_MINUTE) if one < seconds))


@pytest.mark.parametrize(("seconds", "in_start"), [(59.0, True), (60.0, True), (60.5, False), (600.0, False)])
def test_the_last_minute_is_never_without_the_offer(seconds: float, in_start: bool) -> None:
    world = w.talking(at_risk(seconds))
    start = [command for command in world.of(do.Play) if command.prompts[0] == "beep"]
    assert [command.prompts[1:] for command in start if command.leg is CELL] == [OFFER_TO_DIAL if in_start else ()]
    assert [command.prompts for command in start if command.leg is OUTSIDE] == [("beep",)]
    heard = world.pass_time(seconds - 0.1)
    warned = [command for command in heard if isinstance(command, do.Play) and command.prompts[0] == "warn-60"]
    assert ({command.leg: command.prompts for command in warned} == {
        CELL: ("warn-60", *OFFER_TO_DIAL), OUTSIDE: ("warn-60",)}) is not in_start
    assert world.call.state is State.TALKING
    world.pass_time(0.2)
    assert ending(world) == (EndedBy.POLICY, Why.CREDIT)


def test_hours_that_end_sooner_than_the_limit_have_the_offer_too() -> None:
    world = w.talking(replace(at_risk(600), closes_in=50.0))
    assert do.Play(CELL, ("beep", *OFFER_TO_DIAL)) in world.of(do.Play)


def test_nobody_else_hears_it_in_the_last_minute() -> None:
    world = w.talking(w.decision(limit=Limit(600.0, Why.CREDIT)))
    world.pass_time(599)
    assert not any(OFFER_TO_DIAL[0] in command.prompts for command in world.of(do.Play))
