"""In what words the person called is told who calls: the plan's usual ones, those for a child, or the short ones agreed to."""
from datetime import timedelta

from dialplans.plan import Settings
from switch.core.facts import ContactKind, Facts, Voice

STOP_OFFER = "announce-stop"
"""Keys 9 and 7."""
WRONG_NUMBER = "announce-wrong-number"
"""Key 7 alone. It works in every announcement to a contact; a child is not told of it, nor is who agreed to be told in short."""


def spoken(settings: Settings, facts: Facts, permit: bool, privileged: bool) -> tuple[tuple[str, ...], bool]:
    """The prompts, in order, and whether key 9 works. What is not known is told in full; with relief the key works unspoken."""
    wrong = (WRONG_NUMBER,) if settings.wrong_number.value else ()
    if privileged:  # by the signed list too, whatever the contact says
        return settings.announce(ContactKind.PRIVILEGED).value + wrong, False
    contact = facts.contact
    kind = ContactKind.SOCIAL if contact is None else contact.kind
    offered = settings.stop_offer.value and kind is ContactKind.SOCIAL and not (contact is not None and contact.organisation)
    if kind is ContactKind.SOCIAL and contact is not None and facts.told.voice is Voice.CHILD:
        prompts, wrong = settings.announce_child.value, ()
    elif relieved(settings, facts, permit):
        return settings.announce_relief.value, offered
    else:
        prompts = settings.announce(kind).value
    return prompts + ((STOP_OFFER,) if offered else wrong), offered


def relieved(settings: Settings, facts: Facts, permit: bool) -> bool:
    """Whether the short announcement may stand for the whole one: by leave of the establishment, and the consent of a private
    person, given not longer ago than the plan allows."""
    contact, told = facts.contact, facts.told
    if permit or contact is None or contact.kind is not ContactKind.SOCIAL or contact.organisation:
        return False
    if settings.relief_days.value == 0 or told.relief_since is None or contact.consented_at is None:
        return False
    return contact.consented_at <= facts.at < contact.consented_at + timedelta(days=settings.relief_days.value)
