"""The parts of a plan file that no group may override: the zone, the control room, helplines, lists of numbers."""
import re
from collections.abc import Collection
from zoneinfo import ZoneInfo

from dialplans.plan import Emergency, Helpline
from dialplans.reading import Section, Sourced
from switch.core.numbers import Number, ShortCode, Unreadable, read_number

EMERGENCY_CODES = ("999", "112", "18000")
SAMARITANS = ShortCode("GB", "116123")
_SIP = re.compile(r"sips?:[^\s@;?]+@[^\s@;?]+")


def read_zone(top: Section) -> ZoneInfo | None:
    """The establishment's time zone."""
    zone = top.text("zone", 'a time zone such as "Europe/London"', needed=True)
    if zone is None:
        return None
    try:
        return ZoneInfo(zone.value)
    except (KeyError, ValueError, OSError):
        top.complain(f'"{zone.value}" is no time zone: write one such as "Europe/London"', zone.source)
        return None


def read_emergency(top: Section, country: str) -> Emergency | None:
    """The codes of the control room, and its address."""
    section = top.section("emergency")
    codes = section.texts("codes", 'a list of codes such as ["999", "112", "18000"]', needed=True)
    room = section.text("control_room", "the control room's SIP address", needed=True)
    section.close()
    if room is not None and not _SIP.fullmatch(room.value):
        section.complain('`emergency.control_room` must be a SIP address such as "sip:control-room@192.0.2.10"', room.source)
    if codes is None or room is None:
        return None
    for code in EMERGENCY_CODES:
        if code not in codes.value:
            section.complain(f'`emergency.codes` must have "{code}": an emergency call is never refused', codes.source)
    numbers = {code: read_number(code, country) for code in codes.value}
    for code, number in numbers.items():
        if not isinstance(number, ShortCode):
            section.complain(f'"{code}" in `emergency.codes` is not a short code', codes.source)
    read = frozenset(number for number in numbers.values() if isinstance(number, ShortCode))
    return Emergency(read, room.value, room.source)


def read_menu(top: Section, country: str, taken: Collection[Number]) -> Number | None:
    """What reaches the telephone's own menu: a short code that is nothing else."""
    section = top.section("menu")
    code = section.text("code", 'a short code such as "100"')
    section.close()
    if code is None:
        return None
    number = read_number(code.value, country)
    if not isinstance(number, ShortCode):
        section.complain(f'`menu.code` must be a short code such as "100", not "{code.value}"', code.source)
        return None
    if number in taken:
        section.complain(f'"{code.value}" is a helpline or an emergency code, and cannot be the menu', code.source)
    return number


def _number(section: Section, key: str, country: str) -> Sourced[Number] | None:
    text = section.text(key, "a telephone number in quotes", needed=True)
    if text is None:
        return None
    number = read_number(text.value, country)
    if isinstance(number, Unreadable):
        section.complain(f'"{text.value}" is not a telephone number: {number.why}', text.source)
        return None
    return Sourced(number, text.source)


def read_helplines(top: Section, country: str) -> dict[Number, Helpline]:
    """Helplines by number; a plan's own entry wins over that of the plan it extends."""
    helplines: dict[Number, Helpline] = {}
    for section in top.sections("helpline"):
        number = _number(section, "number", country)
        name, note = section.text("name", needed=True), section.text("note")
        privileged = section.truth("privileged", needed=True)
        section.close()
        if number and name and privileged:
            words = "" if note is None else note.value
            helplines[number.value] = Helpline(number.value, name.value, privileged.value, words, section.source)
    samaritans = helplines.get(SAMARITANS)
    if samaritans is None or not samaritans.privileged:
        place = top.source if samaritans is None else samaritans.source
        top.complain("every plan has Samaritans, 116123, as a [[helpline]] with `privileged = true`", place)
    return helplines


def read_numbers(top: Section, key: str, words: str, country: str) -> dict[Number, Sourced[str]]:
    """An array of tables that gives each number a text."""
    found: dict[Number, Sourced[str]] = {}
    for section in top.sections(key):
        number, text = _number(section, "number", country), section.text(words, needed=True)
        section.close()
        if number and text:
            found[number.value] = Sourced(text.value, section.source)
    return found
