"""Rules about privilege: nothing is recorded while the signed list cannot be trusted, and nobody is privileged unverified."""
from dialplans.model import Finding
from dialplans.rules.asked import Asked, says
from switch.core.facts import ContactKind, ContactState
from switch.core.reasons import Why


def privilege_verified(asked: Asked) -> Finding:
    """A contact said to be privileged is on the signed list, or staff verified it as genuine and approved it."""
    rule, contact, listed = "privilege-verified", asked.facts.contact, asked.facts.listed
    if listed.name is not None:
        return says(asked, rule, None, f"{asked.number} is on the signed list {listed.serial}: {listed.name}.")
    if asked.facts.found_privileged:
        return says(asked, rule, None, f"Staff found that {asked.number} is privileged.")
    if contact is None or contact.kind is not ContactKind.PRIVILEGED:
        return says(asked, rule, None, "Nobody says that this contact is privileged.")
    if contact.state is ContactState.APPROVED:
        return says(asked, rule, None, f"{asked.number} was verified as a privileged contact.")
    return says(asked, rule, Why.CONTACT_PENDING, f"{asked.number} is said to be privileged, and was not verified as genuine.")


def privileged_list_stands(asked: Asked) -> Finding:
    """The signed list can be trusted, so that a monitored call is not one to a number on it."""
    rule, listed = "privileged-list-stands", asked.facts.listed
    if asked.privileged:
        return says(asked, rule, None, "A privileged call is not recorded, whatever the list says.")
    if listed.serial == 0:
        text = f"The list of privileged numbers cannot be trusted ({listed.problem}), so nothing may be recorded."
        return says(asked, rule, Why.PRIVILEGED_LIST, text)
    return says(asked, rule, None, f"{asked.number} is not on the signed list {listed.serial}.")
