"""Rules about Relay UK: 18001 or 18002 before a number."""
from dialplans.model import Finding
from dialplans.rules.asked import Asked, says
from switch.core.reasons import Why


def relay_approved(asked: Asked) -> Finding:
    """Relay UK is approved for this contact, where it was dialled."""
    contact = asked.facts.contact
    if not asked.relay:
        return says(asked, "relay-approved", None, "The call does not go through Relay UK.")
    if contact is None or not contact.relay:
        return says(asked, "relay-approved", Why.RELAY, "Relay UK is not approved for this contact.")
    return says(asked, "relay-approved", None, f"Relay UK is approved for {asked.number}.")
