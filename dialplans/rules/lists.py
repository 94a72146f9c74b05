"""Rules about what is known of a number: it is a victim's, or somebody else answers there."""
from dialplans.model import Finding
from dialplans.rules.asked import Asked, says
from switch.core.reasons import Why


def not_a_victims_number(asked: Asked) -> Finding:
    """No list holds the number as a victim's for this person. The caller hears no more than of any number that is no contact."""
    rule = "not-a-victims-number"
    for entry in asked.facts.lists:
        if entry.victim:
            text = f"{asked.number} is kept from being rung at the level of the {entry.level} (entry {entry.id})."
            return says(asked, rule, Why.UNAPPROVED, text)
    return says(asked, rule, None, "No list keeps the number from being rung by this person.")


def number_verified(asked: Asked) -> Finding:
    """Nobody who answered there has said that it is the wrong number, or it was verified since. A plan may let it be rung until
    then; never by a privileged call, which would give a stranger what a lawyer is told."""
    if asked.facts.wrong_number:
        refuses = asked.plan.contact.refuse_wrong
        text = "Whoever answered there said that it is the wrong number, and it has not been verified since"
        if refuses.value or asked.privileged:
            return says(asked, "number-verified", Why.UNVERIFIED, f"{text}.", refuses.source)
        return says(asked, "number-verified", None, f"{text}; the plan lets it be rung meanwhile.", refuses.source)
    return says(asked, "number-verified", None, "Nobody there has said that it is the wrong number.")
