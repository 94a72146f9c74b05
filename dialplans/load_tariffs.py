"""The prices of a plan, and the checks that everything that may be rung has one."""
import re
from collections.abc import Iterable, Mapping

from dialplans.numbers.table import CLASSES, classify
from dialplans.plan import Bundle, Helpline, Tariff
from dialplans.reading import Section, Sourced
from switch.core.money import Millipence, from_pence
from switch.core.numbers import E164, Number

_STEPS = {"second": 1, "minute": 60}
_PER = '"second" or "minute"'
_NO_CODE = 'is not a country code: write a plus and the digits that its numbers begin with, such as "+33"'
_CODE = re.compile(r"\+[1-9][0-9]{0,6}")


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
    classes, countries = section.texts("classes"), section.texts("countries", 'a list of country codes such as ["+33"]')
    prices = [section.integer(key, 0, 10**7, "thousandths of a penny a minute", needed=True) for key in ("weekday", "weekend")]
    minimum = section.integer("minimum", 0, 10**7, "thousandths of a penny")
    relay, per, whole = section.truth("relay"), section.text("per", _PER), section.truth("whole_pence")
    section.text("source")
    section.close()
    if per is not None and per.value not in _STEPS:
        section.complain(f"`tariff.per` must be {_PER}", per.source)
    if (classes is None) == (countries is None):
        section.complain("a [[tariff]] is for `classes` or for `countries`: give one of them")
    if classes is not None:
        known_classes(section, classes)
    for code in countries.value if countries else ():
        if not _CODE.fullmatch(code):
            section.complain(f'"{code}" in `tariff.countries` {_NO_CODE}', countries.source if countries else None)
    weekday, weekend = prices
    if not (name and since and weekday and weekend):
        return None
    return Tariff(
        name.value, since.value, frozenset(classes.value if classes else ()), relay is not None and relay.value,
        Millipence(weekday.value), Millipence(weekend.value), Millipence(0 if minimum is None else minimum.value), section.source,
        frozenset(code.removeprefix("+") for code in (countries.value if countries else ())),
        _STEPS.get(per.value, 1) if per else 1, whole is not None and whole.value,
    )


def read_countries(top: Section, tariffs: Iterable[Tariff]) -> dict[str, Sourced[str]]:
    """Listed countries by the beginning of their numbers, digits only; each needs a price."""
    found: dict[str, Sourced[str]] = {}
    for section in top.sections("abroad"):
        code, name = section.text("code", 'a country code such as "+33"', needed=True), section.text("name", needed=True)
        section.close()
        if code is None or name is None:
            continue
        digits = code.value.removeprefix("+")
        if not _CODE.fullmatch(code.value):
            section.complain(f'"{code.value}" in `abroad.code` {_NO_CODE}', code.source)
        elif digits.startswith("44"):
            section.complain("+44 is not abroad: its numbers have classes of their own", code.source)
        elif not any(_priced(tariff, "international", digits) for tariff in tariffs):
            section.complain(f"{name.value} is listed, but no [[tariff]] prices {code.value}: nobody could ring it", code.source)
        else:
            found[digits] = Sourced(name.value, section.source)
    return found


def _priced(tariff: Tariff, number_class: str, digits: str) -> bool:
    abroad = number_class == "international" and any(digits.startswith(code) for code in tariff.countries)
    return not tariff.relay and (abroad or number_class in tariff.classes)


def read_bundles(top: Section) -> tuple[Bundle, ...]:
    """Every offer of minutes or texts beforehand."""
    return tuple(bundle for section in top.sections("bundle") if (bundle := _bundle(section)) is not None)


def _bundle(section: Section) -> Bundle | None:
    name, since, until = section.text("name", needed=True), section.day("from", needed=True), section.day("until")
    minutes, texts = section.integer("minutes", 1, 44_640, "minutes"), section.integer("texts", 1, 10_000, "texts")
    price = section.integer("pence", 0, 10**5, "pence", needed=True)
    every = section.text("every", '"week" or "month"', needed=True)
    classes = section.texts("classes", needed=True)
    renews, retry = section.truth("renews"), section.integer("retry_days", 0, 28, "days")
    section.text("source")
    section.close()
    if section.has("minutes") == section.has("texts"):
        section.complain("a [[bundle]] is of `minutes` or of `texts`: give one of them")
    if retry is not None and not (renews and renews.value):
        section.complain("`bundle.retry_days` is for one that `renews`", retry.source)
    if classes is not None:
        known_classes(section, classes)
    if every is not None and every.value not in ("week", "month"):
        section.complain('`bundle.every` must be "week" or "month"', every.source)
    if not (name and since and (minutes or texts) and price and every and classes):
        return None
    return Bundle(
        name.value, since.value, None if until is None else until.value, minutes.value * 60 if minutes else 0,
        from_pence(price.value), every.value == "month", frozenset(classes.value), section.source,
        texts.value if texts else 0, renews is not None and renews.value, retry.value if retry else 0,
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
    for number, entry in listed.items():
        kind, digits = classify(number), number.digits if isinstance(number, E164) else ""
        if kind is not None and not any(_priced(tariff, kind.name, digits) for tariff in tariffs):
            text = f"{number} is listed, but no [[tariff]] prices its class, {kind.name}: nobody could ring it"
            top.complain(text, entry.source)


