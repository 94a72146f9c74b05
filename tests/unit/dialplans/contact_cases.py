"""Orders against contact, consent, contact with a child, calls between prisons: both sides of each edge, for `test_rules`."""
from dataclasses import replace

from dialplans.plan import Plan
from switch.core.facts import Consent, ContactKind, ContactState, Facts, NoContactFacts
from switch.core.numbers import E164
from switch.core.reasons import Why
from tests.unit.dialplans.world import FACTS, FAMILY, PLAN, facts, permit, plan

THERE, ELSEWHERE = E164("447700900123"), E164("447700900124")
ORDER = NoContactFacts("o1", "no-contact")
LAX = plan('[contact]\nchecks_social = []\n')
NOBODY = replace(FACTS, person=None, contact=None)
LEAVE = {"permits": (permit(),)}

CONTACT_CASES: list[tuple[str, Why | None, Facts, str, Plan]] = [
    ("no-contact-order", None, FACTS, FAMILY, PLAN),
    ("no-contact-order", Why.NO_CONTACT, facts(no_contact=(ORDER,)), FAMILY, PLAN),
    ("no-contact-order", Why.NO_CONTACT, facts(no_contact=(replace(ORDER, exceptions=(ELSEWHERE,)),)), FAMILY, PLAN),
    ("no-contact-order", None, facts(no_contact=(replace(ORDER, exceptions=(THERE,)),)), FAMILY, PLAN),
    ("no-contact-order", Why.NO_CONTACT, facts(no_contact=(replace(ORDER, exceptions=(THERE,)), ORDER)), FAMILY, PLAN),
    ("no-contact-order", Why.NO_CONTACT, facts(no_contact=(ORDER,), **LEAVE), FAMILY, PLAN),
    ("no-contact-order", Why.UNREADABLE, FACTS, "x", PLAN),
    ("no-contact-order", Why.UNKNOWN_PERSON, NOBODY, FAMILY, PLAN),
    ("consent-given", None, FACTS, FAMILY, PLAN),
    ("consent-given", Why.NO_CONSENT, facts(contact={"consent": Consent.NOT_ASKED}), FAMILY, PLAN),
    ("consent-given", None, facts(contact={"consent": Consent.NOT_ASKED}), FAMILY, LAX),
    ("consent-given", Why.NO_CONSENT, facts(contact={"consent": Consent.DENIED}), FAMILY, LAX),
    ("consent-given", None, facts(contact={"consent": Consent.NOT_ASKED, "kind": ContactKind.OFFICIAL}), FAMILY, PLAN),
    ("consent-given", None, facts(contact={"consent": Consent.NOT_ASKED, "state": ContactState.PENDING}, **LEAVE), FAMILY, PLAN),
    ("consent-given", Why.NO_CONSENT, facts(contact={"consent": Consent.DENIED}, **LEAVE), FAMILY, PLAN),
    ("consent-given", None, replace(FACTS, contact=None, permits=(permit(),)), FAMILY, PLAN),
    ("consent-given", Why.UNAPPROVED, replace(FACTS, contact=None), FAMILY, PLAN),
    ("child-contact-allowed", None, FACTS, FAMILY, PLAN),
    ("child-contact-allowed", Why.CHILD_CONTACT, facts(contact={"child": True}), FAMILY, PLAN),
    ("child-contact-allowed", Why.CHILD_CONTACT, facts(contact={"child": True, "child_level": 1}), FAMILY, PLAN),
    ("child-contact-allowed", Why.CHILD_CONTACT, facts(contact={"child": True, "child_level": 2}), FAMILY, PLAN),
    ("child-contact-allowed", None, facts(contact={"child": True, "child_level": 3}), FAMILY, PLAN),
    ("child-contact-allowed", None, facts(contact={"child": True, "child_level": 4}), FAMILY, PLAN),
    ("child-contact-allowed", Why.UNAPPROVED, replace(FACTS, contact=None), FAMILY, PLAN),
    ("both-prisons-agree", None, FACTS, FAMILY, PLAN),
    ("both-prisons-agree", Why.BETWEEN_PRISONS, facts(contact={"in_prison": True}), FAMILY, PLAN),
    ("both-prisons-agree", None, facts(contact={"in_prison": True, "both_agree": True}), FAMILY, PLAN),
    ("both-prisons-agree", Why.UNAPPROVED, replace(FACTS, contact=None), FAMILY, PLAN),
]
