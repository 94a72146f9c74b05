"""Each rule as a table, both sides of every edge; and who may refuse for which reason."""
import inspect
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dialplans.decide import decide_without_plan
from dialplans.model import Decision
from dialplans.plan import Plan
from dialplans.rules import CONTACT_RULES, HELPLINE_RULES, RULE_NAMES
from dialplans.rules.asked import Asked, judge, name_of
from switch.core.facts import ContactKind, ContactState, Facts, OrderFacts, SignedListFacts, StopScope
from switch.core.ids import PhoneId
from switch.core.lists import ListFacts, ListKind, ListLevel
from switch.core.money import Millipence
from switch.core.numbers import E164, Dialled, read_dialled
from switch.core.reasons import REFUSALS, Why
from tests.unit.dialplans.clock_cases import CHANGES, CLOCK_CASES, TIMED, change_near
from tests.unit.dialplans.contact_cases import CONTACT_CASES
from tests.unit.dialplans.world import CALL, FACTS, FAMILY, NOON, PHONE, PLAN, ask, facts, found, permit, plan

NOBODY = Facts(NOON, PHONE)
SIGNED = SignedListFacts(7, "Hartnell and Quill", "")
UNVERIFIED = {"kind": ContactKind.PRIVILEGED, "state": ContactState.PENDING}
MIDNIGHT = NOON.replace(hour=23, minute=0)  # 00:00 in London
CAREFUL = plan("[call]\nminimum_talk = 10\n")
BARRED = plan('[[barred_number]]\nnumber = "07700 900123"\nreason = "a victim asked for it"\n')
NO_ALLOWANCE = plan('[allowance]\nminutes_per_day = "no limit"\n')
PAUSE = plan("[call]\ngap_seconds = 600\n")
FEW = plan("[allowance]\ncalls_per_window = 2\nwindow_hours = 4\n")
CALLS = (NOON - timedelta(hours=3), NOON - timedelta(hours=4) + timedelta(seconds=1))
WEEK = plan("[allowance]\nminutes_per_week = 100\n[call]\nminimum_talk = 10\n")
FUTURE = "\n".join(
    f'[[tariff]]\nname = "x"\nfrom = 2040-01-01\nclasses = ["international"]\nweekday = 1\nweekend = 1\nrelay = {relay}'
    for relay in ("false", "true")
)
UNPRICED = plan('[[listed]]\nnumber = "+33199001234"\nname = "a sister"\n' + FUTURE)

LISTED = ListFacts("l1", ListKind.ALLOW, ListLevel.ESTATE, "a line for families")
BARRED_HERE = ListFacts("l2", ListKind.BAR, ListLevel.ESTABLISHMENT, "press")
VICTIM = ListFacts("l3", ListKind.BAR, ListLevel.PERSON, "a court's order", True)

CASES: list[tuple[str, Why | None, Facts, str, Plan]] = [
    ("number-readable", None, FACTS, FAMILY, PLAN),
    ("number-readable", Why.UNREADABLE, FACTS, "07700900123,,5", PLAN),
    ("number-readable", Why.UNREADABLE, FACTS, "07700900123#", PLAN),
    ("number-readable", Why.NUMBER_CLASS, FACTS, "*#21#", PLAN),
    ("number-readable", Why.NUMBER_CLASS, FACTS, "**21*07700900123#", PLAN),
    ("number-readable", Why.NUMBER_CLASS, FACTS, "14107700900123", PLAN),
    ("number-readable", None, FACTS, "1471", PLAN),
    ("person-known", None, FACTS, FAMILY, PLAN),
    ("person-known", Why.UNKNOWN_PERSON, NOBODY, FAMILY, PLAN),
    ("account-open", None, FACTS, FAMILY, PLAN),
    ("account-open", Why.ACCOUNT_CLOSED, facts({"active": False}), FAMILY, PLAN),
    ("account-open", Why.UNKNOWN_PERSON, NOBODY, FAMILY, PLAN),
    ("own-telephone", None, FACTS, FAMILY, PLAN),
    ("own-telephone", Why.NOT_YOUR_PHONE, facts({"phone": PhoneId("b1-02")}), FAMILY, PLAN),
    ("own-telephone", Why.NOT_YOUR_PHONE, facts({"phone": None}), FAMILY, PLAN),
    ("own-telephone", Why.UNKNOWN_PERSON, NOBODY, FAMILY, PLAN),
    ("no-orders", None, FACTS, FAMILY, PLAN),
    ("no-orders", Why.ORDERS, facts(orders=(OrderFacts("wing B", "search"),)), FAMILY, PLAN),
    ("site-open", None, FACTS, FAMILY, PLAN),
    ("site-open", Why.SITE_CLOSED, facts(site_open=False), FAMILY, PLAN),
    ("number-not-barred", None, FACTS, FAMILY, PLAN),
    ("number-not-barred", Why.BARRED, FACTS, FAMILY, BARRED),
    ("number-not-barred", None, FACTS, "07700 900124", BARRED),
    ("number-not-barred", Why.UNREADABLE, FACTS, "x", BARRED),
    ("number-class", None, FACTS, FAMILY, PLAN),
    ("number-class", Why.NUMBER_CLASS, FACTS, "0909 879 0001", PLAN),
    ("number-class", Why.NUMBER_CLASS, FACTS, "0808 157 0001", PLAN),
    ("number-class", Why.NUMBER_CLASS, FACTS, "07797 999001", PLAN),
    ("number-class", Why.NUMBER_CLASS, FACTS, "+33 1 99 00 12 34", PLAN),
    ("number-class", None, FACTS, "+33 1 99 00 12 34", UNPRICED),
    ("number-class", Why.UNREADABLE, FACTS, "x", PLAN),
    ("number-class", Why.NUMBER_CLASS, FACTS, "1470", PLAN),
    ("number-class", Why.NUMBER_CLASS, FACTS, "1471", PLAN),
    ("number-class", Why.NUMBER_CLASS, FACTS, "1475", PLAN),
    ("contact-approved", None, FACTS, FAMILY, PLAN),
    ("contact-approved", Why.UNAPPROVED, replace(FACTS, contact=None), FAMILY, PLAN),
    ("contact-approved", Why.CONTACT_PENDING, facts(contact={"state": ContactState.RECEIVED}), FAMILY, PLAN),
    ("contact-approved", Why.CONTACT_PENDING, facts(contact={"state": ContactState.PENDING}), FAMILY, PLAN),
    ("contact-approved", Why.CONTACT_REFUSED, facts(contact={"state": ContactState.REFUSED}), FAMILY, PLAN),
    ("contact-approved", Why.UNAPPROVED, facts(contact={"state": ContactState.WITHDRAWN}), FAMILY, PLAN),
    ("contact-approved", Why.STOPPED_PERSON, facts(contact={"state": ContactState.STOPPED}), FAMILY, PLAN),
    ("contact-approved", Why.STOPPED_ALL,
     facts(contact={"state": ContactState.STOPPED}, stops=(StopScope.PERSON, StopScope.EVERYONE)), FAMILY, PLAN),
    ("contact-approved", Why.UNKNOWN_PERSON, replace(FACTS, person=None), FAMILY, PLAN),
    ("contact-approved", Why.UNREADABLE, FACTS, "x", PLAN),
    ("contact-approved", Why.PERMIT_OVER, replace(FACTS, contact=None, permits=(permit(used=True),)), FAMILY, PLAN),
    ("contact-approved", None, replace(FACTS, contact=None, permits=(permit(),)), FAMILY, PLAN),
    ("not-stopped-for-all", None, facts(stops=(StopScope.PERSON,)), FAMILY, PLAN),
    ("not-stopped-for-all", Why.STOPPED_ALL, facts(stops=(StopScope.EVERYONE,)), FAMILY, PLAN),
    ("not-stopped-for-person", None, facts(stops=(StopScope.EVERYONE,)), FAMILY, PLAN),
    ("not-stopped-for-person", Why.STOPPED_PERSON, facts(stops=(StopScope.PERSON,)), FAMILY, PLAN),
    ("not-a-victims-number", None, facts(lists=(LISTED, BARRED_HERE)), FAMILY, PLAN),
    ("not-a-victims-number", Why.UNAPPROVED, facts(lists=(LISTED, VICTIM)), FAMILY, PLAN),
    ("number-not-barred", Why.BARRED, facts(lists=(LISTED, BARRED_HERE)), FAMILY, PLAN),
    ("number-not-barred", None, facts(lists=(VICTIM,)), FAMILY, PLAN),
    ("number-class", None, facts(lists=(LISTED,)), "0909 879 0001", PLAN),
    ("number-class", Why.NUMBER_CLASS, facts(lists=(BARRED_HERE,)), "0909 879 0001", PLAN),
    ("number-verified", None, FACTS, FAMILY, PLAN),
    ("number-verified", Why.UNVERIFIED, facts(wrong_number=True), FAMILY, PLAN),
    ("helpline-not-stopped", None, facts(stops=(StopScope.EVERYONE,)), "116123", PLAN),
    ("helpline-not-stopped", Why.STOPPED_ALL, facts(stopped_by_two=True), "116123", PLAN),
    ("relay-approved", None, FACTS, FAMILY, PLAN),
    ("relay-approved", None, facts(contact={"relay": True}), "18001" + FAMILY, PLAN),
    ("relay-approved", Why.RELAY, FACTS, "18002" + FAMILY, PLAN),
    ("relay-approved", Why.RELAY, replace(FACTS, contact=None), "18001" + FAMILY, PLAN),
    ("one-call-at-a-time", None, FACTS, FAMILY, PLAN),
    ("one-call-at-a-time", Why.ON_CALL, facts({"on_call": True}), FAMILY, PLAN),
    ("one-call-at-a-time", Why.UNKNOWN_PERSON, NOBODY, FAMILY, PLAN),
    ("within-hours", None, FACTS, FAMILY, PLAN),
    ("within-hours", Why.OUT_OF_HOURS, facts(at=MIDNIGHT), FAMILY, PLAN),
    ("within-hours", Why.OUT_OF_HOURS, facts(at=MIDNIGHT - timedelta(seconds=0.9)), FAMILY, PLAN),
    ("within-hours", None, facts(at=MIDNIGHT - timedelta(seconds=1)), FAMILY, PLAN),
    ("within-hours", None, facts(at=MIDNIGHT - timedelta(seconds=10)), FAMILY, CAREFUL),
    ("within-hours", Why.OUT_OF_HOURS, facts(at=MIDNIGHT - timedelta(seconds=9)), FAMILY, CAREFUL),
    ("allowance-left", None, facts({"talked_today": 3599.0}), FAMILY, PLAN),
    ("allowance-left", Why.NO_ALLOWANCE, facts({"talked_today": 3599.5}), FAMILY, PLAN),
    ("allowance-left", Why.NO_ALLOWANCE, facts({"talked_today": float("nan")}), FAMILY, PLAN),
    ("allowance-left", None, facts({"talked_today": 9e9}), FAMILY, NO_ALLOWANCE),
    ("allowance-left", Why.UNKNOWN_PERSON, NOBODY, FAMILY, NO_ALLOWANCE),
    ("has-a-price", None, FACTS, FAMILY, PLAN),
    ("has-a-price", Why.NUMBER_CLASS, FACTS, "+33 1 99 00 12 34", UNPRICED),
    ("has-a-price", Why.NUMBER_CLASS, FACTS, "18001 0033199001234", UNPRICED),
    ("has-a-price", Why.NUMBER_CLASS, FACTS, "x", PLAN),
    ("credit-left", None, facts({"balance": Millipence(92)}), FAMILY, PLAN),
    ("credit-left", Why.NO_CREDIT, facts({"balance": Millipence(91)}), FAMILY, PLAN),
    ("credit-left", Why.NO_CREDIT, facts({"balance": Millipence(-1)}), FAMILY, PLAN),
    ("credit-left", None, facts({"balance": Millipence(917)}), FAMILY, CAREFUL),
    ("credit-left", Why.NO_CREDIT, facts({"balance": Millipence(916)}), FAMILY, CAREFUL),
    ("credit-left", Why.NO_CREDIT, FACTS, "x", PLAN),
    ("credit-left", Why.UNKNOWN_PERSON, NOBODY, FAMILY, PLAN),
    # a pause of ten minutes, from the end of the last call
    ("gap-over", None, facts({"last_ended": NOON}), FAMILY, PLAN),
    ("gap-over", None, facts(), FAMILY, PAUSE),
    ("gap-over", Why.TOO_SOON, facts({"last_ended": NOON}), FAMILY, PAUSE),
    ("gap-over", Why.TOO_SOON, facts({"last_ended": NOON + timedelta(seconds=1)}), FAMILY, PAUSE),
    ("gap-over", Why.TOO_SOON, facts({"last_ended": NOON - timedelta(seconds=599.9)}), FAMILY, PAUSE),
    ("gap-over", None, facts({"last_ended": NOON - timedelta(seconds=600)}), FAMILY, PAUSE),
    ("gap-over", Why.UNKNOWN_PERSON, NOBODY, FAMILY, PLAN),
    # two calls in any four hours
    ("calls-left", None, facts({"recent_calls": CALLS * 9}), FAMILY, PLAN),
    ("calls-left", None, facts(), FAMILY, FEW),
    ("calls-left", None, facts({"recent_calls": CALLS[:1]}), FAMILY, FEW),
    ("calls-left", Why.TOO_MANY, facts({"recent_calls": CALLS}), FAMILY, FEW),
    ("calls-left", Why.TOO_MANY, facts({"recent_calls": (NOON - timedelta(hours=1), *CALLS)}), FAMILY, FEW),
    ("calls-left", None, facts({"recent_calls": CALLS}, at=NOON + timedelta(seconds=1)), FAMILY, FEW),
    ("calls-left", Why.TOO_MANY, facts(), FAMILY, plan("[allowance]\ncalls_per_window = 0\n")),
    ("calls-left", Why.UNKNOWN_PERSON, NOBODY, FAMILY, PLAN),
    # a hundred minutes a week
    ("week-left", None, facts({"talked_this_week": 9e9}), FAMILY, PLAN),
    ("week-left", None, facts({"talked_this_week": 5990.0}), FAMILY, WEEK),
    ("week-left", Why.NO_WEEK, facts({"talked_this_week": 5990.1}), FAMILY, WEEK),
    ("week-left", Why.NO_WEEK, facts({"talked_this_week": float("nan")}), FAMILY, WEEK),
    ("week-left", Why.UNKNOWN_PERSON, NOBODY, FAMILY, PLAN),
    # a limit of 21.75 pounds a week in the estate's plan, by level; ten seconds of talk cost 917
    ("spend-left", None, facts({"spent_this_week": Millipence(2_175_000 - 917)}), FAMILY, CAREFUL),
    ("spend-left", Why.SPENT, facts({"spent_this_week": Millipence(2_175_000 - 916)}), FAMILY, CAREFUL),
    ("spend-left", Why.SPENT, facts({"spent_this_week": Millipence(2_175_000)}), FAMILY, PLAN),
    ("spend-left", Why.SPENT, facts({"spent_this_week": Millipence(600_000), "incentive": "basic"}), FAMILY, PLAN),
    ("spend-left", None, facts({"spent_this_week": Millipence(599_000), "incentive": "basic"}), FAMILY, PLAN),
    ("spend-left", None, facts({"spent_this_week": Millipence(3_624_000), "incentive": "enhanced"}), FAMILY, PLAN),
    ("spend-left", Why.SPENT, facts({"spent_this_week": Millipence(3_625_000), "incentive": "enhanced"}), FAMILY, PLAN),
    ("spend-left", None, facts({"spent_this_week": Millipence(10**9)}), FAMILY,
     plan('[allowance]\npence_per_week = "no limit"\n')),
    ("spend-left", Why.SPENT, FACTS, "x", PLAN),
    ("spend-left", Why.UNKNOWN_PERSON, NOBODY, FAMILY, PLAN),
    ("room-to-record", None, facts(recording_room=1800.0), FAMILY, PLAN),
    ("room-to-record", Why.SPOOL_FULL, facts(recording_room=1799.9), FAMILY, PLAN),
    ("room-to-record", Why.SPOOL_FULL, facts(recording_room=float("nan")), FAMILY, PLAN),
    ("room-to-record", None, facts(contact={"kind": ContactKind.PRIVILEGED}, recording_room=0.0), FAMILY, PLAN),
    ("privileged-list-stands", None, FACTS, FAMILY, PLAN),
    ("privileged-list-stands", None, facts(listed=SIGNED), FAMILY, PLAN),
    ("privileged-list-stands", None, facts(contact={"kind": ContactKind.PRIVILEGED}, listed=SignedListFacts()), FAMILY, PLAN),
    ("privileged-list-stands", Why.PRIVILEGED_LIST, facts(listed=SignedListFacts()), FAMILY, PLAN),
    ("privileged-list-stands", Why.PRIVILEGED_LIST, facts(contact={"kind": ContactKind.OFFICIAL}, listed=SignedListFacts()),
     FAMILY, PLAN),
    ("privilege-verified", None, FACTS, FAMILY, PLAN),
    ("privilege-verified", None, facts(contact=UNVERIFIED, found_privileged=True), FAMILY, PLAN),
    ("privilege-verified", None, NOBODY, FAMILY, PLAN),
    ("privilege-verified", None, facts(contact={"kind": ContactKind.PRIVILEGED}), FAMILY, PLAN),
    ("privilege-verified", None, facts(contact=UNVERIFIED, listed=SIGNED), FAMILY, PLAN),
    ("privilege-verified", Why.CONTACT_PENDING, facts(contact=UNVERIFIED), FAMILY, PLAN),
    ("no-orders-for-helplines", None, facts(orders=(OrderFacts("site", "x"),)), "116123", PLAN),
    ("no-orders-for-helplines", Why.ORDERS, facts(orders=(OrderFacts("site", "x", True),)), "116123", PLAN),
    *CONTACT_CASES,
    *CLOCK_CASES,
]  # fmt: skip


@pytest.mark.parametrize(("rule", "why", "known", "number", "by"), CASES)
def test_each_rule(rule: str, why: Why | None, known: Facts, number: str, by: Plan) -> None:
    decision = ask(known, number, by)
    finding = found(decision, rule)
    assert finding.why is why
    assert finding.allowed is (why is None)
    assert (decision.refusal is None) is all(one.allowed for one in decision.findings)


def test_every_rule_is_tried_both_ways() -> None:
    for name in RULE_NAMES:
        whys = {why for rule, why, *_ in CASES if rule == name}
        assert None in whys, name
        assert len(whys) > 1, name


def test_every_rule_that_looks_at_the_time_is_tried_both_ways_at_both_changes_of_the_clocks() -> None:
    for name in TIMED:
        for change in CHANGES:
            whys = {why for rule, why, known, *_ in CASES if rule == name and change_near(known.at) == change}
            assert None in whys, (name, change)
            assert len(whys) > 1, (name, change)


def test_no_other_rule_looks_at_the_time() -> None:
    looking = {name_of(rule) for rule in (*CONTACT_RULES, *HELPLINE_RULES)
               if re.search(r"\.at\b|open_until|hours_source|\.rate\b", inspect.getsource(rule))}
    assert looking == TIMED


def test_rules_answer_under_their_own_names() -> None:
    assert len(set(RULE_NAMES)) == len(RULE_NAMES)
    for decision, rules in ((ask(), CONTACT_RULES), (ask(number="116123"), HELPLINE_RULES)):
        assert [finding.rule for finding in decision.findings][-len(rules):] == [name_of(rule) for rule in rules]


@pytest.mark.parametrize(
    ("changes", "number", "why"),
    [
        # what is told when several refuse: the earlier of the order
        ({"stops": (StopScope.EVERYONE,), "contact": None}, FAMILY, Why.UNAPPROVED),
        ({"stops": (StopScope.EVERYONE, StopScope.PERSON)}, FAMILY, Why.STOPPED_ALL),
        ({"at": MIDNIGHT, "contact": None}, FAMILY, Why.UNAPPROVED),
        ({"site_open": False, "at": MIDNIGHT}, FAMILY, Why.SITE_CLOSED),
        ({"contact": None}, "0909 879 0001", Why.NUMBER_CLASS),
        ({"recording_room": 0.0, "at": MIDNIGHT}, FAMILY, Why.OUT_OF_HOURS),
        ({"person": None, "contact": None}, "x", Why.UNREADABLE),
    ],
)
def test_the_order_of_telling(changes: dict[str, Any], number: str, why: Why) -> None:
    refusal = ask(replace(FACTS, **changes), number).refusal
    assert refusal is not None
    assert refusal.why is why


def asked(**changes: Any) -> Asked:
    base = Asked(PLAN, PLAN.settings, FACTS, Dialled(E164("447700900123")), None, None, None)
    return replace(base, **changes)


def test_a_rule_that_fails_refuses() -> None:
    broken = asked(facts=None, plan=replace(PLAN, barred_classes=None, barred_numbers=None), dialled=None, settings=None)
    for rule in [rule for rule in (*CONTACT_RULES, *HELPLINE_RULES) if name_of(rule) not in ("number-readable", "has-a-price")]:
        finding = judge(rule, broken)
        assert finding.rule == name_of(rule)
        assert not finding.allowed
        assert finding.why is Why.UNAVAILABLE
    finding = judge(CONTACT_RULES[1], asked(facts=None))
    assert finding.why is Why.UNAVAILABLE
    assert "AttributeError" in finding.text


def test_a_number_of_no_class_is_refused() -> None:
    by_name = {name_of(rule): rule for rule in CONTACT_RULES}
    assert judge(by_name["number-class"], asked()).why is Why.NUMBER_CLASS
    assert "no class" in judge(by_name["has-a-price"], asked()).text


OURS = REFUSALS - {
    # told before the plan is asked, or after: by the call's flow and the store
    Why.PIN_LOCKED, Why.PIN_WRONG, Why.NO_RECORD, Why.LINES_BUSY, Why.DRAINING,
}  # fmt: skip


def test_each_reason_of_ours_can_be_the_one_that_is_told() -> None:
    decisions: list[Decision] = [ask(known, number, by) for _, _, known, number, by in CASES]
    decisions.append(decide_without_plan(FACTS, CALL, read_dialled(FAMILY)))
    decisions.append(ask(replace(FACTS, at=NOON.replace(tzinfo=None))))
    assert {decision.refusal.why for decision in decisions if decision.refusal is not None} == OURS
