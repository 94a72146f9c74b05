"""Rules about how much: one call at a time, so many minutes a day."""
from dialplans.model import Finding
from dialplans.rules.asked import Asked, says
from switch.core.reasons import Why


def one_call_at_a_time(asked: Asked) -> Finding:
    """The person has no other call open."""
    rule, person = "one-call-at-a-time", asked.facts.person
    if person is None:
        return says(asked, rule, Why.UNKNOWN_PERSON, "It is not known who would be on another call.")
    if person.on_call:
        return says(asked, rule, Why.ON_CALL, f"{person.id} has another call open.")
    return says(asked, rule, None, f"{person.id} has no other call open.")


def allowance_left(asked: Asked) -> Finding:
    """Enough of the day's allowance is left for a useful call."""
    rule, person, allowance = "allowance-left", asked.facts.person, asked.settings.allowance
    if person is None:
        return says(asked, rule, Why.UNKNOWN_PERSON, "It is not known whose allowance this would be.", allowance.source)
    if allowance.value is None:
        return says(asked, rule, None, "The plan sets no allowance for the day.", allowance.source)
    left = allowance.value - person.talked_today
    text = f"{person.talked_today:.0f} s of the day's {allowance.value} s are used"
    if not left >= asked.settings.minimum_talk.value:
        return says(asked, rule, Why.NO_ALLOWANCE, f"{text}: too little is left for a call.", allowance.source)
    return says(asked, rule, None, f"{text}.", allowance.source)
