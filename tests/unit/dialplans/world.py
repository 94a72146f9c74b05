"""A plan, a cell and a family to decide about."""
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dialplans.decide import decide
from dialplans.load import load_plan, shipped_plans
from dialplans.model import Decision, Finding
from dialplans.plan import Plan
from switch.core.facts import (
    Consent,
    ContactFacts,
    ContactKind,
    ContactState,
    Facts,
    PermitFacts,
    PermitKind,
    PersonFacts,
    PhoneFacts,
    SignedListFacts,
)
from switch.core.ids import CallId, PersonId, PhoneId
from switch.core.money import from_pence
from switch.core.numbers import E164, read_dialled

CALL = CallId("call-1")
ANN = PersonId("A1001AA")
NOON = datetime(2026, 6, 3, 11, 0, tzinfo=UTC)
"""A Wednesday, 12:00 in London."""
FAMILY = "07700 900123"
HEADER = 'extends = "estate"\n[emergency]\ncontrol_room = "sip:control-room@192.0.2.10"\n'

PHONE = PhoneFacts(PhoneId("b1-01"), "B1-01", "B", "Northfield", (ANN,))
PERSON = PersonFacts(ANN, "Ann Archer", True, PHONE.id, from_pence(500), 0.0, False)
CONTACT = ContactFacts("Beth Archer", ContactKind.SOCIAL, ContactState.APPROVED, consent=Consent.GIVEN)
NOT_LISTED = SignedListFacts(7, problem="")
FACTS = Facts(NOON, PHONE, PERSON, CONTACT, listed=NOT_LISTED)


def plan(text: str = "") -> Plan:
    """The estate's plan with a site's words over it."""
    loaded = load_plan({**shipped_plans(), "site.toml": HEADER + text}, "site")
    assert isinstance(loaded, Plan), loaded
    return loaded


def facts(person: dict[str, Any] | None = None, contact: dict[str, Any] | None = None, **changes: Any) -> Facts:
    """The usual facts with some changed."""
    base = replace(FACTS, person=replace(PERSON, **(person or {})), contact=replace(CONTACT, **(contact or {})))
    return replace(base, **changes)


PLAN = plan()


def ask(known: Facts = FACTS, number: str = FAMILY, by: Plan = PLAN) -> Decision:
    return decide(by, known, CALL, read_dialled(number))


def found(decision: Decision, rule: str) -> Finding:
    """The finding of one rule."""
    (finding,) = [finding for finding in decision.findings if finding.rule == rule]
    return finding


def permit(**changes: Any) -> PermitFacts:
    """Leave to ring the usual number for an hour around noon, given by two members of staff."""
    usual = PermitFacts(
        "p1", PermitKind.HOSPITAL, E164("447700900123"), NOON - timedelta(minutes=30), NOON + timedelta(minutes=30),
        ("officer", "governor"),
    )  # fmt: skip
    return replace(usual, **changes)
