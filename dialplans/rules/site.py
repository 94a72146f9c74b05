"""Rules about the place: an establishment that is closed, and orders of staff in force."""
from dialplans.model import Finding, Service
from dialplans.rules.asked import Asked, says
from switch.core.reasons import Why


def no_orders(asked: Asked) -> Finding:
    """No order of staff stops new calls for this site, wing, cell or person."""
    if asked.facts.orders:
        order = asked.facts.orders[0]
        return says(asked, "no-orders", Why.ORDERS, f"An order for {order.scope} stops new calls: {order.reason}.")
    return says(asked, "no-orders", None, "No order of staff stops new calls here.")


def site_open(asked: Asked) -> Finding:
    """The establishment's telephones are open."""
    site = asked.facts.phone.establishment
    if not asked.facts.site_open:
        return says(asked, "site-open", Why.SITE_CLOSED, f"The telephones of {site} are closed.")
    return says(asked, "site-open", None, f"The telephones of {site} are open.")


def no_orders_for_helplines(asked: Asked) -> Finding:
    """No order of staff says, separately, that helplines are stopped too. The one rule that a helpline must pass."""
    rule = "no-orders-for-helplines"
    order = next((order for order in asked.facts.orders if order.helplines_too), None)
    if order is not None:
        return says(asked, rule, Why.ORDERS, f"An order for {order.scope} stops helplines too: {order.reason}.")
    return says(asked, rule, None, f"No order of staff stops {Service.HELPLINE}s here.")
