"""What holds of every decision, whatever the facts: searched for a counterexample by hypothesis."""
import ast
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import dialplans
from dialplans.decide import decide, decide_without_plan
from dialplans.model import Decision, Recording, Service
from dialplans.plan import Plan
from dialplans.rules import CONTACT_RULES, RULE_NAMES
from dialplans.rules.asked import name_of
from dialplans.tariff import affordable
from switch.core.facts import (
    ContactFacts,
    ContactKind,
    ContactState,
    Facts,
    OrderFacts,
    PermitKind,
    PersonFacts,
    SignedListFacts,
    StopScope,
)
from switch.core.grants import Privacy
from switch.core.ids import PhoneId
from switch.core.money import Millipence
from switch.core.numbers import Unreadable, read_dialled
from switch.core.reasons import REFUSALS, Why
from tests.unit.dialplans.world import ANN, CALL, FACTS, FAMILY, NOON, NOT_LISTED, PHONE, PLAN, ask, facts, found, permit, plan

PEOPLE = st.builds(
    PersonFacts, st.just(ANN), st.just("Ann Archer"), st.booleans(), st.sampled_from([PHONE.id, PhoneId("b1-02"), None]),
    st.integers(-10, 10**6).map(Millipence), st.floats(0, 5000), st.booleans(), st.sampled_from(["", "basic", "enhanced"]),
    st.floats(0, 10_000), st.integers(0, 4 * 10**6).map(Millipence),
)  # fmt: skip
CONTACTS = st.builds(
    ContactFacts, st.just("Beth"), st.sampled_from(ContactKind), st.sampled_from(ContactState), st.booleans(), st.booleans()
)
PERMITS = st.builds(
    lambda kind, since, until, once, used, names: permit(
        kind=kind, since=NOON + timedelta(hours=since), until=NOON + timedelta(hours=until), once=once, used=used, names=names),
    st.sampled_from(PermitKind), st.integers(-4000, 4000), st.integers(-4000, 4000), st.booleans(), st.booleans(),
    st.sampled_from([(), ("a",), ("a", "a"), ("a", "b")]),
)  # fmt: skip
MOMENTS = st.integers(0, 366 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
FACTS_OF_ALL_KINDS = st.builds(
    Facts, MOMENTS, st.just(PHONE), st.none() | PEOPLE, st.none() | CONTACTS,
    st.lists(st.sampled_from(StopScope), unique=True).map(tuple),
    st.lists(st.builds(OrderFacts, st.just("site"), st.just("search"), st.just(False)), max_size=1).map(tuple),
    st.booleans(), st.floats(0, 4000) | st.just(inf), st.lists(PERMITS, max_size=2).map(tuple),
    listed=st.sampled_from([SignedListFacts(), NOT_LISTED, SignedListFacts(7, "Hartnell and Quill", "")]),
    found_privileged=st.booleans(),
)  # fmt: skip
USUAL = st.builds(
    lambda at, balance, talked, week, spent, kind: facts(
        {"balance": Millipence(balance), "talked_today": talked, "talked_this_week": talked + week,
         "spent_this_week": Millipence(spent)}, {"kind": kind}, at=at),
    MOMENTS, st.integers(0, 10**6), st.floats(0, 5000), st.floats(0, 5000), st.integers(0, 2_175_000),
    st.sampled_from(ContactKind),
)  # fmt: skip
NUMBERS = st.sampled_from([FAMILY, "01632 960001", "0909 879 0001", "+33199001234", "18001" + FAMILY, "12", "0x", "101", "1471"])


@given(FACTS_OF_ALL_KINDS, NUMBERS)
def test_deny_wins_and_every_finding_is_kept(known: Facts, number: str) -> None:
    decision = ask(known, number)
    assert [finding.rule for finding in decision.findings] == [name_of(rule) for rule in CONTACT_RULES]
    assert (decision.refusal is None) == all(finding.allowed for finding in decision.findings)
    for finding in decision.findings:
        assert finding.allowed == (finding.why is None)
        assert finding.why is None or finding.why in REFUSALS


@given(FACTS_OF_ALL_KINDS, NUMBERS, st.sampled_from(["person", "contact"]))
def test_what_is_unknown_denies(known: Facts, number: str, unknown: str) -> None:
    assert ask(replace(known, **{unknown: None}, permits=()), number).refusal is not None
    assert ask(replace(known, person=None), number).refusal is not None


@given(FACTS_OF_ALL_KINDS | USUAL, NUMBERS | st.sampled_from(["116123", "999"]))
def test_a_warrant_only_where_it_is_monitored_and_allowed(known: Facts, number: str) -> None:
    decision = ask(known, number)
    privileged = known.listed.name is not None or known.found_privileged or (
        known.contact is not None and known.contact.kind is ContactKind.PRIVILEGED)
    if decision.service is Service.HELPLINE or (decision.service is Service.CONTACT and privileged):
        assert decision.privacy is Privacy.PRIVILEGED
        assert decision.recording is Recording.NEVER
        assert not decision.announcement.offers_stop
    if decision.privacy is Privacy.PRIVILEGED or decision.refusal is not None:
        assert decision.warrant() is None
    else:
        assert decision.warrant() is not None
        assert known.listed.serial > 0 or decision.service is Service.EMERGENCY, "recorded under a list that nobody can trust"


@given(FACTS_OF_ALL_KINDS, st.sampled_from(["116123", "0800 555 111", "18001116123"]))
def test_helplines_are_never_refused_for_anything_about_the_person_or_the_site(known: Facts, number: str) -> None:
    for decision in (ask(known, number), decide_without_plan(known, CALL, read_dialled(number))):
        assert decision.refusal is None
        assert (decision.service, decision.limit, decision.rate) == (Service.HELPLINE, None, None)


@given(FACTS_OF_ALL_KINDS, st.sampled_from(["999", "112", "18000", "9 9 9", "18002999"]))
def test_emergency_calls_are_never_refused(known: Facts, number: str) -> None:
    orders = (OrderFacts("site", "x", helplines_too=True),)
    known = replace(known, orders=orders)
    for decision in (ask(known, number), decide_without_plan(known, CALL, read_dialled(number))):
        assert decision.refusal is None
        assert (decision.service, decision.recording) == (Service.EMERGENCY, Recording.WHERE_POSSIBLE)


LIMITED = plan("[allowance]\nminutes_per_week = 100\n")


@given(USUAL, NUMBERS)
def test_the_limit_is_the_least_of_all(known: Facts, number: str) -> None:
    decision = ask(known, number, LIMITED)
    assert known.person is not None
    assert known.contact is not None
    if decision.refusal is not None:
        return
    assert decision.limit is not None
    assert decision.limit.seconds >= PLAN.settings.minimum_talk.value
    assert decision.limit.seconds <= PLAN.settings.length(known.contact.kind, decision.relay is not None).value
    assert decision.limit.seconds <= 3600 - known.person.talked_today
    assert decision.limit.seconds <= 6000 - known.person.talked_this_week
    assert decision.limit.seconds <= affordable(decision.rate, Millipence(2_175_000 - known.person.spent_this_week))
    assert decision.limit.seconds <= affordable(decision.rate, known.person.balance)
    end = known.at + timedelta(seconds=decision.limit.seconds)
    assert found(ask(replace(known, at=end - timedelta(seconds=1)), number), "within-hours").allowed
    assert decision.limit.why in (Why.LENGTH, Why.ALLOWANCE, Why.WEEK, Why.SPEND, Why.CREDIT, Why.HOURS)
    assert all(warning < decision.limit.seconds for warning in decision.warnings)


TIGHTER = [
    "[length]\nsocial = 60\nofficial = 60\nprivileged = 60\nrelay = 60\n", "[allowance]\nminutes_per_day = 30\n",
    "[allowance]\nminutes_per_week = 60\n", "[allowance]\npence_per_week = 500\n", "[allowance]\ncalls_per_window = 1\n",
    "[call]\ngap_seconds = 900\n", "[call]\nminimum_talk = 30\n", '[hours]\nevery_day = ["12:00-13:00"]\n',
    '[[holiday]]\nname = "x"\ndate = 2026-06-03\nhours = []\n', '[[barred_number]]\nnumber = "07700 900123"\nreason = "x"\n',
    '[[group]]\nname = "x"\nuntil = 2026-08-01\nhours = { every_day = [] }\n', "[recording]\nreserve_minutes = 60\n",
    '[[tariff]]\nname = "dear"\nfrom = 2026-01-01\nclasses = ["mobile"]\nweekday = 9000\nweekend = 9000\nminimum = 10000\n',
]  # fmt: skip
TIGHTER_PLANS = [plan(text) for text in TIGHTER]
HISTORIES = st.builds(
    lambda known, last, calls: replace(known, person=replace(
        known.person, last_ended=None if last is None else known.at - timedelta(seconds=last),
        recent_calls=tuple(known.at - timedelta(seconds=call) for call in sorted(calls)))),
    USUAL, st.none() | st.integers(0, 2000), st.lists(st.integers(0, 86_400), max_size=5),
)  # fmt: skip


@given(HISTORIES, NUMBERS, st.sampled_from(TIGHTER_PLANS))
def test_no_rule_loosens_another(known: Facts, number: str, tighter: Plan) -> None:
    """One rule made tighter refuses more and shortens calls; what any other rule said stays as it was."""
    usual, less = ask(known, number), ask(known, number, tighter)
    assert usual.refusal is None or less.refusal is not None
    assert usual.limit is not None
    assert less.limit is not None
    assert less.limit.seconds <= usual.limit.seconds
    changed = {one.rule for one, other in zip(usual.findings, less.findings, strict=True) if one.allowed and not other.allowed}
    assert not {one.rule for one, other in zip(usual.findings, less.findings, strict=True) if other.allowed and not one.allowed}
    if not changed:
        assert (usual.refusal is None) == (less.refusal is None)


DIGITS = "7700900555"
BARRED = plan('[[barred_number]]\nnumber = "07700 900555"\nreason = "a victim"\n')


@given(
    st.sampled_from(["+44", "0044", "44", "0", "+44 (0)", "+44(0)"]),
    st.lists(st.sampled_from(["", " ", "-", ".", "("]), max_size=11),
    st.sampled_from(["", ",,5", ";5", "*", "#", "x5", " ext 5", "p1", "w", "A", "+"]), st.sampled_from(["", "18001", "18002"]),
)  # fmt: skip
def test_every_spelling_of_an_unapproved_number_is_refused(prefix: str, gaps: list[str], tail: str, relay: str) -> None:
    gaps += [""] * (len(DIGITS) + 1)
    number = relay + prefix + "".join(digit + gap for digit, gap in zip(DIGITS, gaps, strict=False)) + tail
    refusal = ask(replace(FACTS, contact=None), number).refusal
    assert refusal is not None
    assert refusal.why in (Why.UNAPPROVED, Why.UNREADABLE)
    dialled = read_dialled(number)
    told = decide(BARRED, FACTS, CALL, dialled).refusal
    assert told is not None
    assert told.why is (Why.UNREADABLE if isinstance(dialled, Unreadable) else Why.BARRED)


ROOT = Path(dialplans.__file__).resolve().parents[1]


def test_nothing_but_the_decision_makes_a_recording_warrant() -> None:
    makers = []
    for package in ("switch", "dialplans", "recordings", "admin"):
        for path in sorted((ROOT / package).rglob("*.py")):
            makers += [f"{path.relative_to(ROOT).as_posix()}:{maker}" for maker in _makers(ast.parse(path.read_text("utf-8")))]
    assert makers == ["dialplans/model.py:Decision.warrant"]


def _makers(tree: ast.AST, inside: str = "") -> list[str]:
    """Where the class is called or handed on; naming it as a type is no making."""
    found = []
    for node in ast.iter_child_nodes(tree):
        here = inside
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            here = f"{inside}.{node.name}".strip(".")
        if isinstance(node, ast.Call):
            handed = [node.func, *node.args, *(keyword.value for keyword in node.keywords)]
            found += [inside for part in handed if getattr(part, "id", getattr(part, "attr", "")) == "RecordingWarrant"]
        found += _makers(node, here)
    return found


def test_the_search_for_makers_finds_one() -> None:
    assert _makers(ast.parse("def f():\n    return grants.RecordingWarrant(call, privacy)")) == ["f"]
    assert _makers(ast.parse("class A:\n    def f(self):\n        replace(x, make=RecordingWarrant)")) == ["A.f"]
    assert _makers(ast.parse("def f(warrant: RecordingWarrant) -> None: ...")) == []


def test_every_rule_has_its_entry_in_the_docs() -> None:
    page = (ROOT / "docs" / "plans.md").read_text("utf-8")
    for name in (*RULE_NAMES, "helpline-listed", "emergency-code", "plan-in-force", "facts-usable"):
        assert f"| `{name}` |" in page, name


def test_a_decision_has_nothing_that_could_be_changed() -> None:
    assert Decision.__dataclass_params__.frozen  # type: ignore[attr-defined]  # dataclasses keep it there
    assert "findings" in {field.name for field in fields(Decision)}
