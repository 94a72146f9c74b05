"""What a plan, or a group of it, says about hours, lengths, allowances, announcements and the call itself."""
from datetime import date

from dialplans.hours import WEEKDAYS, Week, Window, read_window
from dialplans.plan import Group, Holiday, Overrides
from dialplans.prompts.table import load_table, named
from dialplans.reading import Section, Sourced
from switch.core.facts import RECENT_CALLS
from switch.core.money import PENNY
from switch.core.numbers import Number, Unreadable, read_number

NO_LIMIT = "no limit"
_HOURS_SECONDS = 6 * 3600
_WINDOWS = 'a list of windows such as ["06:00-24:00"]'
_SELECTORS = ("establishments", "wings", "cells", "incentives", "people")


def read_overrides(section: Section) -> Overrides:
    """Every key that a group may override; None where it is not said."""
    length, announcement = section.section("length"), section.section("announcement")
    allowance, call = section.section("allowance"), section.section("call")
    hours, holiday = _hours(section) if section.has("hours") else (None, None)
    overrides = Overrides(
        hours=hours,
        holiday_hours=holiday,
        length_social=length.integer("social", 1, _HOURS_SECONDS, "seconds"),
        length_official=length.integer("official", 1, _HOURS_SECONDS, "seconds"),
        length_privileged=length.integer("privileged", 1, _HOURS_SECONDS, "seconds"),
        length_relay=length.integer("relay", 1, _HOURS_SECONDS, "seconds"),
        announce_social=_prompts(announcement, "social"),
        announce_official=_prompts(announcement, "official"),
        announce_privileged=_prompts(announcement, "privileged"),
        announce_child=_prompts(announcement, "child"),
        announce_relief=_relief(announcement),
        relief_days=announcement.integer("relief_days", 0, 3660, "days"),
        stop_offer=announcement.truth("stop_offer"),
        wrong_number=announcement.truth("wrong_number"),
        allowance=_limit(allowance, "minutes_per_day", 1440, "minutes", 60),
        week=_limit(allowance, "minutes_per_week", 7 * 1440, "minutes", 60),
        spend=_limit(allowance, "pence_per_week", 10**6, "pence", PENNY),
        cap=_limit(allowance, "pence_held", 10**6, "pence", PENNY),
        calls=_limit(allowance, "calls_per_window", RECENT_CALLS, "calls"),
        calls_window=_times(allowance.integer("window_hours", 1, 24, "hours"), 3600),
        gap=call.integer("gap_seconds", 0, 86_400, "seconds"),
        warnings=_warnings(call),
        ring=call.integer("ring_seconds", 5, 180, "seconds"),
        minimum_talk=call.integer("minimum_talk", 1, 600, "seconds"),
        machines=call.truth("answering_machines"),
        machine_hang_up=call.integer("machine_hang_up_seconds", 5, 20, "seconds"),
        machine_talk=call.integer("machine_talk_seconds", 15, 30, "seconds"),
    )
    for part in (length, announcement, allowance, call):
        part.close()
    return overrides


def _hours(section: Section) -> tuple[Sourced[Week] | None, Sourced[tuple[Window, ...] | None] | None]:
    """Seven days, and what holds on a holiday; a day's own key wins over `weekdays` and `weekend`, and those over `every_day`."""
    hours = section.section("hours")
    said = {key: _windows(hours, key) for key in ("every_day", "weekdays", "weekend", *WEEKDAYS)}
    holiday = _windows(hours, "holiday")
    hours.close()
    week = []
    for index, day in enumerate(WEEKDAYS):
        keys = (day, "weekdays" if index < 5 else "weekend", "every_day")
        chosen = next((said[key] for key in keys if hours.has(key)), None)
        if chosen is None:
            if not any(hours.has(key) for key in keys):
                hours.complain(f"`{hours.name}` says nothing of {day}: give windows, or [] to keep it closed")
            return None, None
        week.append(chosen.value)
    if holiday is None:
        return Sourced(tuple(week), hours.source), Sourced(None, hours.source)
    return Sourced(tuple(week), hours.source), Sourced(holiday.value, holiday.source)


def _windows(hours: Section, key: str) -> Sourced[tuple[Window, ...]] | None:
    texts = hours.texts(key, _WINDOWS)
    if texts is None:
        return None
    windows = [read_window(text) for text in texts.value]
    for fault in windows:
        if isinstance(fault, str):
            hours.complain(f"`{hours.name}.{key}`: {fault}", texts.source)
    return Sourced(tuple(window for window in windows if isinstance(window, Window)), texts.source)


def read_holidays(top: Section) -> dict[date, Holiday]:
    """Holidays by their date; a plan's own entry wins over that of the plan it extends."""
    found: dict[date, Holiday] = {}
    for section in top.sections("holiday"):
        name, day = section.text("name", needed=True), section.day("date", needed=True)
        windows = _windows(section, "hours")
        section.text("source")
        section.close()
        if name and day:
            found[day.value] = Holiday(name.value, windows, section.source)
    return found


def _prompts(section: Section, key: str) -> Sourced[tuple[str, ...]] | None:
    prompts = section.texts(key, "a list of prompt names")
    if prompts is None:
        return None
    for prompt in prompts.value:
        if named(prompt) is None:
            where = f"`{section.name}.{key}`"
            section.complain(f'"{prompt}" in {where} is not a prompt: see dialplans/prompts/en.toml', prompts.source)
    if not prompts.value:
        section.complain(f"`{section.name}.{key}` is empty: nobody may be rung without being told who calls", prompts.source)
    return prompts


def _relief(section: Section) -> Sourced[tuple[str, ...]] | None:
    """What stands for the announcement after consent: a tone, or words that do not name a prison to whoever overhears them."""
    prompts, table = _prompts(section, "relief"), load_table()
    for prompt in () if prompts is None else prompts.value:
        words = table.prompts.get(prompt.rpartition("/")[2])  # in whatever language it is spoken
        if words is not None and "prison" in words.say.lower():
            section.complain(f'"{prompt}" in `{section.name}.relief` says the word prison, which relief is there to spare',
                             prompts.source if prompts else None)
    return prompts


def _limit(section: Section, key: str, most: int, unit: str, times: int = 1) -> Sourced[int | None] | None:
    """A whole number `times` so much, or None for the words "no limit"."""
    if section.says(key, NO_LIMIT):
        said = section.text(key)
        return None if said is None else Sourced(None, said.source)
    number = section.integer(key, 0, most, f'{unit}, or "{NO_LIMIT}":')
    return None if number is None else Sourced(number.value * times, number.source)


def _times(number: Sourced[int] | None, times: int) -> Sourced[int] | None:
    return None if number is None else Sourced(number.value * times, number.source)


def _warnings(section: Section) -> Sourced[tuple[int, ...]] | None:
    warnings = section.integers("warnings", "a list of seconds before the end, such as [120, 60]")
    falling = warnings is None or list(warnings.value) == sorted(set(warnings.value), reverse=True)
    if warnings is not None and not (falling and min(warnings.value, default=1) > 0):
        section.complain("`call.warnings` must go down, each above 0 and once only, such as [120, 60]", warnings.source)
    return warnings


def read_groups(top: Section, country: str) -> tuple[Group, ...]:
    """The overrides, in order."""
    return tuple(_group(section, country) for section in top.sections("group"))


def _group(section: Section, country: str) -> Group:
    name = section.text("name", needed=True)
    chosen = {key: section.texts(key) for key in _SELECTORS}
    contacts = section.texts("contacts", "a list of telephone numbers in quotes")
    since, until = section.day("from"), section.day("until")
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
    if since and until and until.value < since.value:
        section.complain(f"`group.until` is before `from`, {since.value}: this [[group]] never holds", until.source)
    if all(said is None for said in (*chosen.values(), contacts, since, until)):
        keys = ", ".join(f"`{key}`" for key in _SELECTORS)
        section.complain(f"a [[group]] must say for whom or when: give {keys}, `contacts`, `from` or `until`")
    if overrides == Overrides():
        section.complain("this [[group]] changes nothing: give it hours, length, announcement, allowance or call")
    picked = {key: frozenset(texts.value if texts else ()) for key, texts in chosen.items()}
    return Group(
        "" if name is None else name.value, overrides, section.source, **picked, contacts=frozenset(numbers),
        since=None if since is None else since.value, until=None if until is None else until.value,
    )
