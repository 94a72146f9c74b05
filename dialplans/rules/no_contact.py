"""Rules about orders of courts and staff: whom a person may not ring, whoever approved the number."""
from dialplans.hours import told
from dialplans.model import Finding
from dialplans.openings import FOR_GOOD, binds, open_till
from dialplans.rules.asked import Asked, says
from switch.core.reasons import Why


def no_contact_order(asked: Asked) -> Finding:
    """No order against contact reaches this number; leave of staff does not reach over one."""
    rule, number = "no-contact-order", asked.number
    if asked.facts.person is None:
        return says(asked, rule, Why.UNKNOWN_PERSON, "It is not known whom an order would bind.")
    if number is None:
        return says(asked, rule, Why.UNREADABLE, "Nobody can say whether an order reaches a number that cannot be read.")
    facts = asked.facts
    against = [order for order in facts.no_contact if open_till(order, number, facts.at) is None]
    if against:
        orders = ", ".join(f"{order.id} ({order.kind})" for order in against)
        return says(asked, rule, Why.NO_CONTACT, f"{number} is reached by an order against contact: {orders}.")
    if not facts.no_contact:
        return says(asked, rule, None, f"No order against contact reaches {number}.")
    ends = binds(facts.no_contact, number, facts.at)
    left_open = f"{len(facts.no_contact)} leave it open"
    if ends == FOR_GOOD:
        return says(asked, rule, None, f"No order against contact reaches {number}; {left_open}.")
    left = (ends - facts.at).total_seconds()
    least = asked.settings.minimum_talk.value
    if left < least:
        text = f"Orders against contact leave {number} open for {left:.0f} s more, less than a call of {least} s."
        return says(asked, rule, Why.NO_CONTACT, text)
    clock = ends.astimezone(asked.plan.zone)
    return says(asked, rule, None, f"No order against contact reaches {number} before {told(clock)}; {left_open} until then.")
