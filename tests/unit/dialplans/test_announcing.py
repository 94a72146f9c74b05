"""Relief, and words for a child: every condition on both sides of its edge; whatever is missing is announced in full."""
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dialplans.load import load_plan, shipped_plans
from dialplans.placing import may_place, placing_now
from dialplans.prompts.table import load_table
from switch.core.facts import ContactKind, ToldFacts, Voice
from switch.core.numbers import E164, Number, ShortCode
from switch.core.reasons import Why
from tests.unit.dialplans.world import FACTS, HEADER, NOON, PLAN, ask, facts, permit, plan

WRONG = "announce-wrong-number"
FULL, OFFER, RELIEF, CHILD = "announce-england-wales", "announce-stop", "announce-relief", "announce-child"
THIRTY = plan("[announcement]\nrelief_days = 30\n")
DAY = timedelta(days=1)
GIVEN = ToldFacts(relief_since=NOON - 400 * DAY)
AGREED = {"consented_at": NOON - DAY}


def told(**changes: Any) -> ToldFacts:
    return replace(GIVEN, **changes)


def test_relief_stands_for_the_announcement_and_key_9_works_unspoken() -> None:
    announcement = ask(facts(contact=AGREED, told=GIVEN), by=THIRTY).announcement
    assert (announcement.prompts, announcement.offers_stop) == ((RELIEF,), True)
    assert ask(facts(contact=AGREED, told=GIVEN), by=THIRTY).refusal is None


@pytest.mark.parametrize(("consented", "prompts"), [
    (NOON - 30 * DAY + timedelta(seconds=1), (RELIEF,)), (NOON - 30 * DAY, (FULL, OFFER)),
    (NOON, (RELIEF,)), (NOON + timedelta(seconds=1), (FULL, OFFER)), (None, (FULL, OFFER)),
])
def test_a_consent_stands_as_long_as_the_plan_says(consented: Any, prompts: tuple[str, ...]) -> None:
    assert ask(facts(contact={"consented_at": consented}, told=GIVEN), by=THIRTY).announcement.prompts == prompts


def test_without_leave_or_by_the_estates_own_word_there_is_none() -> None:
    assert ask(facts(contact=AGREED, told=told(relief_since=None)), by=THIRTY).announcement.prompts == (FULL, OFFER)
    assert ask(facts(contact=AGREED, told=GIVEN)).announcement.prompts == (FULL, OFFER), "off by default"


@pytest.mark.parametrize(("contact", "prompts"), [
    ({"kind": ContactKind.OFFICIAL}, (FULL, WRONG)), ({"kind": ContactKind.PRIVILEGED}, ("announce-privileged", WRONG)),
    ({"organisation": True}, (FULL, WRONG)),
])
def test_only_private_contacts_have_it(contact: dict[str, Any], prompts: tuple[str, ...]) -> None:
    assert ask(facts(contact=AGREED | contact, told=GIVEN), by=THIRTY).announcement.prompts == prompts
    child = ask(facts(contact=AGREED | contact, told=told(voice=Voice.CHILD, relief_since=None)), by=THIRTY).announcement.prompts
    assert child == ((CHILD,) if contact == {"organisation": True} else prompts)


def test_a_call_by_leave_of_staff_is_announced_in_full() -> None:
    assert ask(facts(contact=AGREED, told=GIVEN, permits=(permit(),)), by=THIRTY).announcement.prompts == (FULL, OFFER)
    nobody = replace(FACTS, contact=None, told=told(voice=Voice.CHILD), permits=(permit(),))
    assert ask(nobody).announcement.prompts == (FULL, OFFER)


def test_words_for_a_child_win_over_relief() -> None:
    announcement = ask(facts(contact=AGREED, told=told(voice=Voice.CHILD)), by=THIRTY).announcement
    assert (announcement.prompts, announcement.offers_stop) == ((CHILD, OFFER), True)


@pytest.mark.parametrize(("said", "contact", "voice", "prompts"), [
    ("stop_offer = true\nwrong_number = true", {}, Voice.USUAL, (FULL, OFFER)),
    ("stop_offer = false\nwrong_number = true", {}, Voice.USUAL, (FULL, WRONG)),
    ("stop_offer = false\nwrong_number = false", {}, Voice.USUAL, (FULL,)),
    ("stop_offer = false\nwrong_number = true", {}, Voice.CHILD, (CHILD,)),
    ("wrong_number = false", {"kind": ContactKind.OFFICIAL}, Voice.USUAL, (FULL,)),
    ("wrong_number = false", {"kind": ContactKind.PRIVILEGED}, Voice.USUAL, ("announce-privileged",)),
])
def test_key_7_is_told_of_once_and_never_to_a_child(said: str, contact: dict[str, Any], voice: Voice,
                                                    prompts: tuple[str, ...]) -> None:
    by = plan(f"[announcement]\n{said}\n")
    assert ask(facts(contact=contact, told=ToldFacts(voice)), by=by).announcement.prompts == prompts
    assert "7" in (load_table()[WRONG].say or "")
    assert "press 7" in (load_table()[OFFER].say or "")


def test_relief_never_says_prison() -> None:
    assert "prison" not in (load_table()[RELIEF].say or "").lower()
    problems = load_plan({**shipped_plans(), "site.toml": HEADER + '[announcement]\nrelief = ["announce-short"]\n'}, "site")
    assert isinstance(problems, tuple)
    assert [str(one) for one in problems] == [
        'site.toml:5: "announce-short" in `announcement.relief` says the word prison, which relief is there to spare']
    none = load_plan({**shipped_plans(), "site.toml": HEADER + '[announcement]\nrelief = ["nothing"]\n'}, "site")
    assert isinstance(none, tuple)
    assert plan('[announcement]\nrelief = ["beep"]\n').settings.announce_relief.value == ("beep",)
    wrong = load_plan({**shipped_plans(), "site.toml": HEADER + "[announcement]\nrelief = 3\n"}, "site")
    assert isinstance(wrong, tuple)


@pytest.mark.parametrize(("number", "why"), [
    (E164("447700900123"), None), (E164("441632960123"), None),
    (ShortCode("GB", "116123"), Why.NUMBER_CLASS), (ShortCode("GB", "999"), Why.NUMBER_CLASS),
    (E164("44800555111"), Why.NUMBER_CLASS), (E164("448001111111"), Why.NUMBER_CLASS), (E164("33123456789"), Why.NUMBER_CLASS),
])
def test_what_the_switch_never_rings(number: Number, why: Why | None) -> None:
    assert may_place(PLAN, number, NOON) is why


def test_a_barred_number_is_never_rung() -> None:
    barred = plan('[[barred_number]]\nnumber = "07700 900123"\nreason = "asked"\n')
    assert may_place(barred, E164("447700900123"), NOON) is Why.BARRED


@pytest.mark.parametrize(("minutes", "open_"), [(-181, False), (-180, True), (419, True), (420, False)])
def test_families_are_rung_within_the_plans_hours_alone(minutes: int, open_: bool) -> None:
    assert placing_now(PLAN, NOON + timedelta(minutes=minutes)) is open_


def test_every_fault_of_the_table_is_told() -> None:
    text = HEADER + '[placed]\nhours = ["9-17"]\ntries = 0\nspacing_minutes = 1\nat_once = 1\n'
    problems = load_plan({**shipped_plans(), "site.toml": text}, "site")
    assert isinstance(problems, tuple)
    assert len(problems) == 1
    assert "`placed.tries` must be" in str(problems[0])
    problems = load_plan({**shipped_plans(), "site.toml": text.replace("tries = 0", "tries = 1")}, "site")
    assert isinstance(problems, tuple)
    assert "`placed.hours`" in str(problems[0])
