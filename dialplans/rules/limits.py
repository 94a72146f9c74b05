"""Rules about how much: one call at a time, a pause between them, so many calls and minutes."""
from dialplans.model import Finding
from dialplans.reading import Sourced
from dialplans.rules.asked import Asked, by_leave, says
from switch.core.reasons import Why


def one_call_at_a_time(asked: Asked) -> Finding:
    """The person has no other call open."""
    rule, person = "one-call-at-a-time", asked.facts.person
    if person is None:
        return says(asked, rule, Why.UNKNOWN_PERSON, "It is not known who would be on another call.")
    if person.on_call:
        return says(asked, rule, Why.ON_CALL, f"{person.id} has another call open.")
    return says(asked, rule, None, f"{person.id} has no other call open.")


def gap_over(asked: Asked) -> Finding:
    """The pause since the person's last answered call is over."""
    rule, person, gap = "gap-over", asked.facts.person, asked.settings.gap
    if person is None:
        return says(asked, rule, Why.UNKNOWN_PERSON, "It is not known whose last call this would follow.", gap.source)
    if asked.permit is not None:
        return by_leave(asked, rule, asked.permit)
    if not gap.value:
        return says(asked, rule, None, "The plan asks for no pause between calls.", gap.source)
    if person.last_ended is None:
        return says(asked, rule, None, "There was no answered call lately to pause after.", gap.source)
    since = (asked.facts.at - person.last_ended).total_seconds()
    text = f"The last answered call ended {since:.0f} s ago, and the pause is {gap.value} s"
    if since < gap.value:
        return says(asked, rule, Why.TOO_SOON, f"{text}.", gap.source)
    return says(asked, rule, None, f"{text}: it is over.", gap.source)


def calls_left(asked: Asked) -> Finding:
    """Fewer answered calls than the plan allows lie within the window that ends now."""
    rule, person, most, window = "calls-left", asked.facts.person, asked.settings.calls, asked.settings.calls_window
    if person is None:
        return says(asked, rule, Why.UNKNOWN_PERSON, "It is not known whose calls these would be.", most.source)
    if asked.permit is not None:
        return by_leave(asked, rule, asked.permit)
    if most.value is None:
        return says(asked, rule, None, "The plan sets no number of calls.", most.source)
    made = sum((asked.facts.at - begun).total_seconds() < window.value for begun in person.recent_calls)
    text = f"{made} of {most.value} calls in {window.value // 3600} h were made"
    if made >= most.value:
        return says(asked, rule, Why.TOO_MANY, f"{text}: none is left.", most.source)
    return says(asked, rule, None, f"{text}.", most.source)


def allowance_left(asked: Asked) -> Finding:
    """Enough of the day's allowance is left for a useful call."""
    talked = 0.0 if asked.facts.person is None else asked.facts.person.talked_today
    return _minutes_left(asked, "allowance-left", asked.settings.allowance, talked, "day", Why.NO_ALLOWANCE)


def week_left(asked: Asked) -> Finding:
    """Enough of the week's allowance is left for a useful call."""
    talked = 0.0 if asked.facts.person is None else asked.facts.person.talked_this_week
    return _minutes_left(asked, "week-left", asked.settings.week, talked, "week", Why.NO_WEEK)


def _minutes_left(asked: Asked, rule: str, allowance: Sourced[int | None], talked: float, span: str, why: Why) -> Finding:
    if asked.facts.person is None:
        return says(asked, rule, Why.UNKNOWN_PERSON, "It is not known whose allowance this would be.", allowance.source)
    if asked.permit is not None:
        return by_leave(asked, rule, asked.permit)
    if allowance.value is None:
        return says(asked, rule, None, f"The plan sets no allowance for the {span}.", allowance.source)
    text = f"{talked:.0f} s of the {span}'s {allowance.value} s are used"
    if not allowance.value - talked >= asked.settings.minimum_talk.value:
        return says(asked, rule, why, f"{text}: too little is left for a call.", allowance.source)
    return says(asked, rule, None, f"{text}.", allowance.source)
