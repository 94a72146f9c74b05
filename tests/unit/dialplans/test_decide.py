"""A decision as a whole: what is carried how, and what stays open when everything else is shut."""
from dataclasses import replace
from datetime import timedelta

import pytest

from dialplans.decide import ask_for, decide, decide_without_plan, occupant, pin_digits, service_of
from dialplans.model import Announcement, Ask, Limit, Recording, Service
from dialplans.rules import CONTACT_RULES
from dialplans.rules.asked import name_of
from switch.core.facts import ContactKind, ContactState, Facts, OrderFacts, StopScope
from switch.core.grants import Privacy
from switch.core.ids import PersonId
from switch.core.money import Millipence, from_pence
from switch.core.numbers import E164, ShortCode, Unreadable, read_dialled
from switch.core.reasons import Why
from tests.unit.dialplans.world import CALL, FACTS, FAMILY, NOON, NOT_LISTED, PHONE, PLAN, ask, facts, found, plan

SHUT = facts(
    {"active": False, "balance": from_pence(0), "talked_today": 9e9, "on_call": True, "phone": None}, site_open=False,
    stops=(StopScope.EVERYONE,), orders=(OrderFacts("site", "search"),), recording_room=0.0, at=NOON.replace(hour=3),
)


def test_an_approved_contact_is_announced_recorded_limited_and_priced() -> None:
    decision = ask()
    assert decision.refusal is None
    assert (decision.service, decision.number, decision.dial) == (Service.CONTACT, E164("447700900123"), "+447700900123")
    assert (decision.privacy, decision.recording) == (Privacy.MONITORED, Recording.REQUIRED)
    assert decision.announcement == Announcement(
        ("announce-england-wales", "announce-stop"), ("will-hear-announcement",), offers_stop=True
    )
    assert decision.limit == Limit(600.0, Why.LENGTH)
    assert decision.rate is not None
    assert decision.rate.per_minute == 5500
    assert decision.warnings == (120.0, 60.0)
    assert decision.number_class == "mobile"
    assert decision.plan == PLAN.label
    warrant = decision.warrant()
    assert warrant is not None
    assert warrant.call == CALL


def test_every_rule_is_asked_in_the_order_of_telling() -> None:
    for known in (FACTS, SHUT, Facts(NOON, PHONE)):
        assert [finding.rule for finding in ask(known).findings] == [name_of(rule) for rule in CONTACT_RULES]


def test_every_finding_has_text_and_a_line_of_the_plan() -> None:
    for known, number in ((FACTS, FAMILY), (SHUT, "0909 8790000"), (Facts(NOON, PHONE), "12x")):
        for finding in ask(known, number).findings:
            assert finding.text.endswith(".")
            assert finding.source is not None
            assert finding.source.line > 0
            assert finding.allowed == (finding.why is None)


def test_a_privileged_contact_is_announced_as_such_and_never_recorded() -> None:
    decision = ask(facts(contact={"kind": ContactKind.PRIVILEGED}))
    assert decision.refusal is None
    assert (decision.privacy, decision.recording) == (Privacy.PRIVILEGED, Recording.NEVER)
    assert decision.announcement == Announcement(
        ("announce-privileged", "announce-wrong-number"), ("will-hear-privileged",), offers_stop=False)
    assert decision.warrant() is None
    assert decision.limit == Limit(1800.0, Why.LENGTH)


@pytest.mark.parametrize("contact", [{"kind": ContactKind.OFFICIAL}, {"organisation": True}])
def test_organisations_and_officials_are_not_offered_to_stop_calls(contact: dict[str, object]) -> None:
    decision = ask(facts(contact=contact))
    assert decision.refusal is None
    assert not decision.announcement.offers_stop
    assert decision.announcement.prompts == ("announce-england-wales", "announce-wrong-number")


@pytest.mark.parametrize("number", ["116123", "116 123", "0800 555111", "+44 800 555111"])
@pytest.mark.parametrize("known", [FACTS, SHUT, Facts(NOON, PHONE)])
def test_helplines_are_free_private_and_open_in_every_state(number: str, known: Facts) -> None:
    decision = ask(known, number)
    assert decision.refusal is None
    assert decision.service is Service.HELPLINE
    assert (decision.privacy, decision.recording) == (Privacy.PRIVILEGED, Recording.NEVER)
    assert decision.announcement.prompts == ()
    assert (decision.limit, decision.rate, decision.warrant()) == (None, None, None)


def test_a_helpline_is_stopped_only_by_an_order_that_says_so() -> None:
    order = OrderFacts("site", "search", helplines_too=True)
    decision = ask(facts(orders=(OrderFacts("site", "search"), order)), "116123")
    assert decision.refusal is not None
    assert decision.refusal.why is Why.ORDERS


def test_a_helpline_that_is_not_privileged_is_announced_before_it_may_be_recorded() -> None:
    text = '[[helpline]]\nnumber = "0808 157 0123"\nname = "Careers line"\nprivileged = false\n'
    decision = ask(Facts(NOON, PHONE, listed=NOT_LISTED), "08081570123", plan(text))
    assert (decision.privacy, decision.recording) == (Privacy.MONITORED, Recording.WHERE_POSSIBLE)
    assert decision.announcement.prompts == ("announce-england-wales",)
    assert decision.limit is None


def test_a_fault_of_ours_never_closes_a_helpline() -> None:
    decision = ask(replace(FACTS, orders=None), "116123")  # type: ignore[arg-type]  # broken facts, as a faulty store gives
    assert decision.refusal is None
    assert "stays open" in found(decision, "no-orders-for-helplines").text


@pytest.mark.parametrize("number", ["999", "112", "18000", "18001999"])
@pytest.mark.parametrize("known", [FACTS, SHUT, Facts(NOON, PHONE, orders=(OrderFacts("site", "search", True),))])
def test_emergency_codes_ring_the_control_room_and_are_never_refused(number: str, known: Facts) -> None:
    decision = ask(known, number)
    assert decision.refusal is None
    assert decision.service is Service.EMERGENCY
    assert decision.dial == "sip:control-room@192.0.2.10"
    assert (decision.privacy, decision.recording) == (Privacy.MONITORED, Recording.WHERE_POSSIBLE)
    assert (decision.announcement.prompts, decision.limit, decision.rate) == ((), None, None)
    assert decision.warrant() is not None


def test_relay_is_dialled_with_its_prefix_limit_and_price() -> None:
    decision = ask(facts(contact={"relay": True}), "18001 07700 900123")
    assert decision.refusal is None
    assert (decision.dial, decision.relay) == ("1800107700900123", "18001")
    assert decision.number == E164("447700900123")
    assert decision.limit == Limit(1800.0, Why.LENGTH)
    assert decision.rate is not None
    assert decision.rate.per_minute == 3600


def test_relay_before_a_helpline_and_abroad() -> None:
    assert ask(Facts(NOON, PHONE), "18002116123").dial == "18002116123"
    decision = ask(facts(contact={"relay": True}), "180020033123456789")
    assert decision.dial == "180020033123456789"


def test_the_limit_is_the_least_and_says_which() -> None:
    assert ask(facts({"balance": Millipence(5500)})).limit == Limit(60.0, Why.CREDIT)
    assert ask(facts({"talked_today": 3600.0 - 90})).limit == Limit(90.0, Why.ALLOWANCE)
    late = NOON.replace(hour=22, minute=59)  # 23:59 in London
    assert ask(facts(at=late)).limit == Limit(60.0, Why.HOURS)
    assert ask(facts({"spent_this_week": Millipence(2_175_000 - 5500)})).limit == Limit(60.0, Why.SPEND)
    week = plan("[allowance]\nminutes_per_week = 100\n")
    assert ask(facts({"talked_this_week": 5940.0}), by=week).limit == Limit(60.0, Why.WEEK)
    assert ask(facts({"balance": from_pence(55), "talked_today": 3000.0})).limit == Limit(600.0, Why.LENGTH)


def test_warnings_later_than_the_whole_call_are_left_out() -> None:
    assert ask(facts({"balance": Millipence(5500 * 3 // 2)})).warnings == (60.0,)


def test_without_an_allowance_there_is_no_such_limit() -> None:
    free = plan('[allowance]\nminutes_per_day = "no limit"\n')
    assert ask(facts({"talked_today": 9e9}), by=free).limit == Limit(600.0, Why.LENGTH)


def test_groups_override_by_person_wing_cell_and_contact_and_the_last_wins() -> None:
    text = """
[[group]]
name = "wing"
wings = ["B"]
[group.length]
social = 300
[group.call]
warnings = [20]
[[group]]
name = "one person, one number, this cell"
people = ["A1001AA"]
contacts = ["+44 7700 900123"]
cells = ["B1-01"]
[group.length]
social = 8
"""
    by = plan(text)
    decision = ask(by=by)
    assert decision.limit == Limit(8.0, Why.LENGTH)
    assert decision.warnings == ()
    other = ask(number="01632 960001", by=by)
    assert other.limit == Limit(300.0, Why.LENGTH)
    assert other.warnings == (20.0,)
    assert ask(facts(phone=replace(PHONE, wing="C")), number="01632 960001", by=by).limit == Limit(600.0, Why.LENGTH)


def test_without_a_plan_only_helplines_and_emergency_calls_go_through() -> None:
    known = Facts(NOON, PHONE)
    refused = decide_without_plan(FACTS, CALL, read_dialled(FAMILY), "site.toml:3: a fault")
    assert refused.refusal is not None
    assert refused.refusal.why is Why.PLAN_INVALID
    assert "site.toml:3" in refused.refusal.text
    assert refused.warrant() is None
    assert decide_without_plan(known, CALL, Unreadable("x", "letters")).refusal is not None
    for number in ("116123", "0800555111"):
        decision = decide_without_plan(known, CALL, read_dialled(number))
        assert (decision.refusal, decision.service, decision.privacy) == (None, Service.HELPLINE, Privacy.PRIVILEGED)
    assert decide_without_plan(known, CALL, read_dialled("999")).dial == "999"
    room = decide_without_plan(known, CALL, read_dialled("112"), control_room="sip:room@192.0.2.1")
    assert (room.refusal, room.dial, room.service) == (None, "sip:room@192.0.2.1", Service.EMERGENCY)
    stopped = decide_without_plan(replace(known, orders=(OrderFacts("site", "x", True),)), CALL, read_dialled("116123"))
    assert stopped.refusal is not None
    assert stopped.refusal.why is Why.ORDERS


def test_service_and_what_to_ask() -> None:
    two = replace(PHONE, people=(*PHONE.people, PersonId("A1002AB")))
    free = replace(PHONE, pin_required=False)
    for by in (PLAN, None):
        assert service_of(by, read_dialled("999")) is Service.EMERGENCY
        assert service_of(by, read_dialled("116123")) is Service.HELPLINE
        assert service_of(by, read_dialled(FAMILY)) is Service.CONTACT
        assert service_of(by, Unreadable("x", "letters")) is Service.CONTACT
        assert ask_for(by, two, Service.HELPLINE) is Ask.NOTHING
        assert ask_for(by, two, Service.EMERGENCY) is Ask.NOTHING
        assert ask_for(by, PHONE, Service.CONTACT) is Ask.PIN
        assert ask_for(by, free, Service.CONTACT) is Ask.NOTHING
        assert ask_for(by, two, Service.CONTACT) is Ask.NUMBER_AND_PIN
        assert ask_for(by, replace(two, pin_required=False), Service.CONTACT) is Ask.NUMBER_AND_PIN
        assert ask_for(by, replace(free, people=()), Service.CONTACT) is Ask.NUMBER_AND_PIN
        assert pin_digits(by) == 4
    assert occupant(PHONE) == PHONE.people[0]
    assert occupant(two) is None


def test_facts_that_cannot_be_worked_with_refuse() -> None:
    naive = ask(replace(FACTS, at=NOON.replace(tzinfo=None)))
    assert naive.refusal is not None
    assert naive.refusal.why is Why.UNAVAILABLE
    assert naive.limit == Limit(0.0, Why.LENGTH)


def test_a_plan_number_is_dialled_though_another_code_is_like_it() -> None:
    assert decide(PLAN, FACTS, CALL, read_dialled("116000")).service is Service.CONTACT
    assert ask(number="116000").refusal is not None
    assert ShortCode("GB", "116000") not in PLAN.helplines


def test_every_unapproved_state_is_refused() -> None:
    for state in ContactState:
        if state is not ContactState.APPROVED:
            assert ask(facts(contact={"state": state})).refusal is not None
    assert ask(facts(at=NOON + timedelta(hours=12))).refusal is not None
