"""What each screen of the menu says, as prompt ids."""
from dialplans.prompts import spoken
from switch.call.menu.model import Item
from switch.core.menu_facts import Account, LastCall, MenuData, News, OwnContact, OwnContacts
from switch.core.numbers import Number
from switch.core.reasons import REFUSALS, prompt_of

Said = tuple[str, ...]
MAIN: Said = ("menu-1-dial", "menu-2-credit", "menu-3-contacts", "menu-4-messages", "menu-5-news", "menu-7-samaritans",
              "menu-0-help")
LIMITED: Said = ("menu-limited", "menu-7-samaritans")
DIAL: Said = ("menu-dial",)
PICK: Said = ("menu-which-key",)
HELP: Said = ("menu-help",)
ITEM_KEYS: Said = ("menu-item-keys",)
ENDING = 4
"""How many last digits tell a number."""


def told(data: MenuData) -> tuple[Said, tuple[Item, ...]]:
    """What is said of a section before its items, and the items."""
    match data:
        case Account(balance, _, calls):
            credit = ("menu-credit", *spoken.money(balance))
            return (*credit, "menu-calls" if calls else "menu-calls-none"), tuple(_call(one, data) for one in calls)
        case OwnContacts(contacts):
            return ("menu-contacts" if contacts else "menu-contacts-none",), tuple(_contact(one) for one in contacts)
        case News(sounds):
            return ("menu-news" if sounds else "menu-news-none",), tuple(Item((sound,), None) for sound in sounds)
    return ("menu-messages-none",), ()  # `Messages`: there are none yet


def _call(call: LastCall, account: Account) -> Item:
    said = ("menu-call-to", *_ending(call.number), *spoken.moment(call.at, account.today))
    if call.talked > 0:
        cost = ("menu-call-cost", *spoken.money(call.charged)) if call.charged else ("menu-call-free",)
        return Item((*said, "menu-call-talked", *spoken.length(call.talked), *cost), call.number)
    why = () if call.why not in REFUSALS or call.why is None else (prompt_of(call.why),)
    return Item((*said, "menu-call-failed", *why), call.number)


def _contact(contact: OwnContact) -> Item:
    key = () if contact.slot is None else ("menu-on-key", f"say-{contact.slot}")
    return Item((f"menu-contact-{contact.kind}", *_ending(contact.number), f"menu-state-{contact.state}", *key), contact.number)


def _ending(number: Number) -> Said:
    return spoken.digits(number.digits[-ENDING:])
