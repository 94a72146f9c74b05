"""What each key of the menu does: * goes back, # to the next, 0 helps, 9 slows, any key interrupts. A part of `flow`, under its
rules."""
from dataclasses import replace

from dialplans.load_parts import SAMARITANS
from dialplans.prompts.spoken import speech
from switch.call import commands as do
from switch.call import events as was
from switch.call.ending import tell
from switch.call.menu import words
from switch.call.menu.back import come_back, known, place
from switch.call.menu.model import Menu, Screen
from switch.call.model import Call, State, Step
from switch.core.ids import Leg
from switch.core.menu_facts import MenuData, Section
from switch.core.numbers import Dialled, Unreadable, read_dialled
from switch.core.reasons import EndedBy, EndReason, Why

CELL = Leg.CELL

MENU_LONGEST = 600.0
"""Seconds in the menu, whatever is pressed."""
SILENCE = 8.0
"""After everything was said: so long until it is said again, then helped, then ended."""
SILENCES = 3
KEY_PAUSE = 6.0
"""Between the keys of a number; after that it counts as whole."""
SAY_WAIT = 180.0
READ_WAIT = 4.0
TRIES = 3
MOST_KEYS = 30

SECTIONS = {"2": Section.CREDIT, "3": Section.CONTACTS, "4": Section.MESSAGES, "5": Section.NEWS, "6": Section.PAYMENTS}


def enter_menu(call: Call, now: float) -> Step:
    """The plan has let this telephone into the menu; one who could not be identified is offered helplines alone."""
    until = now + MENU_LONGEST if call.menu_until is None else call.menu_until
    call = replace(call, state=State.MENU, left=None, menu_until=until)
    call, commands = _main(call, ("menu-welcome",) if call.person else (), now)
    return call, [*commands, do.SetTimer("menu-over", max(now, until))]


def back_in_menu(call: Call, now: float) -> Step:
    """The number that was chosen was refused: the person is where they chose it, and need not dial the menu again."""
    call, refused = come_back(call)
    menu, until = call.menu, call.menu_until
    assert menu is not None
    assert until is not None
    if menu.screen in (Screen.DIAL, Screen.READING):
        menu = replace(Menu(Screen.DIAL), said=words.DIAL)
    call, commands = _say(call, replace(menu, silences=0), ("menu-back",), menu.said, now)
    return call, [refused, *commands, do.SetTimer("menu-over", max(now, until))]


def while_menu(call: Call, event: was.Event, now: float) -> Step:
    """One event of somebody who is in the menu."""
    assert call.menu is not None
    menu = call.menu
    match event:
        case was.DigitPressed(leg, key) if leg is CELL:
            return _key(replace(call, menu=replace(menu, silences=0)), key, now)
        case was.PromptEnded(leg, "menu") if leg is CELL:
            return call, [do.SetTimer("menu", now + SILENCE)]
        case was.TimerFired("menu-over"):
            return tell(replace(call, menu=None), EndReason(EndedBy.POLICY, Why.MENU_OVER), now)
        case was.TimerFired("menu") if menu.screen not in (Screen.READING, Screen.KEEPING):  # those have a bound of their own
            return _silence(call, menu, now)
        case was.MenuRead(section, data) if menu.screen is Screen.READING and section is menu.section:
            return _told(call, data, now)
        case was.SlotRead(slot, number) if menu.screen is Screen.READING and slot == menu.slot:
            if number is None:
                return _say(call, Menu(Screen.DIAL), ("menu-slot-empty",), words.DIAL, now)
            return place(call, Dialled(number), now)
        case was.SlotKept(slot) if menu.screen is Screen.KEEPING and slot == menu.slot:
            return _item(call, menu, ("menu-kept", *speech(call.language).digits(str(slot))), now)
        case was.LanguageKept(language):
            call = replace(call, language=language)
            if menu.screen is Screen.KEEPING or menu.items:  # what a list says was put together in the language before
                return _main(call, ("menu-language-kept",), now)
            return call, []
        case was.TimerFired("menu-read") | was.CommandFailed("ReadMenu" | "ReadSlot", _) if menu.screen is Screen.READING:
            return _main(call, ("menu-cannot-tell",), now)
        case was.TimerFired("menu-read") | was.CommandFailed("KeepLanguage", _) if menu.language is not None:
            return _main(call, ("menu-not-kept",), now)
        case was.TimerFired("menu-read") | was.CommandFailed("KeepSlot", _) if menu.screen is Screen.KEEPING and menu.slot:
            return _item(call, menu, ("menu-not-kept",), now)
    return call, []


def _key(call: Call, key: str, now: float) -> Step:
    menu = call.menu
    assert menu is not None
    match menu.screen, key:
        case (Screen.READING | Screen.KEEPING), "*":
            return _main(call, (), now)
        case (Screen.READING | Screen.KEEPING), _:
            return call, []
        case Screen.DIAL, _:
            return _dial_key(call, menu, key, now)
        case (Screen.MAIN | Screen.LIMITED), "7":
            return place(call, Dialled(SAMARITANS), now)
        case (Screen.MAIN | Screen.LIMITED | Screen.LIST), "9":
            return _say(replace(call, slowly=not call.slowly), menu, (), menu.said, now)
        case Screen.LANGUAGE, "*":
            return _main(call, (), now)
        case Screen.LANGUAGE, _ if key.isdigit() and 0 < int(key) <= len(_languages(call)):
            return _keep_language(call, _languages(call)[int(key) - 1], now)
        case _, "0":
            return _say(call, menu, words.HELP, menu.said, now)
        case Screen.MAIN, "1":
            return _say(call, Menu(Screen.DIAL), (), words.DIAL, now)
        case Screen.MAIN, "8" if _others(call):
            return _say(call, Menu(Screen.LANGUAGE), (), words.languages(_languages(call)), now)
        case Screen.MAIN, _ if key in SECTIONS:
            return _read(call, SECTIONS[key], now)
        case (Screen.MAIN | Screen.LIMITED), ("*" | "#"):
            return _say(call, menu, (), menu.said, now)
        case Screen.LIST, _:
            return _list_key(call, menu, key, now)
        case Screen.PICKING, "*":
            return _item(call, menu, (), now)
        case Screen.PICKING, _ if key in "123456789":
            slot, number = int(key), menu.items[menu.at].number
            assert number is not None
            return replace(call, menu=replace(menu, screen=Screen.KEEPING, slot=slot)), [
                do.StopPlaying(CELL),
                do.KeepSlot(known(call), slot, number),
                do.SetTimer("menu-read", now + READ_WAIT),
            ]
    return _say(call, menu, ("menu-wrong-key",), menu.said, now)


def _dial_key(call: Call, menu: Menu, key: str, now: float) -> Step:
    """In a number 0 is a digit; * takes back what was keyed, and then goes back."""
    if key == "*":
        return _say(call, replace(menu, keys=""), (), words.DIAL, now) if menu.keys else _main(call, (), now)
    if key == "#":
        return _dialled(call, menu, now) if menu.keys else _say(call, menu, (), words.DIAL, now)
    keys = (menu.keys + key)[:MOST_KEYS] if key.isdigit() else menu.keys
    return replace(call, menu=replace(menu, keys=keys)), [do.StopPlaying(CELL), do.SetTimer("menu", now + KEY_PAUSE)]


def _dialled(call: Call, menu: Menu, now: float) -> Step:
    if len(menu.keys) == 1 and menu.keys != "0":
        slot = int(menu.keys)
        return replace(call, menu=Menu(Screen.READING, slot=slot)), [
            do.StopPlaying(CELL), do.ReadSlot(known(call), slot), do.SetTimer("menu-read", now + READ_WAIT),
        ]  # fmt: skip
    dialled = read_dialled(menu.keys)
    if isinstance(dialled, Unreadable) and menu.tries + 1 < TRIES:
        return _say(call, Menu(Screen.DIAL, tries=menu.tries + 1), ("menu-not-a-number",), words.DIAL, now)
    return place(call, dialled, now)  # the plan refuses what cannot be read, and says so


def _list_key(call: Call, menu: Menu, key: str, now: float) -> Step:
    number = menu.items[menu.at].number
    match key:
        case "*":
            return _main(call, (), now)
        case "1":
            return _item(call, menu, (), now)
        case "2" if number is not None:
            return place(call, Dialled(number), now)
        case "3" if number is not None:
            return _say(call, replace(menu, screen=Screen.PICKING), (), words.PICK, now)
        case "#" if menu.at + 1 < len(menu.items):
            return _item(call, replace(menu, at=menu.at + 1), (), now)
        case "#":
            return _main(call, ("menu-list-end",), now)
    return _say(call, menu, ("menu-wrong-key",), menu.said, now)


def _silence(call: Call, menu: Menu, now: float) -> Step:
    """Nothing was pressed: said again, then with help, then the end."""
    if menu.screen is Screen.DIAL and menu.keys:
        return _dialled(call, menu, now)
    silences = menu.silences + 1
    if silences >= SILENCES:
        return tell(replace(call, menu=None), EndReason(EndedBy.POLICY, Why.MENU_OVER), now)
    return _say(call, replace(menu, silences=silences), words.HELP if silences > 1 else (), menu.said, now)


def _read(call: Call, section: Section, now: float) -> Step:
    return replace(call, menu=Menu(Screen.READING, section=section)), [
        do.StopPlaying(CELL), do.ReadMenu(known(call), section), do.SetTimer("menu-read", now + READ_WAIT),
    ]  # fmt: skip


def _told(call: Call, data: MenuData, now: float) -> Step:
    said, items = words.told(data, speech(call.language))
    if not items:
        return _main(call, said, now)
    return _item(call, Menu(Screen.LIST, items=items), said, now)


def _item(call: Call, menu: Menu, first: tuple[str, ...], now: float) -> Step:
    """An item of the list, with its keys; `first` is said once."""
    menu, item = replace(menu, screen=Screen.LIST, slot=None), menu.items[menu.at]
    return _say(call, menu, first, (*item.said, *(words.ITEM_KEYS if item.number else ())), now)


def _keep_language(call: Call, language: str, now: float) -> Step:
    return replace(call, menu=Menu(Screen.KEEPING, language=language)), [
        do.StopPlaying(CELL), do.KeepLanguage(known(call), language), do.SetTimer("menu-read", now + READ_WAIT),
    ]  # fmt: skip


def _languages(call: Call) -> tuple[str, ...]:
    assert call.offer is not None
    return call.offer.languages[: words.MOST_LANGUAGES]


def _others(call: Call) -> tuple[str, ...]:
    """The languages that are not spoken now; none where there is no choice."""
    return tuple(one for one in _languages(call) if one != (call.language or _languages(call)[0]))


def _main(call: Call, first: tuple[str, ...], now: float) -> Step:
    if call.person is None:
        return _say(call, Menu(Screen.LIMITED), first, words.LIMITED, now)
    return _say(call, Menu(Screen.MAIN), first, words.main(_others(call)), now)


def _say(call: Call, menu: Menu, first: tuple[str, ...], again: tuple[str, ...], now: float) -> Step:
    """Say `first` once and then `again`, which is what a silence repeats; whatever played is replaced."""
    said = (*first, *again)
    return replace(call, menu=replace(menu, said=again)), [
        do.Play(CELL, words.slow(said) if call.slowly else said, "menu"),
        do.SetTimer("menu", now + SAY_WAIT),
    ]
