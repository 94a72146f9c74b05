"""Rules about what an approved contact needs beside the approval: consent, a level for a child, both prisons."""
from dialplans.model import Finding
from dialplans.rules.asked import Asked, says
from switch.core.contacts import TELEPHONE_FROM, Check
from switch.core.facts import Consent
from switch.core.reasons import Why


def consent_given(asked: Asked) -> Finding:
    """Whoever is called agreed to it, where the plan asks for that; who said no is not rung under any plan."""
    rule, contact = "consent-given", asked.facts.contact
    if contact is None:
        return _no_contact(asked, rule)
    if contact.consent is Consent.DENIED:
        return says(asked, rule, Why.NO_CONSENT, "The contact does not agree to be rung.")
    checks = asked.plan.contact.checks(contact.kind)
    if asked.permit is not None:
        return says(asked, rule, None, "By leave of staff it is rung without the contact's consent on record.", checks.source)
    if Check.CONSENT not in checks.value:
        return says(asked, rule, None, f"The plan asks for no consent of {contact.kind} contacts.", checks.source)
    if contact.consent is not Consent.GIVEN:
        return says(asked, rule, Why.NO_CONSENT, "The contact has not been asked whether it agrees to be rung.", checks.source)
    return says(asked, rule, None, "The contact agrees to be rung.", checks.source)


def child_contact_allowed(asked: Asked) -> Finding:
    """A child is rung only at a level that two members of staff set and that allows the telephone."""
    rule, contact = "child-contact-allowed", asked.facts.contact
    if contact is None:
        return _no_contact(asked, rule)
    if not contact.child:
        return says(asked, rule, None, "The contact is not a child.")
    if contact.child_level is None:
        return says(asked, rule, Why.CHILD_CONTACT, "The contact is a child, and no level of contact is set.")
    text = f"The contact is a child; the level of contact is {contact.child_level}"
    if contact.child_level < TELEPHONE_FROM:
        return says(asked, rule, Why.CHILD_CONTACT, f"{text}: no telephone calls.")
    return says(asked, rule, None, f"{text}.")


def both_prisons_agree(asked: Asked) -> Finding:
    """A call to somebody in another prison needs the word of both establishments."""
    rule, contact = "both-prisons-agree", asked.facts.contact
    if contact is None:
        return _no_contact(asked, rule)
    if not contact.in_prison:
        return says(asked, rule, None, "The contact is not in prison.")
    if not contact.both_agree:
        return says(asked, rule, Why.BETWEEN_PRISONS, "The contact is in another prison, and not both establishments agreed.")
    return says(asked, rule, None, "The contact is in another prison, and both establishments agreed.")


def _no_contact(asked: Asked, rule: str) -> Finding:
    """Nothing is known of whoever is called: by leave of staff that is enough."""
    if asked.permit is not None:
        return says(asked, rule, None, "By leave of staff it is rung without being a contact.")
    return says(asked, rule, Why.UNAPPROVED, "It is no contact, so nothing is known of whoever is called.")
