"""The parts of a plan file, each read by itself: times, lengths, lists of numbers, tariffs, groups."""
import re
from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from dialplans.hours import WEEKDAYS, Week, Window, read_window
from dialplans.numbers.table import CLASSES, classify
from dialplans.plan import Emergency, Group, Helpline, Overrides, Tariff
from dialplans.prompts.table import load_table
from dialplans.reading import Section, Sourced
from switch.core.money import Millipence
from switch.core.numbers import Number, ShortCode, Unreadable, read_number

EMERGENCY_CODES = ("999", "112", "18000")
SAMARITANS = ShortCode("GB", "116123")
NO_LIMIT = "no limit"
_SIP = re.compile(r"sips?:[^\s@;?]+@[^\s@;?]+")
_HOURS_SECONDS = 6 * 3600


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


def read_overrides(section: Section) -> Overrides:
    """What a plan, or a group of it, says about hours, lengths, announcements, allowance and the call itself."""
    length, announcement = section.section("length"), section.section("announcement")
    allowance, call = section.section("allowance"), section.section("call")
    overrides = Overrides(
        hours=_hours(section) if section.has("hours") else None,
        length_social=length.integer("social", 1, _HOURS_SECONDS, "seconds"),
        length_official=length.integer("official", 1, _HOURS_SECONDS, "seconds"),
        length_privileged=length.integer("privileged", 1, _HOURS_SECONDS, "seconds"),
        length_relay=length.integer("relay", 1, _HOURS_SECONDS, "seconds"),
        announce_social=_prompts(announcement, "social"),
        announce_official=_prompts(announcement, "official"),
        announce_privileged=_prompts(announcement, "privileged"),
        stop_offer=announcement.truth("stop_offer"),
        allowance=_allowance(allowance),
        warnings=_warnings(call),
        ring=call.integer("ring_seconds", 5, 180, "seconds"),
        minimum_talk=call.integer("minimum_talk", 1, 600, "seconds"),
    )
    for part in (length, announcement, allowance, call):
        part.close()
    return overrides


def _hours(section: Section) -> Sourced[Week] | None:
    """Seven days; a day's own key wins over `weekdays` and `weekend`, and those over `every_day`."""
    hours = section.section("hours")
    said = {key: _windows(hours, key) for key in ("every_day", "weekdays", "weekend", *WEEKDAYS)}
    hours.close()
    week = []
    for index, day in enumerate(WEEKDAYS):
        keys = (day, "weekdays" if index < 5 else "weekend", "every_day")
        chosen = next((said[key] for key in keys if hours.has(key)), None)
        if chosen is None:
            if not any(hours.has(key) for key in keys):
                hours.complain(f"`{hours.name}` says nothing of {day}: give windows, or [] to keep it closed")
            return None
        week.append(chosen)
    return Sourced(tuple(week), hours.source)


def _windows(hours: Section, key: str) -> tuple[Window, ...] | None:
    texts = hours.texts(key, 'a list of windows such as ["06:00-24:00"]')
    if texts is None:
        return None
    windows = [read_window(text) for text in texts.value]
    for fault in windows:
        if isinstance(fault, str):
            hours.complain(f"`{hours.name}.{key}`: {fault}", texts.source)
    return tuple(window for window in windows if isinstance(window, Window))


def _prompts(section: Section, key: str) -> Sourced[tuple[str, ...]] | None:
    prompts = section.texts(key, "a list of prompt names")
    if prompts is None:
        return None
    table = load_table()
    for prompt in prompts.value:
        if prompt not in table:
            where = f"`{section.name}.{key}`"
            section.complain(f'"{prompt}" in {where} is not a prompt: see dialplans/prompts/en.toml', prompts.source)
    if not prompts.value:
        section.complain(f"`{section.name}.{key}` is empty: nobody may be rung without being told who calls", prompts.source)
    return prompts


def _allowance(section: Section) -> Sourced[int | None] | None:
    if section.says("minutes_per_day", NO_LIMIT):
        said = section.text("minutes_per_day")
        return None if said is None else Sourced(None, said.source)
    minutes = section.integer("minutes_per_day", 0, 1440, f'minutes, or "{NO_LIMIT}":')
    return None if minutes is None else Sourced(minutes.value * 60, minutes.source)


def _warnings(section: Section) -> Sourced[tuple[int, ...]] | None:
    warnings = section.integers("warnings", "a list of seconds before the end, such as [120, 60]")
    falling = warnings is None or list(warnings.value) == sorted(set(warnings.value), reverse=True)
    if warnings is not None and not (falling and min(warnings.value, default=1) > 0):
        section.complain("`call.warnings` must go down, each above 0 and once only, such as [120, 60]", warnings.source)
    return warnings


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


def read_tariffs(top: Section, barred: Sourced[frozenset[str]] | None) -> tuple[Tariff, ...]:
    """Every tariff, and a check that each class that may be rung has a price, with and without Relay UK."""
    tariffs = tuple(tariff for section in top.sections("tariff") if (tariff := _tariff(section)) is not None)
    for relay in (False, True):
        priced = frozenset[str]().union(*(tariff.classes for tariff in tariffs if tariff.relay == relay))
        missing = CLASSES - priced - (CLASSES if barred is None else barred.value)
        if missing:
            which = " with `relay = true`" if relay else ""
            top.complain(f"no [[tariff]]{which} prices {', '.join(sorted(missing))}: price each class, or bar it")
    return tariffs


def known_classes(section: Section, classes: Sourced[tuple[str, ...]]) -> None:
    """Note every name that is not a number class."""
    for name in classes.value:
        if name not in CLASSES:
            text = f'"{name}" in `{section.name}.classes` is not a number class; they are: {", ".join(sorted(CLASSES))}'
            section.complain(text, classes.source)


def _tariff(section: Section) -> Tariff | None:
    name, since = section.text("name", needed=True), section.day("from", needed=True)
    classes = section.texts("classes", needed=True)
    prices = [section.integer(key, 0, 10**7, "thousandths of a penny a minute", needed=True) for key in ("weekday", "weekend")]
    minimum = section.integer("minimum", 0, 10**7, "thousandths of a penny")
    relay = section.truth("relay")
    section.text("source")
    section.close()
    if classes is not None:
        known_classes(section, classes)
    weekday, weekend = prices
    if not (name and since and classes and weekday and weekend):
        return None
    return Tariff(
        name.value, since.value, frozenset(classes.value), relay is not None and relay.value,
        Millipence(weekday.value), Millipence(weekend.value), Millipence(0 if minimum is None else minimum.value), section.source,
    )


def check_numbers(
    top: Section,
    helplines: Mapping[Number, Helpline],
    barred: Mapping[Number, Sourced[str]],
    listed: Mapping[Number, Sourced[str]],
    tariffs: Iterable[Tariff],
) -> None:
    """Lists that contradict each other, and listed numbers that nothing prices."""
    for number, entry in barred.items():
        for other, what in ((helplines, "a [[helpline]]"), (listed, "[[listed]]")):
            if number in other:
                top.complain(f"{number} is barred here and is {what} too: take it off one list", entry.source)
    priced = frozenset[str]().union(*(tariff.classes for tariff in tariffs if not tariff.relay))
    for number, entry in listed.items():
        kind = classify(number)
        if kind is not None and kind.name not in priced:
            text = f"{number} is listed, but no [[tariff]] prices its class, {kind.name}: nobody could ring it"
            top.complain(text, entry.source)


def read_groups(top: Section, country: str) -> tuple[Group, ...]:
    """The overrides, in order."""
    return tuple(_group(section, country) for section in top.sections("group"))


def _group(section: Section, country: str) -> Group:
    name = section.text("name", needed=True)
    chosen = {key: section.texts(key) for key in ("wings", "cells", "people")}
    contacts = section.texts("contacts", "a list of telephone numbers in quotes")
    overrides = read_overrides(section)
    section.close()
    numbers = set[Number]()
    for text in contacts.value if contacts else ():
        number = read_number(text, country)
        if isinstance(number, Unreadable):
            fault = f'"{text}" in `group.contacts` is not a telephone number: {number.why}'
            section.complain(fault, contacts.source if contacts else None)
        else:
            numbers.add(number)
    for key, texts in {**chosen, "contacts": contacts}.items():
        if texts is not None and not texts.value:
            section.complain(f"`group.{key}` is empty: name who is meant, or leave it out", texts.source)
    if all(texts is None for texts in (*chosen.values(), contacts)):
        section.complain("a [[group]] must say for whom: give `wings`, `cells`, `people` or `contacts`")
    if overrides == Overrides():
        section.complain("this [[group]] changes nothing: give it hours, length, announcement, allowance or call")
    picked = {key: frozenset(texts.value if texts else ()) for key, texts in chosen.items()}
    return Group("" if name is None else name.value, overrides, section.source, **picked, contacts=frozenset(numbers))
