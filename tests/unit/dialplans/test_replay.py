"""A changed plan on a past: what it refuses is not used up, and later calls are judged as they would have stood."""
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dialplans.plan import Plan
from dialplans.replay import Effect, Outcome, Past, Replay, replay
from dialplans.tariff import charge, rate_for
from dialplans.weighing import Scales
from switch.core.facts import BundleFacts, OrderFacts
from switch.core.money import Millipence, from_pence
from switch.core.numbers import read_dialled
from switch.core.reasons import Why
from tests.unit.dialplans.world import FAMILY, NOON, PLAN, ask, facts, plan

MINUTE = timedelta(minutes=1)
HALF_HOUR = 30 * MINUTE
RATE = rate_for(PLAN, "mobile", NOON)


def past(after: timedelta = timedelta(), talked: float = 60.0, *, number: str = FAMILY, why: Why = Why.HUNG_UP,
         contact: dict[str, Any] | None = None, bundle: BundleFacts | None = None, used: int = 0, lead: float = 10.0,
         orders: tuple[OrderFacts, ...] = (), **person: Any) -> Past:
    """A call so long after noon; the person's facts as they really stood."""
    at = NOON + after
    held = {} if bundle is None else {"bundles": (bundle,)}
    known = facts(person=person | held, contact=contact, at=at, orders=orders)
    cost = charge(RATE, talked, used) if talked else Millipence(0)
    return Past(at, read_dialled(number), known, why, talked, at + timedelta(seconds=lead + talked), talked > 0, cost,
                bundle.id if bundle else None, used)


def tried(by: Plan, *requests: Past) -> list[Outcome]:
    return list(replay(by, requests))


def effects(by: Plan, *requests: Past) -> list[tuple[str, str]]:
    return [(outcome.effect.value, outcome.reason) for outcome in tried(by, *requests)]


def refused(why: Why, after: timedelta = timedelta(), **changes: Any) -> Past:
    return past(after, 0.0, why=why, **changes)


def test_the_same_plan_changes_nothing() -> None:
    calls = [past(), past(5 * MINUTE, 600, last_ended=NOON + MINUTE), refused(Why.UNAPPROVED, 30 * MINUTE, number="07700 900999")]
    calls[2] = replace(calls[2], facts=replace(calls[2].facts, contact=None))
    assert {effect for effect, _ in effects(PLAN, *calls)} == {"unchanged"}
    assert [outcome.charged for outcome in tried(PLAN, *calls)] == [0, 0, 0]


def test_weighing_says_what_deciding_says() -> None:
    for known in (facts(), facts(person={"balance": 0}), facts(person={"active": False}), facts(contact={"state": "refused"})):
        weighed, decided = Scales(PLAN).weigh(known, read_dialled(FAMILY)), ask(known)
        assert weighed.refusal == decided.refusal
        assert weighed.limit == (decided.limit if decided.refusal is None else None)


def test_a_helpline_of_the_changed_plan_has_no_limit() -> None:
    free = plan('[[helpline]]\nnumber = "07700 900123"\nname = "A new line"\nprivileged = true\n')
    assert tried(free, past(talked=5000))[0].charged == -charge(RATE, 5000)
    assert effects(free, past(talked=5000)) == [("unchanged", "")]


@pytest.mark.parametrize(("talked", "effect"), [(300.0, "unchanged"), (300.5, "cut"), (600.0, "cut")])
def test_a_shorter_length_cuts_what_was_longer(talked: float, effect: str) -> None:
    (outcome,) = tried(plan("[length]\nsocial = 300\n"), past(talked=talked))
    assert outcome.effect.value == effect
    if effect == "cut":
        assert (outcome.reason, outcome.seconds) == ("time", 300 - talked)
        assert outcome.charged == charge(RATE, 300) - charge(RATE, talked)


def test_hours_cut_by_the_wall_however_long_it_rang() -> None:
    (outcome,) = tried(plan('[hours]\nevery_day = ["06:00-12:05"]\n'), past(talked=290, lead=30))
    assert (outcome.effect, outcome.reason, outcome.seconds) == (Effect.CUT, "hours-ended", -20)


def test_what_is_refused_leaves_its_minutes_to_the_next_call() -> None:
    gap = plan("[call]\ngap_seconds = 600\n[allowance]\nminutes_per_day = 10\n")
    first, second = past(talked=300), past(8 * MINUTE, 300, talked_today=300.0, last_ended=NOON + timedelta(seconds=310))
    third = past(20 * MINUTE, 300, talked_today=600.0, last_ended=second.ended)
    assert effects(gap, first, second, third) == [("unchanged", ""), ("refused", "gap-over"), ("unchanged", "")]
    later = past(40 * MINUTE, 300, talked_today=600.0, last_ended=second.ended)
    assert effects(gap, third) == [("refused", "gap-over")]  # as it really stood, the second had just ended
    assert effects(gap, later) == [("refused", "allowance-left")]  # and nothing was left
    assert effects(gap, first, second, later) == [("unchanged", ""), ("refused", "gap-over"), ("unchanged", "")]


def test_counters_of_the_week_and_the_day_begin_anew() -> None:
    short = plan("[length]\nsocial = 60\n[allowance]\nminutes_per_day = 5\nminutes_per_week = 20\n")
    day = timedelta(days=1)
    first = past(talked=600)
    same_day = past(timedelta(hours=1), 60, talked_today=600.0, talked_this_week=600.0)
    next_day = past(day, 60, talked_today=0.0, talked_this_week=660.0)
    next_week = past(7 * day, 60, talked_today=0.0, talked_this_week=0.0)
    assert effects(short, first, same_day, next_day, next_week) == [
        ("cut", "time"), ("unchanged", ""), ("unchanged", ""), ("unchanged", "")]
    assert effects(short, same_day) == [("refused", "allowance-left")]


def test_credit_that_was_not_spent_pays_for_later_calls() -> None:
    dear = plan('[[group]]\nname = "short"\ncontacts = ["07700 900123"]\n[group.length]\nsocial = 60\n')
    left = Millipence(charge(RATE, 60))
    first = past(talked=600, balance=Millipence(charge(RATE, 600)))
    second = past(timedelta(hours=1), 60, balance=Millipence(0), why=Why.NO_CREDIT)
    second = replace(second, talked=0.0, charged=Millipence(0), metered=False)
    assert effects(dear, first, second) == [("cut", "time"), ("let-through", "credit")]
    assert effects(dear, second) == [("unchanged", "credit-left")]
    assert left < charge(RATE, 600)


def test_a_dearer_plan_runs_out_sooner() -> None:
    dear = plan('[[tariff]]\nname = "dear"\nfrom = 2026-01-02\nclasses = ["mobile"]\nweekday = 50000\nweekend = 50000\n'
                'source = "a test"\n')
    first = past(talked=60, balance=from_pence(60))
    second = past(timedelta(hours=1), 60, balance=Millipence(from_pence(60) - charge(RATE, 60)))
    (one, two) = tried(dear, first, second)
    assert (one.effect, one.charged) == (Effect.UNCHANGED, 50_000 - charge(RATE, 60))
    assert two.effect is Effect.CUT
    assert two.reason == "credit-used"


def test_calls_in_a_window_leave_out_those_that_would_not_have_been() -> None:
    two = plan("[call]\ngap_seconds = 600\n[allowance]\ncalls_per_window = 2\nwindow_hours = 1\n")
    first = past(talked=30)
    second = past(2 * MINUTE, 30, last_ended=first.ended, recent_calls=(first.at,))
    third = past(15 * MINUTE, 30, last_ended=second.ended, recent_calls=(second.at, first.at))
    fourth = past(30 * MINUTE, 30, last_ended=third.ended, recent_calls=(third.at, second.at, first.at))
    assert effects(two, first, second, third, fourth) == [
        ("unchanged", ""), ("refused", "gap-over"), ("unchanged", ""), ("refused", "calls-left")]


def test_a_bundle_that_was_not_used_is_still_there() -> None:
    offer = ('[[bundle]]\nname = "ten"\nfrom = 2026-01-01\nminutes = 10\npence = 100\nevery = "week"\nclasses = ["mobile"]\n'
             'source = "a test"\n')
    short = plan(offer + "[length]\nsocial = 60\n")
    bundle = BundleFacts("b1", "ten", NOON - timedelta(days=1), NOON + timedelta(days=6), 600)
    first = past(talked=600, bundle=bundle, used=600)
    second = past(timedelta(hours=1), 60, bundle=replace(bundle, seconds_left=1))
    cut, later = tried(short, first, second)
    assert cut.effect is Effect.CUT
    assert later.charged == charge(RATE, 60, 60) - second.charged


def test_orders_and_stops_hold_under_any_plan() -> None:
    order = OrderFacts("site", "search", False)
    assert effects(PLAN, refused(Why.ORDERS, orders=(order,))) == [("unchanged", "no-orders")]


def test_two_at_once_is_no_rule_of_a_plan() -> None:
    assert effects(PLAN, refused(Why.ON_CALL)) == [("unchanged", "already-on-call")]


def test_facts_that_cannot_be_worked_with_refuse() -> None:
    broken = past()
    broken = replace(broken, facts=replace(broken.facts, at=NOON.replace(tzinfo=None)))
    assert Scales(PLAN).weigh(broken.facts, broken.dialled).refusal is not None


def test_a_person_nobody_knows_stays_unknown() -> None:
    nobody = refused(Why.UNKNOWN_PERSON)
    nobody = replace(nobody, facts=replace(nobody.facts, person=None, contact=None))
    person = Replay(plan("[length]\nsocial = 30\n"))
    assert person.try_on(past()).effect is Effect.CUT
    assert person.try_on(nobody).effect is Effect.UNCHANGED


def test_a_call_that_nobody_answered_uses_nothing_up() -> None:
    assert effects(plan("[length]\nsocial = 30\n"), refused(Why.NO_ANSWER)) == [("unchanged", "")]


def test_a_machine_that_was_not_charged_stays_free_at_any_price_and_its_minutes_count() -> None:
    dearer = plan('[allowance]\nminutes_per_day = 2\n')
    machine = replace(past(talked=90), charged=Millipence(0), uncharged=True)
    paid = past(talked=90)
    assert [one.charged for one in tried(PLAN, machine)] == [0]
    assert [one.charged for one in tried(PLAN, replace(paid, charged=Millipence(0)))] == [charge(RATE, 90)]
    assert effects(dearer, machine, past(HALF_HOUR, talked=31, talked_today=90.0)) == [
        ("unchanged", ""), ("cut", "allowance-used")]
