"""Rules about orders of courts and staff: whom a person may not ring, whoever approved the number."""
from dialplans.model import Finding
from dialplans.rules.asked import Asked, says
from switch.core.reasons import Why


def no_contact_order(asked: Asked) -> Finding:
    """No order against contact reaches this number; leave of staff does not reach over one."""
    rule, number = "no-contact-order", asked.number
    if asked.facts.person is None:
        return says(asked, rule, Why.UNKNOWN_PERSON, "It is not known whom an order would bind.")
    if number is None:
        return says(asked, rule, Why.UNREADABLE, "Nobody can say whether an order reaches a number that cannot be read.")
    against = [order for order in asked.facts.no_contact if number not in order.exceptions]
    if against:
        told = ", ".join(f"{order.id} ({order.kind})" for order in against)
        return says(asked, rule, Why.NO_CONTACT, f"{number} is reached by an order against contact: {told}.")
    left_open = f"; {len(asked.facts.no_contact)} leave it open" if asked.facts.no_contact else ""
    return says(asked, rule, None, f"No order against contact reaches {number}{left_open}.")
