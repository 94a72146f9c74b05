"""Leave of staff: one number, one window, free; what it reaches over, and what it never does."""
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplans.explain import explain
from dialplans.model import Limit, Recording
from dialplans.permits import holds, permit_for
from dialplans.rules import CONTACT_RULES
from dialplans.rules.asked import name_of
from switch.core.facts import ContactKind, ContactState, Facts, OrderFacts, PermitKind, SignedListFacts, StopScope
from switch.core.grants import Privacy
from switch.core.ids import PhoneId
from switch.core.money import Millipence
from switch.core.numbers import E164, ShortCode
from switch.core.reasons import Why
from tests.unit.dialplans.test_always import FACTS_OF_ALL_KINDS, NUMBERS
from tests.unit.dialplans.world import FACTS, NOON, PLAN, ask, facts, found, permit, plan

POOR = {"balance": Millipence(0), "talked_today": 9e9, "talked_this_week": 9e9, "spent_this_week": Millipence(10**9),
        "last_ended": NOON, "recent_calls": (NOON,) * 100}  # fmt: skip
STRICT = plan(
    "[call]\ngap_seconds = 600\n[allowance]\ncalls_per_window = 1\nminutes_per_week = 10\n[hours]\nevery_day = []\n"
)
FIRST = {"kind": PermitKind.FIRST_CALL, "names": ("officer",)}


def by_leave(contact: ContactState | None = None, **changes: Any) -> Facts:
    known = replace(facts(POOR), permits=(permit(**changes),))
    return replace(known, contact=None if contact is None else replace(known.contact, state=contact))  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({}, True), ({"since": NOON}, True), ({"since": NOON + timedelta(microseconds=1)}, False),
        ({"until": NOON}, False), ({"until": NOON - timedelta(seconds=1)}, False), ({"until": NOON + timedelta(seconds=1)}, True),
        ({"used": True}, False), ({"used": True, "once": False}, True), ({"once": False}, True),
        ({"number": E164("447700900124")}, False),
        ({"names": ("officer",)}, False), ({"names": ("officer", "officer")}, False), ({"names": ("officer", "")}, False),
        ({"names": ()}, False),
        # the first call: one name, once, within a day
        (FIRST, True), ({**FIRST, "names": ()}, False), ({**FIRST, "once": False}, False), ({**FIRST, "used": True}, False),
        ({**FIRST, "until": NOON + timedelta(hours=23, minutes=30)}, True),
        ({**FIRST, "until": NOON + timedelta(hours=23, minutes=30, seconds=1)}, False),
    ],
)  # fmt: skip
def test_what_gives_leave(changes: dict[str, Any], allowed: bool) -> None:
    decision = ask(by_leave(**changes), by=STRICT)
    assert (decision.refusal is None) is allowed
    assert found(decision, "contact-approved").allowed is allowed
    if allowed:
        assert (decision.permit, decision.rate, decision.bundle_seconds) == ("p1", None, 0)
        assert (decision.privacy, decision.recording) == (Privacy.MONITORED, Recording.REQUIRED)
        assert decision.announcement.prompts
        assert decision.announcement.to_caller == ("will-hear-permit",)
        assert decision.warrant() is not None
        assert "free, by leave of staff" in "\n".join(explain(decision, STRICT))


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (None, None), (ContactState.RECEIVED, None), (ContactState.PENDING, None), (ContactState.WITHDRAWN, None),
        (ContactState.APPROVED, None), (ContactState.REFUSED, Why.CONTACT_REFUSED), (ContactState.STOPPED, Why.STOPPED_PERSON),
    ],
)  # fmt: skip
def test_leave_reaches_over_what_is_not_decided_but_not_over_a_no(state: ContactState | None, why: Why | None) -> None:
    refusal = ask(by_leave(state)).refusal
    assert (None if refusal is None else refusal.why) is why
    over = ask(by_leave(state, used=True)).refusal
    assert over is not None
    assert over.why is {ContactState.APPROVED: Why.NO_ALLOWANCE}.get(state, why or Why.PERMIT_OVER)  # type: ignore[arg-type]


def test_leave_that_is_over_is_told_as_such_and_leave_to_come_is_not() -> None:
    assert found(ask(by_leave(until=NOON)), "contact-approved").why is Why.PERMIT_OVER
    assert found(ask(by_leave(since=NOON + timedelta(minutes=1))), "contact-approved").why is Why.UNAPPROVED


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"stops": (StopScope.EVERYONE,)}, Why.STOPPED_ALL), ({"stops": (StopScope.PERSON,)}, Why.STOPPED_PERSON),
        ({"orders": (OrderFacts("site", "search"),)}, Why.ORDERS), ({"site_open": False}, Why.SITE_CLOSED),
        ({"recording_room": 0.0}, Why.SPOOL_FULL),
    ],
)  # fmt: skip
def test_leave_never_reaches_over_what_protects_others(changes: dict[str, Any], why: Why) -> None:
    refusal = ask(replace(by_leave(), **changes)).refusal
    assert refusal is not None
    assert refusal.why is why


@pytest.mark.parametrize(
    ("person", "why"),
    [
        ({"active": False}, Why.ACCOUNT_CLOSED), ({"phone": PhoneId("b1-02")}, Why.NOT_YOUR_PHONE),
        ({"on_call": True}, Why.ON_CALL),
    ],
)  # fmt: skip
def test_leave_is_of_the_person_alone(person: dict[str, Any], why: Why) -> None:
    refusal = ask(replace(by_leave(), person=replace(facts(POOR).person, **person))).refusal  # type: ignore[type-var]
    assert refusal is not None
    assert refusal.why is why
    nobody = ask(replace(by_leave(), person=None))
    assert nobody.permit is None
    assert nobody.refusal is not None


def test_a_barred_number_or_class_stays_barred() -> None:
    abroad = by_leave(number=E164("33199001234"))
    assert ask(abroad, "+33 1 99 00 12 34").refusal is not None
    barred = plan('[[barred_number]]\nnumber = "07700 900123"\nreason = "a victim"\n')
    refusal = ask(by_leave(), by=barred).refusal
    assert refusal is not None
    assert refusal.why is Why.BARRED


def test_a_lawyer_who_was_not_verified_is_not_rung_by_leave_and_never_recorded() -> None:
    decision = ask(replace(by_leave(ContactState.PENDING), contact=replace(
        FACTS.contact, kind=ContactKind.PRIVILEGED, state=ContactState.PENDING)))  # type: ignore[type-var]
    assert decision.refusal is not None
    assert (decision.refusal.rule, decision.warrant()) == ("privilege-verified", None)


@pytest.mark.parametrize("contact", [None, ContactState.PENDING])
def test_a_number_of_the_signed_list_stays_private_by_leave(contact: ContactState | None) -> None:
    decision = ask(replace(by_leave(contact), listed=SignedListFacts(7, "Hartnell and Quill", "")))
    assert decision.refusal is None
    assert (decision.privacy, decision.recording) == (Privacy.PRIVILEGED, Recording.NEVER)
    assert decision.announcement.to_caller == ("will-hear-privileged",)


def test_the_window_is_the_hours_of_such_a_call() -> None:
    decision = ask(by_leave(until=NOON + timedelta(seconds=90)), by=STRICT)
    assert (decision.limit, decision.closes_in, decision.warnings) == (Limit(90.0, Why.HOURS), 90.0, (60.0,))
    assert ask(by_leave(), by=STRICT).limit == Limit(600.0, Why.LENGTH)
    careful = plan("[call]\nminimum_talk = 10\n")
    for seconds, why in ((10, None), (9.9, Why.OUT_OF_HOURS)):
        finding = found(ask(by_leave(until=NOON + timedelta(seconds=seconds)), by=careful), "within-hours")
        assert finding.why is why


def test_of_several_the_one_that_ends_first() -> None:
    late, soon = permit(id="late"), permit(id="soon", until=NOON + timedelta(minutes=5))
    used = permit(id="used", until=NOON + timedelta(minutes=1), used=True)
    chosen = permit_for((late, used, soon), late.number, NOON)
    assert chosen is soon
    assert permit_for((late,), None, NOON) is None
    assert not holds(used, NOON)


LEAVE_REACHES = {"contact-approved", "consent-given", "child-contact-allowed", "both-prisons-agree", "within-hours",
                 "gap-over", "calls-left", "allowance-left", "week-left", "has-a-price", "spend-left", "credit-left"}  # fmt: skip


@given(FACTS_OF_ALL_KINDS, NUMBERS, st.booleans())
def test_leave_changes_only_the_rules_that_it_names(known: Facts, number: str, used: bool) -> None:
    without = ask(replace(known, permits=()), number)
    around = permit(since=known.at - timedelta(hours=1), until=known.at + timedelta(hours=1), used=used)
    with_it = ask(replace(known, permits=(around,)), number)
    for rule, before, after in zip(CONTACT_RULES, without.findings, with_it.findings, strict=True):
        if name_of(rule) not in LEAVE_REACHES or (used and name_of(rule) != "contact-approved"):
            assert before == after
    if used:
        assert with_it.refusal is not None or without.refusal is None
    assert with_it.privacy is without.privacy


def test_helplines_and_emergency_calls_need_no_leave() -> None:
    for number in ("116123", "999"):
        assert ask(by_leave(), number).permit is None
    assert ask(FACTS, by=PLAN).permit is None


@pytest.mark.parametrize(("minutes", "names", "once", "stands"), [
    (120, ("officer",), True, True), (121, ("officer",), True, False), (60, (), True, False), (60, ("officer",), False, False),
])
def test_an_emergency_permit_is_one_name_one_call_two_hours(
    minutes: int, names: tuple[str, ...], once: bool, stands: bool,
) -> None:
    given_ = permit(kind=PermitKind.EMERGENCY, names=names, once=once, since=NOON, until=NOON + timedelta(minutes=minutes))
    assert holds(given_, NOON) is stands


@pytest.mark.parametrize("at_risk", [False, True])
def test_somebody_at_risk_is_offered_samaritans_and_warned_in_the_last_minute(at_risk: bool) -> None:
    quiet = plan("[call]\nwarnings = [120, 30]\n")
    for known in (facts({"at_risk": at_risk}), facts(POOR | {"at_risk": at_risk})):
        decision = ask(known, by=quiet)
        assert decision.lifeline == (ShortCode("GB", "116123") if at_risk else None)
    assert ask(facts({"at_risk": at_risk}), by=quiet).warnings == ((120.0, 60.0, 30.0) if at_risk else (120.0, 30.0))
