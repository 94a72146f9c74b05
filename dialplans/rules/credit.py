"""Rules about money: the call has a price, and the person may spend and can pay enough for a useful part of it."""
from dialplans.model import Finding
from dialplans.rules.asked import Asked, by_leave, says
from dialplans.tariff import affordable
from switch.core.money import Millipence, pence
from switch.core.reasons import Why


def has_a_price(asked: Asked) -> Finding:
    """A tariff in force prices this kind of number."""
    rule = "has-a-price"
    if asked.permit is not None:
        return by_leave(asked, rule, asked.permit)
    if asked.rate is None:
        kind = "a number of no class" if asked.number_class is None else f"class {asked.number_class.name}"
        relay = " through Relay UK" if asked.relay else ""
        return says(asked, rule, Why.NUMBER_CLASS, f"No tariff in force prices {kind}{relay}.")
    return says(asked, rule, None, f"It costs {pence(asked.rate.per_minute)}p a minute ({asked.rate.name}).")


def spend_left(asked: Asked) -> Finding:
    """What may still be spent this week pays for at least the shortest useful call."""
    rule, person, spend = "spend-left", asked.facts.person, asked.settings.spend
    if person is None:
        return says(asked, rule, Why.UNKNOWN_PERSON, "It is not known whose spending this would be.", spend.source)
    if asked.permit is not None:
        return by_leave(asked, rule, asked.permit)
    if spend.value is None:
        return says(asked, rule, None, "The plan sets no limit on what a week's calls may cost.", spend.source)
    if asked.rate is None:
        return says(asked, rule, Why.SPENT, "Without a price nobody can say what the week's limit pays for.", spend.source)
    seconds = affordable(asked.rate, Millipence(spend.value - person.spent_this_week), asked.bundle_seconds)
    spent, most = pence(person.spent_this_week), pence(Millipence(spend.value))
    text = f"{spent}p of this week's {most}p are spent, and the rest pays for {seconds:.0f} s{_bundle(asked)}"
    if seconds < asked.settings.minimum_talk.value:
        return says(asked, rule, Why.SPENT, f"{text}: too little for a call.", spend.source)
    return says(asked, rule, None, f"{text}.", spend.source)


def credit_left(asked: Asked) -> Finding:
    """The balance pays for at least the shortest useful call."""
    rule, person = "credit-left", asked.facts.person
    if person is None:
        return says(asked, rule, Why.UNKNOWN_PERSON, "It is not known whose credit this would be.")
    if asked.permit is not None:
        return by_leave(asked, rule, asked.permit)
    if asked.rate is None:
        return says(asked, rule, Why.NO_CREDIT, "Without a price nobody can say what the credit pays for.")
    seconds = affordable(asked.rate, person.balance, asked.bundle_seconds)
    text = f"{pence(person.balance)}p pays for {seconds:.0f} s{_bundle(asked)}"
    if seconds < asked.settings.minimum_talk.value:
        return says(asked, rule, Why.NO_CREDIT, f"{text}: too little for a call.")
    return says(asked, rule, None, f"{text}.")


def _bundle(asked: Asked) -> str:
    return "" if asked.bundle is None else f", {asked.bundle.seconds_left} s of them from the bundle {asked.bundle.name}"
