"""Rules about the number as dialled: is it one, and is its kind, or itself, barred."""
from dialplans.model import Finding
from dialplans.rules.asked import Asked, says
from switch.core.lists import ListKind
from switch.core.numbers import Unreadable
from switch.core.reasons import Why


def number_readable(asked: Asked) -> Finding:
    """What was dialled is a telephone number, in whatever spelling, and no code of the network."""
    rule = "number-readable"
    if isinstance(asked.dialled, Unreadable) and asked.dialled.code:
        return says(asked, rule, Why.NUMBER_CLASS, f"What was dialled is {asked.dialled.why}.")
    if isinstance(asked.dialled, Unreadable):
        return says(asked, rule, Why.UNREADABLE, f"What was dialled is not a telephone number: {asked.dialled.why}.")
    return says(asked, rule, None, f"{asked.number} is a telephone number.")


def number_not_barred(asked: Asked) -> Finding:
    """Neither the plan nor a list of the estate, the establishment or the person bars the number (press, and the like)."""
    rule, number = "number-not-barred", asked.number
    if number is None:
        return says(asked, rule, Why.UNREADABLE, "Nobody can say whether a number that cannot be read is barred.")
    barred = asked.plan.barred_numbers.get(number)
    if barred is not None:
        return says(asked, rule, Why.BARRED, f"{number} is barred: {barred.value}.", barred.source)
    for entry in asked.facts.lists:
        if entry.kind is ListKind.BAR and not entry.victim:
            return says(asked, rule, Why.BARRED, f"{number} is barred at the level of the {entry.level} (entry {entry.id}).")
    return says(asked, rule, None, f"{number} is barred neither by the plan nor by a list.")


def number_class(asked: Asked) -> Finding:
    """The kind of number may be rung: its class is known, and not barred unless the number, or its country, is listed."""
    rule, number, kind = "number-class", asked.number, asked.number_class
    if number is None:
        return says(asked, rule, Why.UNREADABLE, "A number that cannot be read has no class.")
    if kind is None:
        return says(asked, rule, Why.NUMBER_CLASS, f"The number table has no class for {number}.")
    listed = asked.plan.listed.get(number)
    if listed is not None:
        return says(asked, rule, None, f"{number} is listed by itself: {listed.value}.", listed.source)
    for entry in asked.facts.lists:
        if entry.kind is ListKind.ALLOW:
            text = f"{number} is listed at the level of the {entry.level} (entry {entry.id}), so its class is no bar."
            return says(asked, rule, None, text)
    country = asked.plan.country_of(number) if kind.name == "international" else None
    if country is not None:
        return says(asked, rule, None, f"{number} is in {country.value}, a listed country.", country.source)
    barred = asked.plan.barred_classes
    table = f"class {kind.name} by prefix {kind.prefix} of the number table, {kind.dated}"
    if kind.name in barred.value:
        return says(asked, rule, Why.NUMBER_CLASS, f"{number} is of a barred kind: {table}.", barred.source)
    return says(asked, rule, None, f"{number} is of a kind that may be rung: {table}.", barred.source)
