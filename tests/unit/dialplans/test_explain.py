"""What whoever asks why is told."""
from dataclasses import replace

from dialplans.decide import decide_without_plan
from dialplans.explain import explain
from dialplans.model import Rate
from switch.core.facts import ContactKind
from switch.core.money import Millipence, from_pence
from switch.core.numbers import read_dialled
from switch.core.reasons import Why
from tests.unit.dialplans.world import CALL, FACTS, FAMILY, PLAN, ask, facts, plan


def text(lines: list[str]) -> str:
    return "\n".join(lines)


def test_a_connected_call_is_told_in_full() -> None:
    said = text(explain(ask(), PLAN, FACTS))
    for part in (
        "Call to +447700900123: connected.", f"plan       {PLAN.label}, {PLAN.title}", "dials      +447700900123",
        "recorded   yes; nobody speaks before the recorder runs", "currently in a prison in England or Wales",
        '" then "To stop calls',
        "longest    600 s: the longest that one call may last", "price      5.5p a minute by the second (mobile, weekday",
        "warned     120, 60 s before the end", "allows   contact-approved: +447700900123 is an approved social contact",
        "[estate.toml:",
    ):  # fmt: skip
        assert part in said, part
    assert "REFUSES" not in said


def test_every_finding_is_told_and_the_refusal_as_it_is_spoken() -> None:
    decision = ask(facts(contact={"kind": ContactKind.SOCIAL}, stops=(), site_open=False), "0909 879 0001")
    said = explain(decision, PLAN)
    assert said[0] == "Call to +449098790001: refused."
    assert "number     premium" in text(said)
    assert "  hears      \"" in text(said)
    assert "  meaning    " in text(said)
    assert sum(line.startswith("  REFUSES") for line in said) == sum(not finding.allowed for finding in decision.findings)
    assert sum(line.startswith("  allows") for line in said) == sum(finding.allowed for finding in decision.findings)


def test_privileged_free_and_relayed_calls() -> None:
    privileged = text(explain(ask(facts(contact={"kind": ContactKind.PRIVILEGED})), PLAN))
    assert "privacy    privileged; nobody can listen" in privileged
    assert "recorded   never" in privileged
    helpline = text(explain(ask(number="116123"), PLAN))
    for part in ("service    helpline", "longest    no limit", "price      free", "announced  nothing"):
        assert part in helpline
    assert "warned" not in helpline
    assert "recorded   yes where possible" in text(explain(ask(number="999"), PLAN))
    assert "through Relay UK (18001)" in text(explain(ask(facts(contact={"relay": True}), "18001" + FAMILY), PLAN))


def test_groups_that_fit_are_named_with_their_line() -> None:
    by = plan('[[group]]\nname = "short calls"\nwings = ["B"]\n[group.length]\nsocial = 8\n')
    assert "group      short calls (site.toml:4)" in text(explain(ask(by=by), by, FACTS))


def test_a_minimum_and_a_reason_without_a_prompt() -> None:
    rate = Rate("dear", Millipence(5500), from_pence(10))
    assert "5.5p a minute by the second, at least 10p (dear)" in text(explain(replace(ask(), rate=rate), PLAN))
    refused = ask(facts(site_open=False))
    odd = replace(refused, findings=(replace(refused.findings[0], allowed=False, why=Why.CRASHED, source=None),))
    assert "hears" not in text(explain(odd, PLAN))
    assert text(explain(odd, PLAN)).endswith("is a telephone number.")


def test_without_a_plan() -> None:
    said = text(explain(decide_without_plan(FACTS, CALL, read_dialled("x")), None))
    assert "Call to what is not a number: refused." in said
    assert "plan       none" in said
