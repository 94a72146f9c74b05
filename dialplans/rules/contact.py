"""Rules about who is called: only those whom staff approved for this person."""
from dialplans.model import Finding
from dialplans.rules.asked import Asked, says
from switch.core.facts import ContactState, StopScope
from switch.core.reasons import Why

_NOT_APPROVED = {
    ContactState.RECEIVED: (Why.CONTACT_PENDING, "has been asked for, and its checks have not begun"),
    ContactState.PENDING: (Why.CONTACT_PENDING, "has been asked for, and its checks are not finished"),
    ContactState.REFUSED: (Why.CONTACT_REFUSED, "was refused by staff"),
    ContactState.WITHDRAWN: (Why.UNAPPROVED, "was withdrawn"),
    ContactState.STOPPED: (Why.STOPPED_PERSON, "has been stopped"),
}


def contact_approved(asked: Asked) -> Finding:
    """The number is an approved contact of this very person."""
    rule, contact = "contact-approved", asked.facts.contact
    if asked.facts.person is None:
        return says(asked, rule, Why.UNKNOWN_PERSON, "It is not known whose contact this would be.")
    if asked.number is None:
        return says(asked, rule, Why.UNREADABLE, "A number that cannot be read is nobody's contact.")
    if contact is None:
        return says(asked, rule, Why.UNAPPROVED, f"{asked.number} is not a contact of {asked.facts.person.id}.")
    if contact.state is ContactState.APPROVED:
        return says(asked, rule, None, f"{asked.number} is an approved {contact.kind} contact of {asked.facts.person.id}.")
    why, text = _NOT_APPROVED[contact.state]
    if contact.state is ContactState.STOPPED and StopScope.EVERYONE in asked.facts.stops:
        why = Why.STOPPED_ALL
    return says(asked, rule, why, f"{asked.number} {text}, so it is not an approved contact of {asked.facts.person.id}.")
