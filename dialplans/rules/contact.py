"""Rules about who is called: only those whom staff approved for this person, or gave leave to ring."""
from dialplans.model import Finding
from dialplans.permits import spent
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


_NO_LEAVE = frozenset({ContactState.REFUSED, ContactState.STOPPED})
"""States that leave to ring does not reach over: somebody said no to this very pair."""


def contact_approved(asked: Asked) -> Finding:
    """The number is an approved contact of this very person, or staff gave leave to ring it now."""
    rule, contact = "contact-approved", asked.facts.contact
    if asked.facts.person is None:
        return says(asked, rule, Why.UNKNOWN_PERSON, "It is not known whose contact this would be.")
    if asked.number is None:
        return says(asked, rule, Why.UNREADABLE, "A number that cannot be read is nobody's contact.")
    if asked.permit is not None and (contact is None or contact.state not in {*_NO_LEAVE, ContactState.APPROVED}):
        permit, names = asked.permit, " and ".join(asked.permit.names)
        text = f"{asked.number} may be rung by leave of staff ({permit.kind}, {names}) until {permit.until:%d %B %H:%M} UTC."
        return says(asked, rule, None, text)
    over = asked.permit is None and spent(asked.facts.permits, asked.number, asked.facts.at)
    if over and (contact is None or contact.state not in {*_NO_LEAVE, ContactState.APPROVED}):
        text = f"The leave of staff to ring {asked.number} is used or over, and it is not an approved contact."
        return says(asked, rule, Why.PERMIT_OVER, text)
    if contact is None:
        return says(asked, rule, Why.UNAPPROVED, f"{asked.number} is not a contact of {asked.facts.person.id}.")
    if contact.state is ContactState.APPROVED:
        return says(asked, rule, None, f"{asked.number} is an approved {contact.kind} contact of {asked.facts.person.id}.")
    why, text = _NOT_APPROVED[contact.state]
    if contact.state is ContactState.STOPPED and StopScope.EVERYONE in asked.facts.stops:
        why = Why.STOPPED_ALL
    return says(asked, rule, why, f"{asked.number} {text}, so it is not an approved contact of {asked.facts.person.id}.")
