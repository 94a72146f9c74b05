"""Number lists against each other, the plan and everything else that may say no; every spelling of a number is that number."""
import random
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType as Kind
from phonenumbers import example_number_for_type, format_number, region_code_for_country_code
from phonenumbers.phonenumberutil import PhoneNumberFormat

from dialplans.plan import Plan
from switch.core.facts import ContactKind, ContactState, StopScope
from switch.core.lists import ListFacts, ListKind, ListLevel
from switch.core.numbers import E164, Dialled, read_dialled
from switch.core.reasons import Why
from tests.unit.dialplans.world import FACTS, FAMILY, PLAN, ask, facts, found, permit, plan

PRICED = plan("\n".join(
    f'[[tariff]]\nname = "{name}"\nfrom = 2020-01-01\nclasses = ["freephone", "premium"]\nweekday = 1\nweekend = 1\n'
    f"relay = {name}"
    for name in ("false", "true")))
BARRING = plan('[[barred_number]]\nnumber = "07700 900123"\nreason = "press"\n')
LISTING = plan('[[listed]]\nnumber = "07700 900123"\nname = "x"\n')
LENIENT = plan("[contact]\nrefuse_wrong_numbers = false\n")
OFFICIAL, LAWYER = (replace(FACTS.contact, kind=kind) for kind in (ContactKind.OFFICIAL, ContactKind.PRIVILEGED))  # type: ignore[type-var]  # not None
FREE, PREMIUM = "0808 157 0001", "0909 879 0001"


def entry(kind: ListKind, level: ListLevel = ListLevel.ESTATE, victim: bool = False) -> ListFacts:
    return ListFacts(f"{kind}-{level}", kind, level, "a reason", victim)


LEVELS = list(ListLevel)
ALLOW, BAR = [entry(ListKind.ALLOW, level) for level in LEVELS], [entry(ListKind.BAR, level) for level in LEVELS]
VICTIMS = [entry(ListKind.BAR, level, True) for level in LEVELS]


@pytest.mark.parametrize(("number", "lists", "changes", "by", "why"), [
    (FAMILY, (), {}, PLAN, None),
    *((FAMILY, (one,), {}, PLAN, Why.BARRED) for one in BAR),
    *((FAMILY, (one,), {}, PLAN, Why.UNAPPROVED) for one in VICTIMS),
    *((FREE, (one,), {}, PRICED, None) for one in ALLOW),
    *((PREMIUM, (one,), {}, PRICED, None) for one in ALLOW),
    (FREE, (), {}, PRICED, Why.NUMBER_CLASS),
    (FREE, (ALLOW[0],), {}, PLAN, Why.NUMBER_CLASS),  # listed, and still without a price
    # deny wins, whatever the levels
    *((FAMILY, (allow, bar), {}, PLAN, Why.BARRED) for allow in ALLOW for bar in BAR),
    *((FREE, (allow, bar), {}, PRICED, Why.BARRED) for allow in ALLOW for bar in BAR),
    *((FREE, (allow, bar), {}, PRICED, Why.UNAPPROVED) for allow in ALLOW for bar in VICTIMS),
    *((FAMILY, (one,), {}, BARRING, Why.BARRED) for one in ALLOW),
    *((FAMILY, (one,), {}, LISTING, Why.BARRED) for one in BAR),
    # to be listed is no approval, and lifts no stop
    (FREE, (ALLOW[0],), {"contact": None}, PRICED, Why.UNAPPROVED),
    (FREE, (ALLOW[2],), {"stops": (StopScope.PERSON,)}, PRICED, Why.STOPPED_PERSON),
    (FREE, (ALLOW[2],), {"stops": (StopScope.EVERYONE,)}, PRICED, Why.STOPPED_ALL),
    # leave of staff lifts neither a bar nor a victim's
    (FAMILY, (BAR[0],), {"contact": None, "permits": (permit(),)}, PLAN, Why.BARRED),
    (FAMILY, (VICTIMS[0],), {"contact": None, "permits": (permit(),)}, PLAN, Why.UNAPPROVED),
    (FAMILY, (), {"wrong_number": True}, PLAN, Why.UNVERIFIED),
    (FAMILY, (), {"wrong_number": True, "contact": None}, PLAN, Why.UNAPPROVED),
    (FAMILY, (), {"wrong_number": True}, LENIENT, None),
    (FAMILY, (), {"wrong_number": False}, LENIENT, None),
    (FAMILY, (), {"wrong_number": True, "contact": OFFICIAL}, LENIENT, None),
    (FAMILY, (), {"wrong_number": True, "contact": LAWYER}, LENIENT, Why.UNVERIFIED),
    (FAMILY, (), {"wrong_number": False, "contact": LAWYER}, LENIENT, None),
])  # fmt: skip
def test_what_the_lists_make_of_a_call(number: str, lists: tuple[ListFacts, ...], changes: dict[str, Any], by: Plan,
                                       why: Why | None) -> None:
    decision = ask(facts(lists=lists, **changes) if "contact" not in changes else _without(lists, changes), number, by)
    assert (decision.refusal.why if decision.refusal else None) is why
    assert why is None or any(one.level in finding.text for one in lists for finding in decision.findings) or not lists


def _without(lists: tuple[ListFacts, ...], changes: dict[str, Any]) -> Any:
    return replace(FACTS, lists=lists, **changes)


@pytest.mark.parametrize("contact", [None, *ContactState])
@pytest.mark.parametrize("level", LEVELS)
def test_a_caller_hears_of_a_victims_number_what_they_hear_of_a_strangers(level: ListLevel, contact: ContactState | None) -> None:
    """With a bar of the estate on another number the words differ; with a victim's they never do."""
    known = facts(contact={"state": contact}) if contact else _without((), {"contact": None})
    victim = _without((entry(ListKind.BAR, level, True),), {"contact": known.contact})
    told, usual = ask(victim).refusal, ask(known).refusal
    assert told is not None
    assert told.why is (Why.UNAPPROVED if usual is None else usual.why)
    assert told.why is not Why.BARRED


def test_no_list_reaches_a_helpline() -> None:
    assert ask(facts(lists=(*BAR, *VICTIMS)), "116123").refusal is None


CLASSES = [
    ("freephone", ["0800 999 0001", "0808 157 0001", "0500 123456"]), ("special", ["0845 999 0001", "0871 999 0001"]),
    ("premium", [PREMIUM]), ("directory", ["118500"]), ("personal", ["070 1234 5678"]),
    ("voip", ["055 9999 0001", "056 9999 0001"]), ("pager", ["07640 999001"]),
    ("satellite", ["+870 773 999001", "+8816 9990 0001", "+882 16 99900001", "+883 510 000 000 094"]),
    ("crown", ["01534 999001", "01481 999001", "01624 999001", "07797 999001", "07924 999001"]),
    ("international", ["+33 1 99 00 12 34", "+1 202 555 0123", "+353 20 910 1234"]), ("return-codes", ["141", "1471", "1571"]),
]


@pytest.mark.parametrize(("name", "number"), [(name, number) for name, numbers in CLASSES for number in numbers])
def test_each_barred_class_is_refused_as_the_estate_comes(name: str, number: str) -> None:
    decision = ask(number=number)
    assert decision.refusal is not None
    if not found(decision, "number-readable").allowed:  # codes that the edge does not read: refused all the same
        assert decision.refusal.why is Why.UNREADABLE
        return
    assert decision.refusal.why is Why.NUMBER_CLASS
    assert name in found(decision, "number-class").text


@pytest.mark.parametrize("of", [Kind.TOLL_FREE, Kind.PREMIUM_RATE, Kind.PERSONAL_NUMBER, Kind.VOIP, Kind.PAGER, Kind.UAN])
def test_libphonenumbers_examples_of_what_is_barred(of: int) -> None:
    example = example_number_for_type("GB", of)
    assert example is not None
    decision = ask(number=format_number(example, PhoneNumberFormat.E164))
    finding = found(decision, "number-class")
    assert finding.why is Why.NUMBER_CLASS, finding.text


@pytest.mark.parametrize("region", ["JE", "GG", "IM", "FR", "US", "IE", "001"])
@pytest.mark.parametrize("of", [Kind.FIXED_LINE, Kind.MOBILE])
def test_libphonenumbers_examples_of_abroad(region: str, of: int) -> None:
    example = example_number_for_type(region, of) if region != "001" else None
    if example is None:
        assert region == "001" or region_code_for_country_code(1)
        return
    assert found(ask(number=format_number(example, PhoneNumberFormat.E164)), "number-class").why is Why.NUMBER_CLASS


def spelt(national: str, how: random.Random) -> str:
    """One of the many ways in which people write a British number."""
    head = how.choice(["0", "+44", "0044", "44", "+44(0)", "+44 0"])
    digits = head + national
    out = [digits[0]]
    for before, digit in pairwise(digits):
        out += ("" if before == "+" else how.choice(["", "", "", " ", "-", ".", "  "])) + digit
    return "".join(out)


@given(st.sampled_from(["7700900123", "1632960001", "8081570001", "9098790001", "7797999001", "2079460001", "5599990001"]),
       st.randoms(use_true_random=False), st.sampled_from([(), (BAR[1],), (VICTIMS[0],), (ALLOW[2],)]))
def test_every_spelling_of_a_number_gets_one_decision(national: str, how: random.Random, lists: tuple[ListFacts, ...]) -> None:
    text = spelt(national, how)
    if len(text) > 40:
        return
    dialled = read_dialled(text)
    assert dialled == Dialled(E164("44" + national)), text
    known = facts(lists=lists)
    assert ask(known, text, PRICED) == ask(known, "0" + national, PRICED)
