"""What each key of the menu does: * goes back, # to the next, 0 helps, any key interrupts. A part of `flow`, under its rules."""
from dataclasses import replace

from dialplans.load_parts import SAMARITANS
from switch.call import commands as do
from switch.call import events as was
from switch.call.ending import tell
from switch.call.menu import words
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
DECIDE_WAIT = 10.0
TRIES = 3
MOST_KEYS = 30

SECTIONS = {"2": Section.CREDIT, "3": Section.CONTACTS, "4": Section.MESSAGES, "5": Section.NEWS}


def enter_menu(call: Call, now: float) -> Step:
    """The plan has let this telephone into the menu; one who could not be identified is offered helplines alone."""
    screen = Screen.MAIN if call.person else Screen.LIMITED
    welcome = ("menu-welcome",) if call.person else ()
    call, commands = _say(replace(call, state=State.MENU), Menu(screen), welcome, _words(screen), now)
    return call, [*commands, do.SetTimer("menu-over", now + MENU_LONGEST)]


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
        case was.TimerFired("menu"):
            return _silence(call, menu, now)
        case was.MenuRead(section, data) if menu.screen is Screen.READING and section is menu.section:
            return _told(call, data, now)
        case was.SlotRead(slot, number) if menu.screen is Screen.READING and slot == menu.slot:
            if number is None:
                return _say(call, Menu(Screen.DIAL), ("menu-slot-empty",), words.DIAL, now)
            return place(call, Dialled(number), now)
        case was.SlotKept(slot) if menu.screen is Screen.KEEPING and slot == menu.slot:
            return _item(call, menu, ("menu-kept", f"say-{slot}"), now)
        case was.TimerFired("menu-read") | was.CommandFailed("ReadMenu" | "ReadSlot", _) if menu.screen is Screen.READING:
            return _main(call, ("menu-cannot-tell",), now)
        case was.TimerFired("menu-read") | was.CommandFailed("KeepSlot", _) if menu.screen is Screen.KEEPING:
            return _item(call, menu, ("menu-not-kept",), now)
    return call, []


def place(call: Call, dialled: Dialled | Unreadable, now: float) -> Step:
    """Leave the menu for the ordinary way of a call: the plan is asked about this number, as if the telephone had dialled it."""
    return replace(call, state=State.DECIDING, menu=None, decision=None), [
        do.StopPlaying(CELL),
        do.Decide(call.person, dialled),
        do.SetTimer("decide", now + DECIDE_WAIT),
    ]


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
        case _, "0":
            return _say(call, menu, words.HELP, menu.said, now)
        case Screen.MAIN, "1":
            return _say(call, Menu(Screen.DIAL), (), words.DIAL, now)
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
            assert call.person is not None
            assert number is not None
            return replace(call, menu=replace(menu, screen=Screen.KEEPING, slot=slot)), [
                do.StopPlaying(CELL),
                do.KeepSlot(call.person, slot, number),
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
        assert call.person is not None
        slot = int(menu.keys)
        return replace(call, menu=Menu(Screen.READING, slot=slot)), [
            do.StopPlaying(CELL), do.ReadSlot(call.person, slot), do.SetTimer("menu-read", now + READ_WAIT),
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
    assert call.person is not None
    return replace(call, menu=Menu(Screen.READING, section=section)), [
        do.StopPlaying(CELL), do.ReadMenu(call.person, section), do.SetTimer("menu-read", now + READ_WAIT),
    ]  # fmt: skip


def _told(call: Call, data: MenuData, now: float) -> Step:
    said, items = words.told(data)
    if not items:
        return _main(call, said, now)
    return _item(call, Menu(Screen.LIST, items=items), said, now)


def _item(call: Call, menu: Menu, first: tuple[str, ...], now: float) -> Step:
    """An item of the list, with its keys; `first` is said once."""
    menu, item = replace(menu, screen=Screen.LIST, slot=None), menu.items[menu.at]
    return _say(call, menu, first, (*item.said, *(words.ITEM_KEYS if item.number else ())), now)


def _main(call: Call, first: tuple[str, ...], now: float) -> Step:
    screen = Screen.MAIN if call.person else Screen.LIMITED
    return _say(call, Menu(screen), first, _words(screen), now)


def _words(screen: Screen) -> tuple[str, ...]:
    return words.MAIN if screen is Screen.MAIN else words.LIMITED


def _say(call: Call, menu: Menu, first: tuple[str, ...], again: tuple[str, ...], now: float) -> Step:
    """Say `first` once and then `again`, which is what a silence repeats; whatever played is replaced."""
    return replace(call, menu=replace(menu, said=again)), [
        do.Play(CELL, (*first, *again), "menu"),
        do.SetTimer("menu", now + SAY_WAIT),
    ]
