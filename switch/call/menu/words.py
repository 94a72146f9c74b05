"""What each screen of the menu says, as prompt ids."""
from dialplans.prompts import spoken_money
from dialplans.prompts.pieces import Said
from dialplans.prompts.spoken import Speech, speech
from switch.call.menu.model import Item
from switch.core.menu_facts import Account, LastCall, MenuData, News, OwnContact, OwnContacts, Wait
from switch.core.money_facts import Payments
from switch.core.numbers import Number
from switch.core.reasons import REFUSALS, prompt_of

MAIN: Said = ("menu-1-dial", "menu-2-credit", "menu-3-contacts", "menu-4-messages", "menu-5-news", "menu-6-payments",
              "menu-7-samaritans")
LIMITED: Said = ("menu-limited", "menu-7-samaritans")
DIAL: Said = ("menu-dial",)
PICK: Said = ("menu-which-key",)
HELP: Said = ("menu-help",)
ITEM_KEYS: Said = ("menu-item-keys",)
PAUSE = "pause"
ENDING = 4
"""How many last digits tell a number."""
MOST_LANGUAGES = 9
"""A key each."""
OTHERS_SAID = 3
"""So many other languages say in their own words, in the main menu, that they are there."""


def main(others: Said) -> Said:
    """The main menu; `others` are the languages that might be spoken instead, each of which says so itself."""
    choice = ("menu-8-language", *(f"{one}/menu-language-here" for one in others[:OTHERS_SAID])) if others else ()
    return (*MAIN, *choice, "menu-9-slowly", "menu-0-help")


def languages(names: Said) -> Said:
    """A key for each, told by the language itself."""
    return tuple(f"{name}/{piece}" for key, name in enumerate(names, 1)
                 for piece in ("menu-language-name", *speech(name).digits(str(key))))


def slow(said: Said) -> Said:
    """The same with a pause after each piece."""
    return tuple(piece for one in said for piece in (one, PAUSE))


def told(data: MenuData, say: Speech) -> tuple[Said, tuple[Item, ...]]:
    """What is said of a section before its items, and the items."""
    match data:
        case Account(balance, _, calls):
            credit = ("menu-credit", *say.money(balance))
            return (*credit, "menu-calls" if calls else "menu-calls-none"), tuple(_call(one, data, say) for one in calls)
        case Payments():
            said = (*spoken_money.bundles(data, say), *spoken_money.heading(data))
            return said, tuple(Item(one, None) for one in spoken_money.payments(data, say))
        case OwnContacts(contacts):
            return ("menu-contacts" if contacts else "menu-contacts-none",), tuple(_contact(one, say) for one in contacts)
        case News(sounds):
            return ("menu-news" if sounds else "menu-news-none",), tuple(Item((sound,), None) for sound in sounds)
    return ("menu-messages-none",), ()  # `Messages`: there are none yet


def _call(call: LastCall, account: Account, say: Speech) -> Item:
    named = () if call.name is None else (call.name,)
    said = ("menu-call-to", *_ending(call.number, say), *named, *say.moment(call.at, account.today))
    if call.talked > 0:
        cost = ("menu-call-cost", *say.money(call.charged)) if call.charged else ("menu-call-free",)
        return Item((*said, "menu-call-talked", *say.length(call.talked), *cost), call.number)
    why = () if call.why not in REFUSALS or call.why is None else (prompt_of(call.why),)
    return Item((*said, "menu-call-failed", *why), call.number)


def _contact(contact: OwnContact, say: Speech) -> Item:
    named = () if contact.name is None else (contact.name,)
    key = () if contact.slot is None else ("menu-on-key", *say.digits(str(contact.slot)))
    who = (*named, f"menu-contact-{contact.kind}", *_ending(contact.number, say))
    return Item((*who, *_standing(contact), *key), contact.number)


def _standing(contact: OwnContact) -> Said:
    """Its state; what stands against ringing it, as a refusal would say it; and why it was turned down, or what is waited for."""
    if contact.against is not None:
        return (prompt_of(contact.against),)
    if contact.waits:
        return ("menu-still-checked", *(f"menu-wait-{one}" for one in Wait if one in contact.waits), "menu-ask-staff")
    if contact.refused is not None:
        return ("menu-turned-down", f"menu-why-{contact.refused}", "menu-challenge")
    return (f"menu-state-{contact.state}",)


def _ending(number: Number, say: Speech) -> Said:
    return say.digits(number.digits[-ENDING:])
