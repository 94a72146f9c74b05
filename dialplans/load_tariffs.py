"""The prices of a plan, and the checks that everything that may be rung has one."""
from collections.abc import Iterable, Mapping

from dialplans.numbers.table import CLASSES, classify
from dialplans.plan import Helpline, Tariff
from dialplans.reading import Section, Sourced
from switch.core.money import Millipence
from switch.core.numbers import Number


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


